"""Posts: what a person wrote, and where it goes."""

import uuid
from collections.abc import Sequence
from typing import Annotated, Any

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from ninja import Query, Router

from publishing.media.composer import ComposerMedia
from publishing.models import Delivery, Draft, Post
from publishing.notices.sync import sync_posts
from publishing.posts.browsing import POSTS_SEARCHED
from publishing.posts.extras import extras_in
from publishing.posts.forms import EditForm, PostForm
from publishing.posts.presenting import illustrated
from publishing.posts.reusing import Start, write_again
from publishing.posts.times import zone_of
from publishing.posts.views import own_post

from ..access import person_of, token_of
from ..answers import WRITER, etag, reading, seen_revision, writing
from ..keyset import MOST_ROWS, USUAL_ROWS, page_with, pk_at, place_of
from ..once import Act, KeptAnswer, once
from ..presenting import accepted, draft_as_json, post_address, post_as_json
from ..problems import Problem, of_form, of_validation
from ..schemas import AcceptedOut, Change, CopyOut, PostIn, PostOut, PostsOut, State
from ..writing import as_sent, check_named, check_places, composer, draft_fields
from .drafts import draft_address, saved

router = Router(tags=["posts"])
OneState = Annotated[State | None, Query(description="That one of its deliveries is so.")]
ShortName = Annotated[str | None, Query(max_length=20)]
Words = Annotated[str | None, Query(max_length=100, description="Words that it says.")]


@reading(router, "/posts", PostsOut)
def list_posts(
    request: HttpRequest,
    state: OneState = None,
    network: ShortName = None,
    q: Words = None,
    limit: int = Query(USUAL_ROWS, ge=1, le=MOST_ROWS),
    after: str | None = Query(None, max_length=40),
) -> HttpResponse:
    """Your posts, the latest first. A page that is looked for may have fewer than `limit`, or none,
    and still name a next one: a thousand posts are looked through at a time."""
    rows = Post.objects.of(person_of(request)).order_by("-id")
    if after:
        rows = rows.filter(pk__lt=pk_at(after))
    posts, place = found(rows, condition_of(state, network, q), limit)
    return KeptAnswer(200, page_with(request, map(post_as_json, posts), place)).as_response()


def condition_of(state: str | None, network: str | None, q: str | None) -> Q:
    """That one of its deliveries is so, and that it says these words."""
    rows = Delivery.objects.filter(post=OuterRef("pk"))
    of_rows = {"state": state, "network_name": network}
    named = {name: value for name, value in of_rows.items() if value}
    condition = Q(Exists(rows.filter(**named))) if named else Q()
    words = (q or "").replace("\x00", "").strip()
    if words:
        condition &= Q(text__icontains=words) | Q(Exists(rows.filter(text__icontains=words)))
    return condition


def found(rows: QuerySet, condition: Q, limit: int) -> tuple[Sequence[Post], str | None]:
    """The next of `rows` that are so, and where the page after begins."""
    ids: list[int] = []
    if condition:
        ids = list(rows.values_list("pk", flat=True)[:POSTS_SEARCHED])
        rows = rows.filter(condition, pk__in=ids)
    posts = illustrated(
        Post.objects.with_deliveries().filter(
            pk__in=[*rows.values_list("pk", flat=True)[: limit + 1]]
        )
    )
    if len(posts) > limit:
        return posts[:limit], place_of(posts[limit - 1].pk)
    return posts, place_of(ids[-1]) if len(ids) == POSTS_SEARCHED else None


@writing(router, "POST", "/posts", {202: AcceptedOut})
def create_post(request: HttpRequest, payload: PostIn) -> HttpResponse:
    """Publish, now or at a time. The answer comes at once: the post is stored and goes out by
    itself. With an Idempotency-Key it is one post, however often you ask."""
    return once(request, lambda: publishing(request, payload))


def publishing(request: HttpRequest, payload: PostIn) -> Act:
    """Everything is checked; what is left is one call."""
    user, words = person_of(request), payload.model_dump()
    zone = zone_of(user)
    check_named(user, words)
    sent = as_sent(words, zone)
    if payload.instead_of:
        sent["again"] = str(payload.instead_of)
    form = composer(user, zone, sent)
    check_places(token_of(request), [channel.pk for channel in form.cleaned_data["channels"]])

    def publish(key: uuid.UUID | None) -> KeptAnswer:
        post = publish_form(form, key)
        return KeptAnswer(202, accepted(post), {"Location": post_address(post)}, post)

    return publish


def publish_form(form: PostForm, key: uuid.UUID | None) -> Post:
    cleaned = form.cleaned_data
    earlier = form.earlier
    try:
        post = Post.objects.publish(
            form.user,
            cleaned["text"],
            cleaned["channels"],
            form.time_wanted,
            texts=form.texts(),
            extras=extras_in(cleaned),
            time_zone=form.clock_zone,
            submit_key=key,
            media=form.pictures.media,
            instead_of=earlier,
        )
    except ValidationError as error:
        raise of_validation(error) from error
    if earlier:
        sync_posts([earlier.pk])
    return post


@reading(router, "/posts/{uuid:public_id}", PostOut)
def get_post(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One post, and what becomes of it."""
    return shown(own_post(request, public_id))


def shown(post: Post) -> HttpResponse:
    return KeptAnswer(200, post_as_json(post), etag(post.revision)).as_response()


@writing(router, "PATCH", "/posts/{uuid:public_id}", {200: PostOut})
def change_post(request: HttpRequest, public_id: uuid.UUID, payload: Change) -> HttpResponse:
    """Change a post while nothing of it was tried. What you do not name stays."""
    post = own_post(request, public_id)
    if not post.is_editable:
        raise Problem("too-late", post.why_fixed)
    if seen_revision(request, post.revision) != post.revision:
        raise Problem("revision", headers=etag(post.revision))
    form = editor(request, post, payload.model_dump(exclude_unset=True))
    try:
        if not form.save():
            raise Problem("too-late", own_post(request, public_id).why_fixed)
    except ValidationError as error:
        if any(part.code == "changed" for part in error.error_list):
            raise Problem("changed", headers=etag(post.revision)) from error
        raise of_validation(error) from error
    return shown(own_post(request, public_id))


def editor(request: HttpRequest, post: Post, change: dict[str, Any]) -> EditForm:
    """The page on which a post is changed, filled in so. Raises Problem."""
    user, zone = person_of(request), zone_of(post.user) if "at" in change else post.time_zone
    had = EditForm(post, zone).had
    words = words_of(post, had) | change
    check_named(user, words)
    going = [row.channel_id for row in post.deliveries.all() if not row.is_done]
    check_places(token_of(request), [*going, *words["channels"]])
    sent = as_sent(words, zone)
    sent.setlist("had", had)
    sent["seen"] = post.revision
    form = EditForm(post, zone, sent, pictures=ComposerMedia.sent(user, sent))
    form.add_own_texts({c.network for c in (*form.choosable, *form.going.values())}, True)
    if not form.is_valid():
        raise of_form(form)
    return form


def words_of(post: Post, channels: list[str]) -> dict[str, Any]:
    """What it says, as `schemas.Words`."""
    going = [row for row in post.deliveries.all() if not row.is_done]
    pictures = post.media.all() if post.picture_count else ()
    return {
        "text": post.text,
        "texts": {row.network_name: row.text for row in going if row.text},
        "extras": {row.network_name: row.extras for row in going if row.extras},
        "channels": channels,
        "media": [{"id": row.public_id, "alt": row.alt} for row in pictures],
        "at": post.due_at,
    }


@writing(router, "DELETE", "/posts/{uuid:public_id}", {200: PostOut})
def cancel_post(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Cancel what still waits of it. What was sent stays there, and stays here."""
    post = own_post(request, public_id)
    waiting = [row.channel_id for row in post.deliveries.all() if not row.is_done]
    check_places(token_of(request), waiting)
    canceled = post.cancel(timezone.now())
    now = own_post(request, public_id)
    if not canceled and now.status != "canceled":
        raise Problem("too-late", gettext("Too late to cancel: sending has begun."))
    return shown(now)


@writing(router, "POST", "/posts/{uuid:public_id}/copies", {201: CopyOut}, WRITER)
def copy_post(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """A draft that says what this post does, sent or not; never its time."""
    return once(request, lambda: copying(request, own_post(request, public_id)))


def copying(request: HttpRequest, post: Post) -> Act:
    start = write_again(post)
    fields = draft_fields(sent_of(start))

    def copy(key: uuid.UUID | None) -> KeptAnswer:
        new = Draft(user=person_of(request), public_id=key or uuid.uuid4(), fields=fields)
        draft = saved(new, 0)
        body = draft_as_json(draft) | {"remarks": start.remarks}
        return KeptAnswer(201, body, {"Location": draft_address(draft), **etag(draft.revision)})

    return copy


def sent_of(start: Start) -> QueryDict:
    """What a composer that begins so would send."""
    sent = QueryDict(mutable=True)
    for name, value in start.fields.items():
        if name != "channels":
            sent[name] = str(value)
    sent.setlist("channels", [str(pk) for pk in start.fields["channels"]])
    sent.setlist("media", [str(row.public_id) for row in start.pictures.media])
    for row in start.pictures.media:
        sent[f"alt_{row.public_id}"] = row.alt
    return sent
