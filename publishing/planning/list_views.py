"""The list of drafts with its trash, what each said before, and what is done to one as a whole."""

import uuid
from functools import reduce
from operator import or_
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from publishing.media.composer import kept
from publishing.models import Draft, DraftVersion, Media
from publishing.posts.paging import UncountedPaginator
from publishing.posts.views import own_post
from social.networks import NETWORKS
from social.toasts import say_with_undo

from .comparing import compared, other_differences
from .taking_back import take_back
from .versions import restore_version
from .views import own_draft

DRAFTS_PER_PAGE = 20
DRAFT_SEARCH_CHARACTERS = 200


@login_required
@require_GET
def drafts(request: HttpRequest) -> HttpResponse:
    is_trash, q = "trash" in request.GET, request.GET.get("q", "").strip()[:DRAFT_SEARCH_CHARACTERS]
    rows = Draft.objects.of(request.user)
    rows = rows.trashed().order_by("-trashed_at", "-id") if is_trash else rows.live()
    rows = rows.select_related("post").prefetch_related(
        Prefetch("media", Media.objects.order_by("number", "id"))
    )
    page = UncountedPaginator(saying(rows, q) if q else rows, DRAFTS_PER_PAGE)
    context = {"page": page.get_page(request.GET.get("page")), "is_trash": is_trash, "q": q}
    return render(request, "publishing/drafts.html", context)


def saying(rows: Any, words: str) -> Any:
    """Those of `rows` that say `words`, to all or to a single network."""
    names = ["text", *(f"text_{name}" for name in NETWORKS)]
    return rows.filter(reduce(or_, (Q(**{f"fields__{n}__0__icontains": words}) for n in names)))


@login_required
@require_POST
def discard(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    draft = own_draft(request, draft_id)
    if draft.published_as:
        messages.info(request, gettext("It was published already."))
        return redirect(draft.published_as)
    draft.discard()
    words = gettext("Discarded. It is in the trash for 30 days.")
    say_with_undo(request, words, reverse("drafts:restore", args=[draft_id]))
    return redirect(draft.post or "drafts:list")


@login_required
@require_POST
def restore(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    draft = own_draft(request, draft_id)
    if draft.published_as:
        messages.info(request, gettext("It was published already."))
        return redirect(draft.published_as)
    draft.restore()
    messages.success(request, gettext("It is back."))
    return redirect(draft)


@login_required
@require_GET
def versions(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    draft = own_draft(request, draft_id)
    shown = [
        {
            "version": version,
            "texts": compared(version.fields, draft.fields),
            "differences": other_differences(version.fields, draft.fields),
            "lost": len(lost_pictures(version)),
        }
        for version in draft.versions.all()
    ]
    context = {"draft": draft, "versions": shown}
    return render(request, "publishing/draft_versions.html", context)


def lost_pictures(version: DraftVersion) -> set[str]:
    """The ids of pictures that it had, and that are not kept any more."""
    ids: list[str] = version.fields.get("media", [])
    return {*ids} - {str(picture.public_id) for picture in kept(version.draft.user, ids)}


@login_required
@require_POST
def restore_from(request: HttpRequest, draft_id: uuid.UUID, number: int) -> HttpResponse:
    draft = own_draft(request, draft_id)
    version = get_object_or_404(DraftVersion.objects.filter(draft=draft), pk=number)
    seen = request.POST.get("revision", "")
    restored = restore_version(draft, version, int(seen) if seen.isdecimal() else draft.revision)
    if restored is None:
        messages.error(request, gettext("It was saved elsewhere meanwhile. Look again."))
        return redirect("drafts:versions", draft_id)
    messages.success(request, gettext("It says what it said then. What it said last is a version."))
    return redirect(restored)


@login_required
@require_POST
def take_post_back(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Cancel what is untried of a post that waits, and make a draft of it."""
    post = own_post(request, public_id)
    draft = take_back(post)
    if draft is None:
        messages.error(request, post.why_fixed or gettext("There is nothing left to take back."))
        return redirect(post)
    messages.success(request, gettext("Taken back: it is a draft now, and goes nowhere."))
    return redirect(draft)
