"""Rows as the worker and the networks would have left them, for pages that only need showing."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from project.jobs.models import Heartbeat
from publishing.models import Delivery, Notice, Post
from publishing.notices.sync import sync_notices
from publishing.states import SENT, UNCONFIRMED
from social.connections.connect import connect
from social.connections.refresh import refresh
from social.models import Channel, Connection
from social.networks import NETWORKS
from social.networks.shapes import Grant
from tests.sandbox import Sandbox

SHOWN = ("x", "facebook")  # one that counts letters, and one that offers places
LONG_NAME = "The Honourable Society of Early Risers, Bread Bakers and Night Gardeners of Old Town"


def connect_all(user: Any, sandbox: Sandbox, who: str = "alice") -> dict[str, Channel]:
    """Two networks, every Page chosen that can be; the channels by name."""
    for name in SHOWN:
        connect_one(user, sandbox, name, who)
    return {channel.name: channel for channel in Channel.objects.of(user)}


def connect_one(user: Any, sandbox: Sandbox, name: str, who: str = "alice") -> Connection:
    network, token = NETWORKS[name], sandbox.token(name, who)
    brought = Grant(access=token["access_token"], refresh=token.get("refresh_token", ""))
    grant = network.with_home(brought)
    connection = connect(user, network, network.person(grant), grant)
    if network.offers_places:
        refresh(connection)
        for channel in connection.channels.offered():
            if channel.may_be_chosen:
                channel.choose()
    return connection


def worker_is_there() -> None:
    Heartbeat.objects.start("worker")


def post_in_every_state(user: Any, channels: list[Channel]) -> Post:
    """One post; each of its deliveries says another thing that a delivery can say."""
    cases = list(every_state().values())
    post = Post.objects.publish(user, "How all of it looks.", channels[: len(cases)])
    for delivery, case in zip(post.deliveries.order_by("id"), cases, strict=True):
        bring_into(delivery, **case)
    return post


def post_in(user: Any, channel: Channel, state: str) -> Post:
    post = Post.objects.publish(user, f"How it looks when it is {state}.", [channel])
    bring_into(post.deliveries.get(), **every_state()[state])
    return post


def bring_into(delivery: Delivery, state: str, attempts: list[Any] = (), **fields: Any) -> None:
    """`attempts` are (outcome, reason) of each try."""
    for number, (outcome, reason) in enumerate(attempts, 1):
        moment = timezone.now() - timedelta(minutes=10 - number)
        delivery.attempts.create(
            number=number,
            text=delivery.content,
            started_at=moment,
            finished_at=moment if outcome else None,
            outcome=outcome,
            reason=reason,
        )
    if state == SENT:
        fields["remote_id"] = str(delivery.pk)
        fields["remote_url"] = f"https://x.com/alice/status/{delivery.pk}"
    if state == UNCONFIRMED:
        fields["waiting_for"] = "person"
    Delivery.objects.filter(pk=delivery.pk).update(state=state, attempt=len(attempts), **fields)


def every_state() -> dict[str, dict[str, Any]]:
    now = timezone.now()
    soon, later, never = now + timedelta(minutes=14), now + timedelta(days=2), None
    sent, limited, away = (
        ("sent", ""),
        ("refused for now", "rate_limit"),
        ("not sent", "unreachable"),
    )
    no_answer, cut_off = ("unknown", "no_answer"), ("unknown", "cut_off")
    rows = {
        "in line": ("queued", "", []),
        "sending": ("sending", "", [("", "")]),
        "sent": ("sent", "", [sent]),
        "sent at the second try": ("sent", "", [away, sent]),
        "failed": ("failed", "duplicate", [("refused", "duplicate")]),
        "tried out": ("failed", "unreachable", [away] * 6),
        "unconfirmed": ("unconfirmed", "no_answer", [no_answer]),
        "canceled": ("canceled", "", []),
        "dropped": ("canceled", "dropped", [cut_off]),
    }
    waits = {
        "time": ("", later, []),
        "turn": ("turn", now, []),
        "backoff": ("unreachable", soon, [away]),
        "rate_limit": ("rate_limit", soon, [limited]),
        "credits": ("credits", soon, [("refused for now", "credits")]),
        "reconnect": ("token_dead", never, [("not authorized", "token_dead")]),
        "held": ("late", never, []),
        "paused": ("paused", never, []),
    }
    cases: dict[str, dict[str, Any]] = {
        name: {"state": state, "reason": reason, "attempts": attempts}
        for name, (state, reason, attempts) in rows.items()
    }
    for word, (reason, at, attempts) in waits.items():
        waiting = {"waiting_for": word, "next_attempt_at": at}
        cases[word] = {"state": "queued", "reason": reason, "attempts": attempts} | waiting
    return cases


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


def trouble(user: Any, sandbox: Sandbox) -> None:
    """One notice of each kind."""
    channels = connect_all(user, sandbox)
    x, page = channels["Alice Example"], channels["Alice's Bakery"]
    for state in ("failed", "unconfirmed", "held"):
        post_in(user, x, state)
    everywhere = Post.objects.publish(user, "To many at once. " * 9, list(channels.values()))
    forty_pages(page.connection)
    many = Post.objects.publish(user, "Late everywhere.", Channel.objects.of(user)[:6])
    Delivery.objects.filter(post=everywhere).update(
        state="failed", reason="policy", finished_at=timezone.now()
    )
    late = {"waiting_for": "held", "reason": "late", "next_attempt_at": None}
    Delivery.objects.filter(post=many).update(**late)
    Delivery.objects.filter(state="failed").update(finished_at=timezone.now())
    channels["City Garden Club"].mark_lost("page_role")
    sync_notices()
    x.connection.mark_lost("token_dead")
    Notice.objects.filter(kind="failed").dismiss()
    later = timezone.now() + timedelta(days=1)
    for number in range(3):
        Post.objects.publish(user, f"Later {number}", [x], later)
    post_in(user, page, "failed")
    Delivery.objects.filter(state="failed").update(finished_at=timezone.now())
    sync_notices()
