"""A page that was open for longer than its session: it goes to sign-in as a whole, and comes back
with what was written, to whoever wrote it."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from allauth.account.models import EmailAddress, EmailConfirmationHMAC
from django.test import Client
from django.utils import timezone

from project.accounts.returning import person_of
from publishing.models import Draft, Post
from publishing.posts.keeping import signature_of
from tests.people import PASSWORD
from tests.publishing.factories import x_channel
from tests.publishing.pages import ticked_in

pytestmark = pytest.mark.django_db
HERE = "http://testserver"
SOON = f"{timezone.now() + timedelta(days=9):%Y-%m-%dT%H:%M}"
FRAGMENTS = {
    "get": [
        "/status/00000000-0000-4000-8000-000000000000",
        "/channels/",
        "/imports/",
        "/numbers/",
        "/jobs/",
    ],
    "post": ["/posts/", "/posts/pictures/", "/posts/lengths/"],
}


@pytest.fixture
def channel(alice):
    return x_channel(alice)


def fragment(client, method, where, page="/posts/new/?again=1&b=2", **more):
    headers = {"HX-Request": "true", "HX-Current-URL": HERE + page, **more}
    return getattr(client, method)(where, headers=headers)


def sign_in(client: Client, name: str, where: str = "") -> str:
    form = {"login": name, "password": PASSWORD, "next": where}
    return client.post("/accounts/login/", form).headers["Location"]


def page_of(response) -> str:
    return response.content.decode()


@pytest.mark.parametrize(
    ("method", "where"), [(method, one) for method, all in FRAGMENTS.items() for one in all]
)
def test_a_part_of_a_page_is_never_a_form_to_sign_in(method, where):
    answer = fragment(Client(), method, where)
    assert answer.status_code == 401 and not answer.content
    next = quote("/posts/new/?again=1&b=2", "/")
    assert answer.headers["HX-Redirect"] == f"/accounts/login/?next={next}"


@pytest.mark.parametrize(
    "page", ["https://example.com/posts/new/", "//example.com/", "", "http://["]
)
def test_nobody_comes_back_to_another_site(page):
    headers = {"HX-Request": "true", "HX-Current-URL": page}
    answer = Client().get("/channels/", headers=headers)
    assert answer.headers["HX-Redirect"] == "/accounts/login/?next=/"


def test_a_button_comes_back_to_its_page():
    answer = Client().post("/notices/dismissals/", headers={"Referer": f"{HERE}/notices/?page=2"})
    next = quote("/notices/?page=2", "/")
    assert answer.headers["Location"] == f"/accounts/login/?next={next}"


def test_a_page_about_signing_in_leads_where_it_wants(alice):
    """Whoever confirms an address and is nobody yet does not come back to a link that is used."""
    address = EmailAddress.objects.create(user=alice, email="new@example.org")
    where = f"/accounts/confirm-email/{EmailConfirmationHMAC(address).key}/"
    answer = Client().post(where, headers={"Referer": f"{HERE}{where}"})
    assert answer.headers["Location"] == "/accounts/login/"
    assert EmailAddress.objects.get(pk=address.pk).verified


def test_a_part_is_only_for_the_person_of_its_page(client_for, alice, bob):
    hers = client_for(alice)
    answer = fragment(hers, "get", "/channels/", **{"X-Person": person_of(alice)})
    assert answer.status_code == 200 and answer.headers["X-Person"] == person_of(alice)
    answer = fragment(hers, "get", "/channels/", "/posts/", **{"X-Person": person_of(bob)})
    assert answer.status_code == 401 and answer.headers["HX-Redirect"].endswith("next=/posts/")
    assert sign_in_page(hers, answer) == "/posts/"  # as whoever is signed in


def sign_in_page(client, answer) -> str:
    return client.get(answer.headers["HX-Redirect"]).headers["Location"]


# ── Without JavaScript ────────────────────────────────────────────────────────────────────────
def written(person, channel, **more):
    return {
        "text": "Nobody shall lose this.",
        "channels": [channel.pk],
        "when": "later",
        "at": "2031-05-01T10:00",
        "zone": "Europe/Berlin",
        "writer": signature_of(person),
        **more,
    }


def test_what_was_written_comes_back_to_its_writer_until_it_is_published(alice, channel):
    browser = Client()
    answer = browser.post("/posts/", written(alice, channel))
    assert answer.headers["Location"] == "/accounts/login/?next=/posts/new/"
    assert sign_in(browser, "alice", "/posts/new/") == "/posts/new/"
    for _ in range(2):
        page = page_of(browser.get("/posts/new/"))
        for said in (
            "Nobody shall lose this.</textarea>",
            'value="2031-05-01T10:00"',
            "is here ag",
        ):
            assert said in page
        assert ticked_in(page) == [str(channel.pk)] and 'value="Europe/Berlin"' in page
    assert browser.post("/posts/", written(alice, channel, at=SOON)).status_code == 302
    assert Post.objects.get().text == "Nobody shall lose this."
    assert "Nobody shall" not in textarea(browser.get("/posts/new/"))


def textarea(response) -> str:
    return re.search(r'<textarea name="text".*?</textarea>', page_of(response), re.DOTALL)[0]


def test_it_is_shown_to_nobody_else(alice, bob, channel):
    x_channel(bob, "bob")
    browser = Client()
    browser.post("/posts/", written(alice, channel))
    sign_in(browser, "bob")
    assert "Nobody shall" not in page_of(browser.get("/posts/new/"))


def test_what_is_published_anew_is_another_thing(alice, channel):
    browser = Client()
    browser.post("/posts/", written(alice, channel))
    sign_in(browser, "alice")
    delivery = Post.objects.publish(alice, "It failed.", [channel]).deliveries.get()
    again = page_of(browser.get(f"/posts/new/?again={delivery.job_id}"))
    assert "It failed.</textarea>" in again and "Nobody shall" not in again
    assert "Nobody shall lose this.</textarea>" in page_of(browser.get("/posts/new/"))


def test_its_writer_may_start_anew(alice, channel):
    browser = Client()
    browser.post("/posts/", written(alice, channel))
    sign_in(browser, "alice")
    assert browser.post("/posts/", written(alice, channel, forget="1")).url == "/posts/new/"
    assert "Nobody shall" not in page_of(browser.get("/posts/new/"))
    assert not Post.objects.exists()


def test_a_change_comes_back_too(alice, channel):
    post = Post.objects.publish(alice, "First.", [channel])
    url, browser = f"{post.get_absolute_url()}edit/", Client()
    answer = browser.post(url, written(alice, channel, seen="first"))
    assert answer.headers["Location"] == f"/accounts/login/?next={url}"
    sign_in(browser, "alice")
    page = page_of(browser.get(url))
    assert "Nobody shall lose this.</textarea>" in page and 'name="seen" value="first"' in page
    post.cancel()
    assert "Nobody shall lose this.</textarea>" in page_of(browser.get(url))  # as a new post


@pytest.mark.parametrize("writer", ["", "nonsense", "1"])
def test_nothing_is_kept_of_who_does_not_say_whose_it_is(alice, channel, writer):
    browser = Client()
    browser.post("/posts/", written(alice, channel, writer=writer))
    assert "sessionid" not in browser.cookies


# ── A form whose token is old ─────────────────────────────────────────────────────────────────
@pytest.fixture
def careful(alice) -> Client:
    client = Client(enforce_csrf_checks=True)
    client.force_login(alice)
    return client


def resent(page: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page):
        found.setdefault(name, []).append(value)
    return found


def test_an_old_form_is_sent_again_with_all_that_was_in_it(careful, alice, channel):
    fields = written(alice, channel, csrfmiddlewaretoken="x" * 64)
    refused = careful.post("/posts/", fields, headers={"Origin": HERE})
    page = page_of(refused)
    assert refused.status_code == 403 and "Nobody shall lose this.</bdi>" in page
    again = resent(page)
    assert again["channels"] == [str(channel.pk)] and again["at"] == ["2031-05-01T10:00"]
    token = careful.cookies["csrftoken"].value
    answer = careful.post("/posts/", again | {"csrfmiddlewaretoken": token, "at": SOON})
    assert answer.status_code == 302 and Post.objects.get().text == "Nobody shall lose this."


@pytest.mark.parametrize("origin", ["https://example.com", None])
def test_what_another_site_sent_is_not_offered(careful, alice, channel, origin):
    headers = {"Origin": origin} if origin else {}
    page = page_of(careful.post("/posts/", written(alice, channel), headers=headers))
    assert "Nobody shall" not in page and "Send it again" not in page


def test_it_is_not_sent_as_somebody_else(careful, bob, channel):
    refused = careful.post("/posts/", written(bob, channel), headers={"Origin": HERE})
    page = page_of(refused)
    assert "another person" in page and "Send it again" not in page
    assert "Nobody shall lose this.</bdi>" in page  # whoever pressed the button had it before them


@pytest.mark.parametrize("name", ["password", "password1", "old_password", "oldpassword"])
def test_no_password_is_shown(admin_user, name):
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin_user)
    form = {"login": "alice", name: "correct horse"}
    for where in ("/accounts/login/", "/settings/delete/", "/admin/password_change/"):
        refused = client.post(where, form, headers={"Origin": HERE})
        assert refused.status_code == 403 and "correct horse" not in page_of(refused)
    for below in ("/accounts/login/", "/admin/password_change/"):
        refused = client.post(below, form, headers={"Origin": HERE}, SCRIPT_NAME="/fanfare")
        assert "Send it again" not in page_of(refused)


def test_a_script_is_given_a_fresh_token(careful, alice):
    careful.get("/posts/new/")
    answer = fragment(careful, "post", "/posts/lengths/", Origin=HERE)
    token = {"X-CSRFToken": answer.headers["X-Fresh-Token"]}
    assert answer.status_code == 403
    assert fragment(careful, "post", "/posts/lengths/", **token).status_code == 200


def test_a_script_of_nobody_is_sent_to_sign_in():
    client = Client(enforce_csrf_checks=True)
    assert fragment(client, "post", "/posts/lengths/", Origin=HERE).status_code == 401


# ── A draft ───────────────────────────────────────────────────────────────────────────────────
DRAFT = "/drafts/0b6f9f6e-3d0c-4a39-9a3c-2b1f7a8d9e10/"


def test_a_draft_comes_back_filled_after_hours(alice, channel, client_for):
    client_for(alice).post(DRAFT, written(alice, channel))
    browser = Client()
    assert browser.get(DRAFT).headers["Location"] == f"/accounts/login/?next={DRAFT}"
    assert sign_in(browser, "alice", DRAFT) == DRAFT
    assert "Nobody shall lose this." in textarea(browser.get(DRAFT))


def test_what_was_saved_without_a_session_is_the_drafts_after_sign_in(alice, channel):
    browser = Client()
    answer = browser.post(DRAFT, written(alice, channel, revision=0))
    assert answer.headers["Location"] == f"/accounts/login/?next={DRAFT}"
    assert not Draft.objects.exists()
    assert sign_in(browser, "alice", DRAFT) == DRAFT
    assert Draft.objects.get().fields["text"] == ["Nobody shall lose this."]
    page = page_of(browser.get(DRAFT))
    assert "Nobody shall lose this.</textarea>" in page and 'name="revision" value="1"' in page


def test_it_is_never_saved_for_somebody_else(alice, bob, channel):
    browser = Client()
    browser.post(DRAFT, written(alice, channel))
    sign_in(browser, "bob", DRAFT)
    assert not Draft.objects.exists() and browser.get(DRAFT).status_code == 404


def test_what_was_saved_elsewhere_meanwhile_is_shown_beside_it(alice, channel, client_for):
    elsewhere = client_for(alice)
    elsewhere.post(DRAFT, written(alice, channel, text="From the phone."))
    browser = Client()
    browser.post(DRAFT, written(alice, channel, revision=0))
    sign_in(browser, "alice", DRAFT)
    answer = browser.get(DRAFT)
    assert answer.status_code == 409 and "From the phone." in page_of(answer)
    assert "Nobody shall lose this." in textarea(answer)
    again = written(alice, channel, revision=1, use="mine")
    assert browser.post(DRAFT, again).headers["Location"] == DRAFT
    assert Draft.objects.get().fields["text"] == ["Nobody shall lose this."]
    assert browser.get(DRAFT).status_code == 200


def test_what_was_published_meanwhile_is_not_lost_either(alice, channel, client_for):
    elsewhere = client_for(alice)
    form = written(alice, channel, text="Published.", when="now", submit_key=DRAFT.split("/")[2])
    elsewhere.post("/posts/", form)
    browser = Client()
    browser.post(DRAFT, written(alice, channel))
    sign_in(browser, "alice", DRAFT)
    answer = browser.get(DRAFT)
    assert "Nobody shall lose this." in textarea(answer)
    assert Post.objects.get().get_absolute_url() in page_of(answer)
