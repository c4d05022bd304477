"""Back to the queue, untried, from where it was canceled."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from publishing.planning.free_times import taken_minutes
from publishing.states import CANCELED
from social.reasons import Reason

from .delivery import Delivery


def stay_canceled(delivery: Delivery) -> bool:
    """Its channel was stopped; now its user does not want it either way."""
    if not delivery.is_canceled_with_channel:
        return False
    return delivery.move([CANCELED], CANCELED, ("reason",))


def bring_back(delivery: Delivery) -> bool:
    """It was canceled with its channel, which is used again; its time is still to come."""
    return requeue_canceled(delivery, delivery.due_at, ("due_at", "reason"))


def may_return(delivery: Delivery) -> bool:
    """Whether it was canceled before anything was tried, and its time is still to come."""
    return is_canceled_untried(delivery) and delivery.due_at > timezone.now()


def is_canceled_untried(delivery: Delivery) -> bool:
    """By its user or with its channel; what was dropped in doubt or said anew is not."""
    is_over = delivery.reason not in ("", Reason.CHANNEL_GONE) or delivery.replaced_by_id
    return delivery.state == CANCELED and delivery.attempt == 0 and not is_over


def return_canceled(delivery: Delivery) -> bool:
    """Its user thinks again: it waits for its time as before."""
    return may_return(delivery) and return_at(delivery, delivery.due_at)


def return_at(delivery: Delivery, at: datetime) -> bool:
    """The same at another time, unless something has become of it since this one was read."""
    unchanged = ("finished_at", "due_at", "reason", "attempt", "replaced_by_id")
    return is_canceled_untried(delivery) and requeue_canceled(delivery, at, unchanged)


def requeue_canceled(delivery: Delivery, at: datetime, unchanged: tuple[str, ...]) -> bool:
    """From where it was canceled. Its posting time may be another's by now, or somebody's who chose
    that minute: then it goes out at that time all the same, as if its user had chosen it."""
    if not delivery.at_posting_time:
        return delivery.requeue([CANCELED], at, unchanged)
    if taken_minutes(delivery.post.user, [delivery.channel], at, at):
        return delivery.requeue([CANCELED], at, unchanged, at_posting_time=False)
    try:
        with transaction.atomic():
            return delivery.requeue([CANCELED], at, unchanged)
    except IntegrityError:
        return delivery.requeue([CANCELED], at, unchanged, at_posting_time=False)
