"""The pages of webhooks, behind a fresh password: whoever has one hears of every post."""

import uuid

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from social.people import signed_in

from . import events
from .forms import WebhookForm
from .models import GIVEN_UP, Webhook

EVENTS_SHOWN = 50


@login_required
@require_http_methods(["GET", "POST"])
@reauthentication_required
def webhooks(request: HttpRequest) -> HttpResponse:
    form = WebhookForm(request.POST if request.method == "POST" else None, user=signed_in(request))
    if request.method == "POST" and (made := form.keep()):
        messages.success(request, gettext("It is told from now on. Try it with a test."))
        return redirect("webhooks:webhook", made.public_id)
    context = {"form": form, "rows": Webhook.objects.of(request.user)}
    return render(request, "webhooks/webhooks.html", context, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET"])
@reauthentication_required
def webhook(request: HttpRequest, webhook_id: uuid.UUID) -> HttpResponse:
    row = own(request, webhook_id)
    context = {
        "webhook": row,
        "events": row.events.all()[:EVENTS_SHOWN],
        "has_given_up": row.events.filter(state=GIVEN_UP).exists(),
    }
    return render(request, "webhooks/webhook.html", context)


@login_required
@require_POST
@reauthentication_required
def send_test(request: HttpRequest, webhook_id: uuid.UUID) -> HttpResponse:
    row = own(request, webhook_id)
    events.write_test(row)
    messages.success(request, gettext("A test is on its way."))
    return redirect("webhooks:webhook", webhook_id)


@login_required
@require_POST
@reauthentication_required
def rotate_secret(request: HttpRequest, webhook_id: uuid.UUID) -> HttpResponse:
    own(request, webhook_id).rotate_secret()
    messages.success(
        request, gettext("There is a new secret. The one before signs as well for a day.")
    )
    return redirect("webhooks:webhook", webhook_id)


@login_required
@require_POST
@reauthentication_required
def switch(request: HttpRequest, webhook_id: uuid.UUID) -> HttpResponse:
    row = own(request, webhook_id)
    if request.POST.get("on"):
        row.enable()
        messages.success(request, gettext("It is told again."))
    else:
        row.disable()
        messages.success(request, gettext("It is not told any more; what is pending is kept."))
    return redirect("webhooks:webhook", webhook_id)


@login_required
@require_POST
@reauthentication_required
def delete(request: HttpRequest, webhook_id: uuid.UUID) -> HttpResponse:
    row = own(request, webhook_id)
    row.delete()
    messages.success(request, gettext("{name} is deleted.").format(name=row.url))
    return redirect("webhooks:list")


@login_required
@require_POST
@reauthentication_required
def replay(request: HttpRequest, webhook_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    event = get_object_or_404(own(request, webhook_id).events, public_id=event_id)
    event.replay()
    messages.success(request, gettext("It is told once more, under the same id."))
    return redirect("webhooks:webhook", webhook_id)


@login_required
@require_POST
@reauthentication_required
def replay_all(request: HttpRequest, webhook_id: uuid.UUID) -> HttpResponse:
    """All that was given up."""
    own(request, webhook_id).replay_given_up()
    messages.success(request, gettext("What was given up is told once more."))
    return redirect("webhooks:webhook", webhook_id)


def own(request: HttpRequest, webhook_id: uuid.UUID) -> Webhook:
    """Raises Http404 for what is another user's."""
    return get_object_or_404(Webhook.objects.of(request.user), public_id=webhook_id)
