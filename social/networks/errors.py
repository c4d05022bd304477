"""The five things that can go wrong at a network, each named for the decision it causes.

Every error carries `reason`, a key of `messages.SENTENCES`, and `detail`, what the network said,
for staff only and already redacted.
"""

from datetime import datetime

from social.redacting import redact


class NetworkError(Exception):
    """The common part; never raised itself."""

    def __init__(self, reason: str, detail: str = "", status: int | None = None) -> None:
        self.reason = reason
        self.detail = redact(detail)[:2000]
        self.status = status
        super().__init__(f"{reason}: {self.detail}")


class TemporaryError(NetworkError):
    """Provably never left, or the network said so: try later, with backoff."""


class RateLimited(NetworkError):
    """Try later; costs no try. `until` is when the network counts anew, if it said so."""

    def __init__(
        self,
        reason: str,
        detail: str = "",
        status: int | None = None,
        until: datetime | None = None,
    ) -> None:
        super().__init__(reason, detail, status)
        self.until = until


class AuthorizationLost(NetworkError):
    """The connection must be made again by its person; what is queued waits. `place_only`: it is
    this one place that is lost, the others of the connection may be as good as before."""

    def __init__(
        self, reason: str, detail: str = "", status: int | None = None, place_only: bool = False
    ) -> None:
        super().__init__(reason, detail, status)
        self.place_only = place_only


class Rejected(NetworkError):
    """The network refused this, and would again: the person must change something."""


class OutcomeUnknown(NetworkError):
    """Everything else: it may have happened."""
