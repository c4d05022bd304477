"""The pages of what is imported: whose, how much they cost, and what strangers wrote."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from importing.charts import WIDTH
from importing.models import ImportedItem, ImportRun, Timeline
from importing.reading import browsing
from importing.reading.import_status import Lane, places_of
from tests.publishing.conftest import page_channel, x_channel

from .history import item, timeline_of

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


def text_of(browser, url="/imports/"):
    return browser.get(url).content.decode()


def queries(browser, url):
    browser.get(url)
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(url).status_code == 200
    return len(captured)


# ── When, and how much ────────────────────────────────────────────────────────────────────────
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
    posts.set(withheld="history_ends", expected=3200, read_at=timezone.now())
    assert "X shows no more than the latest 3,200 posts." in text_of(browser)


@pytest.mark.parametrize("stored, said", [(119, True), (120, False)])
def test_friends_on_several_pages_are_not_hidden(stored, said, browser, alice):
    friends, _ = Timeline.objects.of_owner(page_channel(alice).connection, "friend")
    friends.set(withheld="friends_hidden", expected=120, stored=stored, read_at=timezone.now())
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
    posts.set(next_import_at=now + 6 * HOUR, interval=3 * 3600, read_at=now)
    [place] = places_of(alice, now)
    [lane] = place.lanes
    kinds = [bar.kind for bar in lane.bars]
    assert kinds == ["failed", "nothing", "found", "found"]
    assert [round(bar.x / WIDTH * 36) for bar in lane.bars] == [23, 18, 12, 1]
    heights = {bar.kind: bar.height for bar in reversed(lane.bars)}
    assert heights["nothing"] < lane.bars[3].height < lane.bars[2].height
    assert [round(bar.x / WIDTH * 36) for bar in lane.coming] == [30, 33, 36]
    assert "Read 4 times in a day: 1,001 new or changed, 1 cut short; next at" in lane.said
    assert lane.chip == ("waiting", "Waiting") and lane.sentence


def test_what_was_refused_longer_ago_is_not_up_to_date(alice, browser):
    likes = timeline_of(page_channel(alice), "like")
    run(likes, 60, added=3)
    run(likes, 28, "waiting", reason="may_not_read")
    likes.set(next_import_at=timezone.now() + HOUR, read_at=timezone.now() - 60 * HOUR)
    page = text_of(browser)
    assert "Up to date" not in page and "Waiting" in page and "· next <time" in page
    assert "The permission to read this at Facebook was not granted." in page
    assert "Allow it at Facebook" in page and "last tried" in page
    [lane] = places_of(alice, timezone.now())[0].lanes
    assert not lane.bars and "Not read in the past day" in lane.said


def test_what_waits_for_a_worker_for_days_is_still_on_its_way(alice, posts):
    run(posts, 50)
    run(posts, 30, "queued", started_at=None, finished_at=None)
    [lane] = places_of(alice, timezone.now())[0].lanes
    assert lane.chip == ("sending", "About to be read") and not lane.bars
    assert lane.latest.is_finished


def test_nothing_sticks_out_of_the_drawing(posts):
    now = timezone.now()
    posts.interval, posts.next_import_at = 300, now - 99 * HOUR
    lane = Lane(posts, now, [run(posts, 24, added=10**9), run(posts, 0)])
    assert len(lane.coming) <= 12 * 12 + 1
    for bar in [*lane.bars, *lane.coming]:
        assert 0 <= bar.x <= WIDTH - bar.width and bar.y >= 0


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


# ── The items ─────────────────────────────────────────────────────────────────────────────────
def test_what_strangers_wrote_is_shown_and_nothing_more(browser, posts):
    hostile = '<img data-x onerror="alert(1)"> </p><script>alert(2)</script>'
    item(posts, hostile, author_name='"><b>', url="javascript:alert(3)")
    item(posts, "A good link", url="https://x.com/a/status/1")
    page = text_of(browser, "/imports/items/")
    assert "&lt;script&gt;alert(2)" in page
    assert "<script>alert" not in page and "<img data-x" not in page
    assert "javascript:" not in page
    [link] = re.findall(r'<a href="https://x.com/a/status/1"[^>]*>', page)
    assert 'rel="noopener noreferrer nofollow ugc"' in link


def test_what_has_no_words_is_called_what_the_network_calls_it(browser, posts):
    item(posts, "", entities={"story": "Bakery updated <i>its</i> photo."})
    assert "Bakery updated &lt;i&gt;its&lt;/i&gt; photo." in text_of(browser, "/imports/items/")
    assert "(no words)" not in text_of(browser, "/imports/items/")
    item(posts, "")
    assert "(no words)" in text_of(browser, "/imports/items/")


def all_of(browser, url):
    """The texts on all pages from there on."""
    found = []
    for _ in range(50):
        answer = browser.get(url)
        shown = answer.context["page"]
        found += [one.text for one in shown.items]
        if not shown.further:
            return found
        url = f"/imports/items/?{shown.further.query}"
    raise AssertionError("no end")


@pytest.fixture
def many(posts, x):
    """75 posts and likes, some of them of the same moment."""
    likes, now = timeline_of(x, "like"), timezone.now()
    for number in range(75):
        kind = likes if number % 3 == 0 else posts
        item(kind, f"Bread {number}", number // 10, now=now)
    return [f"Bread {number}" for number in range(75)]


def test_every_item_is_on_one_page(browser, many):
    assert sorted(all_of(browser, "/imports/items/")) == sorted(many)
    likes = all_of(browser, "/imports/items/?kind=like")
    assert sorted(likes) == sorted(many[::3])


def test_search_looks_through_a_bounded_part_at_a_time(browser, many, monkeypatch):
    monkeypatch.setattr(browsing, "LOOKED_THROUGH", 20)
    found = [text for text in many if "5" in text]
    assert sorted(all_of(browser, "/imports/items/?q=5")) == sorted(found)
    first = browser.get("/imports/items/?q=74").content.decode()
    assert "Nothing like that so far" in first and "Look further back" in first
    assert all_of(browser, "/imports/items/?q=BREAD+74") == ["Bread 74"]


@pytest.mark.parametrize(
    "query",
    ["kind=x&of=y&before=z", "before=99999999999999999999", "before=-1", "q=%00", "q=%25", "q=_"],
)
def test_nonsense_in_the_address_is_no_fault(query, browser, many):
    assert browser.get(f"/imports/items/?{query}").status_code == 200


def test_nobody_elses_items(alice, bob, client_for, many, posts):
    newest = ImportedItem.objects.first()
    for query in ("", "q=Bread", f"of={posts.pk}", f"before={newest.pk}"):
        page = client_for(bob).get(f"/imports/items/?{query}").content.decode()
        assert "Bread" not in page.replace('value="Bread"', "")


@pytest.mark.parametrize("query", ["", "kind=post", "q=bread"])
def test_more_items_take_no_more_queries(query, browser, posts):
    item(posts, "Bread")
    few = queries(browser, f"/imports/items/?{query}")
    for number in range(40):
        item(posts, f"Bread {number}")
    assert queries(browser, f"/imports/items/?{query}") == few
