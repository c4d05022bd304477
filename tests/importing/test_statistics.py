"""The numbers of a person: right, cheap to read, and counted once for a thousand changes."""

import random
from datetime import timedelta
from statistics import median
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django_q.models import OrmQ

from importing.insights.counting import count
from importing.insights.statistics import SETTLING_SECONDS, forget_marks
from importing.models import ImportedItem, Statistics
from project.accounts.models import Profile
from publishing.models import Delivery, Tag
from tests.publishing.factories import page_channel, x_channel

from .history import NOON, ended, item, timeline_of

pytestmark = pytest.mark.django_db
JOB = "importing.tasks.calculate_statistics"
WRITES = ("INSERT", "UPDATE", "DELETE")


def sqls(captured):
    return [query["sql"] for query in captured]


def some_history(user, how_many=40, seed=1):
    """Sent, failed and canceled, to one place or two, over half a year, at any hour."""
    chance = random.Random(seed)
    channels = [x_channel(user, user.username), page_channel(user, user.username)]
    for number in range(how_many):
        ended(
            chance.sample(channels, chance.choice([1, 2])),
            " ".join(["word"] * chance.randint(1, 9)) + f" {number}",
            NOON - timedelta(hours=chance.randint(0, 24 * 180)),
            late=chance.randint(1, 100),
            state=chance.choice(["sent", "sent", "sent", "failed", "canceled"]),
        )
    return channels


def rows_of(user):
    return [d for d in Delivery.objects.of(user).select_related("post") if d.finished_at]


def test_they_are_what_counting_one_by_one_finds(alice, bob):
    Profile.objects.update_or_create(user=alice, defaults={"time_zone": "Pacific/Auckland"})
    some_history(alice)
    some_history(bob, 5, seed=2)
    alice.refresh_from_db()
    found, rows, zone = count(alice, NOON), rows_of(alice), ZoneInfo("Pacific/Auckland")
    sent = [row for row in rows if row.state == "sent"]
    posts = {row.post_id: row.post for row in sent}
    assert found["posts"] == len(posts)
    assert found["words"] == sum(len(post.text.split()) for post in posts.values())
    for network in ("x", "facebook"):
        for state in ("sent", "failed", "canceled"):
            mine = [row for row in rows if (row.network_name, row.state) == (network, state)]
            assert found["outcomes"][network].get(state, 0) == len(mine)
            first = NOON.astimezone(zone).date() - timedelta(days=89)
            days = [row.finished_at.astimezone(zone).date() for row in mine]
            kept = [day.isoformat() for day in days if day >= first]
            told = {
                day: said[network][state]
                for day, said in found["days"].items()
                if state in said.get(network, {})
            }
            assert told == {day: kept.count(day) for day in set(kept)}
    recent = [r for r in sent if r.finished_at.astimezone(zone).date() >= first]
    waits = [(row.finished_at - row.due_at).total_seconds() for row in recent]
    assert found["median"] == round(median(waits), 1)
    assert sum(found["hours"]) == len(posts)


def test_what_was_imported_and_what_was_heard_best(alice, bob):
    channel = x_channel(alice)
    posts, likes = timeline_of(channel), timeline_of(channel, "like")
    for number in range(7):
        item(posts, f"Post {number}", likes=number, reposts=10 if number == 2 else None)
    item(likes, "Liked", likes=1000)
    item(timeline_of(x_channel(bob, "bob")), "Bob's", likes=5000)
    ImportedItem.objects.filter(text="Post 6").update(gone_at=timezone.now())
    found = count(alice)
    assert found["items"] == {"post": 7, "like": 1}
    best = [(post["text"], post["likes"], post["reposts"]) for post in found["best"]]
    assert best[:3] == [("Post 2", 2, 10), ("Post 5", 5, 0), ("Post 4", 4, 0)]


def test_best_hours_and_tags_by_what_the_imports_said(alice, bob, client_for):
    """Each Friday at one in Berlin; what nobody tells is unknown, and never nought."""
    Profile.objects.update_or_create(user=alice, defaults={"time_zone": "Europe/Berlin"})
    channel = x_channel(alice)
    bread, quiet = (Tag.objects.create(user=alice, name=name) for name in ("Bread", "Quiet"))
    Tag.objects.create(user=bob, name="Theirs")
    for week, likes in enumerate([1, 9, 4, None]):
        post = ended([channel], f"Loaf {week}", NOON - timedelta(weeks=week))
        post.tags.add(bread)
        item(timeline_of(channel), delivery=post.deliveries.get(), likes=likes, views=None)
    ended([channel], "Not read back", NOON - timedelta(hours=1)).tags.add(quiet)
    alice.refresh_from_db()
    numbers = count(alice, NOON)
    friday = 4 * 24
    assert {h: n for h, n in enumerate(numbers["week"]) if n} == {friday + 12: 1, friday + 13: 4}
    assert numbers["best_hours"] == [{"hour": friday + 13, "likes": 4, "posts": 3}]
    assert numbers["likes_known"] == 3 and len(numbers["tags"]) == 2
    of_bread = numbers["tags"][str(bread.public_id)]
    assert (of_bread["posts"], of_bread["likes"], of_bread["likes_known"]) == (4, 14, 3)
    Statistics.objects.create(user=alice, numbers=numbers, calculated_at=timezone.now())
    page = client_for(alice).get("/numbers/").content.decode()
    assert "Friday, 13:00 to 14:00" in page and "The likes of 3 of 5 are known." in page
    assert page.index("Bread") < page.index("Quiet") and "4.7" in page and "unknown" in page


def test_nobody_who_did_nothing_has_numbers(alice):
    assert count(alice)["posts"] == 0 and count(alice)["median"] is None


# ── When they are counted ─────────────────────────────────────────────────────────────────────
def soon():
    """When the burst is over."""
    return timezone.now() + timedelta(seconds=SETTLING_SECONDS + 1)


def job_times():
    return list(OrmQ.objects.values_list("lock", flat=True))


def test_a_thousand_changes_are_counted_once(alice, run_jobs):
    for _ in range(1000):
        Statistics.objects.mark_stale(alice.pk)
    assert Statistics.objects.count() == 1
    for _ in range(3):
        Statistics.objects.sweep()
    assert run_jobs() == []  # more may come
    assert [job.func for job in run_jobs(until=soon())] == [JOB]
    row = Statistics.objects.get()
    assert row.calculated_at and not row.stale_since and not row.woken_at


def test_in_one_process_fifty_changes_are_marked_once(alice):
    with CaptureQueriesContext(connection) as captured:
        for _ in range(50):
            Statistics.objects.mark_stale(alice.pk)
    verbs = [sql[:6] for sql in sqls(captured) if "SAVEPOINT" not in sql]
    assert verbs == ["SELECT", "INSERT", "INSERT"]  # and its job


def test_what_is_marked_is_only_looked_at(alice):
    """Until it is counted: a commit for each post would make sending them slower."""
    Statistics.objects.mark_stale(alice.pk)
    forget_marks()  # as another process
    with CaptureQueriesContext(connection) as captured:
        for _ in range(3):
            Statistics.objects.mark_stale(alice.pk)
    assert {sql[:6] for sql in sqls(captured)} == {"SELECT"}


def test_what_changes_while_it_is_counted_is_counted_again(alice, monkeypatch):
    Statistics.objects.mark_stale(alice.pk)
    OrmQ.objects.all().delete()

    def meanwhile(user):
        forget_marks()
        Statistics.objects.mark_stale(user.pk)
        assert not OrmQ.objects.exists()  # two never count the same at a time
        return {"posts": 1}

    monkeypatch.setattr("importing.insights.statistics.count", meanwhile)
    Statistics.objects.get().calculate()
    row = Statistics.objects.get()
    assert row.numbers == {"posts": 1} and row.stale_since
    assert job_times() == [row.woken_at] and row.woken_at > timezone.now()


def test_when_counting_fails_it_is_still_to_be_counted(alice, monkeypatch):
    def broken(user):
        raise ZeroDivisionError

    Statistics.objects.mark_stale(alice.pk)
    forget_marks()
    monkeypatch.setattr("importing.insights.statistics.count", broken)
    OrmQ.objects.all().delete()
    with pytest.raises(ZeroDivisionError):
        Statistics.objects.get().calculate()
    assert Statistics.objects.get().stale_since
    assert not OrmQ.objects.exists()  # a fault that stays is not met every few seconds
    Statistics.objects.sweep()
    assert OrmQ.objects.count() == 1


def test_a_lost_job_is_queued_again(alice):
    Statistics.objects.mark_stale(alice.pk)
    OrmQ.objects.all().delete()
    Statistics.objects.sweep()
    assert not OrmQ.objects.exists()
    Statistics.objects.update(woken_at=timezone.now() - timedelta(hours=1))
    Statistics.objects.sweep()
    assert OrmQ.objects.count() == 1


@pytest.mark.parametrize("hours_ago, jobs", [(0, 0), (1, 1)])
def test_a_change_queues_no_job_beside_one_that_is_on_its_way(hours_ago, jobs, alice):
    """One that is so late is lost."""
    woken_at = timezone.now() - timedelta(hours=hours_ago)
    Statistics.objects.create(user=alice, woken_at=woken_at)
    Statistics.objects.mark_stale(alice.pk)
    row = Statistics.objects.get()
    assert row.stale_since and OrmQ.objects.count() == jobs
    assert (row.woken_at == woken_at) == (not jobs)


def test_all_are_counted_once_a_day(alice, run_jobs):
    Statistics.objects.mark_stale(alice.pk)
    Statistics.objects.get().calculate()
    OrmQ.objects.all().delete()
    Statistics.objects.update(stale_since=None, calculated_at=timezone.now() - timedelta(hours=25))
    Statistics.objects.sweep()
    assert [job.func for job in run_jobs(until=soon())] == [JOB]


def test_who_takes_long_to_count_is_counted_seldom(alice):
    now = timezone.now()
    row = Statistics.objects.create(user=alice, calculated_at=now, calculation_seconds=10)
    Statistics.objects.mark_stale(alice.pk)
    assert job_times() == [now + timedelta(seconds=200)]
    Statistics.objects.sweep()
    assert OrmQ.objects.count() == 1
    OrmQ.objects.all().delete(), forget_marks()
    ago = {"calculated_at": now - timedelta(minutes=4)}
    Statistics.objects.filter(pk=row.pk).update(stale_since=None, woken_at=None, **ago)
    Statistics.objects.mark_stale(alice.pk)
    assert job_times()[0] <= soon()


def test_who_changes_something_all_the_time_is_counted_once_a_minute(alice, settings):
    settings.TIME_SCALE, now = 1, timezone.now()
    Statistics.objects.create(user=alice, calculated_at=now, calculation_seconds=0.01)
    Statistics.objects.mark_stale(alice.pk)
    assert job_times() == [now + timedelta(seconds=60)]


def test_a_delivery_that_ends_is_a_change(alice, django_capture_on_commit_callbacks):
    post = ended([x_channel(alice)], state="queued")
    Delivery.objects.update(finished_at=None, state="queued")
    with django_capture_on_commit_callbacks(execute=True):
        assert post.cancel()
    assert Statistics.objects.get().pk == alice.pk


# ── The page ──────────────────────────────────────────────────────────────────────────────────
def test_it_works(alice, client_for):
    some_history(alice, 12)
    item(timeline_of(x_channel(alice)), "<script>alert(1)</script>", likes=3)
    browser = client_for(alice)
    assert "Your numbers will be here" in browser.get("/numbers/").content.decode()
    Statistics.objects.get().calculate()
    page = browser.get("/numbers/?days=90").content.decode()
    assert page.count("<rect") > 5 and "As a table" in page
    assert "&lt;script&gt;" in page and "<script>alert" not in page


def test_the_page_reads_one_row_however_much_there_is(alice, client_for):
    browser = client_for(alice)

    def queries():
        with CaptureQueriesContext(connection) as captured:
            assert browser.get("/numbers/").status_code == 200
        return [query["sql"] for query in captured]

    some_history(alice, 2)
    Statistics.objects.mark_stale(alice.pk)
    Statistics.objects.get().calculate()
    browser.get("/numbers/")  # makes a profile
    few = queries()
    for number in range(30):
        item(timeline_of(x_channel(alice)), f"Post {number}", likes=number)
    Statistics.objects.get().calculate()
    many = queries()
    assert len(many) == len(few)
    for table in ("publishing_delivery", "publishing_post", "importing_importeditem"):
        assert not [sql for sql in many if table in sql]


def test_who_looks_does_not_wait_for_the_sweep(alice, client_for, run_jobs):
    """What has changed has queued its job already."""
    Statistics.objects.mark_stale(alice.pk)
    browser = client_for(alice)
    browser.get("/numbers/")  # makes a profile
    with CaptureQueriesContext(connection) as captured:
        for _ in range(3):
            assert "Your numbers will be here" in browser.get("/numbers/").content.decode()
    assert not [sql for sql in sqls(captured) if sql[:6] in WRITES]
    assert [job.func for job in run_jobs(until=soon())] == [JOB]
    assert "Nothing to count yet" in browser.get("/numbers/").content.decode()


def test_the_first_look_of_all_has_them_counted(alice, client_for, run_jobs):
    for _ in range(2):
        page = client_for(alice).get("/numbers/").content.decode()
        assert "Your numbers will be here" in page
    assert [job.func for job in run_jobs(until=soon())] == [JOB]
