"""Writing down what came of an attempt: the network's yes, its error, or a worker that is gone."""

from collections.abc import Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from publishing.database_errors import retry_on_database_error
from publishing.states import CANCELED, QUEUED, SENDING, SENT, STATES, UNCONFIRMED
from social.disk import unsynced
from social.models import Home
from social.networks.errors import AuthorizationLost, NetworkError, OutcomeUnknown, TemporaryError
from social.networks.shapes import Published
from social.processes import host_prefix, is_gone
from social.reasons import Reason
from social.timing import delay

from . import reconciling
from .attempt import Attempt
from .delivery import Delivery
from .outages import close_for
from .queryset import DeliveryQuerySet
from .reconciling import SEND_DEADLINE_SECONDS, Doubt
from .retrying import Decision, decide, in_doubt_about, retry_delay


# ── The network said yes ──────────────────────────────────────────────────────────────────────
def mark_sent(delivery: Delivery, published: Published, attempt: Attempt) -> None:
    """The network said yes: attempt and delivery say so at once. Where that cannot be, the id is
    saved by itself; nothing may undo it. It is on the disk at the latest with the end of its job:
    should the power fail before, the attempt in doubt is verified, and found. Raises what the
    database raises for too long."""
    try:
        with unsynced():
            retry_on_database_error(lambda: settle_sent(delivery, published, attempt))
    except Exception:
        retry_on_database_error(lambda: attempt.close_sent(published))
        raise


def settle_sent(delivery: Delivery, published: Published, attempt: Attempt | None = None) -> bool:
    """`attempt` and the delivery are sent; no attempt, if it says so already. Whether the delivery
    moved."""
    try:
        with transaction.atomic():
            if attempt:
                attempt.close_sent(published)
            # A late yes wins over what was assumed of this delivery meanwhile.
            return delivery.move(
                [state for state in STATES if state != SENT],
                SENT,
                remote_id=published.remote_id,
                remote_url=published.url,
            )
    except IntegrityError:
        if attempt:
            attempt.close_sent(published)
        return ask_whose(delivery, published)


def ask_whose(delivery: Delivery, published: Published) -> bool:
    """Another delivery, in doubt about the same words, took our post for its own: which of the two
    lacks one, only their user can say. An answer to that is not asked about again."""
    with transaction.atomic():
        is_asked = delivery.move(
            [QUEUED, SENDING, UNCONFIRMED],
            UNCONFIRMED,
            waiting_for="person",
            reason=Reason.TAKEN,
        )
        if is_asked:
            sent = delivery.attempts.filter(outcome="sent", remote_id=published.remote_id)
            sent.update(reason=Reason.TAKEN)
        return is_asked


# ── It ended with an error ────────────────────────────────────────────────────────────────────
def mark_failed(
    delivery: Delivery, error: NetworkError, attempt: Attempt | None, begun_at: datetime
) -> None:
    """Write down what went wrong with the send that began at `begun_at`, and move on by the one
    decision for its kind."""
    retry_on_database_error(
        lambda: settle_failed(
            delivery, error, attempt, _decision(delivery, error, attempt, begun_at)
        )
    )


def settle_failed(
    delivery: Delivery, error: NetworkError, attempt: Attempt | None, decision: Decision
) -> None:
    """The attempt ended with `error`, and its delivery goes where `decision` says."""
    with transaction.atomic():
        # None: it failed before its attempt was written, or in the moment of writing it.
        attempt = attempt or delivery.attempts.filter(number=delivery.attempt).first()
        attempt = attempt or Attempt(
            delivery=delivery, number=delivery.attempt, text=delivery.content
        )
        attempt.server_time = attempt.server_time or _server_time_of(delivery, attempt)
        attempt.close_failed(error)
        _follow(delivery, decision, ("attempt",))


def _follow(delivery: Delivery, decision: Decision, unchanged: tuple[str, ...]) -> bool:
    """Whether it was still being sent, and is where `decision` says now."""
    return delivery.move(
        [SENDING],
        decision.state,
        unchanged=unchanged,
        waiting_for=decision.waiting_for,
        reason=decision.reason,
        next_attempt_at=decision.next_attempt_at,
        next_verification_at=decision.next_verification_at,
        tries=delivery.tries + decision.costs_a_try,
        is_repeat=decision.is_repeat,
    )


def _server_time_of(delivery: Delivery, attempt: Attempt) -> datetime | None:
    """When it began, if this process had never heard the network before: by what its answer says
    of now."""
    took = min(max(timezone.now() - attempt.started_at, delay(0)), delay(SEND_DEADLINE_SECONDS))
    at = delivery.channel.network.server_time(delivery.channel.home)
    return at and at - took


def _decision(
    delivery: Delivery, error: NetworkError, attempt: Attempt | None, begun_at: datetime
) -> Decision:
    decision = _decision_on(delivery, error, attempt, begun_at)
    return _while_in_doubt(delivery, decision) if delivery.is_repeat else decision


def _while_in_doubt(delivery: Delivery, decision: Decision) -> Decision:
    """The earlier request may have landed, and whatever ended this one says nothing of that, but
    that it is deleted."""
    if decision.is_repeat or decision.state in (UNCONFIRMED, CANCELED):
        return decision
    earlier = delivery.attempts.in_doubt().exclude(number=delivery.attempt).last()
    reason = earlier.reason if earlier else Reason.INTERRUPTED
    return in_doubt_about(reason, timezone.now())


def may_repeat(delivery: Delivery, attempt: Attempt | None) -> bool:
    """Whether the request of `attempt`, of which we do not know what came, makes no second post
    when it is made once more. A network without keys costs no statement here."""
    if attempt is None or not attempt.key:
        return False
    doubts = [doubted.doubt for doubted in delivery.attempts.in_doubt()]
    return is_repeatable(delivery, doubts)


def is_repeatable(delivery: Delivery, doubts: Sequence[Doubt]) -> bool:
    """The same of all its attempts that may have landed."""
    channel = delivery.channel
    network, home = channel.network, channel.home
    software = Home.objects.software_of(network.name, home) if home else ""
    safe_for, server_now = network.repeats_for(home, software), network.server_time(home)
    return reconciling.may_repeat(doubts, safe_for, timezone.now(), server_now)


def _decision_on(
    delivery: Delivery, error: NetworkError, attempt: Attempt | None, begun_at: datetime
) -> Decision:
    now = timezone.now()
    if isinstance(error, AuthorizationLost):
        return _decision_on_authorization(delivery, error, begun_at, now)
    if isinstance(error, OutcomeUnknown) and isinstance(error.refusal, AuthorizationLost):
        # For what else would go there.
        _decision_on_authorization(delivery, error.refusal, begun_at, now)
    home = delivery.channel.home
    closed = close_for(error, delivery.network_name, home, delivery.account, delivery.pk)
    if closed and not isinstance(error, OutcomeUnknown):
        again_at = closed.again_at(delivery.account)
        return Decision(QUEUED, closed.reason, closed.kind, again_at)
    in_doubt = error.reason == Reason.DUPLICATE and _has_earlier_doubt(delivery)
    repeats = isinstance(error, OutcomeUnknown) and may_repeat(delivery, attempt)
    return decide(error, delivery.tries, delivery.attempt, in_doubt, now, repeats)


def _has_earlier_doubt(delivery: Delivery) -> bool:
    """Whether an earlier attempt may have landed."""
    return delivery.attempts.in_doubt().exclude(number=delivery.attempt).exists()


def _decision_on_authorization(
    delivery: Delivery, error: AuthorizationLost, begun_at: datetime, now: datetime
) -> Decision:
    """A refused access token may only have ended early: renew it and come back, once."""
    channel, connection = delivery.channel, delivery.channel.connection
    # Made anew by its user while this was on its way: the refusal was of the old grant.
    is_new = channel.read_grant_again()
    if channel.awaits_its_token:
        later = now + retry_delay(delivery.tries)
        return Decision(QUEUED, error.reason, "backoff", later, costs_a_try=True)
    if is_new or (error.reason == Reason.TOKEN_DEAD and connection.may_be_renewed(since=begun_at)):
        return Decision(QUEUED, error.reason, "backoff", now, costs_a_try=True)
    (channel if error.place_only else connection).mark_lost(error.reason)
    return decide(error, delivery.tries, delivery.attempt, False, now)


# ── Its worker is gone ────────────────────────────────────────────────────────────────────────
def release_left_behind(deliveries: DeliveryQuerySet) -> None:
    """Settle what processes of this machine were sending that are no longer there."""
    for delivery in deliveries.with_all().sending().filter(worker__startswith=host_prefix()):
        if is_gone(delivery.worker):
            release(delivery)


def release_expired(deliveries: DeliveryQuerySet) -> None:
    """Settle what is being sent for longer than its worker may take."""
    for delivery in deliveries.with_all().sending().filter(lease_until__lt=timezone.now()):
        release(delivery)


def release(delivery: Delivery) -> bool:
    """Its worker is gone. Without an attempt nothing left; with one we do not know, unless the yes
    was written down just before: the same request goes once more where that is safe. Whether it
    moved."""
    with transaction.atomic():
        attempt = delivery.attempts.select_for_update().filter(number=delivery.attempt).first()
        if attempt is None:
            return _release_unsent(delivery)
        if attempt.outcome == "sent":
            return settle_sent(delivery, attempt.published)
        unknown, repeats = OutcomeUnknown(Reason.INTERRUPTED), may_repeat(delivery, attempt)
        again = decide(unknown, delivery.tries, delivery.attempt, False, timezone.now(), repeats)
        moved = _follow(delivery, again, ("attempt", "lease_until"))
        if moved:
            attempt.close_unknown(Reason.INTERRUPTED)
        return moved


def _release_unsent(delivery: Delivery) -> bool:
    gone = TemporaryError(Reason.WORKER_GONE)
    again = decide(gone, delivery.tries, delivery.attempt, False, timezone.now())
    if delivery.is_repeat:
        again = _while_in_doubt(delivery, again)
    # A worker that writes its attempt in this moment renews the lease: then it stays.
    return _follow(delivery, again, ("attempt", "lease_until"))
