"""The page of the queue and that of posting times: what they show, do and refuse."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from importing.models import Statistics
from project.accounts.models import Profile
from publishing.models import Delivery, Notice, PostingTime
from publishing.planning.free_times import NextFree, free_instants
from publishing.planning.week import usual_hours
from tests.publishing.factories import page_channel, posting_times, publish
from tests.publishing.pages import page_of

pytestmark = pytest.mark.django_db
QUEUE, TIMES = "/queue/", "/queue/times/"


@pytest.fixture
def her(alice, channel, client_for):
    return client_for(alice)


@pytest.fixture
def times(alice):
    posting_times(alice, "06:00", "18:00")


def due(*deliveries):
    return [Delivery.objects.get(pk=delivery.pk).due_at for delivery in deliveries]


def undo_in(page):
    return re.search(r'action="(/queue/returns/)"', page)


# ── The queue ─────────────────────────────────────────────────────────────────────────────────
def test_posts_and_free_places_by_day(her, alice, channel, times):
    assert "Nothing is queued" not in page_of(her.get(QUEUE))
    first, second = free_instants(alice, [channel], count=2)
    publish(channel, "First of them.", at="next")
    publish(channel, "By hand.", at=second + timedelta(minutes=5))
    page = page_of(her.get(QUEUE))
    assert page.index("First of them.") < page.index("By hand.")
    assert "at a time of its own" in page and page.count("?slot=") >= 54
    assert f"?slot={second.isoformat().replace('+', '%2B').replace(':', '%3A')}" in page
    assert first.isoformat() not in re.findall(r"\?slot=([^\"]+)", page)
    assert "Put first" in page and page.count("Move to…") == 2


def test_more_posts_cost_no_more_statements(her, alice, channel, times):
    her.get(QUEUE)  # what is asked once
    counts = []
    for count in (2, 30):
        for number in range(count):
            publish(channel, f"Number {number}.", at="next")
        with CaptureQueriesContext(connection) as asked:
            her.get(QUEUE)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_what_waits_is_found_by_an_index(her, alice, channel, times):
    """However much was sent or waits elsewhere: on both databases."""
    publish(channel, at="next")
    with CaptureQueriesContext(connection) as asked:
        her.get(QUEUE)
        free_instants(alice, [channel])
    of_times = [
        q["sql"]
        for q in asked
        if 'FROM "publishing_delivery"' in q["sql"] and '"due_at" BETWEEN' in q["sql"]
    ]
    assert len(of_times) == 3  # what may move, what stands there, what is taken
    is_postgresql = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        if is_postgresql:
            cursor.execute("SET LOCAL enable_seqscan = off")
        for sql in of_times:
            cursor.execute(f"EXPLAIN {'' if is_postgresql else 'QUERY PLAN '}{sql}")
            plan = "\n".join(str(row) for row in cursor.fetchall())
            # Of so few rows PostgreSQL may well take what is in the order of times everywhere.
            everywhere = "|delivery_due" if is_postgresql else ""
            expected = f"delivery_order|posting_time_once|delivery_in_calendar{everywhere}"
            assert re.search(expected, plan), plan


def test_without_times_the_queue_says_how_to_begin(her):
    assert "Choose posting times" in page_of(her.get(QUEUE))


def test_acts_and_their_undo(her, alice, channel, times):
    free = free_instants(alice, [channel], count=5)
    one, two = (publish(channel, f"Number {n}.", at="next") for n in range(2))
    far = publish(channel, "Far.", at=NextFree(free[4]))
    page = page_of(her.post(f"/queue/posts/{far.post.public_id}/first/", follow=True))
    assert "3 posts were moved." in page and undo_in(page)
    assert due(far, one, two) == free[:3]
    page = page_of(her.post("/queue/returns/", follow=True))
    assert "It is as it was." in page and due(one, two, far) == [*free[:2], free[4]]
    assert "It is as it was." not in page_of(her.post("/queue/returns/", follow=True))
    swap = {
        "post": [two.post.public_id, one.post.public_id],
        "seen": [free[1].isoformat(), free[0].isoformat()],
    }
    her.post("/queue/orders/", swap)
    assert due(two, one) == free[:2]
    page = page_of(her.post("/queue/orders/", swap, follow=True))  # a second click
    assert "The queue has changed" in page and due(two, one) == free[:2]
    page = page_of(her.get("/queue/gaps/"))
    shown = {name: re.findall(rf'name="{name}" value="([^"]+)"', page) for name in ("post", "at")}
    assert shown["post"] == [str(far.post_id)]
    her.post("/queue/gaps/", shown)
    assert due(far) == [free[2]]
    place = {"seen": free[2].isoformat(), "at": free[4].isoformat()}
    address = f"/queue/posts/{far.post.public_id}/places/"
    assert address in page_of(her.get(QUEUE))
    her.post(address, place)
    assert due(far) == [free[4]] and Delivery.objects.get(pk=far.pk).at_posting_time
    for wrong in (place, {"seen": place["at"], "at": free[0].isoformat()}, {"at": "soon"}):
        assert "The queue has changed" in page_of(her.post(address, wrong, follow=True))
    her.post("/queue/returns/")
    assert due(far) == [free[2]]
    assert "3 posts change places" in page_of(her.get("/queue/shuffles/"))
    her.post("/queue/shuffles/")
    assert sorted(due(one, two, far)) == free[:3]


def test_nobody_else_moves_her_posts(alice, bob, channel, times, client_for):
    first, second = (publish(channel, f"Number {n}.", at="next") for n in range(2))
    his, before = client_for(bob), due(first, second)
    assert his.post(f"/queue/posts/{second.post.public_id}/first/").status_code == 404
    order = {
        "post": [second.post.public_id, first.post.public_id],
        "seen": [at.isoformat() for at in reversed(before)],
    }
    his.post("/queue/orders/", order)
    place = {"seen": before[0].isoformat(), "at": (before[1] + timedelta(days=1)).isoformat()}
    assert his.post(f"/queue/posts/{first.post.public_id}/places/", place).status_code == 404
    assert due(first, second) == before and "Number 0" not in page_of(his.get(QUEUE))


# ── Posting times ─────────────────────────────────────────────────────────────────────────────
def in_page(page):
    """What its form holds."""
    return {
        "time": re.findall(r'name="time" value="([^"]+)"', page),
        "on": re.findall(r'name="on" value="(\d)" checked', page),
    }


def test_a_list_is_put_together_and_stored_only_when_saved(her, alice):
    page = page_of(her.post(TIMES, {"on": list("0123456"), "add_0": "09:00", "act": "add"}))
    page = page_of(her.post(TIMES, in_page(page) | {"add_0": "7:30", "act": "copy"}))
    sent = in_page(page)
    assert len(sent["time"]) == 10 and not PostingTime.objects.exists()
    page = page_of(her.post(TIMES, sent | {"remove": "4 07:30"}))
    sent = in_page(page) | {"on": list("012346")}
    assert her.post(TIMES, sent | {"add_6": "25:00", "act": "save"}).status_code == 400
    assert her.post(TIMES, sent | {"act": "save"}).status_code == 302
    assert PostingTime.objects.of(alice).count() == 9
    assert PostingTime.objects.of(alice).switched_on().count() == 9  # Saturday has none


def test_hours_are_suggested_from_ones_own_numbers(her, alice):
    assert "Nothing to suggest yet" in page_of(her.post(TIMES, {"act": "suggest"}))
    hours = [0] * 24
    hours[8], hours[12], hours[20], hours[21] = 5, 9, 3, 1
    assert usual_hours(hours) == [8, 12, 20]
    Statistics.objects.update_or_create(user=alice, defaults={"numbers": {"hours": hours}})
    assert len(in_page(page_of(her.post(TIMES, {"act": "suggest"})))["time"]) == 15
    assert not PostingTime.objects.exists()


def test_what_moves_by_another_list_is_shown_first(her, alice, channel, times):
    early, late = (publish(channel, f"Number {n}.", at="next") for n in range(2))
    before = due(early, late)
    gone = f"{before[0]:%H:%M}"
    sent = in_page(page_of(her.get(TIMES)))
    sent["time"] = [time for time in sent["time"] if not time.endswith(gone)]
    page = page_of(her.post(TIMES, sent | {"act": "save"}))
    assert "1 post moves." in page and due(early, late) == before
    assert PostingTime.objects.of(alice).count() == 14
    shown = re.search(r'name="shown" value="([^"]*)"', page)[1]
    page = page_of(her.post(TIMES, sent | {"act": "save", "shown": shown}, follow=True))
    assert "1 post was moved." in page and due(late) == before[1:]
    assert due(early) == [before[1] + timedelta(days=1)]
    page = page_of(her.post(TIMES, {"act": "save"}))
    assert "2 posts keep their times" in page
    shown = re.search(r'name="shown" value="([^"]*)"', page)[1]
    her.post(TIMES, {"act": "save", "shown": shown})
    assert not Delivery.objects.filter(at_posting_time=True).exists()
    assert due(late) == before[1:] and not PostingTime.objects.exists()


def test_another_zone_moves_the_queue_to_the_same_clock_once_it_was_shown(
    her, alice, channel, times
):
    delivery = publish(channel, at="next")
    [before] = due(delivery)
    settings, wanted = reverse("settings"), {"time_zone": "Asia/Kolkata"}
    page = page_of(her.post(settings, wanted))
    assert "1 post moves." in page and due(delivery) == [before]
    shown = re.search(r'name="shown" value="([^"]*)"', page)[1]
    her.post(settings, wanted | {"shown": shown})
    assert Profile.objects.get(user=alice).time_zone == "Asia/Kolkata"
    [after] = due(delivery)
    half_past_five = timedelta(hours=5, minutes=30)
    is_too_soon = before - half_past_five < timezone.now() + timedelta(minutes=2)
    assert is_too_soon or before - after == half_past_five
    Profile.objects.get(user=alice).guess_time_zone("Europe/Paris")
    assert Profile.objects.get(user=alice).time_zone == "Asia/Kolkata"


# ── Paused, and going on ──────────────────────────────────────────────────────────────────────
def test_what_passed_in_a_pause_is_placed_anew_in_order_and_told(
    her, alice, channel, times, run_jobs
):
    one, two = (publish(channel, f"Number {n}.", at="next") for n in range(2))
    tried, fixed = publish(channel, "Tried.", at="next"), publish(channel, "By hand.")
    elsewhere = publish(page_channel(alice), "Elsewhere.", at="next")
    later = publish(channel, "Later.", at="next")
    channel.pause()
    past = timezone.now() - timedelta(hours=3)
    for number, row in enumerate((one, two, tried, fixed)):
        at = past + timedelta(minutes=number)
        waits = {"due_at": at, "next_attempt_at": None, "waiting_for": "paused", "reason": "paused"}
        Delivery.objects.filter(pk=row.pk).update(**waits)
    Delivery.objects.filter(pk=tried.pk).update(attempt=1)
    before = due(elsewhere, later)
    free = free_instants(alice, [channel], count=3)
    channel.resume()
    assert due(one, two) == free[:2] and due(elsewhere, later) == before
    one.refresh_from_db()
    assert (one.at_posting_time, one.reason, one.waiting_for) == (True, "placed_anew", "time")
    for row in (tried, fixed):
        row.refresh_from_db()
        assert row.due_at < timezone.now() and row.waiting_for == ""  # today's rule
    run_jobs()
    notice = Notice.objects.get(user=alice, kind="moved")
    assert notice.count == 2 and notice.due_at == free[0]
    assert "2 posts have other posting times" in page_of(her.get(reverse("notices:list")))
