"""Connecting as a person does it: through the network's own page, with a browser that is a test
client here and `requests` there."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock
from urllib.parse import urlencode, urlsplit

import requests
from django.core.management import call_command
from django.test import Client

from social.models import Channel, Connection
from social.networks import NETWORKS
from tests.environment import NETWORKS_URL

HOST = urlsplit(NETWORKS_URL).netloc
ALICE, BOB, PAULA = "1700000000000000001", "1700000000000000002", "1700000000000000004"
FB_ALICE, FB_BOB = "100000000000001", "100000000000002"
BAKERY, GARDEN, LIBRARY = "610000000000001", "610000000000002", "610000000000003"
BICYCLES = "610000000000004"
BSKY_ALICE, BSKY_BOB = "did:plc:alicealicealicealicealic", "did:plc:bobbobbobbobbobbobbobbob"
MAST_ALICE, MAST_BOB = "109000000000000001", "109000000000000002"
PEOPLE = {"x": "alice", "facebook": FB_ALICE, "bluesky": "alice.test", "mastodon": "alice"}
TYPED = {"bluesky": {"handle": "alice.test", "password": "alic-aaaa-bbbb-cccc"}}


def ask(client: Client, network: str, process: str = "connect", action: str = "") -> str:
    """Press "Connect"; where that leads."""
    query = urlencode({"process": process, "next": "/channels/", "action": action})
    start = client.post(f"/accounts/{NETWORKS[network].provider}/login/?{query}")
    assert start.status_code == 302, start.content
    return start.headers["Location"]


def allow(authorize_url: str, who: str, **ticks: str) -> str:
    """Say yes on the network's page (or `sandbox_cancel="1"`); where that sends the browser."""
    clicks = {"sandbox_auto": "1", "sandbox_user": who, **ticks}
    url, ca = f"{authorize_url}&{urlencode(clicks)}", os.environ["SANDBOX_CA"]
    answer = requests.get(url, allow_redirects=False, timeout=10, verify=ca)
    assert answer.status_code == 302, answer.text
    return answer.headers["Location"].partition("#")[0]


def dance(client: Client, network: str, who: str = "", process: str = "connect", **ticks: str):
    """All of it; the answer to the browser that comes back."""
    if NETWORKS[network].signs_in_there:
        asked = client.post(f"/channels/connect/{network}/", {"home": HOST})
        return client.get(allow(asked.headers["Location"], who or PEOPLE[network], **ticks))
    if NETWORKS[network].sign_in_fields:
        return client.post(f"/channels/connect/{network}/", TYPED[network])
    back = allow(ask(client, network, process), who or PEOPLE[network], **ticks)
    return client.get(back)


def connect(sandbox: Any, user: Any, network: str, who: str = "", **options: Any) -> Connection:
    """A connection of `user`'s with every place chosen, without the pages."""
    token = sandbox.token(network, who or PEOPLE[network], **options)
    pair = f"{token['access_token']}\n{token.get('refresh_token', '')}\n"
    asked = ["--home", HOST] if NETWORKS[network].asks_home else []
    with typed(pair):
        call_command(
            "connect", user.username, network, "--token-stdin", *asked, stdout=io.StringIO()
        )
    return Connection.objects.of(user).filter(network_name=network).latest("renewed_at")


@contextmanager
def typed(text: str) -> Iterator[None]:
    with mock.patch("sys.stdin", io.StringIO(text)):
        yield


def channel_of(user: Any, network: str) -> Channel:
    return Channel.objects.of(user).filter(network_name=network).first()


def a_minute_passes() -> None:
    """Long enough that a connection may be looked around at again."""
    Connection.objects.update(refreshing_until=None, refresh_not_before=None, wanted_at=None)


def refresh(client: Client, connection: Connection) -> None:
    """Press "Look again", long enough after the last look."""
    a_minute_passes()
    client.post(f"/channels/connections/{connection.pk}/looks/")
