"""What really exists at Facebook, and changing it behind everybody's back."""

from ..core.clock import iso_time
from ..core.network import Row
from ..core.world import World
from . import store
from .changes import page_of
from .comments import below
from .state import FacebookComment, FacebookPost, Photo


def row_of(world: World, post: FacebookPost) -> Row:
    page = world.facebook.pages[post.page_id]
    author = world.facebook.users.get(post.author_id) or page  # a visitor, or the Page itself
    photos = [world.facebook.photos[id] for id in post.photos]
    return {
        "network": "facebook",
        "account": page.id,
        "account_name": page.name,
        "author": author.name,
        "author_id": author.id,
        "id": post.id,
        "text": post.sent,
        "message": post.message,
        "stored_text": post.message,
        "media": [photo_truth(photo) for photo in photos],
        "link": post.link or None,
        "comments": [comment_truth(world, comment) for comment in below(world, post.id)],
        "created_at": iso_time(post.created_at),
        "created_unix": post.created_at,
        "visible": store.is_visible(world, post),
        "deleted": post.deleted_at is not None,
        "published": post.published,
        "scheduled_at": iso_time(post.scheduled_at) if post.scheduled_at else None,
        "edit_history": [],
        "reply_to": None,
        "origin": post.origin,
        "path": f"/fb/{post.id}",
    }


def comment_truth(world: World, comment: FacebookComment) -> dict:
    facebook = world.facebook
    author = facebook.pages.get(comment.author_id) or facebook.users[comment.author_id]
    return {"id": comment.id, "text": comment.message, "author": author.name}


def photo_truth(photo: Photo) -> dict:
    shown = {"id": photo.id, "type": photo.type, "size": len(photo.data)}
    return shown | {"alt_text": photo.alt_text, "path": f"/fb/media/{photo.id}"}


def users(world: World) -> dict[str, list[dict]]:
    return {
        "facebook": [{"id": u.id, "name": u.name} for u in world.facebook.users.values()],
        "pages": [
            {"id": p.id, "name": p.name, "username": p.username or None, "tasks": p.tasks}
            for p in world.facebook.pages.values()
        ],
    }


def add(world: World, given: dict, text: str, at: float | None) -> Row:
    page, link = page_of(world, {"page": given["account"]}), str(given.get("link") or "")
    return row_of(world, store.add_post(world, page, text, at, origin="control", link=link))
