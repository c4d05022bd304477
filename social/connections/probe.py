"""Is a tripped network, or home, back? Asked by reading who somebody is, never by posting."""

from social.models import CircuitBreaker, Connection
from social.models.circuit_breaker import OUTAGE
from social.networks.errors import NetworkError, TemporaryError
from social.reasons import Reason

from .tokens import fresh_grant

PROBE_CONNECTIONS = 3  # that are asked with, one after the other, until one can tell


def probe_tripped() -> None:
    """Probe each network, or home, whose time for it has come, and reset what answers."""
    for breaker in CircuitBreaker.objects.to_probe():
        if breaker.claim_probe() and is_back(breaker):
            CircuitBreaker.objects.reset(breaker.scope, breaker.kind)


def is_back(breaker: CircuitBreaker) -> bool:
    """Whether what tripped `breaker` is over. What nobody can tell counts as over: then a post
    finds it out. That the app is refused may be the fault of one token, so there one who can go on
    is enough."""
    probes = (probe(breaker, connection) for connection in probe_connections(breaker))
    answers = (answer for answer in probes if answer is not None)
    if breaker.reason != Reason.APP_REFUSED:
        return next(answers, True)
    known = list(answers)
    return any(known) or not known


def probe_connections(breaker: CircuitBreaker) -> list[Connection]:
    """Those to ask there with: of the tokens that work, the newest."""
    working = Connection.objects.working().filter(network_name=breaker.network_name)
    if breaker.home:
        working = working.filter(home=breaker.home)
    return list(working.order_by("-renewed_at")[:PROBE_CONNECTIONS])


def probe(breaker: CircuitBreaker, connection: Connection) -> bool | None:
    """Whether the network answers this connection as if nothing were the matter. None: it answers,
    but says nothing of what tripped `breaker`."""
    try:
        connection.network.person(fresh_grant(connection))
    except TemporaryError:
        return False
    except NetworkError as error:
        if breaker.kind == OUTAGE:
            return True
        return False if any(limit.needs_an_operator for limit in error.limits) else None
    return True
