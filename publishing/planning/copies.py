"""A scheduled post is changed on a copy: what is saved while somebody writes never touches the
post, and may be wrong or half for as long as they like."""

import uuid
from collections.abc import Mapping
from typing import Any

from publishing.media.composer import as_uuid
from publishing.models import Draft, Post
from publishing.posts.changing import says
from publishing.posts.composing import as_typed
from publishing.posts.contents import tidy, tidy_texts
from publishing.posts.extras import extras_in, tidy_extras
from publishing.posts.forms import texts_in
from publishing.posts.times import clock_in, is_zone

from .fields import Fields, as_sent

REVISION_CHARACTERS = 40  # of a post


def copy_id(post: Post, revision: str) -> uuid.UUID:
    """The id of the working copy of that version of `post`: the same on every device, and a new
    one when that was discarded."""
    ended = Draft.objects.filter(post=post, user=post.user_id, post_revision=revision)
    count = ended.exclude(published_as=None, trashed_at=None).count()
    return uuid.uuid5(post.public_id, f"{revision} {count}")


def latest_copy(post: Post) -> Draft | None:
    """What somebody was changing `post` to."""
    return Draft.objects.of(post.user_id).copies_of(post).first()


def named_post(user: Any, sent: Mapping[str, Any]) -> Post | None:
    """The scheduled post that a page changes."""
    public_id = as_uuid(str(sent.get("post", "")))
    posts = Post.objects.of(user).with_deliveries()
    return posts.filter(public_id=public_id).first() if public_id else None


def bind(draft: Draft, sent: Mapping[str, Any]) -> bool:
    """Make a new draft the working copy of the post that its page names, if it names one. Whether
    it changes nothing of that."""
    draft.post = post = named_post(draft.user, sent)
    if post is None:
        return False
    draft.post_revision = str(sent.get("seen", ""))[:REVISION_CHARACTERS]
    return changes_nothing(post, draft.fields)


def changes_nothing(post: Post, fields: Fields) -> bool:
    """Whether the copy says what its post does, where and when that goes."""
    one = {name: values[0] for name, values in fields.items() if values}
    ids = [str(picture.public_id) for picture in post.media.all()]
    alts = [tidy(one.get(f"alt_{id}", "")) for id in fields.get("media", [])]
    same_pictures = fields.get("media", []) == ids and alts == [row.alt for row in post.media.all()]
    going = {str(row.channel_id) for row in post.deliveries.all() if not row.is_done}
    if set(fields.get("channels", [])) != going:
        return False
    texts, extras = tidy_texts(texts_in(one)), tidy_extras(extras_in(one))
    is_same = says(post, tidy(one.get("text", "")), texts, None, extras)
    return same_pictures and is_same and shows_time_of(post, one)


def shows_time_of(post: Post, one: Mapping[str, str]) -> bool:
    """Whether its clock stands at the moment of `post`."""
    if one.get("when") == "next":
        return False
    if one.get("when") != "later" or post.due_at is None:
        return one.get("when") != "later" and post.due_at is None
    zone = one.get("zone", "")
    clock = clock_in(zone, post.due_at) if is_zone(zone) else None
    return clock is not None and one.get("at", "")[:16] == f"{clock:%Y-%m-%dT%H:%M}"


def start_from_draft(draft: Draft) -> dict[str, Any]:
    """Its fields as a form begins with them."""
    start = as_typed(as_sent(draft.fields))
    saved = {"revision": draft.revision, "saved_at": draft.changed_at}
    return start | saved | {"submit_key": draft.public_id}
