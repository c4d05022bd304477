"""The door to the queue: django-q2's table, with rows that hold signed JSON, never a pickle."""

from collections.abc import Iterable
from typing import NoReturn

from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.signing import SignedPackage

from social.jobs import JobRequest

from .job import Job
from .queueing import DEFAULT_QUEUE, NewRow, insert


class JobBroker(ORM):
    """What `social.jobs.enqueue` and django-q2's `async_task` put their jobs into. Workers take
    them out by statements of their own (claiming.py)."""

    def enqueue(self, task: str) -> None:
        """For `async_task`, which signed and pickled it in our own process a moment ago. Raises
        NotAJob for what may not run here."""
        job = Job.of_task(SignedPackage.loads(task))
        insert([NewRow(self.list_key, job, timezone.now())])

    def enqueue_many(self, requests: Iterable[JobRequest]) -> None:
        """By one INSERT. Raises NotAJob, and queues nothing, if one of them may not run here."""
        now = timezone.now()
        insert(
            [
                NewRow(
                    request.queue or DEFAULT_QUEUE,
                    Job.of_request(request),
                    request.run_after or now,
                    request.priority,
                    request.network,
                )
                for request in requests
            ]
        )

    def dequeue(self) -> NoReturn:
        """A cluster of django-q2's own would throw away every row that is no pickle."""
        raise NotImplementedError("Only `manage.py qcluster` of this project runs its jobs.")
