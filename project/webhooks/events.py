"""Which moves of a delivery are told, and which of a connection, and what the message says. It is
written down in the transaction of the move: what happened is told, and what did not happen is
not."""

import threading
import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from publishing.models import Delivery, Post
from publishing.posts.presenting import job_as_json
from publishing.states import DONE, QUEUED, UNCONFIRMED, WaitingFor
from social.models import Connection
from social.timing import scaled, ticks

from .models import Webhook, WebhookEvent

SUBSCRIBERS_KNOWN_FOR_SECONDS = 5.0
TEST, POST_DONE = "webhook.test", "post.done"
CONNECTION_LOST_EVENT, CONNECTION_BACK_EVENT = "connection.lost", "connection.back"


class Subscribers:
    """Who has a webhook, as this process read it a few seconds ago: of the many who have none, no
    move of a delivery asks the database for one."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.forget()

    def forget(self) -> None:
        """Read it anew when it is asked next."""
        self.users: frozenset[int] = frozenset()
        self.until = 0.0

    def assume_none(self) -> None:
        """As if it had just been read that nobody has one."""
        self.forget()
        self.until = ticks() + scaled(SUBSCRIBERS_KNOWN_FOR_SECONDS)

    def include(self, user_id: int) -> bool:
        """Whether this user wants to be told."""
        with self.lock:
            if ticks() >= self.until:
                rows = Webhook.objects.enabled().values_list("user_id", flat=True).distinct()
                self.users = frozenset(rows)
                self.until = ticks() + scaled(SUBSCRIBERS_KNOWN_FOR_SECONDS)
            return user_id in self.users


subscribers = Subscribers()


def kind_of(delivery: Delivery, was: str) -> str:
    """The kind of message about a delivery that has moved from the state `was`; empty for none."""
    if delivery.state in DONE:
        return f"delivery.{delivery.state}"
    if delivery.state == UNCONFIRMED and was != UNCONFIRMED:
        return "delivery.unconfirmed"
    if delivery.state == QUEUED and delivery.waiting_for == WaitingFor.HELD:
        return "delivery.held"
    return ""


def write_events(delivery: Delivery, was: str) -> None:
    """Write down a message about this move for each webhook of its user."""
    kind = kind_of(delivery, was)
    user_id = delivery.post.user_id
    if not kind or not subscribers.include(user_id):
        return
    moment = timezone.now().isoformat()
    with transaction.atomic():  # what goes wrong here must not undo the move
        write(
            Webhook.objects.enabled().filter(user_id=user_id),
            kind,
            f"{delivery.job_id}:{delivery.state}:{moment}",
            data_of(delivery),
        )


def data_of(delivery: Delivery) -> dict[str, Any]:
    """What `/status/<job_id>` says of it, and its post."""
    return {"post": str(delivery.post.public_id), **job_as_json(delivery)}


def write_grant_event(connection: Connection, was: str) -> None:
    """Write down for each webhook of its user that a grant was lost, or works again: `was` is what
    was the matter with it before."""
    if not subscribers.include(connection.user_id):
        return
    kind = CONNECTION_BACK_EVENT if was else CONNECTION_LOST_EVENT
    key = f"{connection.pk}:{kind}:{timezone.now().isoformat()}"
    with transaction.atomic():  # what goes wrong here must not undo what is told
        webhooks = Webhook.objects.enabled().filter(user_id=connection.user_id)
        write(webhooks, kind, key, data_of_connection(connection))


def data_of_connection(connection: Connection) -> dict[str, Any]:
    """Which it is, what is the matter, and where that is said."""
    return {
        "connection": str(connection.pk),
        "network": connection.network_name,
        "name": connection.name,
        "handle": connection.handle,
        "reason": connection.blocked_sentence or None,
        "channels": [str(channel.pk) for channel in connection.chosen],
        "page": f"{settings.PUBLIC_URL}{reverse('channels:list')}#connection-{connection.pk}",
    }


def write(webhooks: Iterable[Webhook], kind: str, key: str, data: dict[str, Any]) -> None:
    """One message to each of `webhooks`, unless it has one of that key."""
    for webhook in webhooks:
        event = WebhookEvent(webhook=webhook, kind=kind, key=key, data=data)
        WebhookEvent.objects.bulk_create([event], ignore_conflicts=True)
        webhook.call_later()


def write_test(webhook: Webhook) -> WebhookEvent:
    """A message that its user wants sent to try it."""
    key = f"test:{uuid.uuid4()}"
    write([webhook], TEST, key, {})
    return webhook.events.get(key=key)


def write_post_done(event: WebhookEvent) -> None:
    """Where a message says that a delivery ended, and it was the last of its post: say that too.
    Two that end at the same moment do not see each other, so it is found out afterwards."""
    if event.data.get("done") is not True:
        return
    post = Post.objects.of(event.webhook.user).filter(public_id=event.data["post"]).first()
    if post is None:
        return
    deliveries = list(post.deliveries.select_related("channel", "post").order_by("pk"))
    if not all(delivery.is_done for delivery in deliveries):
        return
    ended = max(delivery.finished_at or delivery.created_at for delivery in deliveries)
    data = {"post": str(post.public_id), "jobs": [job_as_json(d) for d in deliveries]}
    write([event.webhook], POST_DONE, f"{post.public_id}:done:{ended.isoformat()}", data)
