"""An imported post that is one of our deliveries is linked to it, and never a second thing."""

from collections.abc import Sequence

from django.utils import timezone

from importing.states import POST
from publishing.deliveries.verify import settle_by_posts
from publishing.models import Delivery
from social.networks.shapes import Found, Item

from .timeline import Timeline


def link(timeline: Timeline, items: Sequence[Item]) -> None:
    """Link those of `items` that are ours; one that nobody has claimed may settle a delivery in
    doubt."""
    channel = timeline.channel
    if timeline.kind != POST or channel is None or not items:
        return
    doubtful = Delivery.objects.unconfirmed().filter(post__user=timeline.user_id, channel=channel)
    if doubtful.exists():  # seldom, and all that belongs to one is much to ask for
        remote_posts = [remote_post_of(item) for item in items]
        settle_by_posts(doubtful.with_all(), remote_posts, timezone.now())
    names = {name: item for item in items for name in (item.remote_id, *item.former_ids)}
    ours = Delivery.objects.filter(
        post__user=timeline.user_id, account=channel.account, remote_id__in=names
    )
    for pk, remote_id in ours.values_list("pk", "remote_id"):
        rows = timeline.items.filter(first_id=names[remote_id].first_id)
        rows.exclude(delivery=pk).update(delivery=pk)


def remote_post_of(item: Item) -> Found:
    """Return `item` as verification compares it with a delivery."""
    return Found(
        item.remote_id,
        item.url,
        item.text,
        item.created_at or timezone.now(),
        former_ids=item.former_ids,
        edited=bool(item.former_ids),
        author_id=item.author_id,
    )
