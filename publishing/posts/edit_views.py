"""The page on which a person changes a post that waits."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from publishing.media.composer import ComposerMedia, is_arranging
from publishing.models import Post
from publishing.planning.copies import copy_id, latest_copy, start_from_draft
from publishing.planning.fields import as_sent
from publishing.reuse.channel_group import with_group

from .changing import says
from .composing import as_typed, as_written
from .contents import by_network, tidy, tidy_texts
from .extras import extras_in, tidy_extras
from .forms import EditForm, PostForm, texts_in
from .keeping import forget, kept_for
from .reusing import tag_ids
from .views import (
    keeping_what_is_typed,
    leave,
    own_post,
    render_composer,
    sorted_for_picking,
    words_of,
    zone_of,
)


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    post = own_post(request, public_id)
    kept = kept_for(request) if request.method == "GET" else None
    if request.method == "GET" and kept is None:
        return begin(request, post)
    if "forget" in request.POST:
        forget(request)
        return redirect("posts:edit", public_id)
    sent = request.POST if kept is None else kept
    pictures = ComposerMedia.sent(request.user, sent, request.FILES)
    if not post.is_editable:
        return come_too_late(request, post, sent, pictures)
    if kept is not None or is_arranging(request):
        typed = with_group(request.user, as_typed(sent)) | {"is_kept": bool(kept)}
        form = EditForm(post, zone_of(request), initial=typed, pictures=pictures)
        return render_editor(request, form)
    form = EditForm(post, zone_of(request), request.POST, pictures=pictures)
    return save(request, form) if form.is_valid() else render_editor(request, form)


def begin(request: HttpRequest, post: Post) -> HttpResponse:
    """The post as it stands; or what its person was changing it to, on this device or another."""
    copy = latest_copy(post)
    if not post.is_editable:
        messages.error(request, post.why_fixed)
        return redirect(copy or post)
    if copy is None:
        own = {"submit_key": copy_id(post, post.revision), "tags": tag_ids(post)}
        start = as_written(post) | own
        pictures = ComposerMedia(post.media.all() if post.picture_count else ())
        form = EditForm(post, zone_of(request), initial=start, pictures=pictures)
        return render_editor(request, form)
    pictures = ComposerMedia.sent(request.user, as_sent(copy.fields))
    start = start_from_draft(copy) | {"working_copy": copy, "seen": copy.post_revision}
    start["tags"] = copy.fields.get("tags", tag_ids(post))
    form = EditForm(post, zone_of(request), initial=start, pictures=pictures)
    return render_editor(request, form, shows_post=copy.post_revision != post.revision)


def save(request: HttpRequest, form: EditForm) -> HttpResponse:
    try:
        if not form.save():
            fixed = own_post(request, form.post.public_id)
            return come_too_late(request, fixed, request.POST, form.pictures)
    except ValidationError as error:
        form.add_error(None, error)
        return render_editor(request, form, 409 if form.is_changed_meanwhile else 200)
    messages.success(request, form.note or gettext("Changed."))
    return leave(request, form.post)


def come_too_late(
    request: HttpRequest, post: Post, typed: QueryDict, pictures: ComposerMedia
) -> HttpResponse:
    """What it says already is not offered as another post: the first answer may have got lost."""
    text, texts, extras = typed.get("text", ""), texts_in(typed), tidy_extras(extras_in(typed))
    if not says(post, tidy(text), tidy_texts(texts), pictures.media, extras):
        return write_anew(request, post, typed, pictures)
    if typed.get("seen") == post.revision:  # only its time was to be another
        messages.error(request, post.why_fixed)
    return leave(request, post)


def write_anew(
    request: HttpRequest, post: Post, typed: QueryDict, pictures: ComposerMedia
) -> HttpResponse:
    """It is too late, and what was typed is not lost: it stands in the composer."""
    messages.error(request, post.why_fixed)
    channels = [delivery.channel_id for delivery in post.deliveries.all()]
    start = as_typed(typed) | {"channels": channels, "is_too_late": True}
    form = PostForm(request.user, zone_of(request), initial=start, pictures=pictures)
    return render_composer(request, form, status=409)


def render_editor(
    request: HttpRequest, form: EditForm, status: int = 200, shows_post: bool = False
) -> HttpResponse:
    """`shows_post`: it was changed meanwhile, and stands beside what was written."""
    post = form.post
    channels = form.shown_channels()
    context = {
        "form": form,
        "post": post,
        "zone": form.clock_zone,
        "channels": sorted_for_picking(form),
        "chosen": {str(channel.pk) for channel in channels},
        **words_of(form, channels),
        "networks": by_network([*form.choosable, *channels]),
    }
    if shows_post or (form.is_bound and form.is_changed_meanwhile):
        context["now"] = own_post(request, post.public_id)
    return keeping_what_is_typed(render(request, "publishing/edit.html", context, status=status))
