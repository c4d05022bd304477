"""Waking workers for deliveries. A row of the queue is a hint and no more: it may be lost or come
twice."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.utils import timezone

from publishing.sql import Job
from social.jobs import JobRequest, enqueue, enqueue_many

JOB_FIELDS = ("job_id", "next_attempt_at", "post__user_id", "network_name")  # what a Job is read by


def wake(jobs: Iterable[Job]) -> None:
    """Queue one job for each of `jobs`, at its time; one insert for all. Their rows are left alone:
    two that finish at one account may each wake the other, and that would be a deadlock."""
    now = timezone.now()
    enqueue_many(
        JobRequest(
            "publishing.tasks.send_delivery",
            str(job_id),
            queue="publish",
            owner=user_id,
            run_after=max(at, now),
            network=network,
        )
        for job_id, at, user_id, network in jobs
    )


def verify_later(job_id: UUID, at: datetime, user_id: int, network: str) -> None:
    """Queue the job that verifies a delivery in doubt at `at`."""
    enqueue(
        "publishing.tasks.verify_delivery",
        str(job_id),
        queue="publish",
        owner=user_id,
        run_after=at,
        network=network,
    )
