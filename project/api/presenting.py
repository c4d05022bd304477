"""Rows as JSON."""

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from importing.models import Suggestion
from project.webhooks.models import Webhook, WebhookEvent
from publishing.calendar.entries import Entry
from publishing.models import Delivery, Draft, Media, Notice, Post
from publishing.planning.fields import Fields, texts_of
from publishing.posts.extras import extras_in
from publishing.posts.presenting import job_as_json
from publishing.posts.times import clock_in, is_zone, meant
from publishing.states import CANCELED, QUEUED, SENDING, SENT, UNCONFIRMED
from social.models import Channel
from social.reasons import Reason

from .models import ApiToken

API_ROOT = "/api/v1"


def address(path: str) -> str:
    """In full: programs ask from elsewhere."""
    return f"{settings.PUBLIC_URL}{path}"


def delivery_address(delivery: Delivery) -> str:
    return address(f"{API_ROOT}/deliveries/{delivery.job_id}")


def post_address(post: Post) -> str:
    return address(f"{API_ROOT}/posts/{post.public_id}")


def moment(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def me_as_json(token: ApiToken, zone: str) -> dict[str, Any]:
    facts = {
        "name": token.name,
        "prefix": token.prefix,
        "scopes": token.scopes,
        "channels": token.channel_ids,
        "expires_at": moment(token.expires_at),
    }
    return {"username": token.user.get_username(), "time_zone": zone, "token": facts}


def channel_as_json(channel: Channel) -> dict[str, Any]:
    return {
        "id": str(channel.pk),
        "network": channel.network_name,
        "name": channel.name,
        "handle": channel.handle,
        "channel": channel.label,
        "url": channel.url,
        "state": str(channel.state),
        "reason": channel.state_sentence or None,
    }


def may_be_live(delivery: Delivery) -> bool:
    """Whether it is there, or could be: whoever sends it again by themselves may double it."""
    if delivery.state in (SENT, SENDING, UNCONFIRMED):
        return True
    if delivery.state == CANCELED:
        return delivery.reason == Reason.DROPPED
    return delivery.state == QUEUED and bool(delivery.is_repeat or delivery.doubted_since)


def delivery_as_json(delivery: Delivery) -> dict[str, Any]:
    more = {
        "post": str(delivery.post.public_id),
        "channel_id": str(delivery.channel_id),
        "may_be_live": may_be_live(delivery),
        "candidates": [
            {name: candidate.get(name) or "" for name in ("id", "url", "text", "at")}
            for candidate in delivery.candidates
        ],
        "status_url": delivery_address(delivery),
    }
    return job_as_json(delivery) | more


def accepted(post: Post) -> dict[str, Any]:
    """The same as publishing by the composer's script answers, with addresses of the API."""
    jobs = [
        {
            "job_id": str(delivery.job_id),
            "status_url": delivery_address(delivery),
            "channel": delivery.channel.label,
        }
        for delivery in post.deliveries.select_related("channel").order_by("id")
    ]
    return {"post": str(post.public_id), "url": post_address(post), "jobs": jobs}


def post_as_json(post: Post) -> dict[str, Any]:
    deliveries = list(post.deliveries.all())
    return {
        "id": str(post.public_id),
        "text": post.text,
        "texts": {row.network_name: row.text for row in deliveries if row.text},
        "extras": {row.network_name: row.extras for row in deliveries if row.extras},
        "media": pictures_of(post),
        "at": moment(post.due_at),
        "time_zone": post.time_zone,
        "status": post.status,
        "is_editable": post.is_editable,
        "revision": post.revision,
        "created_at": moment(post.created_at),
        "edited_at": moment(post.edited_at),
        "page": address(post.get_absolute_url()),
        "jobs": [delivery_as_json(row) for row in deliveries],
    }


def pictures_of(post: Post) -> list[dict[str, str]]:
    rows = post.media.all() if post.picture_count else ()
    return [{"id": str(row.public_id), "alt": row.alt} for row in rows]


def media_as_json(media: Media, notes: list[str]) -> dict[str, Any]:
    return {
        "id": str(media.public_id),
        "alt": media.alt,
        "width": media.width,
        "height": media.height,
        "notes": notes,
    }


# ── Drafts ────────────────────────────────────────────────────────────────────────────────────
def draft_as_json(draft: Draft) -> dict[str, Any]:
    more = {
        "id": str(draft.public_id),
        "revision": draft.revision,
        "post": str(draft.post.public_id) if draft.post else None,
        "created_at": moment(draft.created_at),
        "changed_at": moment(draft.changed_at),
        "page": address(draft.get_absolute_url()),
    }
    return written_in(draft.fields) | more


def written_in(fields: Fields) -> dict[str, Any]:
    """What a composer's fields say, under the names that they have here."""
    texts, one = texts_of(fields), {name: values[0] for name, values in fields.items() if values}
    return {
        "text": texts.pop("text"),
        "texts": {name.removeprefix("text_"): text for name, text in texts.items() if text},
        "extras": without_empty(extras_in(one)),
        "channels": fields.get("channels", []),
        "media": [{"id": id, "alt": one.get(f"alt_{id}", "")} for id in fields.get("media", [])],
        "at": moment(time_in(one)),
    }


def without_empty(extras: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    chosen = {
        network: {name: value for name, value in values.items() if value}
        for network, values in extras.items()
    }
    return {network: values for network, values in chosen.items() if values}


def time_in(one: dict[str, str]) -> datetime | None:
    """The moment that a composer's clock means; None where it shows none."""
    if one.get("when") != "later":
        return None
    try:
        return moment_meant(one).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def moment_meant(one: dict[str, str]) -> datetime:
    """Raises ValueError for no time."""
    at, zone = datetime.fromisoformat(one.get("at", "")), one.get("zone", "")
    if timezone.is_aware(at):
        return at
    shown = datetime.fromisoformat(one["moment"]) if one.get("moment") else None
    if not is_zone(zone):
        raise ValueError(zone)
    if shown and timezone.is_aware(shown) and clock_in(zone, shown) == at:
        return shown
    return meant(at, zone).at


def notice_as_json(notice: Notice) -> dict[str, Any]:
    text = notice.text
    return {
        "id": notice.pk,
        "kind": notice.kind,
        "title": text.title,
        "why": str(text.why),
        "post": str(notice.post.public_id) if notice.post else None,
        "network": notice.network_name or None,
        "count": notice.count,
        "is_open": not notice.is_over,
        "raised_at": moment(notice.raised_at),
        "page": address(text.url),
    }


# ── Planning and webhooks ─────────────────────────────────────────────────────────────────────
def entry_as_json(entry: Entry) -> dict[str, Any]:
    return {
        "kind": "draft" if entry.is_draft else "post",
        "id": str(entry.public_id),
        "at": moment(entry.at),
        "words": entry.words,
        "networks": [network.name for network in entry.networks],
        "state": entry.style,
        "is_movable": entry.is_movable,
    }


def suggestion_as_json(suggestion: Suggestion) -> dict[str, Any]:
    return {
        "id": str(suggestion.public_id),
        "kind": suggestion.kind,
        "reason": suggestion.reason,
        "prompt": suggestion.prompt,
        "text": suggestion.text,
        "channels": [str(pk) for pk in suggestion.channels],
        "at": moment(suggestion.at),
        "page": address(f"{reverse('posts:compose')}?from={suggestion.public_id}"),
    }


def webhook_as_json(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": str(webhook.public_id),
        "url": webhook.url,
        "is_on": webhook.disabled_at is None,
        "failing_since": moment(webhook.failing_since),
        "succeeded_at": moment(webhook.succeeded_at),
        "created_at": moment(webhook.created_at),
    }


def webhook_event_as_json(event: WebhookEvent) -> dict[str, Any]:
    return {
        "id": event.message_id,
        "event": str(event.public_id),
        "type": event.kind,
        "sequence": event.pk,
        "occurred_at": moment(event.occurred_at),
        "state": event.state,
        "tries": event.tries,
        "next_try_at": moment(event.next_try_at),
        "status": event.status,
        "answer": event.answer,
        "data": event.data,
    }
