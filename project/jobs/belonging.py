"""Jobs that belong to a row of a room. The queue only wakes a worker for that row: whoever hurries
or discards such a job means the row, so it is the row's own method that is called."""

from contextlib import suppress
from datetime import datetime
from typing import Protocol

from django.core.exceptions import ValidationError

from publishing.models import Delivery
from publishing.states import QUEUED


class Belonging(Protocol):
    """The row behind one job, locked. Each act says whether it happened."""

    def __init__(self, argument: str) -> None: ...

    def move(self, at: datetime) -> bool: ...

    def run_now(self) -> bool: ...

    def discard(self) -> bool: ...


class OfDelivery:
    def __init__(self, job_id: str) -> None:
        self.delivery: Delivery | None = None
        with suppress(ValidationError):  # not the id of anything
            self.delivery = Delivery.objects.select_for_update().filter(job_id=job_id).first()

    @property
    def is_queued(self) -> bool:
        return self.delivery is not None and self.delivery.state == QUEUED

    def move(self, at: datetime) -> bool:
        return self.is_queued and self.delivery.reschedule(at)

    def run_now(self) -> bool:
        """`retry` would also bring back what has failed, and that is not what waits in line."""
        return self.is_queued and self.delivery.retry()

    def discard(self) -> bool:
        """A job that has nothing to do any more may go as well."""
        is_over = self.delivery is None or self.delivery.is_done
        return is_over or self.delivery.cancel()


class OfLook(OfDelivery):
    """The job that looks a delivery up: it can be hurried, and not be prevented."""

    @property
    def is_looking(self) -> bool:
        return self.delivery is not None and self.delivery.is_verifying

    def move(self, at: datetime) -> bool:
        return False

    def run_now(self) -> bool:
        return self.is_looking and self.delivery.verify_now()

    def discard(self) -> bool:
        return not self.is_looking


BELONGING: dict[str, type[Belonging]] = {
    "publishing.tasks.send_delivery": OfDelivery,
    "publishing.tasks.verify_delivery": OfLook,
    "publishing.tasks.look_up_delivery": OfLook,
}
