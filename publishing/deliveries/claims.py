"""Claiming a delivery: one worker has it, when it is due, when nothing speaks against sending it,
and when it is first in line at its account."""

from contextlib import nullcontext
from datetime import datetime

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from publishing.sql import DUE, current_content, nobody_ahead, read, stored, update
from publishing.states import ACCOUNT_BUSY, QUEUED, SENDING, WaitingFor
from social.disk import unsynced
from social.models import CircuitBreaker
from social.models.channel import ChannelState
from social.reasons import Reason
from social.timing import delay

from . import doubts, settle
from .delivery import Delivery
from .queryset import WITH_ALL
from .retrying import LATE_SECONDS


def claim(job_id: str) -> Delivery | None:
    """The delivery, now ours to send; None when there is nothing to do (any more, or yet)."""
    delivery = read(Delivery, "job_id", job_id, *WITH_ALL)
    if delivery is None:
        return None
    if delivery.state == SENDING:
        # A job comes back when its worker is gone: what that one was sending is settled now.
        settle.release_left_behind(Delivery.objects.filter(job_id=job_id))
    if not delivery.is_due or defer_if_blocked(delivery) or not take(delivery):
        return None
    # Now that it is ours: its user may have edited it a moment ago.
    post = delivery.post
    delivery.text, post.text, post.picture_count, delivery.extras = current_content(delivery.pk)
    return delivery


def defer_if_blocked(delivery: Delivery) -> bool:
    """Whether it must not be sent now: it is there, or may be, its channel cannot, or it is late.
    Then it has been moved to where it waits."""
    yes = delivery.attempt and delivery.attempts.unsettled().first()
    if yes:  # written down by a worker that was gone before it said so here
        settle.settle_sent(delivery, yes.published)
        return True
    channel = delivery.channel
    state = channel.state
    if delivery.is_repeat:
        return _keeps_from_repeating(delivery) and doubts.verify_instead(delivery, [QUEUED])
    if state == ChannelState.DISCONNECTED:
        return delivery.cancel(Reason.CHANNEL_GONE)
    if state == ChannelState.PAUSED:
        return defer(delivery, WaitingFor.PAUSED, Reason.PAUSED)
    if state in (ChannelState.RECONNECT, ChannelState.OFFERED):
        reason = channel.blocked_reason or channel.connection.blocked_reason
        return defer(delivery, WaitingFor.RECONNECT, reason or Reason.RECONNECT)
    closed = CircuitBreaker.objects.blocking(
        delivery.account, delivery.network_name, home=channel.home
    )
    if closed:
        return defer(delivery, closed.kind, closed.reason, closed.again_at(delivery.account))
    if delivery.doubted_since:
        return doubts.doubt_after_silence(delivery)
    if timezone.now() - delivery.due_at > delay(LATE_SECONDS):
        return defer(delivery, "held", Reason.LATE)
    return False


def _keeps_from_repeating(delivery: Delivery) -> bool:
    """Whether anything speaks against making its request once more right now. It may have landed,
    and waits for nothing in line."""
    channel, network = delivery.channel, delivery.network_name
    return bool(
        channel.state not in ("works", "incomplete")
        or CircuitBreaker.objects.blocking(delivery.account, network, home=channel.home)
        or delivery.doubted_since
        or timezone.now() - delivery.due_at > delay(LATE_SECONDS)
    )


def defer(delivery: Delivery, waiting_for: str, reason: str, until: datetime | None = None) -> bool:
    """It waits for that: until then, where that is known. Whether it was still as we know it."""
    return delivery.move(
        [QUEUED],
        QUEUED,
        unchanged=("attempt", "due_at"),
        waiting_for=waiting_for,
        reason=reason,
        next_attempt_at=until,
    )


def take(delivery: Delivery) -> bool:
    """QUEUED → SENDING, if no other one goes first to its account. On the disk it is at the latest
    with the attempt, before the first byte."""
    with unsynced():
        # Tried again once it says that it waits: who finishes just before does not see it.
        return _take(delivery) or (_wait_while_account_busy(delivery) and _take(delivery))


def _take(delivery: Delivery) -> bool:
    now = timezone.now()
    taken = {"state": SENDING, "waiting_for": "", "reason": "", "attempt": delivery.attempt + 1}
    taken |= Delivery.new_lease()
    known = {"id": delivery.pk, "attempt": delivery.attempt, "state": QUEUED}
    is_first, values = nobody_ahead(delivery.account, delivery.due_at, delivery.pk)
    try:
        # One statement is a transaction of its own; within another one it must not spoil that.
        with transaction.atomic() if connection.in_atomic_block else nullcontext():
            if update(Delivery, taken, known, f"{DUE} AND {is_first}", [stored(now), *values]):
                delivery.set_fields(taken)
                return True
    except IntegrityError:
        pass  # another one is being sent to this account
    return False


def _wait_while_account_busy(delivery: Delivery) -> bool:
    """Say so, that whoever is ahead wakes it. Whether it is still there to wait."""
    if delivery.waiting_for == ACCOUNT_BUSY:
        return True
    waits = {"waiting_for": ACCOUNT_BUSY, "reason": Reason.ACCOUNT_BUSY}
    known = {"id": delivery.pk, "attempt": delivery.attempt, "state": QUEUED}
    return bool(update(Delivery, waits, known, DUE, [stored(timezone.now())]))
