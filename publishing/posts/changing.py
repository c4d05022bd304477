"""Whether a post may still be changed, and what becomes of one that is published anew."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from publishing.deliveries.delivery import Delivery
from publishing.media.media import Media
from publishing.states import CANCELED, FAILED, SENDING, SENT, UNCONFIRMED
from social.models import Channel
from social.reasons import Reason

from .extras import Extras

CHANGED_MEANWHILE = _(
    "It was changed meanwhile, in another window perhaps. Both are here: choose one."
)


def why_fixed(deliveries: Iterable[Delivery]) -> str:
    """Why a post with these cannot be changed, in one sentence; empty when it can. What was
    canceled keeps nobody from changing the rest, unless it may be there."""
    going = [row for row in deliveries if row.state != CANCELED or row.reason == Reason.DROPPED]
    if not going:
        return gettext("It was canceled: there is nothing left to change.")
    if any(row.state == SENT or row.state == SENDING or row.attempt for row in going):
        return gettext("Too late to change it: sending has begun.")
    if any(row.state == UNCONFIRMED or row.reason == Reason.DROPPED for row in going):
        return gettext("It cannot be changed now: it may be there already.")
    if not all(row.is_untried for row in going):
        return gettext("It has failed: change it and publish it anew.")
    return ""


def says(
    post: Any,
    text: str,
    texts: Mapping[str, str],
    media: Sequence[Media] | None,
    extras: Extras | None = None,
) -> bool:
    """Whether it says just this already; `media` None is whatever it has, and so are `extras`."""
    going = [delivery for delivery in post.deliveries.all() if delivery.state != CANCELED]
    own = {delivery.network_name: delivery.text for delivery in going if delivery.text}
    networks = {delivery.network_name for delivery in going}
    texts = {name: words for name, words in texts.items() if name in networks}
    pictures = [(row.pk, row.alt) for row in post.media.all()]
    wanted = pictures if media is None else [(row.pk, row.alt) for row in media]
    chosen = {delivery.network_name: delivery.extras for delivery in going if delivery.extras}
    is_same = (post.text, own, pictures) == (text, texts, wanted)
    return is_same and (extras is None or chosen == extras)


def replace_earlier(earlier: Any, post: Any, channels: Iterable[Channel]) -> None:
    """Settle what `earlier` has not brought to the accounts of `channels`, where `post` says it
    now: also what was canceled with its channel, which would come back with that; and what failed
    where nothing can be sent any more. Raises ValidationError (`not_replaced`) where it is, or may
    be, or is on its way there."""
    accounts = {channel.account for channel in channels}
    standing = {channel.account for channel in Channel.objects.of(earlier.user)}
    nowhere = Q(state=FAILED) & ~Q(account__in=standing)
    rows = Delivery.objects.with_all().filter(Q(account__in=accounts) | nowhere, post=earlier)
    problems = []
    for delivery in rows.order_by("pk"):
        if not delivery.replace(post) and (why := why_not_replaced(delivery.pk)):
            problems.append(ValidationError(why, code="not_replaced"))
    if problems:
        raise ValidationError(problems)


def why_not_replaced(pk: int) -> str:
    """Empty for what is canceled, and so in nobody's way."""
    delivery = Delivery.objects.with_all().get(pk=pk)
    if delivery.state == CANCELED and delivery.replaced_by_id:
        why = gettext("{name}: it was published anew already.")
    elif delivery.state == CANCELED and delivery.reason == Reason.DROPPED:
        why = gettext("{name}: the earlier one may be there.")
    elif delivery.state == CANCELED:
        why = ""
    elif delivery.state == SENT:
        why = gettext("{name}: the earlier one is there by now.")
    elif delivery.state == UNCONFIRMED:
        why = gettext("{name}: the earlier one may be there already; settle that first.")
    else:
        why = gettext("{name}: the earlier one is being sent this moment.")
    return why.format(name=delivery.channel.name)
