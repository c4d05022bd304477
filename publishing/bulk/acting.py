"""Doing one thing to many posts: a few at a time, each by its own method."""

from collections.abc import Callable
from datetime import timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from publishing.models import BulkAct, Delivery, Post
from publishing.planning.moving import move
from publishing.posts.times import clock_in, meant, zone_of
from publishing.states import FAILED

from .bulk_act import CANCEL, MOVE, RETRY, TAG, UNTAG

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
        act.save(update_fields=["position", "done", "refused", "finished_at"])
        if not act.finished_at:
            act.act_later()


def do_one(act: BulkAct, post: Post) -> None:
    """Do it to one post, or note why it could not be."""
    try:
        with transaction.atomic():
            is_done = DOING[act.act](act, post)
        why = "" if is_done else WHY_NOT[act.act]()
    except (ValidationError, ValueError) as error:
        is_done, why = False, sentence_of(error)
    act.done += is_done
    if not is_done and len(act.refused) < REFUSALS_KEPT:
        act.refused.append([post.pk, why])


def sentence_of(error: ValidationError | ValueError) -> str:
    return " ".join(error.messages) if isinstance(error, ValidationError) else str(error)


# ── What is done to one ───────────────────────────────────────────────────────────────────────
def cancel(act: BulkAct, post: Post) -> bool:
    return bool(post.cancel(act.begun_at))


def retry(act: BulkAct, post: Post) -> bool:
    failed = Delivery.objects.with_all().filter(post=post, state=FAILED)
    return sum(delivery.retry() for delivery in failed) > 0


def add_tag(act: BulkAct, post: Post) -> bool:
    assert act.tag is not None
    post.tags.add(act.tag)
    return True


def remove_tag(act: BulkAct, post: Post) -> bool:
    assert act.tag is not None
    post.tags.remove(act.tag)
    return True


def move_by_days(act: BulkAct, post: Post) -> bool:
    """Each of its times to the same clock so many days away, where its person is."""
    zone, moved = zone_of(post.user), False
    untried = [delivery for delivery in post.deliveries.all() if delivery.is_untried]
    for seen in sorted({delivery.due_at for delivery in untried}):
        clock = clock_in(zone, seen)
        if clock is not None:
            at = meant(clock + timedelta(days=act.days), zone).at
            moved |= move(post, at, seen)
    return moved


DOING: dict[str, Callable[[BulkAct, Post], bool]] = {
    CANCEL: cancel,
    RETRY: retry,
    TAG: add_tag,
    UNTAG: remove_tag,
    MOVE: move_by_days,
}
WHY_NOT: dict[str, Callable[[], str]] = {
    CANCEL: lambda: gettext("Too late to cancel: sending has begun."),
    RETRY: lambda: gettext("It has not failed any more."),
    MOVE: lambda: gettext("It cannot be moved any more: sending has begun, or it was canceled."),
    TAG: str,
    UNTAG: str,
}


def sweep() -> None:
    """Wake what was forgotten."""
    for act in BulkAct.objects.forgotten():
        act.act_later()
