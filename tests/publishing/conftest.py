"""Channels to publish to: with real grants of the sandbox, or without any network behind them."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models import F
from django.utils import timezone
from django_q.models import OrmQ

from publishing.deliveries.claims import take
from publishing.deliveries.send import Sender
from publishing.deliveries.settle import mark_sent
from publishing.deliveries.verify import Verifier, claim_verification
from publishing.models import Attempt, Delivery, Post, Verification
from social.connections.connect import connect
from social.connections.refresh import store_answer
from social.models import Channel, CircuitBreaker, network_tripped
from social.models.circuit_breaker import forget_known_breakers
from social.networks import NETWORKS
from social.networks.errors import NetworkError, OutcomeUnknown, Rejected
from social.networks.shapes import Grant, Person, Place, Published
from tests.publishing.keyed.network import Keyed
from tests.sandbox import Sandbox

HOUR = timedelta(hours=1)
SCOPES = ("tweet.read", "tweet.write", "users.read", "offline.access")


def x_channel(user: Any, name: str = "alice", told: dict[str, Any] | None = None) -> Channel:
    """`told` is a grant of the sandbox's; without it nothing can be sent."""
    who = told["user"] if told else {"id": f"1{name}", "name": name.title(), "username": name}
    person = Person(who["id"], who["name"], who["username"])
    tokens = told or {"access_token": f"access-{name}", "refresh_token": f"refresh-{name}"}
    ends = timezone.now() + 2 * HOUR
    grant = Grant(tokens["access_token"], tokens["refresh_token"], ends, SCOPES)
    return connect(user, NETWORKS["x"], person, grant).channels.get()


def page_channel(user: Any, name: str = "Bakery", told: dict[str, Any] | None = None) -> Channel:
    page = told["pages"][0] if told else {"id": f"6{name}", "name": name, "access_token": "page"}
    who = told["user"] if told else {"id": f"1{user.username}", "name": user.username.title()}
    grant = Grant(told["access_token"] if told else "user-token")
    connection = connect(user, NETWORKS["facebook"], Person(who["id"], who["name"]), grant)
    OrmQ.objects.all().delete()  # the job that looks around; here is what it would find
    place = Place(page["id"], page["name"], page["name"].lower(), token=page["access_token"])
    store_answer(connection, (), [place])
    channel = connection.channels.get(remote_id=page["id"])
    channel.choose()
    return Channel.objects.select_related("connection").get(pk=channel.pk)


@pytest.fixture
def x(alice: Any, sandbox: Sandbox) -> Channel:
    """Alice's X account."""
    return x_channel(alice, told=sandbox.token("x", "alice"))


@pytest.fixture
def bakery(alice: Any, sandbox: Sandbox) -> Channel:
    """Alice's Page."""
    told = sandbox.token("facebook", "100000000000001", pages=["alicesbakery"])
    return page_channel(alice, told=told)


@pytest.fixture
def channel(alice: Any) -> Channel:
    """A channel whose network nobody asks."""
    return x_channel(alice)


@pytest.fixture
def closed() -> Iterator[list[tuple[str, str]]]:
    """(network, kind) of what was told to be closed."""
    told = []

    def listen(breaker: CircuitBreaker, **kwargs: Any) -> None:
        told.append((breaker.scope, breaker.kind))

    network_tripped.connect(listen)
    yield told
    network_tripped.disconnect(listen)


def publish(channel: Channel, text: str = "Hello, world!", **more: Any) -> Delivery:
    """Publish to one channel; the one delivery."""
    post = Post.objects.publish(channel.connection.user, text, [channel], **more)
    return Delivery.objects.with_all().get(post=post)


def fresh(delivery: Delivery) -> Delivery:
    """As it stands in the database now."""
    return Delivery.objects.with_all().get(pk=delivery.pk)


def time_passes(**by: float) -> None:
    """Everything that is written down happened that much earlier."""
    written = {
        Delivery: (
            "due_at",
            "next_attempt_at",
            "next_verification_at",
            "woken_at",
            "lease_until",
            "doubted_since",
        ),
        Attempt: ("started_at", "finished_at", "server_time"),
        Verification: ("verified_at", "server_time"),
    }
    for model, fields in written.items():
        model.objects.update(**{field: F(field) - timedelta(**by) for field in fields})
    OrmQ.objects.update(lock=F("lock") - timedelta(**by))
    for field in ("tripped_at", "until", "reset_at"):
        CircuitBreaker.objects.update(**{field: F(field) - timedelta(**by)})
    forget_known_breakers()


def look(delivery: Delivery) -> None:
    """The time of its next look comes, and a worker looks."""
    wait = fresh(delivery).next_verification_at - timezone.now()
    time_passes(seconds=max(0, wait.total_seconds()) + 0.001)
    taken = claim_verification(delivery.job_id)
    assert taken is not None
    Verifier(taken).verify()


def look_until_it_moves(delivery: Delivery) -> None:
    for _ in range(20):
        if not fresh(delivery).is_verifying:
            return
        look(delivery)
    raise AssertionError("it looks for ever")


def in_state(channel: Channel, state: str) -> Delivery:
    """A delivery that came to `state` as deliveries do."""
    delivery = publish(channel, f"This will be {state}.")
    if state == "canceled":
        delivery.cancel()
    elif state != "queued":
        assert take(delivery)
        if state != "sending":
            settle(delivery, HOW[state])
    return fresh(delivery)


def settle(delivery: Delivery, answer: Published | NetworkError) -> Attempt:
    """The rest of a send: written ahead, and answered with `answer`."""
    attempt = Sender(delivery).write_ahead()
    if isinstance(answer, Published):
        mark_sent(delivery, answer, attempt)
    else:
        Sender(delivery).mark_failed(answer, attempt)
    return attempt


YES = Published("1234567", "https://x.example/alice/status/1234567")
HOW = {"sent": YES, "unconfirmed": OutcomeUnknown("no_answer"), "failed": Rejected("policy")}


# ── In doubt ──────────────────────────────────────────────────────────────────────────────────
@pytest.fixture(params=["x", "bakery"])
def place(request):
    """A channel of each network."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def in_doubt(sandbox, run_jobs):
    """Publish under a fault: the post may be there."""

    def publish_in_doubt(place, fault="reset.after", text="Hello, world!"):
        sandbox.arm(f"{'x' if place.network_name == 'x' else 'fb'}.{fault}")
        delivery = publish(place, text)
        run_jobs()
        assert fresh(delivery).state == "unconfirmed"
        return fresh(delivery)

    return publish_in_doubt


def by_hand(sandbox, place, text="Hello, world!", **more):
    account = "alice" if place.network_name == "x" else place.remote_id
    asked = {"network": place.network_name, "account": account, "text": text, **more}
    return sandbox.call("POST", "/posts", json=asked)


@pytest.fixture
def asked_about(place, in_doubt):
    """A delivery whose person is asked: it is not there, or its answer was lost."""

    def ask(channel=place, fault="reset.before", text="Hello, world!"):
        delivery = in_doubt(channel, fault, text)
        assert delivery.ask("absent_again")
        return fresh(delivery)

    return ask


def stands(delivery):
    delivery = fresh(delivery)
    return delivery.state, delivery.waiting_for, delivery.reason


# ── A network that knows requests by their keys ───────────────────────────────────────────────
def add_keyed(monkeypatch: pytest.MonkeyPatch, folder: Path, finds: bool) -> Keyed:
    """List it, with nothing in it."""
    monkeypatch.setattr(NETWORKS, "modules", [*NETWORKS.modules])
    monkeypatch.setattr(NETWORKS, "declared", {**NETWORKS.declared})
    monkeypatch.setattr(NETWORKS, "loaded", {**NETWORKS})
    NETWORKS.add("tests.publishing.keyed")
    NETWORKS["keyed"].begin(folder, finds)
    return NETWORKS["keyed"]


@pytest.fixture(params=[True, False], ids=["finds by key", "keeps keys"])
def keyed(request, monkeypatch, tmp_path):
    return add_keyed(monkeypatch, tmp_path, request.param)


@pytest.fixture
def finder(monkeypatch, tmp_path):
    return add_keyed(monkeypatch, tmp_path, True)


@pytest.fixture
def keeper(monkeypatch, tmp_path):
    return add_keyed(monkeypatch, tmp_path, False)


def keyed_channel(user: Any) -> Channel:
    """Of a network that `add_keyed` has listed."""
    grant, network = Grant(user.username), NETWORKS["keyed"]
    return connect(user, network, network.person(grant), grant).channels.get()


@pytest.fixture
def shelf(alice: Any) -> Callable[[], Channel]:
    """A channel there: the network is added first."""
    return lambda: keyed_channel(alice)
