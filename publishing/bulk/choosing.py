"""Which posts an act is about: those of a list to which it could be done at all."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from publishing.deliveries.queryset import BEFORE_ANYTHING
from publishing.models import BulkAct, Delivery, Post, PostTag, Tag
from publishing.posts.browsing import PostFilter, find_ids
from publishing.states import CANCELED, FAILED, QUEUED

from .bulk_act import CANCEL, MOVE, RETRY, TAG, UNTAG

MOST_POSTS = 5_000  # an act
MOST_WINDOWS = 20  # that are looked through for them


def ask(user: Any, wanted: PostFilter, act: str, tag: Tag | None, days: int) -> BulkAct:
    """An act that waits for its person's yes, with the posts that it is about."""
    wanted, ids, looked_at, is_last = wanted.first, [], 0, False
    for _ in range(MOST_WINDOWS):
        found, window = find_ids(user, wanted)
        ids += able([pk for pk, _ in found], act, tag, days)
        looked_at += len(found)
        is_last = window.is_last
        if is_last or len(ids) > MOST_POSTS:
            break
        wanted = replace(wanted, before=window.rows[-1][1])
    return BulkAct.objects.create(
        user=user,
        act=act,
        tag=tag,
        days=days,
        query=wanted.first.query,
        post_ids=ids[:MOST_POSTS],
        staying=looked_at - len(ids),
        is_partial=not is_last or len(ids) > MOST_POSTS,
    )


def able(ids: Sequence[int], act: str, tag: Tag | None, days: int = 0) -> list[int]:
    """Those of these posts to which it could be done, in the same order."""
    those = Post.objects.filter(condition_of(act, tag, days), pk__in=ids)
    matching = set(those.values_list("pk", flat=True))
    return [pk for pk in ids if pk in matching]


def condition_of(act: str, tag: Tag | None, days: int) -> Q:
    """What must be so, as far as statements know; moved back, it must still be to come."""
    rows = Delivery.objects.filter(post=OuterRef("pk"))
    has_tag = Exists(PostTag.objects.filter(post=OuterRef("pk"), tag=tag))
    soonest = timezone.now() - timedelta(days=days) if days < 0 else BEFORE_ANYTHING
    conditions = {
        CANCEL: Q(Exists(rows.filter(state=QUEUED))),
        MOVE: Q(Exists(rows.filter(state=QUEUED, attempt=0, due_at__gt=soonest)))
        & ~Q(Exists(rows.filter(attempt__gt=0).exclude(state=CANCELED))),
        RETRY: Q(Exists(rows.filter(state=FAILED))),
        TAG: ~Q(has_tag),
        UNTAG: Q(has_tag),
    }
    return conditions[act]
