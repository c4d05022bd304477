"""The five things that can go wrong at a network, each named for the decision it causes.

Every error carries `reason`, a Reason, and `detail`, what the network said,
for staff only and already redacted.
"""

from dataclasses import dataclass
from datetime import datetime

from social.reasons import Reason
from social.redacting import redact

OPERATORS = (
    Reason.CREDITS,
    Reason.MONTH_LIMIT,
    Reason.APP_REFUSED,
)  # reasons that only an operator can settle


@dataclass(frozen=True)
class Limit:
    """Something is used up: what this account may do, or `of_all` what the whole app may."""

    reason: str  # a Reason
    until: datetime | None = None  # when the network counts anew, if it said so
    of_all: bool = False

    @property
    def needs_an_operator(self) -> bool:
        return self.reason in OPERATORS


def plain(text: str) -> str:
    """As a database takes it: what a proxy says may be no text at all."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode("utf-8")


class NetworkError(Exception):
    """The common part; never raised itself. `limits` are those it shows to be used up."""

    def __init__(
        self,
        reason: str,
        detail: str = "",
        status: int | None = None,
        limits: tuple[Limit, ...] = (),
    ) -> None:
        self.reason, self.limits = reason, limits
        self.detail = plain(redact(detail))[:2000]
        self.status = status
        super().__init__(f"{reason}: {self.detail}")


class TemporaryError(NetworkError):
    """Provably never left, or the network said so: try later, with backoff."""


class RateLimited(NetworkError):
    """Try later; costs no try. `until` is the latest time at which the network counts anew, if it
    said so."""

    def __init__(
        self,
        reason: str,
        detail: str = "",
        status: int | None = None,
        until: datetime | None = None,
        limits: tuple[Limit, ...] = (),
    ) -> None:
        limits = limits or (Limit(reason, until, reason in OPERATORS),)
        super().__init__(reason, detail, status, limits)
        self.until = max((it.until for it in limits if it.until), default=None)


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
    """Everything else: it may have happened. `refusal` is what the network said where it said no,
    which counts as soon as it is proven that nothing is there."""

    def __init__(
        self,
        reason: str,
        detail: str = "",
        status: int | None = None,
        limits: tuple[Limit, ...] = (),
        refusal: NetworkError | None = None,
    ) -> None:
        super().__init__(reason, detail, status, limits)
        self.refusal = refusal


def doubted(refusal: NetworkError) -> OutcomeUnknown:
    """A no to a create that networks have been seen to say although they made the post."""
    lost = isinstance(refusal, AuthorizationLost)
    reason = Reason.PERMISSION_IN_DOUBT if lost else f"{refusal.reason}_in_doubt"
    return OutcomeUnknown(reason, refusal.detail, refusal.status, refusal=refusal)
