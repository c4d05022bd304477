"""Is a closed network open again? Asked by reading who somebody is, never by posting."""

from social.networks.errors import NetworkError, TemporaryError

from .closures import OUTAGE, Closure
from .connection import Connection

WITNESSES = 3  # whose connections are asked, one after the other, until one can tell


def open_what_answers() -> None:
    """For the timetable."""
    for closure in Closure.objects.to_look_at():
        if closure.look_later() and is_open(closure):
            Closure.objects.open(closure.bucket, closure.kind)


def is_open(closure: Closure) -> bool:
    """What nobody can tell counts as open: then a post finds it out. That the app is refused may be
    the fault of one token, so there one who can go on is enough."""
    told = (can_go_on(closure, witness) for witness in witnesses(closure.network_name))
    answers = (answer for answer in told if answer is not None)
    if closure.reason != "app_refused":
        return next(answers, True)
    known = list(answers)
    return any(known) or not known


def witnesses(network: str) -> list[Connection]:
    working = Connection.objects.connected().filter(network_name=network, trouble="")
    return list(working.exclude(access_sealed="").order_by("-renewed_at")[:WITNESSES])


def can_go_on(closure: Closure, witness: Connection) -> bool | None:
    """None: it answers, but says nothing of what it is closed for."""
    try:
        witness.network.person(witness.fresh_grant())
    except TemporaryError:
        return False
    except NetworkError as error:
        if closure.kind == OUTAGE:
            return True
        return False if any(limit.needs_an_operator for limit in error.limits) else None
    return True
