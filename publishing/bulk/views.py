"""Doing one thing to all posts of a list: first a page of how many and which, then the act."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from publishing.models import BulkAct, Post
from publishing.posts.browsing import PostFilter
from publishing.posts.presenting import illustrated
from social.polling import poll_delay

from .acting import act_on_posts
from .choosing import ask
from .forms import BulkActForm

ACT_POSTS_SHOWN = 20


@login_required
@require_POST
def ask_for_act(request: HttpRequest) -> HttpResponse:
    """Which posts it is about; nothing is done so far."""
    wanted = PostFilter.of_query(QueryDict(request.POST.get("query", ""))).first
    back = f"{reverse('posts:list')}?{wanted.query}"
    form = BulkActForm(request.user, request.POST)
    if not form.is_valid():
        messages.error(request, form.sentence)
        return redirect(back)
    cleaned = form.cleaned_data
    act = ask(request.user, wanted, cleaned["act"], cleaned["tag"], cleaned["days"] or 0)
    if not act.count:
        act.delete()
        messages.info(request, gettext("There is no post here to which that could be done."))
        return redirect(back)
    return redirect(act)


@login_required
@require_GET
@never_cache
def show_act(request: HttpRequest, act_id: uuid.UUID) -> HttpResponse:
    act = own_act(request, act_id)
    shown = act.post_ids[:ACT_POSTS_SHOWN] if act.is_asked else []
    posts = Post.objects.of(request.user).with_deliveries().with_tags()
    loaded, refused = posts.in_bulk(shown), dict(act.refused)
    context = {
        "act": act,
        "posts": illustrated(loaded[pk] for pk in shown if pk in loaded),
        "more": act.count - len(shown),
        "refused": [(post, refused[post.pk]) for post in posts.filter(pk__in=refused)],
        "poll_delay": poll_delay(0, 1),
    }
    return render(request, "publishing/bulk_act.html", context)


@login_required
@require_POST
def run_act(request: HttpRequest, act_id: uuid.UUID) -> HttpResponse:
    """Its person said yes: the first ones at once, the rest by a job."""
    act = own_act(request, act_id)
    if act.begin():
        act_on_posts(act)
    return redirect(act)


@login_required
@require_POST
def undo_act(request: HttpRequest, act_id: uuid.UUID) -> HttpResponse:
    """As it was before: the first ones at once, the rest by a job."""
    act = own_act(request, act_id)
    if not act.is_undoable:
        messages.info(request, gettext("There is nothing to undo."))
        return redirect(getattr(act, "undone_by", act))
    undoing = act.undo()
    act_on_posts(undoing)
    return redirect(undoing)


def own_act(request: HttpRequest, act_id: uuid.UUID) -> Any:
    """Raises Http404 for what is another user's."""
    acts = BulkAct.objects.of(request.user).select_related("tag", "undone_by")
    return get_object_or_404(acts, public_id=act_id)
