"""Suggestions on their way: found by a job, checked at the network, chosen by a page, used."""

import itertools
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from importing.models import ImportedItem, Interest, Statistics, Suggestion
from importing.reading.daily_limit import DailyLimit
from publishing.models import Post
from social.networks import NETWORKS
from social.networks.errors import TemporaryError
from tests.publishing.factories import page_channel, x_channel

from .history import item, timeline_of

pytestmark = pytest.mark.django_db
CHECK = "importing.tasks.check_suggestion"
WRITES = ("INSERT", "UPDATE", "DELETE")


@pytest.fixture
def posts(alice):
    return timeline_of(x_channel(alice))


@pytest.fixture
def best(alice, posts):
    """One that needs to be checked."""
    item(posts, "Our best bread", 100, likes=9)
    Suggestion.objects.refill(alice)
    return Suggestion.objects.get(kind="best")


@pytest.fixture
def says(monkeypatch):
    """What the network says when it is asked whether a post is there."""

    def answer(there):
        def is_there(remote_id, grant):
            asked.append((remote_id, grant.access))
            if isinstance(there, Exception):
                raise there
            return there

        monkeypatch.setattr(NETWORKS["x"], "is_there", is_there)
        return asked

    asked = []
    return answer


def fresh(suggestion):
    return Suggestion.objects.filter(pk=suggestion.pk).first()


def test_what_speaks_of_a_post_waits_until_the_network_has_shown_it(alice, best, says, run_jobs):
    assert not fresh(best).is_ready
    assert best not in Suggestion.objects.ready()
    asked = says(True)
    assert CHECK in [job.func for job in run_jobs()]
    assert asked == [(best.item.remote_id, "access-alice")]
    assert fresh(best).is_ready and best in Suggestion.objects.ready()
    assert ImportedItem.objects.get().checked_at


def test_what_is_gone_is_not_suggested_any_more(alice, best, says, run_jobs):
    says(False)
    run_jobs()
    assert fresh(best) is None and ImportedItem.objects.get().gone_at
    Suggestion.objects.refill(alice)
    assert not Suggestion.objects.filter(kind="best").exists()


def test_a_check_counts_among_what_may_be_read_a_day(best, says, run_jobs, settings):
    asked, timeline = says(True), best.item.timeline
    left = DailyLimit(timeline).items_left()
    run_jobs()
    assert len(asked) == 1 and DailyLimit(timeline).items_left() == left - 1
    settings.IMPORT_DAILY_ITEMS = 1
    ImportedItem.objects.update(checked_at=None)
    Suggestion.objects.update(checked_at=None)
    Suggestion.objects.with_all().get(pk=best.pk).check_item()
    assert len(asked) == 1 and not fresh(best).is_ready
    timeline.set(checked_on=timezone.now().date() - timedelta(days=2))
    Suggestion.objects.with_all().get(pk=best.pk).check_item()
    assert len(asked) == 2 and fresh(best).is_ready and DailyLimit(timeline).items_left() == 0


def test_while_nobody_can_say_it_is_not_suggested(alice, best, says, run_jobs):
    says(TemporaryError("unreachable"))
    run_jobs()
    assert fresh(best).checked_at is None
    Suggestion.objects.refill(alice)
    assert OrmQ.objects.count() == 1  # and asked for again


def test_it_is_checked_again_before_that_is_long_ago(alice, best):
    OrmQ.objects.all().delete()
    for hours, is_ready, asks in [(1, True, False), (40, True, True), (73, False, True)]:
        at = timezone.now() - timedelta(hours=hours)
        Suggestion.objects.filter(pk=best.pk).update(checked_at=at)
        Suggestion.objects.refill(alice)
        assert fresh(best).is_ready == is_ready
        assert OrmQ.objects.exists() == asks
        OrmQ.objects.all().delete()


def test_a_few_are_asked_for_and_each_once(alice, posts, says, run_jobs):
    for number in range(150):
        item(posts, f"Bread {number}", 100 + number, likes=number + 1)
    page_channel(alice)
    OrmQ.objects.all().delete()
    for _ in range(3):
        Suggestion.objects.refill(alice)
    asked = says(True)
    assert len(run_jobs()) == 3 * len(asked) == 3 * Suggestion.objects.exclude(item=None).count()


def test_a_page_asks_no_network(alice, best, client_for, monkeypatch):
    monkeypatch.setattr(NETWORKS["x"], "is_there", None)
    for url in ("/posts/new/", "/suggestions/"):
        page = client_for(alice).get(url).content.decode()
        assert "Our best bread" not in page


# ── Which one ─────────────────────────────────────────────────────────────────────────────────
def test_never_the_same_twice_in_a_row(alice):
    chosen = chosen_in_turn(alice, 40)
    assert all(one != next_one for one, next_one in itertools.pairwise(chosen))
    assert len(set(chosen)) > 5


def chosen_in_turn(user, times):
    """The public ids of what is chosen, each knowing what was chosen before."""
    chosen = [""]
    for _ in range(times):
        chosen.append(str(Suggestion.objects.choose(user, chosen[-1]).public_id))
    return chosen[1:]


def test_no_page_of_the_composer_shows_the_one_before_nor_writes_a_row(alice, posts, client_for):
    browser, shown = client_for(alice), []
    browser.get("/posts/new/")  # makes a profile
    with CaptureQueriesContext(connection) as captured:
        for _ in range(20):
            page = browser.get("/posts/new/").content.decode()
            shown += re.findall(r"/suggestions/([0-9a-f-]{36})/uses/", page)
    assert len(shown) == 20
    assert all(one != next_one for one, next_one in itertools.pairwise(shown))
    assert not [query["sql"] for query in captured if query["sql"][:6] in WRITES]
    assert not Suggestion.objects.exists()


@pytest.mark.parametrize("act", ["uses", "dismissals"])
def test_what_a_page_has_shown_is_used_or_dismissed_though_no_job_found_it(act, alice, client_for):
    one = Suggestion.objects.choose(alice)
    assert client_for(alice).post(f"/suggestions/{one.public_id}/{act}/").status_code == 302
    assert Suggestion.objects.of(alice).count() == 12
    assert not Suggestion.objects.alive().filter(public_id=one.public_id).exists()


def test_what_a_page_has_shown_to_somebody_else_is_not_theirs(alice, bob, client_for):
    one = Suggestion.objects.choose(alice)
    assert client_for(bob).post(f"/suggestions/{one.public_id}/uses/").status_code == 404
    assert not Suggestion.objects.exists()


def test_what_a_page_has_shown_is_the_one_that_a_job_stores(alice, client_for):
    one = Suggestion.objects.choose(alice)
    Suggestion.objects.refill(alice)
    assert client_for(alice).post(f"/suggestions/{one.public_id}/dismissals/").status_code == 302
    assert Suggestion.objects.get(key=one.key).dismissed_at


def test_plain_ones_only_when_there_is_nothing_better(alice):
    Suggestion.objects.bulk_create(Suggestion.objects.plain_for(alice))
    for number in range(2):
        Interest.objects.create(user=alice, sort="word", word=f"bread{number}", weight=1)
    Suggestion.objects.refill(alice)
    assert {Suggestion.objects.choose(alice).kind for _ in range(10)} == {"interest"}


def test_plain_ones_are_there_for_good(alice):
    Suggestion.objects.bulk_create(Suggestion.objects.plain_for(alice))
    Suggestion.objects.update(created_at=timezone.now() - timedelta(days=99))
    assert Suggestion.objects.ready().count() == 12
    Suggestion.objects.exclude(key="plain:today").update(dismissed_at=timezone.now())
    last = Suggestion.objects.choose(alice)
    assert last.key == "plain:today"
    assert Suggestion.objects.choose(alice, str(last.public_id)) is None  # it was shown last


def test_what_was_dismissed_never_comes_back(alice, client_for):
    browser, seen = client_for(alice), set()
    for _ in range(20):
        one = Suggestion.objects.choose(alice)
        if one is None:
            break
        assert one.pk not in seen
        seen.add(one.pk)
        assert browser.post(f"/suggestions/{one.public_id}/dismissals/").status_code == 302
    assert len(seen) == 12
    Suggestion.objects.refill(alice)
    assert Suggestion.objects.choose(alice) is None
    assert browser.get("/posts/new/").status_code == 200


def test_what_was_used_rests(alice, best):
    Suggestion.objects.filter(pk=best.pk).update(checked_at=timezone.now())
    fresh(best).use()
    Suggestion.objects.refill(alice)
    assert not fresh(best).is_ready
    Suggestion.objects.filter(pk=best.pk).update(used_at=timezone.now() - timedelta(days=61))
    assert fresh(best).is_ready


def test_its_day_is_over_with_the_day(alice, posts):
    item(posts, "A year ago", now=timezone.now().replace(year=timezone.now().year - 1))
    Suggestion.objects.refill(alice)
    Suggestion.objects.filter(kind="anniversary").update(checked_at=timezone.now())
    assert Suggestion.objects.ready().filter(kind="anniversary").exists()
    Suggestion.objects.update(fresh_until=timezone.now())
    assert not Suggestion.objects.ready().filter(kind="anniversary").exists()


# ── Into the composer ─────────────────────────────────────────────────────────────────────────
def test_one_click_into_the_composer_and_it_becomes_a_post(alice, posts, client_for):
    page_of = page_channel(alice)
    item(posts, "Only on <X>", 3, likes=5)
    Suggestion.objects.refill(alice)
    Suggestion.objects.filter(kind="elsewhere").update(checked_at=timezone.now())
    browser, one = client_for(alice), Suggestion.objects.get(kind="elsewhere")
    page = browser.get("/suggestions/").content.decode()
    assert "Only on &lt;X&gt;" in page and one.reason in page
    answer = browser.post(f"/suggestions/{one.public_id}/uses/", follow=True)
    form = answer.context["form"]
    assert form["text"].value() == "Only on <X>" and form["channels"].value() == [str(page_of.pk)]
    assert 'id="suggestion"' not in answer.content.decode()
    said = {"text": form["text"].value(), "channels": form["channels"].value(), "when": "now"}
    browser.post("/posts/", said)
    [delivery] = Post.objects.of(alice).get().deliveries.all()
    assert delivery.channel == page_of


def test_a_question_stays_in_sight_while_its_answer_is_written(alice, client_for):
    x_channel(alice)
    one = Suggestion.objects.create(
        user=alice, kind="plain", key="plain:1", prompt="What <is> new?"
    )
    answer = client_for(alice).post(f"/suggestions/{one.public_id}/uses/", follow=True)
    assert "What &lt;is&gt; new?" in answer.content.decode()
    assert answer.context["form"]["text"].value() == ""


@pytest.mark.parametrize("key", ["nonsense", "00000000-0000-0000-0000-000000000000", ""])
def test_a_start_that_nobody_knows_is_none(key, alice, posts, client_for):
    page = client_for(alice).get(f"/posts/new/?from={key}")
    assert page.status_code == 200 and not page.context["form"]["text"].value()


def test_nobody_elses_start(alice, bob, client_for, posts):
    x_channel(bob, "bob")
    secret = Suggestion.objects.create(user=alice, kind="best", key="b", text="Alice's secret")
    page = client_for(bob).get(f"/posts/new/?from={secret.public_id}").content.decode()
    assert "secret" not in page


def test_it_costs_the_composer_a_statement(alice, posts, client_for):
    browser = client_for(alice)
    browser.get("/posts/new/")

    def about_suggestions():
        with CaptureQueriesContext(connection) as captured:
            page = browser.get("/posts/new/").content.decode()
        assert re.search('id="suggestion"', page)
        return [q["sql"][:6] for q in captured if "importing_" in q["sql"]]

    assert about_suggestions() == ["SELECT", "SELECT"]  # nothing was found yet
    for number in range(30):
        item(posts, f"Post {number}", 100, likes=number)
    Suggestion.objects.refill(alice)
    assert about_suggestions() == ["SELECT"]


def test_they_are_found_anew_when_the_numbers_are(alice, posts, run_jobs):
    for number in range(3):
        item(posts, f"Fresh bread, number {number}", 10)
    Statistics.objects.mark_stale(alice.pk)
    run_jobs(until=timezone.now() + timedelta(minutes=1))
    assert Suggestion.objects.ready().filter(kind="interest").exists()


def test_another_one_without_leaving_what_was_typed(alice, posts, client_for):
    browser = client_for(alice)
    page = browser.get("/posts/new/")
    assert browser.cookies.keys() == {"sessionid", "csrftoken"}  # another one would spoil Back
    shown = page.content.decode()
    for _ in range(5):
        another = re.search(r'hx-get="(/suggestions/another/\?shown=([\w-]+))"', shown)
        shown = browser.get(another[1], headers={"HX-Request": "true"}).content.decode()
        assert "<html" not in shown and another[2] not in shown and 'id="suggestion"' in shown
