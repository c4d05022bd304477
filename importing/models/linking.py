"""An imported post that is one of our deliveries is that delivery, never a second thing."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.utils import timezone

from importing.states import POST
from publishing.deliveries.verify import settle_by_posts
from publishing.models import Delivery
from social.networks.shapes import Found, Item

if TYPE_CHECKING:
    from .timeline import Timeline


def link(timeline: "Timeline", items: Sequence[Item]) -> None:
    """Say of `items` which are ours; one that nobody has claimed may settle a delivery in doubt."""
    if timeline.kind != POST or not items:
        return
    doubtful = Delivery.objects.of(timeline.user_id).unconfirmed().filter(channel=timeline.channel)
    if doubtful.exists():  # seldom, and all that belongs to one is much to ask for
        found = [found_of(item) for item in items]
        settle_by_posts(doubtful.with_all(), found, timezone.now())
    names = {name: item for item in items for name in (item.remote_id, *item.former_ids)}
    ours = Delivery.objects.of(timeline.user_id).filter(
        account=timeline.channel.account, remote_id__in=names
    )
    for pk, remote_id in ours.values_list("pk", "remote_id"):
        rows = timeline.items.filter(first_id=names[remote_id].first_id)
        rows.exclude(delivery=pk).update(delivery=pk)


def found_of(item: Item) -> Found:
    former = item.former_ids
    at = item.created_at or timezone.now()
    by = item.author_id
    return Found(item.remote_id, item.url, item.text, at, former, bool(former), author_id=by)
