"""The pages of posts. They validate, call one method of a model, and answer at once."""

import uuid
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from publishing.bulk.bulk_act import ACTS
from publishing.cards.card import link_cards
from publishing.deliveries.views import own_delivery, wants_html
from publishing.media.composer import ComposerMedia, as_uuid, is_arranging
from publishing.models import Draft, Notice, Post, Tag
from publishing.notices.sync import sync_posts
from publishing.notices.views import way_back
from publishing.planning.offering import as_moment, free_times_for, in_words, key_of
from publishing.planning.tombstones import AlreadyPublished
from publishing.reuse.channel_group import with_group
from social.models import Channel
from social.polling import poll_delay

from .browsing import PostFilter, find_posts, tab_counts
from .composing import as_typed, shared_text, start_from
from .contents import by_network, tidy, tidy_texts
from .extras import choices_anew, extras_in, tidy_extras
from .form_fields import TagsField
from .forms import PostForm, texts_in
from .keeping import forget, kept_for
from .presenting import counters_of, illustrated, post_as_json, refusals, undescribed
from .previewing import previews_of, shown_time
from .results import with_results
from .reusing import Start, change_failed, write_again
from .stopping import undo_cancel
from .undoing import say_canceled

NOTICES_OVER_COMPOSER, NOTICES_OVER_POSTS = 3, 10
CHANNELS_UNSORTED = 2  # with more, the chosen ones come first


@login_required
@require_GET
def compose(request: HttpRequest) -> HttpResponse:
    again, kept = request.GET.get("again"), kept_for(request)
    if kept is not None and (not request.GET or kept.get("again", "") == again):
        typed = as_typed(kept) | {"is_kept": True}
        pictures = ComposerMedia.sent(request.user, kept)
        form = PostForm(request.user, zone_of(request), initial=typed, pictures=pictures)
        return render_composer(request, form)
    start = start_of(request)
    for remark in start.remarks:
        messages.info(request, remark)
    form = PostForm(request.user, zone_of(request), initial=start.fields, pictures=start.pictures)
    return render_composer(request, form)


def start_of(request: HttpRequest) -> Start:
    """By what the address names: a post to write again (`post`), a delivery that failed (`again`,
    with `all` of its post that did), what somebody else here offers (`from`), or nothing. Raises
    Http404 for what is another user's."""
    post, again = request.GET.get("post"), request.GET.get("again")
    if is_uuid(post):
        return write_again(own_post(request, uuid.UUID(post)))
    if is_uuid(again):
        delivery = own_delivery(request, uuid.UUID(again))
        return change_failed(delivery, is_for_all="all" in request.GET)
    start = start_from(request.user, request.GET.get("from", ""))
    if shared := shared_text(request.GET):
        start["text"] = shared
    if slot := as_moment(request.GET.get("slot")):  # a free place of the queue or the calendar
        start |= {"when": "next", "slot": slot}
    return Start(start)


@login_required
@require_http_methods(["GET", "POST"])
def posts(request: HttpRequest) -> HttpResponse:
    return create_post(request) if request.method == "POST" else list_posts(request)


def list_posts(request: HttpRequest) -> HttpResponse:
    wanted = PostFilter.of_query(request.GET)
    found = find_posts(request.user, wanted)
    illustrated(found.posts)
    is_start = not wanted.is_narrow and not wanted.before
    context = {
        "found": found,
        "wanted": wanted,
        "counts": tab_counts(request.user),
        "channels": Channel.objects.of(request.user),
        "tags": Tag.objects.of(request.user),
        "acts": ACTS,
        "needed": Notice.objects.needing(request.user, NOTICES_OVER_POSTS) if is_start else [],
    }
    return render(request, "publishing/posts.html", context)


def create_post(request: HttpRequest) -> HttpResponse:
    if "forget" in request.POST:
        forget(request)
        return redirect("posts:compose")
    pictures = ComposerMedia.sent(request.user, request.POST, request.FILES)
    if is_arranging(request):
        start = with_group(request.user, as_typed(request.POST))
        form = PostForm(request.user, zone_of(request), initial=start, pictures=pictures)
        return render_composer(request, form)
    form = PostForm(request.user, zone_of(request), request.POST, pictures=pictures)
    try:
        post = form.publish() if form.is_valid() else None
    except AlreadyPublished as known:
        return published_already(request, request.POST, form.pictures, known.post)
    except ValidationError as error:
        form.add_error(None, error)
        post = None
    if post is None:
        if wants_json(request):
            errors = form.errors.get_json_data()
            pictures_say = [{"message": why, "code": "picture"} for why in pictures.problems]
            errors |= {"files": pictures_say} if pictures_say else {}
            return JsonResponse({"errors": errors}, status=400)
        return render_composer(request, form, status=400)
    if wants_json(request):
        return JsonResponse(post_as_json(post), status=201)
    if form.earlier:
        sync_posts([form.earlier.pk])
    for note in filter(None, (form.note, *pictures.notes)):  # of files that came along
        messages.info(request, note)
    if form.left_over:
        messages.info(request, kept_beside(form.left_over))
    return leave(request, post)


def published_already(
    request: HttpRequest, typed: QueryDict, pictures: ComposerMedia, post: Post
) -> HttpResponse:
    """Its draft is `post`: what was written since is no second post before somebody says so, and
    stands in a composer with an id of its own."""
    sentence = gettext("It was published already, from this page or from another window.")
    if wants_json(request):
        errors = {"__all__": [{"message": sentence, "code": "published"}]}
        return JsonResponse({"errors": errors, "url": post.get_absolute_url()}, status=409)
    start = anew(typed) | {"published_as": post}
    form = PostForm(request.user, zone_of(request), initial=start, pictures=pictures)
    return render_composer(request, form, status=409)


def anew(typed: QueryDict) -> dict[str, Any]:
    """What was typed, for a composer whose draft is another one."""
    start = as_typed(typed)
    return {name: start[name] for name in start if name not in ("submit_key", "revision")}


def kept_beside(draft: Draft) -> str:
    """Another window had other words than what was published."""
    sentence = gettext(
        'This was published. Another window had saved other words: <a href="{url}">see them</a>.'
    )
    return format_html(sentence, url=reverse("drafts:versions", args=[draft.public_id]))


def leave(request: HttpRequest, written: Post | Draft) -> HttpResponse:
    """What was written has arrived. A script shows it as a page of its own."""
    forget(request)
    if "X-Person" not in request.headers:  # contact.js says it
        return redirect(written)
    response = HttpResponse(status=204)
    response.headers["HX-Redirect"] = written.get_absolute_url()
    return response


def render_composer(request: HttpRequest, form: PostForm, status: int = 200) -> HttpResponse:
    channels = sorted_for_picking(form)
    context = {
        "form": form,
        "channels": channels,
        "chosen": {str(value) for value in form["channels"].value() or []},
        **words_of(form, channels),
        "zone": form.clock_zone,
        "needed": Notice.objects.needing(request.user, NOTICES_OVER_COMPOSER),
        "recent": illustrated(Post.objects.of(request.user).with_deliveries().with_tags()[:3]),
    }
    return keeping_what_is_typed(render(request, "publishing/compose.html", context, status=status))


def sorted_for_picking(form: PostForm) -> list[Channel]:
    """The channels to choose from; of many, those that are chosen come first."""
    channels = list(form.choosable)
    chosen = {str(value) for value in form["channels"].value() or []}
    if len(channels) > CHANNELS_UNSORTED:
        channels.sort(key=lambda channel: str(channel.id) not in chosen)
    return channels


def words_of(form: PostForm, channels: Iterable[Channel]) -> dict[str, Any]:
    """What pages say of the words in `form` at the chosen of these `channels`."""
    text, own, extras = form["text"].value() or "", form.written(), form.chosen()
    media = form.pictures.media
    going = [channel for channel in channels if form.goes_to(channel)]
    key = form["submit_key"].value()
    free = free_times_for(form.user, going, form["slot"].value(), key, form.moving)
    return {
        "free": free,
        "networks": by_network(channels),
        "counters": counters_of(text, going, own, extras),
        "previews": previews_of(text, going, own, extras, media),
        "undescribed": undescribed(media),
        "shown_time": shown_time(form["when"].value(), form["at"].value(), free.going_out),
    }


def keeping_what_is_typed(response: HttpResponse) -> HttpResponse:
    """The Back button brings a page back with the words in it only if the browser may store it; for
    its one person, and asking us before it shows it to anybody by its address."""
    patch_cache_control(response, private=True, no_cache=True)
    return response


@login_required
@require_POST
def lengths(request: HttpRequest) -> HttpResponse:
    """The counters under the text, and how it will look: made here, so that page and server cannot
    disagree."""
    chosen = set(request.POST.getlist("channels"))
    channels = [c for c in Channel.objects.of(request.user) if str(c.id) in chosen]
    text, own = request.POST.get("text", ""), texts_in(request.POST)
    extras = extras_in(request.POST)
    pictures = ComposerMedia.sent(request.user, request.POST).media
    context: dict[str, Any] = {
        "counters": counters_of(text, channels, own, extras),
        "previews": previews_of(text, channels, own, extras, pictures),
        "undescribed": undescribed(pictures),
    }
    context |= of_times(request, channels)
    context |= of_links(request, channels, tidy(text), tidy_texts(own))
    if "refused" in request.POST:  # the page still says what was wrong
        refused = refusals(text, channels, own, len(pictures), extras)
        context |= {"is_update": True, "refusals": refused}
    return render(request, "publishing/_counted.html", context)


def of_times(request: HttpRequest, channels: list[Channel]) -> dict[str, Any]:
    """When it goes out; and the free times anew, where the page shows those of other channels."""
    sent = request.POST
    moment = as_moment(sent.get("slot") or sent.get("next_shown"))
    words, context = in_words(moment) if moment else "", {}
    if sent.get("channels_key", key_of(channels)) != key_of(channels):
        named = [key for key in [as_uuid(sent.get("post", ""))] if key]
        changed = Post.objects.of(request.user).filter(public_id__in=named)
        moving = list(changed.values_list("pk", flat=True)) if named else []
        key = sent.get("submit_key")
        free = free_times_for(request.user, channels, sent.get("slot"), key, moving)
        words, context = free.going_out, {"free": free}
    return context | {"shown_time": shown_time(sent.get("when"), sent.get("at"), words)}


def of_links(
    request: HttpRequest, channels: list[Channel], text: str, own: dict[str, str]
) -> dict[str, Any]:
    """The cards of links in previews, and from which of them one may choose."""
    networks, extras = by_network(channels), tidy_extras(extras_in(request.POST))
    pictures = len(request.POST.getlist("media"))
    return {
        "choices": choices_anew(networks, request.POST, text, own),
        "cards": list(link_cards(request.user, networks, text, own, extras, pictures)),
    }


@login_required
@require_GET
@never_cache
def post(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    shown = get_object_or_404(
        Post.objects.of(request.user)
        .with_tags()
        .prefetch_related(
            "deliveries__channel__connection", "deliveries__attempts", "deliveries__verifications"
        ),
        public_id=public_id,
    )
    with_results(shown.deliveries.all())
    of = len(shown.deliveries.all())
    context = {"post": shown, "of": of, "poll_delay": poll_delay(0, of)}
    return render(request, "publishing/post.html", context)


@login_required
@require_POST
def tag_post(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Its tags may change at any time: nothing that is sent has to do with them."""
    post = own_post(request, public_id)
    post.tags.set(TagsField(request.user).clean(request.POST.getlist("tags")))
    messages.success(request, gettext("The tags are saved."))
    return redirect(post)


@login_required
@require_POST
def cancel_post(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    post, now = own_post(request, public_id), timezone.now()
    canceled = post.cancel(now)
    if canceled == len(post.deliveries.all()):
        say_canceled(request, post, now, gettext("Canceled."))
    elif canceled:
        say_canceled(request, post, now, gettext("Canceled what still waited."))
    elif own_post(request, public_id).status == "canceled":
        messages.info(request, gettext("It is canceled already."))
    else:
        messages.error(request, gettext("Too late to cancel: sending has begun."))
    return redirect(post)


@login_required
@require_POST
def return_post(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Undo: what the cancel of that moment ended goes out at its time after all."""
    post = own_post(request, public_id)
    try:
        canceled_at = datetime.fromisoformat(request.GET.get("canceled_at", ""))
    except ValueError:
        raise Http404 from None
    if timezone.is_naive(canceled_at):
        raise Http404
    back, lost = undo_cancel(post, canceled_at)
    if back:
        messages.success(request, gettext("It goes out after all."))
        sync_posts([post.pk])
    if lost:
        sentence = ngettext(
            "{count} channel is left out: its time has passed, or it is not used any more. Write "
            "it again instead.",
            "{count} channels are left out: their time has passed, or they are not used any more. "
            "Write it again instead.",
            lost,
        )
        messages.error(request, sentence.format(count=lost))
    elif not back:
        messages.error(
            request, gettext("There is nothing to bring back any more. Write it again instead.")
        )
    return redirect(post if lost or not back else way_back(request, post))


# ── who asks, and for what ────────────────────────────────────────────────────────────────────
def own_post(request: HttpRequest, public_id: uuid.UUID) -> Post:
    """Raises Http404 for what is another user's."""
    return get_object_or_404(Post.objects.of(request.user).with_deliveries(), public_id=public_id)


def zone_of(request: HttpRequest) -> str:
    """The zone that the middleware activated: the user's own."""
    return timezone.get_current_timezone_name()


def is_uuid(text: str | None) -> bool:
    try:
        return bool(uuid.UUID(text or ""))
    except ValueError:
        return False


def wants_json(request: HttpRequest) -> bool:
    """A program: it says so, or takes anything and does not name HTML, as a browser's form does."""
    accepted = request.headers.get("Accept", "")
    return "application/json" in accepted or ("*/*" in accepted and not wants_html(request))
