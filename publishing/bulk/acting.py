"""Doing one thing to many posts: a few at a time, each by its own method."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from publishing.models import BulkAct, Delivery, Post, PostTag
from publishing.planning.moving import move
from publishing.posts.stopping import undo_cancel
from publishing.posts.times import clock_in, meant, zone_of
from publishing.states import FAILED

from .bulk_act import CANCEL, MOVE, RETRY, TAG, UNDO, UNTAG

POSTS_PER_BATCH = 50
REFUSALS_KEPT = 50


def act_on_posts(act: BulkAct) -> None:
    """Go on with it: one batch, and a job for the rest. A second job for the same batch waits for
    the first, and then finds that it is done."""
    with transaction.atomic():
        now = timezone.now()
        here = BulkAct.objects.filter(pk=act.pk, position=act.position, finished_at=None)
        if act.begun_at is None or not here.update(worked_at=now):
            return
        ids = act.post_ids[act.position : act.position + POSTS_PER_BATCH]
        posts = Post.objects.of(act.user_id).with_deliveries().filter(pk__in=ids)
        for post in posts.order_by("pk"):
            do_one(act, post)
        act.position += len(ids)
        act.finished_at = timezone.now() if act.position >= act.count else None
        act.save(update_fields=["position", "done", "refused", "changed", "finished_at"])
        if not act.finished_at:
            act.act_later()


def do_one(act: BulkAct, post: Post) -> None:
    """Do it to one post, or note why it could not be."""
    try:
        with transaction.atomic():
            undoing = DOING[act.act](act, post)
        why = WHY_NOT[act.act]()
    except (ValidationError, ValueError) as error:
        undoing, why = None, sentence_of(error)
    if undoing is not None:
        act.done += 1
        act.changed.append([post.pk, *undoing])
    elif len(act.refused) < REFUSALS_KEPT:
        act.refused.append([post.pk, why])


def sentence_of(error: ValidationError | ValueError) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


# ── What is done to one: what undoing it takes; None where nothing could be done ───────────────
Undoing = list[Any] | None


def cancel(act: BulkAct, post: Post) -> Undoing:
    return [] if post.cancel(act.begun_at) else None


def retry(act: BulkAct, post: Post) -> Undoing:
    failed = Delivery.objects.with_all().filter(post=post, state=FAILED)
    return [] if sum(delivery.retry() for delivery in failed) else None


def add_tag(act: BulkAct, post: Post) -> Undoing:
    assert act.tag is not None
    return [] if PostTag.objects.get_or_create(post=post, tag=act.tag)[1] else None


def remove_tag(act: BulkAct, post: Post) -> Undoing:
    assert act.tag is not None
    return [] if PostTag.objects.filter(post=post, tag=act.tag).delete()[0] else None


def move_by_days(act: BulkAct, post: Post) -> Undoing:
    """Each of its times to the same clock so many days away, where its person is."""
    zone, moved = zone_of(post.user), []
    untried = [delivery for delivery in post.deliveries.all() if delivery.is_untried]
    for seen in sorted({delivery.due_at for delivery in untried}):
        clock = clock_in(zone, seen)
        if clock is not None:
            at = meant(clock + timedelta(days=act.days), zone).at
            is_listed = any(row.at_posting_time for row in untried if row.due_at == seen)
            if move(post, at, seen):
                moved.append([seen.isoformat(), at.isoformat(), is_listed])
    return moved or None


def undo(act: BulkAct, post: Post) -> Undoing:
    """What the undone act has changed of it, unless something became of that since."""
    undone = act.undoes
    assert undone is not None
    if undone.act == TAG:
        return remove_tag(undone, post)
    if undone.act == UNTAG:
        return add_tag(undone, post)
    if undone.act == CANCEL:
        assert undone.begun_at is not None
        back, _too_late = undo_cancel(post, undone.begun_at)
        return [] if back else None
    moved: list[Any] = next((moved for pk, *moved in undone.changed if pk == post.pk), [])
    returned = [
        move(post, datetime.fromisoformat(seen), datetime.fromisoformat(at), is_listed)
        for seen, at, is_listed in moved
    ]
    return [] if any(returned) else None


DOING: dict[str, Callable[[BulkAct, Post], Undoing]] = {
    CANCEL: cancel,
    RETRY: retry,
    TAG: add_tag,
    UNTAG: remove_tag,
    MOVE: move_by_days,
    UNDO: undo,
}
WHY_NOT: dict[str, Callable[[], str]] = {
    CANCEL: lambda: gettext("Too late to cancel: sending has begun."),
    RETRY: lambda: gettext("It has not failed any more."),
    MOVE: lambda: gettext("It cannot be moved any more: sending has begun, or it was canceled."),
    TAG: lambda: gettext("It has the tag already."),
    UNTAG: lambda: gettext("It does not have the tag any more."),
    UNDO: lambda: gettext("It is too late for that, or it was changed since."),
}


def sweep() -> None:
    """Wake what was forgotten."""
    for act in BulkAct.objects.forgotten():
        act.act_later()
