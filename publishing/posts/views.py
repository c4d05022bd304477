"""The pages of posts. They validate, call one method of a model, and answer at once."""

import uuid
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from publishing.cards.card import link_cards
from publishing.deliveries.views import own_delivery, wants_html
from publishing.media.composer import ComposerMedia, is_arranging
from publishing.models import Notice, Post
from publishing.notices.sync import sync_posts
from social.models import Channel
from social.polling import poll_delay

from .composing import as_sent, as_typed, start_from
from .contents import by_network, tidy, tidy_texts
from .extras import choices_anew, extras_in, tidy_extras
from .forms import PostForm, texts_in
from .keeping import forget, kept_for
from .paging import UncountedPaginator
from .presenting import counters_of, illustrated, post_as_json, refusals

POSTS_PER_PAGE = 20
NOTICES_OVER_COMPOSER, NOTICES_OVER_POSTS = 3, 10
CHANNELS_UNSORTED = 8  # with more, the chosen ones come first


@login_required
@require_GET
def compose(request: HttpRequest) -> HttpResponse:
    again, kept = request.GET.get("again"), kept_for(request)
    if kept is not None and (not request.GET or kept.get("again", "") == again):
        typed = as_typed(kept) | {"is_kept": True}
        pictures = ComposerMedia.sent(request.user, kept)
        form = PostForm(request.user, zone_of(request), initial=typed, pictures=pictures)
        return render_composer(request, form)
    if not again or not is_uuid(again):
        start = start_from(request.user, request.GET.get("from", ""))
        return render_composer(request, PostForm(request.user, zone_of(request), initial=start))
    delivery = own_delivery(request, uuid.UUID(again))
    return render_composer(
        request,
        PostForm(
            request.user,
            zone_of(request),
            initial=as_sent(delivery),
            pictures=ComposerMedia(delivery.post.media.filter(pruned_at=None)),
        ),
    )


@login_required
@require_http_methods(["GET", "POST"])
def posts(request: HttpRequest) -> HttpResponse:
    return create_post(request) if request.method == "POST" else list_posts(request)


def list_posts(request: HttpRequest) -> HttpResponse:
    pages = UncountedPaginator(Post.objects.of(request.user).with_deliveries(), POSTS_PER_PAGE)
    page = pages.get_page(request.GET.get("page"))
    page.object_list = illustrated(page.object_list)
    needed = Notice.objects.needing(request.user, NOTICES_OVER_POSTS) if page.number == 1 else []
    return render(request, "publishing/posts.html", {"page": page, "needed": needed})


def create_post(request: HttpRequest) -> HttpResponse:
    if "forget" in request.POST:
        forget(request)
        return redirect("posts:compose")
    pictures = ComposerMedia.sent(request.user, request.POST, request.FILES)
    if is_arranging(request):
        start = as_typed(request.POST)
        form = PostForm(request.user, zone_of(request), initial=start, pictures=pictures)
        return render_composer(request, form)
    form = PostForm(request.user, zone_of(request), request.POST, pictures=pictures)
    try:
        post = form.publish() if form.is_valid() else None
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
    if form.note:
        messages.info(request, form.note)
    return leave(request, post)


def leave(request: HttpRequest, post: Post) -> HttpResponse:
    """What was written has arrived. A script shows the post as a page of its own."""
    forget(request)
    if "X-Person" not in request.headers:  # contact.js says it
        return redirect(post)
    response = HttpResponse(status=204)
    response.headers["HX-Redirect"] = post.get_absolute_url()
    return response


def render_composer(request: HttpRequest, form: PostForm, status: int = 200) -> HttpResponse:
    channels = list(form.choosable)
    text = form["text"].value() or ""
    chosen = {str(value) for value in form["channels"].value() or []}
    if len(channels) > CHANNELS_UNSORTED:
        channels.sort(key=lambda channel: str(channel.id) not in chosen)
    context = {
        "form": form,
        "channels": channels,
        "chosen": chosen,
        "counters": counters_of(text, channels, form.written(), form.chosen()),
        "zone": form.clock_zone,
        "needed": Notice.objects.needing(request.user, NOTICES_OVER_COMPOSER),
        "recent": illustrated(Post.objects.of(request.user).with_deliveries()[:3]),
    }
    return keeping_what_is_typed(render(request, "publishing/compose.html", context, status=status))


def keeping_what_is_typed(response: HttpResponse) -> HttpResponse:
    """The Back button brings a page back with the words in it only if the browser may store it; for
    its one person, and asking us before it shows it to anybody by its address."""
    patch_cache_control(response, private=True, no_cache=True)
    return response


@login_required
@require_POST
def lengths(request: HttpRequest) -> HttpResponse:
    """The counters under the text: counted here, so that page and server cannot disagree."""
    chosen = set(request.POST.getlist("channels"))
    channels = [c for c in Channel.objects.of(request.user) if str(c.id) in chosen]
    text, own = request.POST.get("text", ""), texts_in(request.POST)
    extras = extras_in(request.POST)
    context: dict[str, Any] = {"counters": counters_of(text, channels, own, extras)}
    context |= of_links(request, channels, tidy(text), tidy_texts(own))
    if "refused" in request.POST:  # the page still says what was wrong
        pictures = len(request.POST.getlist("media"))
        refused = refusals(text, channels, own, pictures, extras)
        context |= {"is_update": True, "refusals": refused}
    return render(request, "publishing/_counted.html", context)


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
        Post.objects.of(request.user).prefetch_related(
            "deliveries__channel__connection", "deliveries__attempts", "deliveries__verifications"
        ),
        public_id=public_id,
    )
    of = len(shown.deliveries.all())
    context = {"post": shown, "of": of, "poll_delay": poll_delay(0, of)}
    return render(request, "publishing/post.html", context)


@login_required
@require_POST
def cancel_post(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    post = own_post(request, public_id)
    canceled = post.cancel()
    if canceled == len(post.deliveries.all()):
        messages.success(request, gettext("Canceled."))
    elif canceled:
        messages.success(request, gettext("Canceled what still waited."))
    elif own_post(request, public_id).status == "canceled":
        messages.info(request, gettext("It is canceled already."))
    else:
        messages.error(request, gettext("Too late to cancel: sending has begun."))
    return redirect(post)


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
