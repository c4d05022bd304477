"""What is not asked for when connecting is asked for at the network when somebody wants it read."""

import pytest
from django.urls import reverse

from importing.models import ImportRun, Timeline
from social.connections.refresh import refresh
from social.models import Connection
from tests.publishing.factories import x_channel
from tests.social.dancing import BAKERY, FB_ALICE, allow, dance

GIVEN = "pages_show_list,pages_read_engagement,pages_manage_posts"


@pytest.fixture
def browser(alice, client_for, sandbox, run_jobs):
    """Alice's, who has connected her bakery as everybody does."""
    client = client_for(alice)
    dance(client, "facebook", sandbox_pages=BAKERY)
    run_jobs()
    connection = Connection.objects.get()
    connection.channels.get(remote_id=BAKERY).choose()
    client.connection = connection
    return client


def begin(browser, kind="like"):
    """Press "Import"; where that leads."""
    said = {"kind": kind, "owner": browser.connection.pk}
    return browser.post(reverse("importing:begin"), said).headers["Location"]


def imports(browser):
    return browser.get(reverse("importing:imports")).content.decode()


@pytest.mark.parametrize("kind, many", [("like", 2), ("friend", 0)])
def test_it_is_read_when_it_was_allowed(browser, run_jobs, kind, many):
    assert "You will be asked there to allow it" in imports(browser)
    there = begin(browser, kind)
    assert f"user_{kind}s" in there and "auth_type=rerequest" in there
    timeline = Timeline.objects.get(kind=kind)
    assert not timeline.runs.exists()
    back = browser.get(allow(there, FB_ALICE))
    assert back.headers["Location"] == reverse("importing:imports")
    run_jobs()
    run = timeline.runs.get()
    assert (run.state, run.reason, run.added) == ("finished", "", many)
    assert "Allow it at Facebook" not in imports(browser)
    refresh(browser.connection)  # later looks around start nothing
    assert timeline.runs.count() == 1


def test_who_leaves_it_unticked_is_told_so_and_may_think_again(browser, run_jobs, bob, client_for):
    browser.get(allow(begin(browser), FB_ALICE, sandbox_pages=BAKERY, sandbox_scopes=GIVEN))
    run_jobs()
    timeline = Timeline.objects.get(kind="like")
    run = timeline.runs.get()
    assert (run.state, run.reason) == ("waiting", "may_not_read")
    page = imports(browser)
    assert "The permission to read this at Facebook was not granted." in page
    assert "Allow it at Facebook" in page
    assert browser.connection.channels.get(remote_id=BAKERY).state == "works"
    address = reverse("importing:allow", args=[timeline.pk])
    assert client_for(bob).post(address).status_code == 404
    there = browser.post(address).headers["Location"]
    browser.get(allow(there, FB_ALICE, sandbox_pages=BAKERY))
    run_jobs()
    assert timeline.items.count() == 2 and "Allow it at Facebook" not in imports(browser)


def test_until_it_is_known_what_was_allowed_the_page_looks_again(browser, run_jobs):
    browser.get(allow(begin(browser), FB_ALICE))
    page = imports(browser)
    assert "About to be read" in page and "hx-trigger" in page
    assert "Allow it at Facebook" not in page
    run_jobs()
    assert "hx-trigger" not in imports(browser)


def test_who_allows_it_while_an_earlier_no_is_being_read_is_heard(browser, run_jobs):
    there, again = begin(browser), begin(browser)
    browser.get(allow(there, FB_ALICE, sandbox_pages=BAKERY, sandbox_scopes=GIVEN))
    run_jobs()  # the second question is open at the network, and this is refused
    browser.get(allow(again, FB_ALICE, sandbox_pages=BAKERY))
    run_jobs()
    assert Timeline.objects.get(kind="like").items.count() == 2


def test_who_says_no_there_has_lost_nothing(browser, run_jobs):
    answer = browser.get(allow(begin(browser), FB_ALICE, sandbox_cancel="1"), follow=True)
    assert "You said no on the network" in answer.content.decode()
    run_jobs()
    assert not Timeline.objects.get(kind="like").runs.exists()
    page = imports(browser)
    assert "Allow it at Facebook" in page and "Not read yet" in page


def test_what_was_allowed_stays_when_connecting_again(browser, run_jobs):
    browser.get(allow(begin(browser), FB_ALICE, sandbox_pages=BAKERY))
    dance(browser, "facebook", sandbox_pages=BAKERY)
    run_jobs()
    timeline = Timeline.objects.get(kind="like")
    ImportRun.objects.start(timeline)
    run_jobs()
    assert {run.state for run in timeline.runs.all()} == {"finished"}


def test_x_is_asked_for_all_of_it_at_once(alice, client_for, sandbox):
    channel = x_channel(alice, told=sandbox.token("x", "alice"))
    client = client_for(alice)
    said = {"kind": "like", "owner": channel.connection.pk}
    answer = client.post(reverse("importing:begin"), said)
    assert answer.headers["Location"] == reverse("importing:imports")
    timeline = Timeline.objects.get(kind="like")
    assert timeline.runs.exists() and not timeline.permission
    assert client.post(reverse("importing:allow", args=[timeline.pk])).status_code == 404
