"""The pages of what a person keeps for writing: snippets, and groups of channels."""

import uuid
from collections.abc import Callable
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
    rows = Snippet.objects.of(request.user)
    return kept_or_shown(request, form, "snippets", "snippets", lambda: {"rows": rows})


@login_required
@require_http_methods(["GET", "POST"])
def snippet(request: HttpRequest, snippet_id: uuid.UUID) -> HttpResponse:
    row = get_object_or_404(Snippet.objects.of(request.user), public_id=snippet_id)
    form = SnippetForm(sent(request), instance=row, user=request.user)
    return kept_or_shown(request, form, "snippet", "snippets")


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
    return kept_or_shown(
        request,
        form,
        "channel_groups",
        "channel_groups",
        lambda: picking(form) | {"rows": groups_shown(request.user)},
    )


@login_required
@require_http_methods(["GET", "POST"])
def channel_group(request: HttpRequest, group_id: uuid.UUID) -> HttpResponse:
    row = own_group(request, group_id)
    form = ChannelGroupForm(sent(request), instance=row, user=request.user)
    return kept_or_shown(request, form, "channel_group", "channel_groups", lambda: picking(form))


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
    rows = Tag.objects.of(request.user)
    return kept_or_shown(request, form, "tags", "tags", lambda: {"rows": rows})


@login_required
@require_http_methods(["GET", "POST"])
def tag(request: HttpRequest, tag_id: uuid.UUID) -> HttpResponse:
    row = get_object_or_404(Tag.objects.of(request.user), public_id=tag_id)
    form = TagForm(sent(request), instance=row, user=request.user)
    return kept_or_shown(request, form, "tag", "tags")


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


def kept_or_shown(
    request: HttpRequest,
    form: SnippetForm | ChannelGroupForm | TagForm,
    page: str,
    listed: str,
    shown: Callable[[], dict[str, Any]] = dict,
) -> HttpResponse:
    """What was typed is kept, and then the list named `listed` shows it; else the `page` of the
    form, with what is `shown` there besides."""
    list_name = f"reuse:{listed}"
    if request.method == "POST" and form.keep():
        messages.success(request, kept(form.instance))
        return redirect(list_name)
    context = {"form": form, "list_name": list_name, **shown()}
    return render(request, f"reuse/{page}.html", context, status=400 if form.errors else 200)


def groups_shown(user: Any) -> list[dict[str, Any]]:
    """Each with the channels that it means today, and the names of those that it leaves out."""
    by_account, shown = channels_by_account(user), []
    for row in ChannelGroup.objects.of(user).prefetch_related("channels__connection"):
        standing, left_out = row.split(by_account)
        about = {"public_id": row.public_id, "name": row.name}
        shown.append(about | {"standing": standing, "left_out": left_out})
    return shown


def own_group(request: HttpRequest, group_id: uuid.UUID) -> ChannelGroup:
    """Raises Http404 for what is another user's."""
    return get_object_or_404(ChannelGroup.objects.of(request.user), public_id=group_id)


def picking(form: ChannelGroupForm) -> dict[str, Any]:
    """The form, and the channels to choose from in it."""
    chosen = {str(getattr(value, "pk", value)) for value in form["channels"].value() or []}
    return {"form": form, "channels": Channel.objects.of(form.user), "chosen": chosen}


def kept(row: Snippet | ChannelGroup | Tag) -> str:
    return gettext("{name} is saved.").format(name=row.name)
