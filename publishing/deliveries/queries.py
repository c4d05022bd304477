"""Whose post is it? A matter of one account: what others say, and have, is nothing to it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from django.db.models import Q

from publishing.states import SENDING, UNCONFIRMED
from social.networks.shapes import Recent

from .attempt import Attempt
from .delivery import Delivery

NEARBY_ATTEMPTS = 100_000  # before ours, among which one may have made a post of that time


def own_posts(delivery: Delivery, recent: Recent) -> Recent:
    """`recent` without what the network says that somebody else wrote."""
    authors = ("", delivery.channel.remote_id)
    return replace(recent, posts=tuple(post for post in recent.posts if post.author_id in authors))


def competing_deliveries(
    delivery: Delivery, states: Sequence[str] = (SENDING, UNCONFIRMED)
) -> list[str]:
    """The texts that others in doubt at this account may have posted. To be asked after the
    timeline was read: each was written down before it was sent."""
    others = Attempt.objects.in_doubt().exclude(delivery=delivery.pk)
    in_doubt = Q(delivery__state__in=states) | Q(delivery__is_repeat=True)
    others = others.filter(in_doubt, delivery__account=delivery.account)
    return list(dict(others.values_list("delivery", "text")).values())


def taken_ids(delivery: Delivery, remote_ids: Iterable[str]) -> set[str]:
    """Those of `remote_ids` that other deliveries to the same account have: what is said of another
    account's posts, by whomever, is nothing to this one."""
    ids, others = set(remote_ids), Delivery.objects.exclude(pk=delivery.pk)
    theirs = others.filter(account=delivery.account, remote_id__in=ids)
    taken = set(theirs.values_list("remote_id", flat=True))
    # A second one of theirs, by a try that landed as well, stands at the attempt only.
    first = delivery.attempts.order_by("pk").first() or Attempt.objects.order_by("pk").last()
    start = first.pk - NEARBY_ATTEMPTS if first else 0
    nearby = Attempt.objects.filter(pk__gt=start, remote_id__in=ids - taken)
    second = nearby.filter(delivery__account=delivery.account).exclude(delivery=delivery)
    return taken | set(second.values_list("remote_id", flat=True))


def ids_of(recent: Recent) -> set[str]:
    """Every id that its posts have, or had before they were edited."""
    return {id for post in recent.posts for id in (post.remote_id, *post.former_ids)}
