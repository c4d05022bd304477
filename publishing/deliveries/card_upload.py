"""The card of a link for networks whose posts hold it themselves: what is known of the page by now,
with its picture uploaded. Nothing waits for it: a post whose card is not known goes without."""

from dataclasses import replace

from django.utils import timezone

from publishing.cards import card as cards
from publishing.states import QUEUED
from social.jobs import enqueue
from social.networks import NETWORKS
from social.networks.errors import AuthorizationLost, NetworkError
from social.networks.shapes import EmbeddedCard, Grant, Held, Picture
from social.reasons import Reason
from social.timing import Window, delay

from .delivery import Delivery

UPLOAD_SECONDS = 5.0  # that the picture of a card may take of a send
# Before a scheduled post goes out: its page may have been read long ago, or never.
READ_AHEAD_SECONDS = 900
MOST_AHEAD = 500  # deliveries, at a time


def address_of(delivery: Delivery) -> str:
    """The address that this post shows a card of; empty where it shows none."""
    pictures = delivery.post.picture_count
    return delivery.channel.network.card_address(delivery.content, delivery.extras, pictures)


def card_for(delivery: Delivery, grant: Grant, window: Window) -> EmbeddedCard | None:
    """The card as it goes with the post; None where there is none, or it is not known by now.
    Raises AuthorizationLost."""
    network = delivery.channel.network
    address = address_of(delivery) if network.embeds_cards else ""
    known = cards.known_card(address) if address else None
    if known is None:
        return None
    held = None
    if not lost_its_picture(delivery) and (picture := cards.known_picture(address)):
        held = upload(delivery, picture, grant, window)
    return EmbeddedCard(address, known.title, known.description, held)


def card_again(delivery: Delivery, earlier: EmbeddedCard | None) -> EmbeddedCard | None:
    """The card of an earlier request, without its picture where the network has lost that."""
    if earlier is None or not lost_its_picture(delivery):
        return earlier
    return replace(earlier, picture=None)


def lost_its_picture(delivery: Delivery) -> bool:
    """Whether a try named a picture that the network has not, or does not take."""
    tried = delivery.attempts.all() if delivery.attempt > 1 else ()
    return any(attempt.card and attempt.reason == Reason.MEDIA_FAILED for attempt in tried)


def upload(delivery: Delivery, picture: Picture, grant: Grant, window: Window) -> Held | None:
    """The picture as the network holds it; None where it would not come to that in time."""
    channel = delivery.channel
    try:
        uploaded = channel.network.upload(
            channel.remote_id, grant, picture, min(UPLOAD_SECONDS, window.left)
        )
    except AuthorizationLost:
        raise
    except NetworkError:
        return None
    return Held(uploaded.remote_id, about=uploaded.about)


# ── Ahead of time ─────────────────────────────────────────────────────────────────────────────
def read_ahead_later() -> None:
    """Have the pages read whose cards go out soon, each in a job of its own."""
    now = timezone.now()
    embedding = [network.name for network in NETWORKS.values() if network.embeds_cards]
    soon = Delivery.objects.with_all().filter(
        network_name__in=embedding,
        state=QUEUED,
        waiting_for="time",
        next_attempt_at__range=(now, now + delay(READ_AHEAD_SECONDS)),
    )
    for delivery in soon.order_by("next_attempt_at")[:MOST_AHEAD]:
        if (address := address_of(delivery)) and not cards.is_known(address):
            read_later(delivery)


def read_later(delivery: Delivery) -> None:
    enqueue(
        "publishing.tasks.read_card_ahead",
        str(delivery.job_id),
        queue="mail",
        owner=delivery.post.user_id,
    )


def read_ahead(job_id: str) -> None:
    """Read the page of this delivery's card, as one of those that its person has an hour."""
    delivery = Delivery.objects.with_all().filter(job_id=job_id, state=QUEUED).first()
    address = address_of(delivery) if delivery else ""
    if delivery and address and not cards.is_known(address):
        cards.read_for(delivery.post.user_id, address)
