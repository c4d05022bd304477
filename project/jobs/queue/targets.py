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
        return self._is_queued and self.delivery.reschedule(at)

    def run_now(self) -> bool:
        """`retry` would also bring back what has failed, and that is not what waits in line."""
        return self._is_queued and self.delivery.retry()

    def discard(self) -> bool:
        """A job that has nothing to do any more may go as well."""
        is_over = self.delivery is None or self.delivery.is_done
        return is_over or self.delivery.cancel()

    @property
    def _is_queued(self) -> bool:
        return self.delivery is not None and self.delivery.state == QUEUED


class VerificationTarget(DeliveryTarget):
    """A delivery in doubt, to be verified: that can be hurried, and not be prevented."""

    def move(self, at: datetime) -> bool:
        return False

    def run_now(self) -> bool:
        return self._is_verifying and self.delivery.verify_now()

    def discard(self) -> bool:
        return not self._is_verifying

    @property
    def _is_verifying(self) -> bool:
        return self.delivery is not None and self.delivery.is_verifying


TARGETS: dict[str, type[JobTarget]] = {
    "publishing.tasks.send_delivery": DeliveryTarget,
    "publishing.tasks.verify_delivery": VerificationTarget,
    "publishing.tasks.look_up_delivery": VerificationTarget,
}
