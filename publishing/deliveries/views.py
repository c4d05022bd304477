"""The pages of deliveries: what became of one, and what a person does with it."""

import uuid

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from publishing.models import Delivery
from publishing.notices.sync import sync_posts
from publishing.notices.views import way_back
from publishing.posts.presenting import job_as_json
from publishing.posts.results import with_results
from publishing.posts.undoing import say_canceled
from social.polling import poll_count, poll_delay

from .confirm import confirm


@login_required
@require_GET
@never_cache
def status(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    """What became of one job: JSON, or a fragment for a page that polls (`?polls=` counts)."""
    delivery = own_delivery(request, job_id)
    if not wants_html(request):
        return JsonResponse(job_as_json(delivery))
    with_results([delivery])
    polls, of = poll_count(request), poll_count(request, "of")
    context = {
        "delivery": delivery,
        "polls": polls + 1,
        "of": of,
        "poll_delay": poll_delay(polls, of),
        "news": request.GET.get("seen", delivery.chip[1]) != delivery.chip[1],
    }
    return render(request, "publishing/_delivery.html", context)


# ── what a person does with one delivery ──────────────────────────────────────────────────────
@login_required
@require_POST
def cancel_delivery(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    delivery, now = own_delivery(request, job_id), timezone.now()
    done = delivery.cancel(at=now)
    if done:
        words = gettext("Canceled for {name}.").format(name=delivery.channel.name)
        say_canceled(request, delivery.post, now, words)
    return answer(request, delivery, done)


@login_required
@require_POST
def retry_delivery(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    delivery = own_delivery(request, job_id)
    return answer(request, delivery, delivery.retry())


@login_required
@require_POST
def send_delivery_again(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    delivery = own_delivery(request, job_id)
    return answer(request, delivery, is_asked(request, delivery) and delivery.send_again())


@login_required
@require_POST
def confirm_delivery(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    delivery = own_delivery(request, job_id)
    try:
        link = request.POST.get("link", "")
        return answer(request, delivery, is_asked(request, delivery) and confirm(delivery, link))
    except ValueError as error:
        messages.error(request, str(error))
        return redirect(way_back(request, delivery.post))


@login_required
@require_POST
def drop_delivery(request: HttpRequest, job_id: uuid.UUID) -> HttpResponse:
    delivery = own_delivery(request, job_id)
    return answer(request, delivery, is_asked(request, delivery) and delivery.drop())


def is_asked(request: HttpRequest, delivery: Delivery) -> bool:
    """Whether the question that the page showed is still the one."""
    seen = request.POST.get("attempt", str(delivery.attempt))
    return seen.isdecimal() and delivery.is_question_about(int(seen))


def answer(request: HttpRequest, delivery: Delivery, done: bool) -> HttpResponse:
    if done:
        sync_posts([delivery.post_id])
    else:
        messages.error(request, gettext("It has changed meanwhile: this is how it stands now."))
    return redirect(way_back(request, delivery.post))


def own_delivery(request: HttpRequest, job_id: uuid.UUID) -> Delivery:
    """Raises Http404 for what is another user's."""
    return get_object_or_404(Delivery.objects.of(request.user).with_all(), job_id=job_id)


def wants_html(request: HttpRequest) -> bool:
    return "HX-Request" in request.headers or "text/html" in request.headers.get("Accept", "")
