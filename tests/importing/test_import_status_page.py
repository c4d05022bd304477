"""The page of imports: what is read, when, and what it may cost."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from importing.charts import CHART_WIDTH
from importing.models import ImportRun, Timeline
from importing.reading.import_status import TimelineStatus, import_status
from tests.publishing.factories import page_channel, x_channel

from .history import timeline_of
from .pages import queries, text_of

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def x(alice):
    return x_channel(alice)


@pytest.fixture
def posts(x):
    OrmQ.objects.all().delete()
    ImportRun.objects.all().delete()
    return timeline_of(x)


@pytest.fixture
def browser(alice, client_for):
    return client_for(alice)


def run(timeline, hours_ago, state="finished", **more):
    at = timezone.now() - hours_ago * HOUR
    fields = {"created_at": at, "started_at": at, "finished_at": at, "state": state, **more}
    return ImportRun.objects.create(timeline=timeline, **fields)


def test_before_a_first_import_it_says_what_it_may_cost(browser, posts, settings):
    settings.IMPORT_DAILY_ITEMS = 1_000
    page = text_of(browser)
    a_day = "up to 1,000 items a day until all is read, which may cost ${} a day at X; later what"
    assert "What you liked" in page and a_day.format("5.00") in page
    assert "Whom you follow" in page and a_day.format("10.00") in page
    settings.IMPORT_DAILY_ITEMS = 5_000  # more than X shows of home
    assert "up to 3,200 items, which may cost $16.00 at X; later what" in text_of(browser)


@pytest.mark.parametrize("at_once, said", [(["post"], True), ([], False)])
def test_before_connecting_it_says_what_that_may_cost(at_once, said, browser, settings):
    settings.IMPORT_DAILY_ITEMS, settings.IMPORT_AT_ONCE = 1_000, at_once
    page = text_of(browser, "/channels/")
    assert ("Connecting X starts to read your own posts there" in page) == said
    assert ("1,000 items a day until all is read, which may cost $5.00 a day" in page) == said
    assert "Connecting Facebook starts" not in page  # it asks no money


def test_facebook_asks_no_money_and_hides_friends(browser, alice):
    page_channel(alice)
    page = text_of(browser)
    assert "items a day until all is read; Facebook asks no money for them" in page
    assert "Of your friends it shows only those who use this app too" in page


def test_what_a_network_does_not_give_is_said(browser, posts):
    posts.set(visibility_note="history_ends", expected=3200, read_at=timezone.now())
    assert "X shows no more than the latest 3,200 posts." in text_of(browser)


@pytest.mark.parametrize("stored, said", [(119, True), (120, False)])
def test_friends_on_several_pages_are_not_hidden(stored, said, browser, alice):
    friends, _ = Timeline.objects.of_owner(page_channel(alice).connection, "friend")
    friends.set(
        visibility_note="friends_hidden", expected=120, stored=stored, read_at=timezone.now()
    )
    assert ("there are 120 in all" in text_of(browser)) == said


def test_a_first_import_shows_how_far_it_is(browser, posts):
    ImportRun.objects.create(timeline=posts, state="running", started_at=timezone.now())
    posts.set(stored=800, expected=3200)
    page = text_of(browser)
    assert 'value="25"' in page and "800 of 3,200 read" in page
    assert "hx-get=" in page and 'http-equiv="refresh"' in page  # without JavaScript too
    ImportRun.objects.update(state="finished", finished_at=timezone.now())
    posts.set(read_at=timezone.now())
    page = text_of(browser)
    assert "<progress" not in page and 'http-equiv="refresh"' not in page


def test_the_past_day_and_what_comes_are_drawn(alice, posts):
    now = timezone.now()
    run(posts, 30, added=5)
    run(posts, 23, added=1)
    run(posts, 12, added=900, updated=100)
    run(posts, 6)
    run(posts, 1, "waiting", reason="rate_limit")
    posts.set(next_import_at=now + 6 * HOUR, import_interval_seconds=3 * 3600, read_at=now)
    [group] = import_status(alice, now)
    [status] = group.timelines
    kinds = [bar.kind for bar in status.bars]
    assert kinds == ["failed", "nothing", "changed", "changed"]
    assert [round(bar.x / CHART_WIDTH * 36) for bar in status.bars] == [23, 18, 12, 1]
    heights = {bar.kind: bar.height for bar in reversed(status.bars)}
    assert heights["nothing"] < status.bars[3].height < status.bars[2].height
    assert [round(bar.x / CHART_WIDTH * 36) for bar in status.coming] == [30, 33, 36]
    assert "Read 4 times in a day: 1,001 new or changed, 1 cut short; next at" in status.summary
    assert status.chip == ("waiting", "Waiting") and status.sentence


def test_what_was_refused_longer_ago_is_not_up_to_date(alice, browser):
    likes = timeline_of(page_channel(alice), "like")
    run(likes, 60, added=3)
    run(likes, 28, "waiting", reason="may_not_read")
    likes.set(next_import_at=timezone.now() + HOUR, read_at=timezone.now() - 60 * HOUR)
    page = text_of(browser)
    assert "Up to date" not in page and "Waiting" in page and "· next <time" in page
    assert "The permission to read this at Facebook was not granted." in page
    assert "Allow it at Facebook" in page and "last tried" in page
    [status] = import_status(alice, timezone.now())[0].timelines
    assert not status.bars and "Not read in the past day" in status.summary


def test_what_waits_for_a_worker_for_days_is_still_on_its_way(alice, posts):
    run(posts, 50)
    run(posts, 30, "queued", started_at=None, finished_at=None)
    [status] = import_status(alice, timezone.now())[0].timelines
    assert status.chip == ("sending", "About to be read") and not status.bars
    assert status.latest.is_finished


def test_nothing_sticks_out_of_the_drawing(posts):
    now = timezone.now()
    posts.interval, posts.next_import_at = 300, now - 99 * HOUR
    status = TimelineStatus(posts, now, [run(posts, 24, added=10**9), run(posts, 0)])
    assert len(status.coming) <= 12 * 12 + 1
    for bar in [*status.bars, *status.coming]:
        assert 0 <= bar.x <= CHART_WIDTH - bar.width and bar.y >= 0


def test_import_now_pause_and_resume(browser, posts):
    for _ in range(2):
        assert browser.post(f"/imports/{posts.pk}/runs/").status_code == 302
    [one] = ImportRun.objects.all()
    assert one.asked and OrmQ.objects.count() >= 1
    browser.post(f"/imports/{posts.pk}/pauses/")
    assert Timeline.objects.get(pk=posts.pk).is_paused
    ImportRun.objects.all().delete()
    assert "Paused" in text_of(browser) and not Timeline.objects.due().exists()
    browser.post(f"/imports/{posts.pk}/resumptions/")
    assert Timeline.objects.due().filter(pk=posts.pk).exists()


def test_what_is_cut_off_leads_to_its_channel_instead(browser, x, posts):
    assert "Import now" in text_of(browser) and "Go to channels" not in text_of(browser)
    x.connection.mark_lost("token_dead")
    assert "Import now" not in text_of(browser) and "Go to channels" in text_of(browser)


def test_one_more_kind_is_read_when_its_person_asks(browser, x, posts):
    said = {"kind": "like", "owner": str(x.connection_id)}
    assert browser.post("/imports/timelines/", said).status_code == 302
    row = Timeline.objects.get(kind="like")
    assert row.connection_id == x.connection_id and row.runs.get().asked


@pytest.mark.parametrize("kind", ["like", "post", "nonsense", "home"])
def test_nobody_elses_things_are_read(kind, browser, bob):
    theirs = page_channel(bob, "Bob's")
    for owner in (theirs.pk, theirs.connection_id, "", "nonsense"):
        said = {"kind": kind, "owner": str(owner)}
        assert browser.post("/imports/timelines/", said).status_code == 404
    assert not Timeline.objects.filter(kind="like").exists()


def test_more_runs_and_timelines_take_no_more_queries(alice, browser, posts):
    run(posts, 1)
    few = queries(browser, "/imports/")
    for name in ("Bakery", "Garden", "Library"):
        timeline = timeline_of(page_channel(alice, name))
        for hour in range(20):
            run(timeline, hour)
    assert queries(browser, "/imports/") == few
