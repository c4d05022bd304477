"""How a delivery gets into doubt without a send that says so, and what is verified anew."""

from django.db.models import F
from django.utils import timezone

from publishing.states import QUEUED, UNCONFIRMED
from social.reasons import CANNOT_LOOK, Reason

from .delivery import Delivery, DeliveryQuerySet
from .reconciling import first_verification


def doubt_what_waits(deliveries: DeliveryQuerySet[Delivery]) -> None:
    """What is overdue and waits for more is verified when it comes back. Each verification costs:
    on a machine that sleeps every night it would be one every morning."""
    waits = deliveries.overdue().exclude(next_attempt_at__lte=timezone.now())
    waits.filter(doubted_since=None).update(doubted_since=F("due_at"))


def doubt_after_silence(delivery: Delivery) -> bool:
    """Due while nobody ran: another one, or we in a time that is lost, may have sent it."""
    return doubt(delivery, [QUEUED], Reason.AWAY)


def verify_instead(delivery: Delivery, states: list[str]) -> bool:
    """The request that may have landed cannot be made once more: it is verified."""
    doubted = delivery.attempts.in_doubt().last()
    return doubt(delivery, states, doubted.reason if doubted else Reason.INTERRUPTED)


def doubt(delivery: Delivery, states: list[str], reason: str) -> bool:
    soon = timezone.now() + first_verification(reason)
    return delivery.move(
        states, UNCONFIRMED, ("attempt",), reason=reason, next_verification_at=soon
    )


def verify_anew(delivery: Delivery) -> bool:
    """What kept us from verifying it is settled."""
    if delivery.state != UNCONFIRMED or not delivery.reason.startswith(CANNOT_LOOK):
        return False
    return delivery.verify_at(timezone.now(), reason_of_doubt(delivery))


def reason_of_doubt(delivery: Delivery) -> str:
    """Why it is in doubt, apart from what kept us from verifying it."""
    if delivery.claimed_id:
        return Reason.CLAIMED
    last = delivery.attempts.last()
    in_doubt = delivery.attempts.in_doubt().exists()
    if last and last.doubt.is_duplicate:
        return Reason.DUPLICATE_SEEN if in_doubt else Reason.DUPLICATE_AT_ONCE
    return last.reason if last and in_doubt else Reason.AWAY
