"""Words that were said before at the same account: some networks refuse them, and people may have
forgotten."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from publishing.deliveries.matching import match_key
from publishing.models import Delivery, Post
from publishing.states import SENDING, SENT, UNCONFIRMED
from social.models import Channel
from social.networks.base import Network

LOOKED_BACK = timedelta(days=30)
POSTS_LOOKED_AT, DELIVERIES_LOOKED_AT = 200, 1_000  # the latest
# A page asks with every letter, and the texts of before are the same each time.
known_key = lru_cache(maxsize=1_000)(match_key)


def said_before(channels: Iterable[Channel]) -> list[tuple[str, str, datetime]]:
    """What their user lately said at the accounts of these channels, by one bounded statement:
    (network, text, when), the latest first."""
    channels = list(channels)
    if not channels:
        return []
    user, since = channels[0].connection.user_id, timezone.now() - LOOKED_BACK
    latest = Post.objects.filter(user=user).order_by("-id").values("pk")[:POSTS_LOOKED_AT]
    rows: Any = Delivery.objects.filter(
        post__in=latest, account__in={channel.account for channel in channels}
    )
    rows = rows.filter(state__in=(SENT, SENDING, UNCONFIRMED), due_at__gt=since)
    columns = ("network_name", "text", "post__text", "due_at", "finished_at")
    rows = rows.order_by("-post_id", "-id").values_list(*columns)[:DELIVERIES_LOOKED_AT]
    return [(name, own or text, ended or due) for name, own, text, due, ended in rows]


def remarks_on_repeat(
    network: Network, text: str, before: Iterable[tuple[str, str, datetime]]
) -> tuple[str, ...]:
    """That these words are not new there, in sentences; none when they are."""
    if not text:
        return ()
    key = known_key(text)
    there = [(earlier, at) for name, earlier, at in before if name == network.name]
    times = [at for earlier, at in there if known_key(earlier) == key]
    if not times:
        return ()
    day = date_format(timezone.localtime(max(times)), "j F")
    said = gettext("You said this at {network} on {day}.").format(network=network.label, day=day)
    return (said, str(network.on_repeats)) if network.on_repeats else (said,)
