"""Rows as the worker and the networks would have left them, for pages that only need showing."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from project.jobs.models import Heartbeat
from publishing.models import Delivery, Post
from publishing.states import SENT, UNCONFIRMED
from social.connecting import connect
from social.models import Channel, Connection
from social.networks import NETWORKS
from social.networks.base import Grant
from tests.sandbox import Sandbox

LONG_NAME = "The Honourable Society of Early Risers, Bread Bakers and Night Gardeners of Old Town"


def connect_all(user: Any, sandbox: Sandbox, who: str = "alice") -> dict[str, Channel]:
    """Both networks, every Page chosen that can be; the channels by name."""
    for network in NETWORKS.values():
        connect_one(user, sandbox, network.name, who)
    return {channel.name: channel for channel in Channel.objects.of(user)}


def connect_one(user: Any, sandbox: Sandbox, name: str, who: str = "alice") -> Connection:
    network, token = NETWORKS[name], sandbox.token(name, who)
    grant = Grant(access=token["access_token"], refresh=token.get("refresh_token", ""))
    connection = connect(user, network, network.person(grant.access), grant)
    if network.many_places:
        connection.refresh()
        for channel in connection.channels.offered():
            if channel.may_be_chosen:
                channel.choose()
    return connection


def worker_is_there() -> None:
    Heartbeat.objects.start("worker")


def post_in(user: Any, channel: Channel, text: str, state: str, **fields: Any) -> Post:
    """A post whose one delivery is in this state; `attempts` are (outcome, reason) of each try."""
    attempts = fields.pop("attempts", [])
    post = Post.objects.publish(user, text, [channel], fields.pop("at", None))
    delivery = post.deliveries.get()
    for number, (outcome, reason) in enumerate(attempts, 1):
        moment = timezone.now() - timedelta(minutes=10 - number)
        delivery.attempts.create(
            number=number,
            text=text,
            started_at=moment,
            finished_at=moment if outcome else None,
            outcome=outcome,
            reason=reason,
        )
    fields["attempt"] = len(attempts)
    if state == SENT:
        fields["remote_id"] = str(delivery.pk)
        fields["remote_url"] = f"https://x.com/alice/status/{delivery.pk}"
    if state == UNCONFIRMED:
        fields["waiting_for"] = "person"
    Delivery.objects.filter(pk=delivery.pk).update(state=state, **fields)
    return post


def every_state(user: Any, channel: Channel, other: Channel) -> dict[str, Post]:
    """One post for each thing that a delivery can say, by what it is about."""
    now = timezone.now()
    soon, never = now + timedelta(minutes=14), None
    sent, limited = ("sent", ""), ("refused for now", "rate_limit")
    away = ("not sent", "unreachable")
    cases: dict[str, dict[str, Any]] = {
        "scheduled": {"state": "queued", "at": now + timedelta(days=2)},
        "sent": {"state": "sent", "attempts": [sent]},
        "sent at the second try": {"state": "sent", "attempts": [away, sent]},
        "failed": {
            "state": "failed",
            "reason": "duplicate",
            "attempts": [("refused", "duplicate")],
        },
        "tried out": {"state": "failed", "reason": "unreachable", "attempts": [away] * 6},
        "unconfirmed": {
            "state": "unconfirmed",
            "reason": "no_answer",
            "attempts": [("unknown", "no_answer")],
        },
        "canceled": {"state": "canceled"},
        "dropped": {"state": "canceled", "reason": "dropped", "attempts": [("unknown", "cut_off")]},
        "sending": {"state": "sending", "attempts": [("", "")]},
    }
    waits = {
        "rate_limit": ("rate_limit", soon, [limited]),
        "backoff": ("unreachable", soon, [away]),
        "credits": ("credits", soon, [("refused for now", "credits")]),
        "turn": ("turn", now, []),
        "reconnect": ("token_dead", never, [("not authorized", "token_dead")]),
        "held": ("late", never, []),
        "paused": ("paused", never, []),
    }
    for word, (reason, at, attempts) in waits.items():
        cases[word] = {"state": "queued", "waiting_for": word, "reason": reason}
        cases[word] |= {"next_attempt_at": at, "attempts": attempts}
    posts = {}
    for name, case in cases.items():
        posts[name] = post_in(user, channel, f"How it looks when it is {name}.", **case)
    both = Post.objects.publish(user, "Bread, and https://example.com/news", [channel, other])
    first, second = both.deliveries.order_by("id")
    gone = {"remote_id": "77", "remote_url": "https://x.com/alice/status/77", "attempt": 1}
    Delivery.objects.filter(pk=first.pk).update(state="sent", **gone)
    Delivery.objects.filter(pk=second.pk).update(state="failed", reason="policy", attempt=1)
    posts["partly sent"] = both
    return posts


def forty_pages(connection: Connection) -> None:
    now = timezone.now()
    for number in range(40):
        Channel.objects.create(
            connection=connection,
            network_name=connection.network_name,
            remote_id=f"9{number:03}",
            name=f"{'مقهى' if number % 7 == 0 else 'Branch'} {number} of the bakery",
            chosen_at=now if number % 2 else None,
        )
