"""What follows when a network does not let us read whether a delivery in doubt is there."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from publishing.database_errors import retry_on_database_error
from social.networks.errors import AuthorizationLost, NetworkError
from social.reasons import Reason

from . import reconciling
from .delivery import Delivery
from .verification import Verification, VerificationQuerySet


def mark_unread(delivery: Delivery, error: NetworkError, begun_at: datetime) -> None:
    """The network did not let us look, in a verification that began at `begun_at`: later, or it is
    for its user to look."""
    retry_on_database_error(lambda: _settle_unread(delivery, error, begun_at))


def _settle_unread(delivery: Delivery, error: NetworkError, begun_at: datetime) -> None:
    now = timezone.now()
    verification = Verification(
        delivery=delivery, attempt=delivery.attempt, claimed_id=delivery.claimed_id
    )
    verification.set_error(error)
    misses = verifications_of(delivery).missed().count() + 1
    why = reconciling.unreadable(error, misses)
    at = reconciling.after_a_miss(error, misses, now)
    if isinstance(error, AuthorizationLost) and _may_be_read_anew(delivery, error, begun_at):
        why, at = "", at if delivery.channel.awaits_its_token else now
    with transaction.atomic():
        verification.save()
        if why or at is None:
            delivery.ask(why or Reason.CANNOT_LOOK_AWAY)
        else:
            delivery.verify_at(at)


def _may_be_read_anew(delivery: Delivery, error: AuthorizationLost, begun_at: datetime) -> bool:
    """A refused access token may only have ended early. What is really lost is remembered, but for
    the permission to read: posting may go on without it."""
    channel, connection = delivery.channel, delivery.channel.connection
    if channel.read_grant_again() or channel.awaits_its_token:
        return True
    if error.reason == Reason.TOKEN_DEAD and connection.may_be_renewed(since=begun_at):
        return True
    if error.reason != Reason.PERMISSION_MISSING:
        (channel if error.place_only else connection).mark_lost(error.reason)
    return False


def verifications_of(delivery: Delivery) -> VerificationQuerySet:
    """Those of its latest attempt, at the timeline; or for the post that its user named."""
    return delivery.verifications.filter(attempt=delivery.attempt, claimed_id=delivery.claimed_id)
