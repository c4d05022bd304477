"""A person says that a delivery in doubt is there. It counts once its network says that this very
account wrote that post: whose it is, no link can prove."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from publishing.database_errors import retry_on_database_error
from publishing.states import QUEUED, SENDING, SENT, UNCONFIRMED
from social.connections.tokens import channel_grant
from social.networks.errors import NetworkError, TemporaryError
from social.networks.messages import sentence
from social.networks.shapes import Found
from social.reasons import Reason

from .delivery import Delivery
from .matching import match_key
from .misses import mark_unread
from .queries import competing_deliveries, taken_ids
from .reconciling import ASK, FOUND
from .verification import Verification

NO_CHANNEL = _(
    "This channel was disconnected: connect it again, and we can ask whose post that is."
)


def confirm(delivery: Delivery, link: str) -> bool:
    """The person looked, and it is there: one of the candidates, or what a link or an id names,
    which a worker asks the network about first. Whether it was still in doubt. Raises ValueError
    with one sentence."""
    link = link.strip()
    for post in delivery.candidates:
        if link and link in (post["id"], post["url"]):
            return _choose(delivery, post)
    named = delivery.channel.network.find_link(link, delivery.channel.handle)
    if delivery.channel.state == "disconnected":
        raise ValueError(str(NO_CHANNEL))
    _refuse_taken(delivery, named.remote_id)
    return delivery.move(
        [UNCONFIRMED],
        UNCONFIRMED,
        ("attempt", "claimed_id"),
        claimed_id=named.remote_id,
        reason=Reason.CLAIMED,
        next_verification_at=timezone.now(),
    )


def _choose(delivery: Delivery, post: dict[str, str]) -> bool:
    _refuse_taken(delivery, post["id"])
    fields = {"remote_id": post["id"], "remote_url": post["url"]}
    try:
        with transaction.atomic():
            return delivery.move([UNCONFIRMED], SENT, ("attempt", "claimed_id"), **fields)
    except IntegrityError as error:
        raise ValueError(_sentence(delivery, Reason.CLAIM_TAKEN)) from error


def _refuse_taken(delivery: Delivery, remote_id: str) -> None:
    if taken_ids(delivery, [remote_id]):
        raise ValueError(_sentence(delivery, Reason.CLAIM_TAKEN))


def _sentence(delivery: Delivery, reason: str) -> str:
    return sentence(reason, delivery.channel.network.label)


def check_claim(delivery: Delivery, begun_at: datetime) -> None:
    """Ask the network whose post that is, and write down what it says."""
    channel = delivery.channel
    try:
        post = channel.network.post(
            delivery.claimed_id, channel.remote_id, channel.handle, channel_grant(channel)
        )
    except NetworkError as error:
        mark_unread(delivery, error, begun_at)
    except Exception as error:  # a fault of ours
        mark_unread(delivery, TemporaryError(Reason.UNREACHABLE, repr(error)), begun_at)
        raise
    else:
        retry_on_database_error(lambda: _settle_claim(delivery, post))


def _settle_claim(delivery: Delivery, post: Found | None) -> None:
    why = objection(delivery, post)
    verification = Verification(
        delivery=delivery,
        attempt=delivery.attempt,
        claimed_id=delivery.claimed_id,
        outcome=ASK if why else FOUND,
        reason=why,
        items=int(post is not None),
    )
    try:
        with transaction.atomic():
            verification.save()
            if why or post is None:
                delivery.ask(why)
            else:
                _settle_confirmed(delivery, post)
    except IntegrityError:  # another delivery took that post in this very moment
        verification.pk, verification.outcome, verification.reason = None, ASK, Reason.CLAIM_TAKEN
        with transaction.atomic():
            verification.save()
            delivery.ask(verification.reason)


def _settle_confirmed(delivery: Delivery, post: Found) -> bool:
    fields = {"remote_id": post.remote_id, "remote_url": post.url}
    unchanged = ("attempt", "next_verification_at", "claimed_id")
    return delivery.move([UNCONFIRMED], SENT, unchanged, **fields)


def objection(delivery: Delivery, post: Found | None) -> str:
    """Why the post that was named is not this delivery's: a Reason; empty when
    nothing speaks against it. Its words may be others than ours, as its user may have edited it;
    but not those of another one in doubt at the same account."""
    if post is None:
        return Reason.CLAIM_NOT_THERE
    if post.author_id != delivery.channel.remote_id:
        return Reason.CLAIM_OF_ANOTHER if post.author_id else Reason.CLAIM_UNSAID
    if taken_ids(delivery, [post.remote_id, *post.former_ids]):
        return Reason.CLAIM_TAKEN
    last, key = delivery.attempts.last(), match_key(post.text)
    competing = competing_deliveries(delivery, [QUEUED, SENDING, UNCONFIRMED])
    is_ours = key == match_key(last.text if last else delivery.content)
    is_theirs = key in {match_key(text) for text in competing}
    return Reason.CLAIM_OF_OTHERS_WORDS if is_theirs and not is_ours else ""
