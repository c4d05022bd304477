"""Two workers at one run, or a worker and what has become of its run meanwhile: the one that knows
less writes nothing."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from importing.insights.statistics import forget_marks
from importing.models import ImportedItem, ImportRun, Statistics, Suggestion, Timeline
from importing.reading.importer import Importer
from importing.reading.run import RunTakenOver
from project.jobs.models import QueuedJob
from social.networks.errors import Rejected, TemporaryError
from social.networks.shapes import Item, Page
from tests.publishing.factories import x_channel

from .factories import timeline_of

pytestmark = pytest.mark.django_db
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


@pytest.fixture
def timeline(alice):
    return timeline_of(x_channel(alice))


@pytest.fixture
def run(timeline):
    return again(ImportRun.objects.start(timeline))


def again(run):
    """As another worker reads it now."""
    return ImportRun.objects.with_all().get(pk=run.pk)


def everything(run):
    return (
        ImportRun.objects.values().get(pk=run.pk),
        Timeline.objects.values().get(pk=run.timeline_id),
        ImportedItem.objects.count(),
        OrmQ.objects.count(),
    )


def changes_nothing(act, run):
    before = everything(run)
    result = act()
    assert everything(run) == before
    return result


def page():
    at = timezone.now()
    return Page(items=(Item(remote_id="7", text="Bread", created_at=at),), read=1)


def begun(timeline):
    """Its cursor when it is read from the top."""
    return timeline.position.begin(None, True)


# ── Taking it ─────────────────────────────────────────────────────────────────────────────────
def test_of_two_workers_one_takes_a_run(run):
    other = again(run)
    assert run.take() and not changes_nothing(other.take, run)


def test_what_is_being_read_is_not_claimed_and_what_was_left_behind_is(run):
    assert ImportRun.objects.claim(run.pk)
    assert ImportRun.objects.claim(run.pk) is None
    ImportRun.objects.update(lease_until=timezone.now() - MINUTE)
    assert ImportRun.objects.claim(run.pk).claims == 2


@pytest.mark.parametrize("state", ["finished", "waiting", "failed"])
def test_what_has_ended_meanwhile_is_not_taken(run, state):
    ImportRun.objects.update(state=state)
    assert not changes_nothing(run.take, run)
    assert ImportRun.objects.claim(run.pk) is None


def test_taken_is_that_run_alone(run, bob):
    other = again(ImportRun.objects.start(timeline_of(x_channel(bob, "bob"))))
    before = everything(other)
    assert run.take()
    assert everything(other)[:2] == before[:2]


# ── Another one has taken it over ─────────────────────────────────────────────────────────────
ENDS = {
    "finished": lambda run: Importer(run).mark_finished(),
    "waiting": lambda run: Importer(run).mark_waiting(TemporaryError("unreachable")),
    "refused": lambda run: Importer(run).mark_waiting(Rejected("forbidden")),
    "failed": lambda run: Importer(run).mark_failed("a fault"),
    "others first": lambda run: run.requeue_later(),
}


@pytest.fixture
def slow(run):
    """Its worker, whose lease has ended, and whose run another one has taken."""
    assert run.take()
    ImportRun.objects.update(lease_until=timezone.now() - MINUTE)
    assert ImportRun.objects.claim(run.pk)
    return run


@pytest.mark.parametrize("end", ENDS)
def test_a_slow_worker_ends_nothing(slow, end):
    changes_nothing(lambda: ENDS[end](slow), slow)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("state", ["finished", "queued"])
def test_a_slow_worker_ends_nothing_that_is_not_being_read(run, end, state):
    assert run.take()
    ImportRun.objects.update(state=state)
    changes_nothing(lambda: ENDS[end](run), run)


@pytest.mark.parametrize("end", ENDS)
def test_in_time_each_of_them_counts(run, end):
    assert run.take()
    ENDS[end](run)
    states = {"refused": "failed", "others first": "queued"}
    assert again(run).state == states.get(end, end)


def test_a_slow_worker_keeps_no_page(slow):
    def keep():
        with pytest.raises(RunTakenOver):
            Importer(slow).store_page(page(), begun(slow.timeline))

    changes_nothing(keep, slow)


def test_a_slow_worker_moves_no_mark(slow):
    def move():
        with pytest.raises(RunTakenOver):
            Importer(slow).save_position(begun(slow.timeline))

    changes_nothing(move, slow)


def test_a_slow_worker_limits_nothing(slow):
    def limit():
        with pytest.raises(RunTakenOver):
            Importer(slow).mark_limited()

    changes_nothing(limit, slow)


def test_a_worker_whose_run_is_gone_writes_nothing(run, timeline):
    assert run.take()
    ImportRun.objects.all().delete()
    with pytest.raises(RunTakenOver):
        Importer(run).store_page(page(), begun(timeline))
    Importer(run).mark_finished()
    assert not ImportedItem.objects.exists() and not ImportRun.objects.exists()
    assert Timeline.objects.get().read_at is None


def test_each_page_makes_the_lease_longer(run, timeline):
    assert run.take()
    ImportRun.objects.update(lease_until=timezone.now() + MINUTE / 60)
    Importer(run).store_page(page(), begun(timeline))
    assert again(run).lease_until > timezone.now() + MINUTE
    assert (again(run).added, again(run).pages) == (1, 1)


# ── Starting it ───────────────────────────────────────────────────────────────────────────────
def test_two_that_start_one_timeline_start_one_run(timeline):
    first, second = ImportRun.objects.start(timeline), ImportRun.objects.start(timeline)
    assert first.pk == second.pk and ImportRun.objects.count() == 1


def test_a_run_that_is_being_read_is_not_queued_beside_itself(run, timeline):
    assert run.take()
    OrmQ.objects.all().delete()
    ImportRun.objects.start(timeline)
    assert not OrmQ.objects.exists() and again(run).state == "running"


def test_only_what_is_forgotten_is_woken(run, bob):
    ImportRun.objects.start(timeline_of(x_channel(bob, "bob")))
    OrmQ.objects.all().delete()
    ImportRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - MINUTE)
    ImportRun.objects.wake_forgotten()
    assert [row.argument for row in jobs()] == [str(run.pk)]
    ImportRun.objects.filter(pk=run.pk).update(state="finished")
    OrmQ.objects.all().delete()
    ImportRun.objects.wake_forgotten()
    assert jobs() == []


def jobs():
    return list(QueuedJob.objects.filter(func="importing.tasks.run_import"))


def test_waking_a_run_leaves_the_lease_of_its_reader_alone(run):
    assert run.take()
    before = again(run).lease_until
    run.run_later()
    assert again(run).lease_until == before


# ── Numbers ───────────────────────────────────────────────────────────────────────────────────
def stale(user, since=MINUTE):
    """As if what queued the counting had been lost."""
    Statistics.objects.mark_stale(user.pk)
    stale_since = timezone.now() - since
    Statistics.objects.filter(pk=user.pk).update(stale_since=stale_since, woken_at=None)
    OrmQ.objects.all().delete()


def test_one_of_two_sweeps_queues_the_counting(alice, monkeypatch):
    stale(alice)
    rows = Statistics.objects.stale()
    original, left = type(rows).without_job, ["another sweep"]

    def without_job(self):
        found = original(self)
        if left:
            left.pop()
            found = Statistics.objects.filter(pk__in=list(found.values_list("pk", flat=True)))
            Statistics.objects.stale().calculate_later()
        return found

    monkeypatch.setattr(type(rows), "without_job", without_job)
    rows.calculate_later()
    assert OrmQ.objects.count() == 1


def test_the_first_change_that_is_not_counted_stays_the_first(alice):
    stale(alice)
    since = Statistics.objects.get().stale_since
    forget_marks()
    Statistics.objects.mark_stale(alice.pk)
    assert Statistics.objects.get().stale_since == since


def test_counted_and_marked_is_one_person(alice, bob):
    stale(alice), stale(bob)
    before = Statistics.objects.values().get(pk=bob.pk)
    Statistics.objects.get(pk=alice.pk).calculate()
    assert Statistics.objects.values().get(pk=bob.pk) == before
    assert Statistics.objects.get(pk=alice.pk).stale_since is None


# ── Suggestions ───────────────────────────────────────────────────────────────────────────────
def suggestion(user, **more):
    fields = {"kind": "plain", "key": "plain:one", "prompt": "One?", **more}
    return Suggestion.objects.create(user=user, **fields)


def test_what_a_person_dismissed_or_used_is_not_undone_by_a_refill(alice):
    now = timezone.now()
    dismissed = suggestion(alice, key="old", dismissed_at=now)
    used = suggestion(alice, key="used", used_at=now)
    suggestion(alice, key="over")
    Suggestion.objects.refill(alice)
    left = Suggestion.objects.in_bulk()
    assert left[dismissed.pk].dismissed_at == now and left[used.pk].used_at == now
    assert not Suggestion.objects.filter(key="over").exists()


def test_an_old_page_dismisses_and_uses_its_own(alice, bob):
    theirs, ours = suggestion(bob), suggestion(alice)
    other = suggestion(alice, key="plain:two")
    ours.dismiss(), ours.use()
    for one in (theirs, other):
        one.refresh_from_db()
        assert one.dismissed_at is None and one.used_at is None
