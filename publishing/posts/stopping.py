"""What stopping a channel costs in posts, and bringing them back."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Min
from django.utils import timezone

from publishing.deliveries.delivery import Delivery
from publishing.deliveries.queryset import DeliveryQuerySet
from publishing.deliveries.returning import bring_back, return_canceled
from publishing.states import CANCELED
from social.connections.stopping import Stake
from social.models import Channel
from social.reasons import Reason

from .contents import check_content, excerpt
from .post import Post

POSTS_NAMED = 5


def waiting_at(channels: list[Channel]) -> Stake:
    """The posts that are still to go out there."""
    accounts = {channel.account for channel in channels}
    rows = Delivery.objects.queued().filter(account__in=accounts, channel__in=channels)
    return stake_of(rows)


def canceled_at(channel: Channel) -> DeliveryQuerySet:
    """What was canceled when it was last stopped."""
    rows = Delivery.objects.with_all().filter(
        state=CANCELED, reason=Reason.CHANNEL_GONE, channel=channel
    )
    return rows.filter(finished_at__gte=F("channel__stopped_at"))


def returning_to(channel: Channel) -> Stake:
    """The posts that would come back with it."""
    return stake_of(canceled_at(channel).filter(due_at__gt=timezone.now()))


def stake_of(rows: DeliveryQuerySet) -> Stake:
    """How many posts these are, and the first few."""
    times = rows.order_by().values("post").annotate(at=Min("due_at")).order_by("at", "post")
    first = list(times[:POSTS_NAMED])
    if not first:
        return Stake()
    posts = Post.objects.in_bulk([row["post"] for row in first])
    named = ((posts[row["post"]], row["at"]) for row in first)
    return Stake(times.count(), tuple((words(p), p.get_absolute_url(), at) for p, at in named))


def words(post: Post) -> str:
    """Which post it is."""
    return excerpt(post.text) or "Pictures"


def return_to(channel: Channel) -> tuple[int, int]:
    """Bring back what was canceled with it: how many came, and how many cannot any more."""
    if channel.chosen_at is None or channel.disconnected_at:
        return 0, 0
    rows = list(canceled_at(channel).order_by("due_at", "id"))
    back = sum(is_still_to_come(row) and bring_back(row) for row in rows)
    return back, len(rows) - back


def canceled_by(post: Post, at: datetime) -> DeliveryQuerySet:
    """What the very cancel that was noted as at `at` ended, and nothing that was canceled since."""
    return Delivery.objects.with_all().filter(post=post, state=CANCELED, finished_at=at)


def undo_cancel(post: Post, at: datetime) -> tuple[int, int]:
    """Bring back what that cancel ended: how many came, and how many cannot any more. Its channel
    is held meanwhile: what is stopped in the same moment cancels what came back, or is seen."""
    with transaction.atomic():
        rows = list(canceled_by(post, at).order_by("due_at", "id"))
        held = Channel.objects.chosen().filter(pk__in=[row.channel_id for row in rows])
        standing = {channel.pk for channel in held.order_by("pk").select_for_update(no_key=True)}
        back = sum(
            row.channel_id in standing and is_still_to_come(row) and return_canceled(row)
            for row in rows
        )
    return back, len(rows) - back


def is_still_to_come(delivery: Delivery) -> bool:
    """Its post may have been edited meanwhile, to what does not fit there."""
    texts = {delivery.network_name: delivery.text} if delivery.text else {}
    post = delivery.post
    try:
        extras = {delivery.network_name: delivery.extras}
        check_content(post.text, [delivery.channel], texts, post.picture_count, extras)
    except ValidationError:
        return False
    return delivery.due_at > timezone.now()
