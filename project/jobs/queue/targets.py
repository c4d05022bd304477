"""Jobs that belong to a row of a room. The queue only wakes a worker for that row: whoever hurries
or discards such a job means the row, so it is the row's own method that is called."""

from contextlib import suppress
from datetime import datetime
from typing import Protocol

from django.core.exceptions import ValidationError

from publishing.models import Delivery
from publishing.states import QUEUED


class JobTarget(Protocol):
    """The row that one job is about, locked. Each method says whether it happened."""

    def __init__(self, argument: str) -> None: ...

    def move(self, at: datetime) -> bool: ...

    def run_now(self) -> bool: ...

    def discard(self) -> bool: ...


class DeliveryTarget:
    """A delivery that is to be sent."""

    def __init__(self, job_id: str) -> None:
        self.delivery: Delivery | None = None
        with suppress(ValidationError):  # not the id of anything
            self.delivery = Delivery.objects.select_for_update().filter(job_id=job_id).first()

    def move(self, at: datetime) -> bool:
        return bool(self._queued and self._queued.reschedule(at))

    def run_now(self) -> bool:
        """`retry` would also bring back what has failed, and that is not what waits in line."""
        return bool(self._queued and self._queued.retry())

    def discard(self) -> bool:
        """A job that has nothing to do any more may go as well."""
        return self.delivery is None or self.delivery.is_done or self.delivery.cancel()

    @property
    def _queued(self) -> Delivery | None:
        is_queued = self.delivery is not None and self.delivery.state == QUEUED
        return self.delivery if is_queued else None


class VerificationTarget(DeliveryTarget):
    """A delivery in doubt, to be verified: that can be hurried, and not be prevented."""

    def move(self, at: datetime) -> bool:
        return False

    def run_now(self) -> bool:
        return bool(self._verifying and self._verifying.verify_now())

    def discard(self) -> bool:
        return self._verifying is None

    @property
    def _verifying(self) -> Delivery | None:
        is_verifying = self.delivery is not None and self.delivery.is_verifying
        return self.delivery if is_verifying else None


TARGETS: dict[str, type[JobTarget]] = {
    "publishing.tasks.send_delivery": DeliveryTarget,
    "publishing.tasks.verify_delivery": VerificationTarget,
    "publishing.tasks.look_up_delivery": VerificationTarget,
}
