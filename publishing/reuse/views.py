"""The pages of what a person keeps for writing: snippets, and groups of channels."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from social.models import Channel
from social.toasts import say_with_undo

from .channel_group import ChannelGroup, channels_by_account
from .forms import ChannelGroupForm, SnippetForm, TagForm
from .snippet import Snippet
from .tag import Tag

DELETED = "deleted_snippet"  # in the session
SNIPPET_FIELDS = ("name", "text", "network_name")


@login_required
@require_http_methods(["GET", "POST"])
def snippets(request: HttpRequest) -> HttpResponse:
    form = SnippetForm(sent(request), user=request.user)
    if request.method == "POST" and form.keep():
        messages.success(request, kept(form.instance))
        return redirect("reuse:snippets")
    context = {"form": form, "snippets": Snippet.objects.of(request.user)}
    return render(request, "reuse/snippets.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def snippet(request: HttpRequest, snippet_id: uuid.UUID) -> HttpResponse:
    row = get_object_or_404(Snippet.objects.of(request.user), public_id=snippet_id)
    form = SnippetForm(sent(request), instance=row, user=request.user)
    if request.method == "POST" and form.keep():
        messages.success(request, kept(row))
        return redirect("reuse:snippets")
    status = 400 if form.errors else 200
    return render(request, "reuse/snippet.html", {"form": form, "snippet": row}, status=status)


@login_required
@require_POST
def delete_snippet(request: HttpRequest, snippet_id: uuid.UUID) -> HttpResponse:
    row = get_object_or_404(Snippet.objects.of(request.user), public_id=snippet_id)
    row.delete()
    request.session[DELETED] = {
        name: str(getattr(row, name)) for name in ("public_id", *SNIPPET_FIELDS)
    }
    undo_url = reverse("reuse:return_snippet", args=[row.public_id])
    say_with_undo(request, gettext("{name} is deleted.").format(name=row.name), undo_url)
    return redirect("reuse:snippets")


@login_required
@require_POST
def return_snippet(request: HttpRequest, snippet_id: uuid.UUID) -> HttpResponse:
    """Undo: the one that this session deleted last is there again."""
    deleted, own = request.session.get(DELETED, {}), Snippet.objects.of(request.user)
    if deleted.get("public_id") == str(snippet_id) and not own.filter(name=deleted["name"]):
        values = {"user": request.user, **request.session.pop(DELETED)}
        row = Snippet.objects.create(**values)
        messages.success(request, kept(row))
    elif not own.filter(public_id=snippet_id):
        messages.error(request, gettext("There is nothing to bring back any more."))
    return redirect("reuse:snippets")


@login_required
@require_http_methods(["GET", "POST"])
def channel_groups(request: HttpRequest) -> HttpResponse:
    form = ChannelGroupForm(sent(request), user=request.user)
    if request.method == "POST" and form.keep():
        messages.success(request, kept(form.instance))
        return redirect("reuse:channel_groups")
    by_account = channels_by_account(request.user)
    rows = ChannelGroup.objects.of(request.user).prefetch_related("channels__connection")
    context = picking(form) | {"groups": [(row, *row.split(by_account)) for row in rows]}
    return render(request, "reuse/channel_groups.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def channel_group(request: HttpRequest, group_id: uuid.UUID) -> HttpResponse:
    row = own_group(request, group_id)
    form = ChannelGroupForm(sent(request), instance=row, user=request.user)
    if request.method == "POST" and form.keep():
        messages.success(request, kept(row))
        return redirect("reuse:channel_groups")
    context = picking(form) | {"group": row}
    return render(request, "reuse/channel_group.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def delete_channel_group(request: HttpRequest, group_id: uuid.UUID) -> HttpResponse:
    row = own_group(request, group_id)
    row.delete()
    messages.success(request, gettext("{name} is deleted.").format(name=row.name))
    return redirect("reuse:channel_groups")


@login_required
@require_http_methods(["GET", "POST"])
def tags(request: HttpRequest) -> HttpResponse:
    form = TagForm(sent(request), user=request.user)
    if request.method == "POST" and form.keep():
        messages.success(request, kept(form.instance))
        return redirect("reuse:tags")
    context = {"form": form, "tags": Tag.objects.of(request.user)}
    return render(request, "reuse/tags.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def tag(request: HttpRequest, tag_id: uuid.UUID) -> HttpResponse:
    row = get_object_or_404(Tag.objects.of(request.user), public_id=tag_id)
    form = TagForm(sent(request), instance=row, user=request.user)
    if request.method == "POST" and form.keep():
        messages.success(request, kept(row))
        return redirect("reuse:tags")
    status = 400 if form.errors else 200
    return render(request, "reuse/tag.html", {"form": form, "tag": row}, status=status)


@login_required
@require_POST
def delete_tag(request: HttpRequest, tag_id: uuid.UUID) -> HttpResponse:
    row = get_object_or_404(Tag.objects.of(request.user), public_id=tag_id)
    row.delete_for_now()
    words = gettext("{name} is deleted. Your posts are as they were.").format(name=row.name)
    say_with_undo(request, words, reverse("reuse:return_tag", args=[tag_id]))
    return redirect("reuse:tags")


@login_required
@require_POST
def return_tag(request: HttpRequest, tag_id: uuid.UUID) -> HttpResponse:
    row = get_object_or_404(Tag, user=request.user, public_id=tag_id)
    if row.bring_back():
        messages.success(request, gettext("{name} is back.").format(name=row.name))
    else:
        messages.error(request, gettext("You have one of that name."))
    return redirect("reuse:tags")


def sent(request: HttpRequest) -> QueryDict | None:
    """What a form was filled in with; None where it is only shown."""
    return request.POST if request.method == "POST" else None


def own_group(request: HttpRequest, group_id: uuid.UUID) -> ChannelGroup:
    """Raises Http404 for what is another user's."""
    return get_object_or_404(ChannelGroup.objects.of(request.user), public_id=group_id)


def picking(form: ChannelGroupForm) -> dict[str, Any]:
    """The form, and the channels to choose from in it."""
    chosen = {str(getattr(value, "pk", value)) for value in form["channels"].value() or []}
    return {"form": form, "channels": Channel.objects.of(form.user), "chosen": chosen}


def kept(row: Snippet | ChannelGroup | Tag) -> str:
    return gettext("{name} is saved.").format(name=row.name)
