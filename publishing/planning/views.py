"""The pages of drafts, and the one address where a composer is saved."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from publishing.media.composer import ComposerMedia
from publishing.models import Draft, DraftVersion
from publishing.posts.composing import as_typed
from publishing.posts.edit_views import render_editor
from publishing.posts.form_fields import RevisionField
from publishing.posts.forms import EditForm, PostForm
from publishing.posts.keeping import forget, kept_for
from publishing.posts.views import (
    anew,
    leave,
    own_post,
    published_already,
    render_composer,
    zone_of,
)

from .comparing import compared, other_differences
from .copies import bind, copy_id, named_post, start_from_draft
from .fields import DraftTooLong, Fields, as_sent, fields_in
from .saving import Kind, Outcome, outcome_of, save


@login_required
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    if request.method == "POST":
        return save_draft(request, draft_id)
    return show_draft(request, draft_id)


# ── Saving ────────────────────────────────────────────────────────────────────────────────────
def save_draft(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    sent: QueryDict = request.POST
    pictures, user = ComposerMedia(), request.user
    assert user.is_authenticated
    if not is_for_script(request):  # a script has sent its files already
        pictures = ComposerMedia.sent(user, sent, request.FILES)
        sent = with_pictures(sent, pictures)
    try:
        fields = fields_in(sent)
    except ValidationError as error:
        return refused(request, sent, pictures, error)
    seen, choice = RevisionField().to_python(sent.get("revision")), chosen_side(sent)
    if choice == "theirs" and (theirs := Draft.objects.of(user).live().filter(public_id=draft_id)):
        return use_theirs(request, theirs[0], seen, fields)
    new = Draft(user=user, public_id=draft_id, fields=fields)
    outcome = save(new, seen, choice == "mine", is_nothing=not seen and bind(new, sent))
    if is_for_script(request):
        return as_json(request, outcome, fields)
    return as_page(request, outcome, sent, pictures)


def is_for_script(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def chosen_side(sent: QueryDict) -> str:
    """Which of two is to stay, "mine" or "theirs"; empty where nobody was asked."""
    return sent.get("use") or sent.get("keep") or ""


def with_pictures(sent: QueryDict, pictures: ComposerMedia) -> QueryDict:
    """What was sent, with the pictures that came along as files."""
    whole = sent.copy()
    whole.setlist("media", [str(picture.public_id) for picture in pictures.media])
    for picture in pictures.media:
        whole[f"alt_{picture.public_id}"] = picture.alt
    return whole


def use_theirs(request: HttpRequest, theirs: Draft, seen: int, fields: Fields) -> HttpResponse:
    """What the page had stays as a version."""
    if theirs.fields != fields:
        now = timezone.now()
        DraftVersion(draft=theirs, revision=seen, fields=fields, saved_at=now).keep()
    if is_for_script(request):
        return JsonResponse(state_of(theirs) | {"fields": theirs.fields})
    return leave(request, theirs)


def refused(
    request: HttpRequest, sent: QueryDict, pictures: ComposerMedia, error: ValidationError
) -> HttpResponse:
    """No database holds this; the page keeps it."""
    status, sentence = 413 if isinstance(error, DraftTooLong) else 400, " ".join(error.messages)
    if is_for_script(request):
        return JsonResponse({"message": sentence}, status=status)
    messages.error(request, sentence)
    return written_again(request, as_typed(sent), pictures, status)


# ── What became of a save ─────────────────────────────────────────────────────────────────────
def sentence_of(outcome: Outcome) -> str:
    draft = outcome.draft
    if outcome.kind is Kind.CONFLICT:
        return gettext("Another window or device has saved this since. Both are here: choose one.")
    if outcome.kind is Kind.PUBLISHED and draft and draft.post_id:
        return gettext("What was changed here was saved already.")
    if outcome.kind is Kind.PUBLISHED:
        return gettext("It was published already, from this page or from another window.")
    if outcome.kind is Kind.TRASHED:
        return gettext("This draft is in the trash. What you wrote here is not saved there.")
    if outcome.kind is Kind.GONE:
        return gettext("This draft is not kept any more. What you wrote here is not saved there.")
    return gettext("There is nothing to save yet.")


def state_of(draft: Draft) -> dict[str, Any]:
    url = draft.get_absolute_url()
    return {"revision": draft.revision, "saved_at": clock_of(draft), "url": url}


def clock_of(draft: Draft) -> str:
    return date_format(timezone.localtime(draft.changed_at), "H:i")


def as_json(request: HttpRequest, outcome: Outcome, mine: Fields) -> JsonResponse:
    """The contract of saving by script."""
    draft, message = outcome.draft, {"message": sentence_of(outcome)}
    if outcome.kind is Kind.SAVED and draft:
        if kept_for(request) is not None:
            forget(request)
        return JsonResponse(state_of(draft))
    if outcome.kind is Kind.NOTHING:
        return JsonResponse({"revision": 0, "saved_at": None, "url": request.path})
    if outcome.kind is Kind.CONFLICT and draft:
        html = render_to_string("publishing/_conflict.html", conflict(draft, mine), request)
        both = state_of(draft) | {"html": html, "fields": draft.fields}
        return JsonResponse(both | message, status=409)
    post = draft.published_as if draft else None
    return JsonResponse({"url": post.get_absolute_url() if post else None} | message, status=410)


def conflict(theirs: Draft, mine: Fields) -> dict[str, Any]:
    """Both, for the fragment that asks which one stays."""
    return {
        "theirs": theirs,
        "theirs_at": clock_of(theirs),
        "texts": compared(theirs.fields, mine),
        "differences": other_differences(theirs.fields, mine),
        "draft_url": theirs.get_absolute_url(),
    }


def as_page(
    request: HttpRequest, outcome: Outcome, sent: QueryDict, pictures: ComposerMedia
) -> HttpResponse:
    """The same without script: the composer again, and nothing of it is lost."""
    draft, start = outcome.draft, as_typed(sent)
    if outcome.kind is Kind.SAVED and draft:
        return saved(request, draft, start, pictures)
    if outcome.kind is Kind.CONFLICT and draft:
        start |= {"revision": draft.revision, "conflict": conflict(draft, fields_in(sent))}
        return written_again(request, start, pictures, 409)
    if outcome.kind is Kind.PUBLISHED and draft and draft.published_as and not draft.post_id:
        return published_already(request, sent, pictures, draft.published_as)
    if outcome.kind is not Kind.NOTHING:
        messages.error(request, sentence_of(outcome))
        return written_again(request, anew(sent), pictures, 409)
    messages.info(request, sentence_of(outcome))
    return written_again(request, start, pictures)


def saved(
    request: HttpRequest, draft: Draft, start: dict[str, Any], pictures: ComposerMedia
) -> HttpResponse:
    messages.success(request, gettext("Saved {time}.").format(time=clock_of(draft)))
    if not pictures.problems:
        return leave(request, draft)
    return written_again(request, start | {"revision": draft.revision}, pictures)


def written_again(
    request: HttpRequest, start: dict[str, Any], pictures: ComposerMedia, status: int = 200
) -> HttpResponse:
    """The page it came from, as it was: the composer, or the one where a post is changed."""
    post = named_post(request.user, start)
    if post is not None and post.is_editable:
        own = {"submit_key": copy_id(post, post.revision), "revision": 0}
        start = own | start
        editor = EditForm(post, zone_of(request), initial=start, pictures=pictures)
        is_behind = editor["seen"].value() != post.revision
        return render_editor(request, editor, status, shows_post=is_behind)
    form = PostForm(request.user, zone_of(request), initial=start, pictures=pictures)
    return render_composer(request, form, status)


# ── Showing ───────────────────────────────────────────────────────────────────────────────────
def own_draft(request: HttpRequest, draft_id: uuid.UUID) -> Draft:
    """Raises Http404 for what is another user's."""
    rows = Draft.objects.of(request.user).select_related("published_as", "post")
    return get_object_or_404(rows, public_id=draft_id)


def show_draft(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    if (kept := kept_for(request)) is not None:
        return show_kept(request, draft_id, kept)
    draft = own_draft(request, draft_id)
    if draft.published_as:
        return redirect(draft.published_as)
    if draft.trashed_at:
        messages.info(request, gettext("It is in the trash. Restore it to go on writing."))
        return redirect(f"{reverse('drafts:list')}?trash=1")
    if draft.post and own_post(request, draft.post.public_id).is_editable:
        return redirect("posts:edit", draft.post.public_id)
    start = start_from_draft(draft) | {"is_too_late": draft.post_id is not None}
    pictures = ComposerMedia.sent(request.user, as_sent(draft.fields))
    form = PostForm(request.user, zone_of(request), initial=start, pictures=pictures)
    return render_composer(request, form)


def show_kept(request: HttpRequest, draft_id: uuid.UUID, kept: QueryDict) -> HttpResponse:
    """What its writer had typed when their session ended, and could not be saved at sign-in."""
    known = Draft.objects.of(request.user).filter(public_id=draft_id).first()
    outcome = outcome_of(known, fields_in(kept), RevisionField().to_python(kept.get("revision")))
    pictures = ComposerMedia.sent(request.user, kept)
    if outcome is None:  # nothing speaks against it any more
        return written_again(request, as_typed(kept) | {"is_kept": True}, pictures)
    return as_page(request, outcome, kept, pictures)
