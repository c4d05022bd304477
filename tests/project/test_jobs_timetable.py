"""The timetable and other schedules: each due one queues one job, and harms nobody else."""

from datetime import UTC, datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ, Schedule

from project.jobs.models import DeadLetter
from project.jobs.queue.job import Job, NotAJob
from project.jobs.queue.timetable import (
    TIMETABLE_PREFIX,
    Timetable,
    after,
    bring_forward,
    queue_due,
    sync_timetable,
)
from project.schedules import TIMETABLE
from tests.project.job_samples import KNOWN

pytestmark = pytest.mark.django_db
SAMPLE = "tests.project.job_samples.remember"


@pytest.fixture(autouse=True)
def sample_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    config = apps.get_app_config("jobs")
    monkeypatch.setattr(config, "jobs", (*config.jobs, *KNOWN))


def scheduled(**fields: object) -> Schedule:
    past = timezone.now() - timedelta(hours=5)
    return Schedule.objects.create(**{"func": SAMPLE, "next_run": past, **fields})


def queued() -> list[list]:
    return [Job.read(row.payload).args for row in OrmQ.objects.order_by("id")]


def test_syncing_twice_changes_nothing_and_keeps_a_pause():
    sync_timetable()
    Schedule.objects.filter(name=f"{TIMETABLE_PREFIX}sweep deliveries").update(repeats=0)
    before = list(Schedule.objects.order_by("id").values())
    sync_timetable()
    assert list(Schedule.objects.order_by("id").values()) == before
    assert {name.removeprefix(TIMETABLE_PREFIX) for name in names()} == set(TIMETABLE)


def names() -> set[str]:
    return set(Schedule.objects.values_list("name", flat=True))


def test_syncing_removes_what_left_the_timetable_and_spares_what_a_person_made():
    scheduled(name=f"{TIMETABLE_PREFIX}long gone")
    scheduled(name=f"{TIMETABLE_PREFIX}sweep deliveries", func="os.system")
    scheduled(name=f"{TIMETABLE_PREFIX}sweep deliveries")
    scheduled(name="a person's own")
    sync_timetable()
    assert names() == {TIMETABLE_PREFIX + name for name in TIMETABLE} | {"a person's own"}
    assert (
        Schedule.objects.get(name=f"{TIMETABLE_PREFIX}sweep deliveries").func
        == "publishing.tasks.sweep"
    )
    assert Schedule.objects.count() == len(TIMETABLE) + 1


def test_what_was_missed_runs_once():
    schedule = scheduled(schedule_type=Schedule.MINUTES, minutes=1, args='"x"')
    for _ in range(3):
        queue_due()
    assert queued() == [["x"]]
    schedule.refresh_from_db()
    assert timezone.now() < schedule.next_run <= timezone.now() + timedelta(minutes=1)


def test_what_a_wrong_clock_put_off_for_hours_runs_once_the_clock_is_right():
    sync_timetable()
    Schedule.objects.update(next_run=timezone.now() + timedelta(hours=8))
    timetable = Timetable()
    timetable.expect(timezone.now() + timedelta(hours=8))
    assert timetable.queue_when_due()
    assert OrmQ.objects.count() == sum(minutes < 8 * 60 for _, minutes in TIMETABLE.values())
    timetable.expect(timezone.now() + timedelta(minutes=1))
    assert not timetable.queue_when_due()


def test_a_daily_one_keeps_its_time_of_day():
    then = timezone.now() - timedelta(days=3, hours=2)
    schedule = scheduled(schedule_type=Schedule.DAILY, next_run=then)
    queue_due()
    schedule.refresh_from_db()
    assert schedule.next_run == then + timedelta(days=4)


def test_a_single_one_runs_once_and_is_gone():
    scheduled(schedule_type=Schedule.ONCE, args="3")
    queue_due()
    queue_due()
    assert queued() == [[3]]
    assert not Schedule.objects.exists()


def test_repeats_count_down_and_a_paused_one_rests():
    scheduled(schedule_type=Schedule.HOURLY, repeats=1)
    scheduled(schedule_type=Schedule.HOURLY, repeats=0)
    queue_due()
    assert Schedule.objects.filter(repeats=0).count() == 2
    assert len(queued()) == 1


@pytest.mark.parametrize(
    "bad",
    [
        {"func": "os.system", "args": "'true'"},
        {"args": "1 2"},
        {"args": "1, 2"},
        {"args": "[" * 500},
        {"args": "__import__('os').system('true')"},
        {"kwargs": "q_options={'cluster': 'other'}"},
        {"hook": "os.system"},
        {"schedule_type": Schedule.CRON, "cron": "* * * * *"},
        {"schedule_type": "??"},
        {"schedule_type": "H", "args": r"'\ud800'"},  # half a character: no database takes it
        {"schedule_type": "H", "args": r"'\x00'"},
        {"schedule_type": "H", "args": "-" * 50_000 + "1"},  # an error without a word
    ],
    ids=str,
)
def test_a_bad_schedule_harms_only_itself(bad):
    past = timezone.now() - timedelta(hours=6)
    (row,) = Schedule.objects.bulk_create([Schedule(**{"func": SAMPLE, "name": "bad", **bad})])
    Schedule.objects.filter(pk=row.pk).update(next_run=past)
    scheduled(schedule_type=Schedule.HOURLY, args="1")
    for _ in range(3):
        queue_due()
    assert queued() == [[1]]
    what, _, why = DeadLetter.objects.get().reason.partition(": ")
    assert what == "schedule bad" and why
    assert Schedule.objects.get(name="bad").repeats == 0


LONG_AGO = datetime(1, 1, 31, 9, 30, tzinfo=UTC)
STEPS = {
    Schedule.HOURLY: timedelta(hours=1),
    Schedule.DAILY: timedelta(days=1),
    Schedule.WEEKLY: timedelta(weeks=1),
    Schedule.BIWEEKLY: timedelta(weeks=2),
    Schedule.MONTHLY: timedelta(days=31),
    Schedule.BIMONTHLY: timedelta(days=62),
    Schedule.QUARTERLY: timedelta(days=92),
    Schedule.YEARLY: timedelta(days=366),
}


@pytest.mark.parametrize("kind", STEPS)
def test_a_schedule_of_year_one_comes_to_the_present_in_a_few_steps(kind, monkeypatch):
    walked, one_step = [], Schedule.calculate_next_run

    def counted(schedule, from_there=None):
        walked.append(from_there)
        return one_step(schedule, from_there)

    monkeypatch.setattr(Schedule, "calculate_next_run", counted)
    schedule = scheduled(schedule_type=kind, next_run=LONG_AGO, args="1")
    before = timezone.now()
    queue_due()
    schedule.refresh_from_db()
    assert queued() == [[1]]
    assert before < schedule.next_run <= timezone.now() + STEPS[kind]
    assert (schedule.next_run.minute, len(walked) < 20) == (30, True)
    if kind != Schedule.HOURLY:
        assert schedule.next_run.hour == 9


def test_a_stride_leads_where_walking_leads():
    """Also over a change of clocks, and whatever the day of the month."""
    now = datetime(2026, 11, 29, 12, tzinfo=UTC)
    with timezone.override("Europe/Berlin"):
        for kind in STEPS:
            schedule = Schedule(schedule_type=kind, next_run=now - timedelta(days=1000, hours=5))
            walked = schedule.next_run
            while walked <= now:
                walked = schedule.calculate_next_run(walked)
            assert after(schedule, now) == walked, kind


@pytest.mark.parametrize("kind", STEPS)
def test_a_schedule_at_the_end_of_all_calendars_waits(kind):
    end = datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC)
    scheduled(schedule_type=kind, next_run=end)
    queue_due()
    Timetable().expect(end)
    assert (queued(), DeadLetter.objects.count()) == ([], 0)
    with pytest.raises((OverflowError, NotAJob, ValueError)):
        after(Schedule.objects.get(), end)


def test_repeats_below_zero_mean_for_ever():
    scheduled(schedule_type=Schedule.HOURLY, repeats=-7)
    queue_due()
    assert Schedule.objects.get().repeats == -1


@pytest.mark.skipif(connection.vendor != "sqlite", reason="others do not store such a number")
def test_an_impossible_interval_keeps_no_clock_from_being_put_right():
    scheduled(schedule_type=Schedule.MINUTES, name="bad", next_run=timezone.now())
    Schedule.objects.update(minutes=10**15)
    sync_timetable()
    Schedule.objects.exclude(name="bad").update(next_run=timezone.now() + timedelta(hours=8))
    assert bring_forward() > 0
    assert Schedule.objects.get(name="bad").repeats == 0
