"""How every room queues a job: the name of a registered function, and the id of the row that it is
about. The queue is django-q2's, with the broker that the settings name."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django_q.brokers import get_broker


@dataclass(frozen=True, slots=True)
class JobRequest:
    """One job to be queued.

    `task` is the dotted name of a function that an app lists as one of its `jobs`, `id` its only
    argument. `queue` is one of the settings' queues, or empty for the one of what is not urgent.
    `owner` is the id of the user that it is for, or another name: one owner's jobs stand apart in
    line, so that nobody's many hold up others. It does not run before `run_after`, and before
    others if its `priority` is higher. `network` says to operators which one it will speak to.
    """

    task: str
    id: int | str | None = None
    queue: str = ""
    owner: int | str | None = None
    run_after: datetime | None = None
    priority: int = 0
    network: str = ""


def enqueue(
    task: str,
    id: int | str | None = None,
    *,
    queue: str = "",
    owner: int | str | None = None,
    run_after: datetime | None = None,
    priority: int = 0,
    network: str = "",
) -> None:
    """Queue one job, in the transaction around it; see JobRequest for what is given. Raises
    ValueError for what is no registered job."""
    enqueue_many([JobRequest(task, id, queue, owner, run_after, priority, network)])


def enqueue_many(requests: Iterable[JobRequest]) -> None:
    """Queue all of them by one INSERT, or none. Raises ValueError as `enqueue` does."""
    get_broker().enqueue_many(requests)
