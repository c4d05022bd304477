"""The card of a link as we saw it: read in a job, once its address has rested, and kept for a day.
No page waits for it, and a person's typing makes us read so many an hour and no more."""

import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils import timezone

from publishing.media.pictures import Unavailable, cleaned, fitted
from publishing.posts.extras import Extras
from social.jobs import enqueue
from social.networks.base import Network
from social.networks.errors import NetworkError
from social.networks.shapes import NO_EXTRAS, Picture
from social.networks.web_pages import is_readable, read_page, read_picture
from social.timing import from_now, scaled

from .parsing import told_by

KEPT_SECONDS, FAILURE_KEPT_SECONDS = 86_400, 600
REST_SECONDS = 2  # that an address stays as it is before it is read: whoever types has gone on
AWAITED_SECONDS = 20  # that a page asks for a card again
WANTED_SECONDS = 60  # until the same address may be asked for once more
CARDS_AN_HOUR = 30  # of one person
PICTURE_BYTES = 250_000  # that a card's picture is made to have at most


@dataclass(frozen=True)
class Card:
    """What a page says of itself."""

    title: str
    description: str = ""
    site: str = ""
    picture: str = ""  # where it is


@dataclass(frozen=True)
class LinkCard:
    """The card that a network will show, as far as it is known by now."""

    network: Network
    address: str
    card: Card | None
    is_awaited: bool = False

    @property
    def host(self) -> str:
        return (urlsplit(self.address).hostname or "").removeprefix("www.")


def link_cards(
    user: Any,
    networks: Iterable[Network],
    text: str,
    texts: Mapping[str, str],
    extras: Extras,
    pictures: int,
) -> Iterator[LinkCard]:
    """For each of `networks` that will show one, of what it would be sent; `texts` and `extras`
    being those for single ones."""
    for network in networks:
        words, chosen = texts.get(network.name) or text, extras.get(network.name, NO_EXTRAS)
        if address := network.card_address(words, chosen, pictures):
            card = card_for(user, address)
            yield LinkCard(network, address, card, card is None and is_awaited(user, address))


def card_for(user: Any, address: str) -> Card | None:
    """What the page at `address` says of itself; None while that is not known, or it says nothing.
    Whoever asks for it first has it read, in a job."""
    told = cache.get(key_of(address))
    if told is None and is_readable(address):
        read_later(user.pk, address)
    return Card(**told) if told else None


def known_card(address: str) -> Card | None:
    """What is known of the page at `address` by now; nobody reads it for that."""
    told = cache.get(key_of(address))
    return Card(**told) if told else None


def known_picture(address: str) -> Picture | None:
    """The picture of that card, as it can be sent."""
    kept = cache.get(picture_key(address))
    if not kept:
        return None
    data = base64.b64decode(kept["data"])
    return Picture(data, kept["mime"], width=kept["width"], height=kept["height"])


def is_known(address: str) -> bool:
    """Whether nobody need read that page now: it was, or it is not read at all."""
    return cache.get(key_of(address)) is not None or not is_readable(address)


def is_awaited(user: Any, address: str) -> bool:
    """Whether it may be there in a moment."""
    wanted = cache.get(wanted_key(user.pk))
    return bool(wanted) and wanted["address"] == address and age_of(wanted) < AWAITED_SECONDS


# ── Reading it ────────────────────────────────────────────────────────────────────────────────
def read_later(user_id: int, address: str) -> None:
    """Have it read once it has rested; one job a person is enough for whatever is typed."""
    wanted = cache.get(wanted_key(user_id))
    if wanted and wanted["address"] == address:
        return
    new = {"address": address, "since": timezone.now().timestamp()}
    cache.set(wanted_key(user_id), new, WANTED_SECONDS)
    job_later(user_id)


def job_later(user_id: int) -> None:
    if cache.add(job_key(user_id), 1, WANTED_SECONDS):
        # Where jobs wait for servers of others as well, and nobody minds if this one takes 5 s.
        enqueue(
            "publishing.tasks.read_card",
            user_id,
            queue="mail",
            owner=user_id,
            run_after=from_now(REST_SECONDS),
        )


def read_wanted(user_id: int) -> None:
    """Read the page that this person wants a card of, unless they are still typing its address."""
    cache.delete(job_key(user_id))
    wanted = cache.get(wanted_key(user_id))
    if not wanted or cache.get(key_of(wanted["address"])) is not None:
        return
    if age_of(wanted) < scaled(REST_SECONDS):
        job_later(user_id)
    else:
        read_for(user_id, wanted["address"])


def read_for(user_id: int, address: str) -> None:
    """Read the page at `address` as one of those that this person has an hour."""
    if spend_one(user_id):
        keep(address, user_id)


def spend_one(user_id: int) -> bool:
    """One of those that a person has an hour; whether there was one left."""
    key = f"card-count:{user_id}:{int(timezone.now().timestamp() // 3600)}"
    count = cache.get(key, 0)
    cache.set(key, count + 1, 3600)
    return count < CARDS_AN_HOUR


def keep(address: str, user_id: int) -> None:
    """Read it, and keep what it says; that it says nothing is kept for less long."""
    if not cache.add(key_of(address), {}, FAILURE_KEPT_SECONDS):
        return  # somebody else's job has it
    try:
        told = told_by(read_page(address))
    except NetworkError:
        return
    if "title" in told:
        cache.set(key_of(address), told, KEPT_SECONDS)
        if "picture" in told:
            keep_picture(address, told["picture"], user_id)


def keep_picture(address: str, source: str, user_id: int) -> None:
    """Read the picture of the card of `address`, and keep it as it can be sent: cleaned, and light.
    Whatever is no picture is left out."""
    try:
        still = cleaned(read_picture(source).data, person=user_id)
        light = still if len(still.data) <= PICTURE_BYTES else fitted(still.data, PICTURE_BYTES)
    except (NetworkError, ValidationError, Unavailable):
        return
    if light is not None:
        data = base64.b64encode(light.data).decode()
        size = {"mime": light.mime, "width": light.width, "height": light.height}
        cache.set(picture_key(address), {"data": data, **size}, KEPT_SECONDS)


def age_of(wanted: dict[str, Any]) -> float:
    return timezone.now().timestamp() - wanted["since"]


def key_of(address: str) -> str:
    return f"card:{hashlib.sha256(address.encode('utf-8', 'replace')).hexdigest()}"


def picture_key(address: str) -> str:
    return key_of(address).replace("card:", "card-picture:")


def wanted_key(user_id: int) -> str:
    return f"card-wanted:{user_id}"


def job_key(user_id: int) -> str:
    return f"card-job:{user_id}"
