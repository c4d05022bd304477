"""Webhooks: who is told what became of posts, and how telling them went."""

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router

from project.webhooks import events
from project.webhooks.forms import WebhookForm
from project.webhooks.models import Webhook, WebhookEvent

from ..access import person_of
from ..answers import reading, writing
from ..keyset import MOST_ROWS, USUAL_ROWS, page_of
from ..once import Act, KeptAnswer, once
from ..presenting import webhook_as_json, webhook_event_as_json
from ..problems import errors_of, invalid
from ..schemas_of_webhooks import (
    ReplayedOut,
    WebhookEventOut,
    WebhookEventsOut,
    WebhookIn,
    WebhookOut,
    WebhookSecretOut,
    WebhooksOut,
    WebhookSwitch,
)

router = Router(tags=["webhooks"])


@reading(router, "/webhooks", WebhooksOut)
def list_webhooks(request: HttpRequest) -> HttpResponse:
    """The addresses that are told what became of your posts."""
    items = [webhook_as_json(row) for row in Webhook.objects.of(person_of(request))]
    return KeptAnswer(200, {"items": items, "next": None}).as_response()


@writing(router, "POST", "/webhooks", {201: WebhookSecretOut})
def create_webhook(request: HttpRequest, payload: WebhookIn) -> HttpResponse:
    """Tell another address from now on. Its secret is in this answer and in no other."""

    def make() -> KeptAnswer:
        form = WebhookForm({"url": payload.url}, user=person_of(request))
        webhook = form.keep()
        if webhook is None:
            raise invalid(errors_of(form.errors.as_data()))
        return with_secret(webhook)

    return once(request, lambda: lambda _key: make())


@reading(router, "/webhooks/{uuid:webhook_id}/events", WebhookEventsOut)
def list_webhook_events(
    request: HttpRequest,
    webhook_id: uuid.UUID,
    limit: int = Query(USUAL_ROWS, ge=1, le=MOST_ROWS),
    after: str | None = Query(None, max_length=40),
) -> HttpResponse:
    """What it was told within 30 days, or is to be, the latest first."""
    rows = own_webhook(request, webhook_id).events.order_by("-id")
    return KeptAnswer(
        200, page_of(request, rows, limit, after, webhook_event_as_json)
    ).as_response()


@writing(
    router,
    "POST",
    "/webhooks/{uuid:webhook_id}/events/{uuid:event_id}/replays",
    {202: WebhookEventOut},
)
def replay_webhook_event(
    request: HttpRequest, webhook_id: uuid.UUID, event_id: uuid.UUID
) -> HttpResponse:
    """Tell one message once more, under the same id."""

    def prepare() -> Act:
        event = get_object_or_404(own_webhook(request, webhook_id).events, public_id=event_id)
        return lambda _key: replayed(event)

    return once(request, prepare)


def replayed(event: WebhookEvent) -> KeptAnswer:
    event.replay()
    return KeptAnswer(202, webhook_event_as_json(event))


@writing(router, "POST", "/webhooks/{uuid:webhook_id}/replays", {202: ReplayedOut})
def replay_webhook(request: HttpRequest, webhook_id: uuid.UUID) -> HttpResponse:
    """Tell all that was given up once more."""

    def prepare() -> Act:
        webhook = own_webhook(request, webhook_id)
        return lambda _key: KeptAnswer(202, {"count": webhook.replay_given_up()})

    return once(request, prepare)


@writing(router, "POST", "/webhooks/{uuid:webhook_id}/tests", {202: WebhookEventOut})
def test_webhook(request: HttpRequest, webhook_id: uuid.UUID) -> HttpResponse:
    """Send it a message that says nothing else."""

    def prepare() -> Act:
        webhook = own_webhook(request, webhook_id)
        return lambda _key: KeptAnswer(202, webhook_event_as_json(events.write_test(webhook)))

    return once(request, prepare)


@writing(router, "POST", "/webhooks/{uuid:webhook_id}/secrets", {201: WebhookSecretOut})
def rotate_webhook_secret(request: HttpRequest, webhook_id: uuid.UUID) -> HttpResponse:
    """Sign by another secret from now on; for a day the one before signs as well."""

    def prepare() -> Act:
        webhook = own_webhook(request, webhook_id)
        return lambda _key: rotated(webhook)

    return once(request, prepare)


def rotated(webhook: Webhook) -> KeptAnswer:
    webhook.rotate_secret()
    return with_secret(webhook)


@reading(router, "/webhooks/{uuid:webhook_id}", WebhookOut)
def get_webhook(request: HttpRequest, webhook_id: uuid.UUID) -> HttpResponse:
    """One of them, and how it goes."""
    return shown(own_webhook(request, webhook_id))


@writing(router, "PATCH", "/webhooks/{uuid:webhook_id}", {200: WebhookOut})
def switch_webhook(
    request: HttpRequest, webhook_id: uuid.UUID, payload: WebhookSwitch
) -> HttpResponse:
    """Switch it off, or on again. What is pending is kept while it is off."""
    webhook = own_webhook(request, webhook_id)
    webhook.enable() if payload.is_on else webhook.disable()
    return shown(webhook)


@writing(router, "DELETE", "/webhooks/{uuid:webhook_id}", {204: None})
def delete_webhook(request: HttpRequest, webhook_id: uuid.UUID) -> HttpResponse:
    """Tell it nothing any more, and forget what it was told."""
    own_webhook(request, webhook_id).delete()
    return HttpResponse(status=204)


def own_webhook(request: HttpRequest, webhook_id: uuid.UUID) -> Webhook:
    """Raises Http404."""
    return get_object_or_404(Webhook.objects.of(person_of(request)), public_id=webhook_id)


def shown(webhook: Webhook) -> HttpResponse:
    return KeptAnswer(200, webhook_as_json(webhook)).as_response()


def with_secret(webhook: Webhook) -> KeptAnswer:
    return KeptAnswer(201, webhook_as_json(webhook), told_once={"secret": webhook.secret})
