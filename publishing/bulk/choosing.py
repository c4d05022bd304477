"""Which posts an act is about: those of a list to which it could be done at all."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Exists, OuterRef, Q

from publishing.models import BulkAct, Delivery, Post, PostTag, Tag
from publishing.posts.browsing import PostFilter, find_ids
from publishing.states import FAILED, QUEUED

from .bulk_act import CANCEL, MOVE, RETRY, TAG, UNTAG

MOST_POSTS = 5_000  # an act
MOST_WINDOWS = 20  # that are looked through for them


def ask(user: Any, wanted: PostFilter, act: str, tag: Tag | None, days: int) -> BulkAct:
    """An act that waits for its person's yes, with the posts that it is about."""
    wanted, ids, is_last = wanted.first, [], False
    for _ in range(MOST_WINDOWS):
        found, window = find_ids(user, wanted)
        ids += able([pk for pk, _ in found], act, tag)
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
        is_partial=not is_last or len(ids) > MOST_POSTS,
    )


def able(ids: Sequence[int], act: str, tag: Tag | None) -> list[int]:
    """Those of these posts to which it could be done, in the same order."""
    those = Post.objects.filter(condition_of(act, tag), pk__in=ids)
    matching = set(those.values_list("pk", flat=True))
    return [pk for pk in ids if pk in matching]


def condition_of(act: str, tag: Tag | None) -> Q:
    rows = Delivery.objects.filter(post=OuterRef("pk"))
    has_tag = Exists(PostTag.objects.filter(post=OuterRef("pk"), tag=tag))
    conditions = {
        CANCEL: Q(Exists(rows.filter(state=QUEUED))),
        MOVE: Q(Exists(rows.filter(state=QUEUED, attempt=0))),
        RETRY: Q(Exists(rows.filter(state=FAILED))),
        TAG: ~Q(has_tag),
        UNTAG: Q(has_tag),
    }
    return conditions[act]
