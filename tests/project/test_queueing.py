"""The queue's rows: who is next, what is scheduled, what a dead worker leaves behind."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from project.jobs.models import PausedQueue, QueuedJob
from project.jobs.queue import claiming, queueing
from social.jobs import JobRequest, enqueue_many

pytestmark = pytest.mark.django_db
QUEUE = "publish"
JOB = "project.jobs.tasks.prune"


def queue(owner: str = "", *numbers: int, **how: Any) -> None:
    enqueue_many(
        JobRequest(JOB, f"{owner}{number}", queue=QUEUE, owner=owner or None, **how)
        for number in numbers or (0,)
    )


def claimed(limit: int = 100, holder: str = "host:1:1") -> list[str]:
    """What a worker gets, in its order."""
    queueing.promote_due([QUEUE])
    rows = [claim.row for claim in claiming.claim(QUEUE, holder, limit)]
    names = dict(QueuedJob.objects.values_list("id", "argument"))
    return [names[row] for row in rows]


def test_who_queues_many_is_overtaken_by_who_queues_one():
    queue("alice", *range(50))
    queue("bob")
    queue("charlie", 1, 2)
    assert claimed(5) == ["alice0", "bob0", "charlie1", "alice1", "charlie2"]


def test_fairness_counts_what_an_owner_queued_before():
    for number in range(3):
        queue("alice", number)
    queue("bob")
    assert claimed() == ["alice0", "bob0", "alice1", "alice2"]


def test_one_post_to_three_channels_is_no_crowd():
    for number in range(3):
        queue("bob", number)
    queue("alice", 1, 2, 3)
    assert claimed() == ["bob0", "alice1", "alice2", "alice3", "bob1", "bob2"]


def test_nobody_waits_for_ever():
    """A place in line is a moment: whoever comes after it stands behind."""
    queue("alice", *range(3))
    QueuedJob.objects.update(queue_position=0)
    queue("bob")
    assert claimed() == ["alice0", "alice1", "alice2", "bob0"]


def test_a_higher_priority_comes_first():
    queue("alice", 1)
    queue("bob", 2, priority=5)
    queue("charlie", 3, priority=-5)
    assert claimed() == ["bob2", "alice1", "charlie3"]


def test_what_is_not_due_is_scheduled_and_then_stands_in_line_by_its_time():
    now = timezone.now()
    queue("alice", 1, run_after=now + timedelta(minutes=5))
    queue("bob", 2, run_after=now + timedelta(minutes=3))
    assert claimed() == []
    snapshot = queueing.take_snapshot([QUEUE]).queues[QUEUE]
    assert snapshot.first_due_at is None
    assert abs(snapshot.next_scheduled_at - now - timedelta(minutes=3)) < timedelta(seconds=1)
    QueuedJob.objects.filter(owner="bob").update(lock=now - timedelta(minutes=2))
    QueuedJob.objects.filter(owner="alice").update(lock=now - timedelta(minutes=1))
    assert claimed() == ["bob2", "alice1"]


def test_what_becomes_due_together_is_shared_fairly():
    soon = timezone.now() + timedelta(minutes=1)
    queue("alice", *range(4), run_after=soon)
    queue("bob", *range(2), run_after=soon)
    QueuedJob.objects.update(lock=timezone.now())
    assert claimed() == ["alice0", "bob0", "alice1", "bob1", "alice2", "alice3"]


def test_rows_that_others_wrote_stand_in_line_too():
    queue("alice")
    OrmQ.objects.create(key=QUEUE, payload="x", lock=timezone.now())
    assert len(claimed()) == 2


def test_a_claim_takes_no_more_than_asked_and_nothing_twice():
    queue("", *range(5))
    assert len(claimed(3)) == 3
    assert len(claimed(3, "host:2:1")) == 2
    assert claimed() == []


def test_what_is_released_has_its_place_in_line():
    queue("", *range(3))
    claimed(2)
    first = QueuedJob.objects.get(argument="0")
    claiming.release("host:1:1", [first.pk])
    assert claimed() == ["0", "2"]


def test_what_a_dead_worker_had_begun_runs_alone_and_the_rest_as_ever():
    queue("", *range(3))
    claimed()
    begun = QueuedJob.objects.get(argument="1")
    claiming.release_orphaned("host:1:", [begun.pk])
    assert claimed(holder="host:2:1") == ["0", "2"]
    assert queueing.take_snapshot([QUEUE]).queues[QUEUE].has_quarantined
    [alone] = claiming.claim_quarantined(QUEUE, "host:2:1")
    assert (alone.row, alone.starts) == (begun.pk, 1)


def test_after_the_third_death_alone_a_job_is_exhausted():
    queue()
    claimed()
    for _ in range(claiming.QUARANTINED_STARTS + 1):
        assert claiming.exhausted([QUEUE]) == []
        claiming.release_orphaned("host:1:", None)
        claiming.claim_quarantined(QUEUE, "host:1:1")
    assert claiming.exhausted([QUEUE]) == list(QueuedJob.objects.values_list("pk", flat=True))
    assert claiming.claim_quarantined(QUEUE, "host:1:1") == []


def test_a_lease_that_nobody_renews_is_a_machine_that_is_gone():
    queue("", 1, 2)
    claimed(1)
    QueuedJob.objects.filter(argument="1").update(lock=timezone.now() - timedelta(seconds=1))
    claiming.release_expired()
    rows = QueuedJob.objects.values_list("argument", "holder", "starts")
    assert set(rows) == {("1", claiming.QUARANTINED, 1), ("2", "", 0)}


def test_a_claim_of_which_nobody_heard_is_not_renewed_and_ends_alone():
    """The connection was cut between the commit and its answer; the holder is alive."""
    queue("", 1, 2)
    claimed()
    known = QueuedJob.objects.get(argument="1")
    QueuedJob.objects.update(lock=timezone.now() - timedelta(seconds=1))
    claiming.renew("host:1:1", [known.pk])
    claiming.release_expired()
    rows = QueuedJob.objects.values_list("argument", "holder", "starts")
    assert set(rows) == {("1", "host:1:1", 0), ("2", claiming.QUARANTINED, 1)}


def test_what_is_quarantined_stays_so_when_it_is_released():
    queue("", 1)
    claimed()
    row = QueuedJob.objects.get().pk
    claiming.release_orphaned("host:1:1", [row])
    claiming.claim_quarantined(QUEUE, "host:1:1")
    claiming.release("host:1:1", [row])
    assert claiming.claim(QUEUE, "host:1:1", 5) == []
    assert [one.row for one in claiming.claim_quarantined(QUEUE, "host:1:1")] == [row]


def test_a_renewed_lease_is_kept_and_an_acknowledged_row_is_gone():
    queue("", 1, 2)
    claimed()
    QueuedJob.objects.update(lock=timezone.now() - timedelta(seconds=1))
    rows = list(QueuedJob.objects.values_list("pk", flat=True))
    claiming.renew("host:1:1", rows)
    claiming.release_expired()
    assert not QueuedJob.objects.filter(starts__gt=0).exists()
    assert claiming.acknowledge("another", rows) == set()
    assert claiming.acknowledge("host:1:1", rows) == set(rows)


def test_a_paused_queue_is_seen():
    queue()
    PausedQueue.objects.create(queue=QUEUE)
    assert queueing.take_snapshot([QUEUE, "mail"]).queues[QUEUE].is_paused
    assert not queueing.take_snapshot([QUEUE, "mail"]).queues["mail"].is_paused


@pytest.mark.parametrize(
    ("where", "order", "index"),
    [
        ("queue_position IS NOT NULL", "priority DESC, queue_position, id", "jobs_ready"),
        ("queue_position IS NULL", '"lock", id', "jobs_asleep"),
    ],
)
def test_the_next_one_is_found_by_an_index(where: str, order: str, index: str):
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # A table this small it would rather read whole, or sort.
            cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off")
        cursor.execute(
            f"""{explain} SELECT id FROM django_q_ormq
            WHERE "key" = 'publish' AND holder = '' AND {where} ORDER BY {order} LIMIT 5"""
        )
        assert index in str(cursor.fetchall())
