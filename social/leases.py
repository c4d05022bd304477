"""What one worker has at a time, until it is done or its lease ends: then another may take it."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from .processes import is_gone, this_process
from .timing import from_now


class LeasedRow(models.Model):
    """A row that a worker takes. The claim itself is one UPDATE of each model's own, by what shows
    that nobody else has claimed it meanwhile."""

    worker = models.CharField(max_length=120, blank=True)  # the process that took it
    lease_until = models.DateTimeField(null=True, blank=True)

    lease_seconds: ClassVar[float]

    class Meta:
        abstract = True

    @classmethod
    def new_lease(cls) -> dict[str, Any]:
        """What a claim writes: from now on this process has it, for `lease_seconds`."""
        return {"lease_until": from_now(cls.lease_seconds), "worker": this_process()}

    @property
    def is_abandoned(self) -> bool:
        """Whether the worker that took it is gone."""
        expired = self.lease_until is not None and self.lease_until < timezone.now()
        return expired or is_gone(self.worker)


def is_free(lease: str, now: datetime) -> Q:
    """Nobody has the lease whose end is in this column."""
    return Q(**{lease: None}) | Q(**{f"{lease}__lt": now})
