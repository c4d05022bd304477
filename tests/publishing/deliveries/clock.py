"""Two clocks: that of this machine, which may be set, and that of the network, which goes on."""

from datetime import UTC, datetime, timedelta
from unittest import mock

from social.models.circuit_breaker import forget_known_breakers


class Clock:
    """Whatever asks django.utils.timezone what time it is, asks this one."""

    def __init__(self) -> None:
        self.passed = self.wrong_by = timedelta()
        self.patch = mock.patch("django.utils.timezone.datetime", self.ours())

    def theirs(self) -> datetime:
        return datetime.now(UTC) + self.passed

    def ours(self) -> type[datetime]:
        clock = self

        class Ours(datetime):
            @classmethod
            def now(cls, tz=None):
                return datetime.now(tz) + clock.passed + clock.wrong_by

        return Ours

    def passes(self, **by: float) -> None:
        self.passed += timedelta(**by)
        forget_known_breakers()

    def is_set(self, **wrong_by: float) -> None:
        self.wrong_by = timedelta(**wrong_by)
        forget_known_breakers()
