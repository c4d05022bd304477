"""Writing to and reading from the make-believe Facebook."""

import unicodedata
from collections.abc import Iterator
from typing import Any

from ..core.world import World
from .state import FacebookPost, Page


def add_post(
    world: World, page: Page, sent: str, moment: float | None = None, **more: Any
) -> FacebookPost:
    """`moment` is for what is dated back; such posts are visible at once."""
    created = world.now() if moment is None else moment
    visible = created if moment is not None else created + world.facebook.lag_ms / 1000
    id = f"{page.id}_{world.facebook.number()}"
    post = FacebookPost(
        id, page.id, stored(sent), created, visible, sent=sent, updated_at=created, **more
    )
    if moment is None:
        post.filtered_from = world.facebook.hidden.until(created, world.dice)
    world.facebook.posts[id] = post
    world.facebook.by_page.setdefault(page.id, []).append(id)
    if post.scheduled_at:
        world.facebook.scheduled.add(id)
    return post


def stored(sent: str) -> str:
    return unicodedata.normalize("NFC", sent).strip()


def edit_post(world: World, post: FacebookPost, text: str) -> None:
    post.message, post.sent, post.updated_at = stored(text), text, world.now()


def publish(world: World, post: FacebookPost, moment: float | None = None) -> None:
    """It becomes visible now, and counts as made now."""
    if post.published:
        return
    post.published, post.scheduled_at = True, None
    post.created_at = world.now() if moment is None else moment
    post.visible_from = post.created_at + world.facebook.lag_ms / 1000


def publish_due(world: World) -> None:
    """Facebook's own scheduler: run before every look, so that the clock alone decides."""
    for id in list(world.facebook.scheduled):
        post = world.facebook.posts[id]
        if post.published or post.deleted_at is not None:
            world.facebook.scheduled.discard(id)
        elif post.scheduled_at <= world.now():
            publish(world, post, post.scheduled_at)


def is_visible(world: World, post: FacebookPost) -> bool:
    return post.published and post.deleted_at is None and post.visible_from <= world.now()


def listing(world: World, page_id: str, kind: str) -> list[FacebookPost]:
    """Newest first: feed (with visitors), posts and published_posts, or scheduled_posts."""
    posts = list(standing(world, page_id))
    if kind == "scheduled_posts":
        waiting = [post for post in posts if post.scheduled_at and not post.published]
        return sorted(waiting, key=lambda post: (post.scheduled_at, post.id), reverse=True)
    shown = [post for post in posts if is_visible(world, post)]
    if kind != "feed":
        shown = [post for post in shown if not post.author_id]
    return sorted(shown, key=lambda post: (post.created_at, post.id), reverse=True)


def standing(world: World, page_id: str) -> Iterator[FacebookPost]:
    for id in world.facebook.by_page.get(page_id, []):
        post = world.facebook.posts[id]
        if post.deleted_at is None:
            yield post


def repeats_previous(world: World, page_id: str, message: str, link: str) -> bool:
    """Facebook only guards against a repeat of the Page's previous text post."""
    window = world.facebook.duplicate_window_s
    for id in reversed(world.facebook.by_page.get(page_id, [])):
        post = world.facebook.posts[id]
        if post.deleted_at is None and post.kind == "feed" and not post.author_id:
            same = (post.message, post.link) == (stored(message), link)
            return same and bool(window) and post.created_at >= world.now() - window
    return False
