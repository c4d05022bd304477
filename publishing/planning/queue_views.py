"""The page of the queue, and what is done there to the whole of it."""

import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from publishing.models import Post
from publishing.posts.contents import excerpt
from publishing.posts.views import own_post
from social.toasts import say_with_undo

from . import rearranging
from .lineup import Move, gaps_closed, lineup_of, places_of
from .offering import as_moment, in_words
from .queue_page import queue_of
from .rearranging import QueueChanged

MOVED_KEY = "queue_moved"  # what the last act moved, for Undo


@login_required
@require_GET
@never_cache
def queue(request: HttpRequest) -> HttpResponse:
    return render(request, "publishing/queue/queue.html", {"queue": queue_of(request.user)})


@login_required
@require_POST
def put_first(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    post = own_post(request, public_id)
    return act(request, partial(rearranging.put_post_first, request.user, post))


@login_required
@require_POST
def move_to_place(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """From the time that the page showed (`seen`) to one of its free places (`at`)."""
    post, sent = own_post(request, public_id), request.POST
    seen, at = as_moment(sent.get("seen")), as_moment(sent.get("at"))
    if not seen or not at:
        return say_changed(request)
    return act(request, partial(rearranging.move_to_place, request.user, post, seen, at))


@login_required
@require_POST
def reorder(request: HttpRequest) -> HttpResponse:
    """`post` in the order that is wanted, and with each its time as the page showed it (`seen`)."""
    public_ids, times = request.POST.getlist("post"), request.POST.getlist("seen")
    posts = {str(post.public_id): post.pk for post in named_posts(request.user, public_ids)}
    ids = [posts[name] for name in public_ids if name in posts]
    moments = [as_moment(time) for time in times]
    seen = {pk: at for pk, at in zip(ids, moments, strict=False) if at}
    if not len(ids) == len(seen) == len(public_ids):
        return say_changed(request)
    return act(request, partial(rearranging.reorder, request.user, ids, seen))


@login_required
@require_http_methods(["GET", "POST"])
def shuffle(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return act(request, partial(rearranging.shuffle, request.user))
    count = len(lineup_of(request.user).posts)
    return render(request, "publishing/queue/shuffle.html", {"count": count})


@login_required
@require_http_methods(["GET", "POST"])
def close_gaps(request: HttpRequest) -> HttpResponse:
    """Shows first what would move, and moves just that."""
    if request.method == "POST":
        named = zip(request.POST.getlist("post"), request.POST.getlist("at"), strict=False)
        shown = [(int(pk), at) for pk, time in named if pk.isdecimal() and (at := as_moment(time))]
        return act(request, partial(rearranging.close_gaps, request.user, shown))
    moves = gaps_closed(lineup_of(request.user), places_of(request.user))
    context = {"moves": moves_in_words(moves)}
    return render(request, "publishing/queue/gaps.html", context)


@login_required
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """What the last act moved goes back to where it stood."""
    kept = request.session.pop(MOVED_KEY, [])
    moved = [
        (pk, datetime.fromisoformat(at), datetime.fromisoformat(back)) for pk, at, back in kept
    ]
    try:
        moves = rearranging.put_back(request.user, moved)
    except QueueChanged:
        return say_changed(request)
    if moves:
        messages.success(request, gettext("It is as it was."))
    return redirect("queue:queue")


# ── What became of it ─────────────────────────────────────────────────────────────────────────
def act(request: HttpRequest, move: Callable[[], Sequence[Move]]) -> HttpResponse:
    try:
        moves = move()
    except QueueChanged:
        return say_changed(request)
    if not moves:
        messages.info(request, gettext("Nothing had to move."))
        return redirect("queue:queue")
    request.session[MOVED_KEY] = [
        [move.post.post_id, move.at.isoformat(), move.seen.isoformat()] for move in moves
    ]
    sentence = ngettext("{count} post was moved.", "{count} posts were moved.", len(moves))
    say_with_undo(request, sentence.format(count=len(moves)), reverse("queue:undo"))
    return redirect("queue:queue")


def say_changed(request: HttpRequest) -> HttpResponse:
    messages.error(
        request,
        gettext("The queue has changed, or something else stands there: this is how it is now."),
    )
    return redirect("queue:queue")


def named_posts(user: Any, public_ids: Sequence[str]) -> Sequence[Post]:
    try:
        keys = [uuid.UUID(name) for name in public_ids]
    except ValueError:
        return []
    return list(Post.objects.of(user).filter(public_id__in=keys))


def moves_in_words(moves: Sequence[Move]) -> list[dict[str, Any]]:
    """For a page that shows what would move."""
    posts = Post.objects.in_bulk([move.post.post_id for move in moves])
    return [
        {
            "post_id": move.post.post_id,
            "words": excerpt(posts[move.post.post_id].text) or gettext("Pictures"),
            "seen": in_words(move.seen),
            "to": in_words(move.at),
            "at": move.at.isoformat(),
        }
        for move in moves
        if move.post.post_id in posts
    ]
