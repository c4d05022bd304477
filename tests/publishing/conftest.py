"""Channels to publish to: with real grants of the sandbox, or without any network behind them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from social.connections.connect import connect
from social.models import Channel, CircuitBreaker, network_tripped
from social.networks import NETWORKS
from social.networks.shapes import Grant
from tests.publishing.factories import page_channel, publish, reloaded, x_channel
from tests.publishing.keyed.network import Keyed
from tests.sandbox import Sandbox


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
        assert reloaded(delivery).state == "unconfirmed"
        return reloaded(delivery)

    return publish_in_doubt


@pytest.fixture
def asked_about(place, in_doubt):
    """A delivery whose person is asked: it is not there, or its answer was lost."""

    def ask(channel=place, fault="reset.before", text="Hello, world!"):
        delivery = in_doubt(channel, fault, text)
        assert delivery.ask("absent_again")
        return reloaded(delivery)

    return ask


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
