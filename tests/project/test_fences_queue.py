"""Holders of queue rows who know only what was so before another one acted: a slow worker, another
machine, an old page. Each touches what is its own, and nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django_q.models import OrmQ

from project.jobs.models import QueuedJob
from project.jobs.queue import claiming, queueing
from project.jobs.worker.worker import RENEW_EVERY
from social.processes import host_prefix

from .test_queueing import QUEUE, claimed, queue

pytestmark = pytest.mark.django_db
ONE, OTHER = "host:1:1", "host:2:1"
MINUTE = timedelta(minutes=1)
COLUMNS = ("argument", "holder", "starts", "lock", "queue_position")


def rows(*names):
    """What stands in these rows."""
    found = QueuedJob.objects.filter(argument__in=names) if names else QueuedJob.objects.all()
    return set(found.values_list(*COLUMNS))


def pk(name):
    return QueuedJob.objects.get(argument=name).pk


@pytest.fixture
def two():
    """ "1" is held by ONE, "2" by OTHER; both for another minute."""
    queue("", 1, 2)
    assert claimed(1) == ["1"] and claimed(1, OTHER) == ["2"]
    QueuedJob.objects.update(lock=timezone.now() + MINUTE)


@pytest.fixture
def late(two):
    """The same, but their leases have ended."""
    QueuedJob.objects.update(lock=timezone.now() - MINUTE)


def test_who_renews_renews_its_own_leases(late):
    before = rows("2")
    claiming.renew(ONE, [pk("1"), pk("2")])
    assert rows("2") == before
    assert QueuedJob.objects.get(argument="1").lock > timezone.now()


def test_who_renews_renews_only_what_it_knows_of(late):
    QueuedJob.objects.update(holder=ONE)
    before = rows("2")
    claiming.renew(ONE, [pk("1")])
    assert rows("2") == before


def test_who_acknowledges_removes_its_own(two):
    first, second = pk("1"), pk("2")
    assert claiming.acknowledge(ONE, [first, second]) == {first}
    assert {name for name, *_ in rows()} == {"2"}


def test_of_its_own_it_acknowledges_only_what_it_names(two):
    QueuedJob.objects.update(holder=ONE)
    first = pk("1")
    assert claiming.acknowledge(ONE, [first]) == {first}
    assert {name for name, *_ in rows()} == {"2"}


def test_whoever_frees_rows_notifies(late, monkeypatch):
    """Others may sleep until they are told."""
    notified = []
    monkeypatch.setattr(claiming, "notify_workers", lambda: notified.append(1))
    claiming.release(ONE, [pk("1")])
    assert len(notified) == 1
    claiming.release_expired()
    assert len(notified) == 2
    claiming.release_orphaned(OTHER, [])
    assert len(notified) == 3
    claiming.release_expired()  # there is nothing
    assert len(notified) == 3


def test_a_lease_outlasts_two_renewals_and_no_minute():
    assert 2 * RENEW_EVERY < claiming.JOB_LEASE_SECONDS <= 60


def test_of_those_in_line_the_more_urgent_is_claimed():
    queue("", 1), queue("", 2, priority=5), queue("", 3)
    assert claimed(1) == ["2"] and claimed(1) == ["1"]


def test_who_releases_releases_its_own(two):
    before = rows("2")
    claiming.release(ONE, [pk("1"), pk("2")])
    assert rows("2") == before
    back = QueuedJob.objects.get(argument="1")
    assert back.holder == "" and back.lock <= timezone.now()


def test_of_its_own_it_releases_only_what_it_names(two):
    QueuedJob.objects.update(holder=ONE)
    before = rows("2")
    claiming.release(ONE, [pk("1")])
    assert rows("2") == before and QueuedJob.objects.get(argument="1").holder == ""


def test_what_it_does_not_hold_it_does_not_release():
    """A row that is scheduled for tomorrow is not due because a nameless worker says so."""
    queue("", 3, run_after=timezone.now() + timedelta(days=1))
    before = rows()
    claiming.release("", [pk("3")])
    assert rows() == before


@pytest.mark.parametrize("begun", ["all", "none", "nobody knows"])
def test_what_a_dead_worker_leaves_behind_is_its_own(two, begun):
    before = rows("2")
    claiming.release_orphaned(ONE, {"all": [pk("1"), pk("2")], "none": []}.get(begun))
    assert rows("2") == before
    left = QueuedJob.objects.get(argument="1")
    assert (left.holder, left.starts) == (("", 0) if begun == "none" else (claiming.QUARANTINED, 1))


def test_of_what_a_dead_worker_held_only_what_it_had_begun_runs_alone(two):
    QueuedJob.objects.update(holder=ONE)
    claiming.release_orphaned(ONE, [pk("1")])
    assert {(name, holder, starts) for name, holder, starts, *_ in rows()} == {
        ("1", claiming.QUARANTINED, 1), ("2", "", 0),
    }  # fmt: skip
    assert QueuedJob.objects.get(argument="2").lock <= timezone.now()


def test_what_nobody_holds_is_left_behind_by_nobody():
    queue("", 1)
    before = rows()
    claiming.release_orphaned("", None), claiming.release_expired()
    assert rows() == before


def test_what_waits_to_run_alone_is_not_left_behind_again(late):
    """Each look would count as one more death, and set it aside without having run."""
    claiming.release_orphaned(ONE, None)
    QueuedJob.objects.filter(argument="1").update(lock=timezone.now() - MINUTE)
    before = rows("1")
    claiming.release_expired()
    assert rows("1") == before


def test_a_lease_that_still_runs_is_nobody_elses(two):
    before = rows()
    claiming.release_expired()
    assert rows() == before


def test_a_lease_that_is_renewed_while_others_look_stays(late, monkeypatch):
    find = claiming._column

    def meanwhile(sql, parameters):
        found = find(sql, parameters)
        claiming.renew(ONE, [pk("1")])
        return found

    monkeypatch.setattr(claiming, "_column", meanwhile)
    claiming.release_expired()
    held = QueuedJob.objects.get(argument="1")
    assert (held.holder, held.starts) == (ONE, 0)
    assert QueuedJob.objects.get(argument="2").holder == claiming.QUARANTINED


def test_what_expires_while_others_look_is_for_the_next_look(two, monkeypatch):
    QueuedJob.objects.filter(argument="1").update(lock=timezone.now() - MINUTE)
    find = claiming._column

    def meanwhile(sql, parameters):
        found = find(sql, parameters)
        QueuedJob.objects.filter(argument="2").update(lock=timezone.now() - MINUTE)
        return found

    monkeypatch.setattr(claiming, "_column", meanwhile)
    claiming.release_expired()
    assert QueuedJob.objects.get(argument="2").holder == OTHER


def test_only_what_the_dead_of_this_machine_held_is_left_behind(two):
    alive = f"{host_prefix()}1:1"
    QueuedJob.objects.filter(argument="2").update(holder=alive)
    claiming.release_dead()  # ONE is on another machine
    assert {holder for _, holder, *_ in rows()} == {ONE, alive}
    QueuedJob.objects.filter(argument="1").update(holder=f"{host_prefix()}999999999:1")
    claiming.release_dead()
    assert {holder for _, holder, *_ in rows()} == {claiming.QUARANTINED, alive}


def test_exhausted_is_what_waits_alone_in_these_queues_after_too_many_deaths(two):
    claiming.release_orphaned(ONE, None)
    QueuedJob.objects.update(starts=3)
    assert claiming.exhausted([QUEUE]) == []
    QueuedJob.objects.update(starts=4)
    assert claiming.exhausted([QUEUE]) == [pk("1")]  # "2" is held by another one
    assert claiming.exhausted(["import"]) == []


def test_alone_is_claimed_only_what_waits_alone_there(two):
    assert claiming.claim_quarantined(QUEUE, "host:3:1") == []
    claiming.release_orphaned(ONE, None)
    assert claiming.claim_quarantined("import", "host:3:1") == []
    QueuedJob.objects.filter(argument="1").update(starts=4)
    assert claiming.claim_quarantined(QUEUE, "host:3:1") == []
    QueuedJob.objects.filter(argument="1").update(starts=3)
    assert [it.row for it in claiming.claim_quarantined(QUEUE, "host:3:1")] == [pk("1")]
    assert QueuedJob.objects.get(argument="1").lock > timezone.now()


def test_what_another_queue_holds_or_sleeps_is_not_claimed():
    queue("", 1, run_after=timezone.now() + MINUTE)
    OrmQ.objects.update(lock=timezone.now() - MINUTE)  # due, and nobody has put it in line yet
    assert claiming.claim(QUEUE, ONE, 5) == []
    queueing.promote_due([QUEUE])
    assert claiming.claim("import", ONE, 5) == []
    assert [it.row for it in claiming.claim(QUEUE, ONE, 5)] == [pk("1")]
