"""The demo person: both networks connected in one click. Sandbox mode only."""

from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.contrib.auth import get_user_model
from django_q.tasks import async_task

from .connecting import connect
from .networks import NETWORKS
from .networks.base import Grant

USERNAME = "demo"
SANDBOX_PERSON = "bob"  # alice stays free for whoever signs up


def connect_demo_later(user: Any) -> None:
    async_task("social.tasks.connect_demo", user.pk, group=f"user:{user.pk}")


def connect_demo_person(user_id: int) -> None:
    """Ask the sandbox for the tokens that a person would get by clicking, and connect with them."""
    user = get_user_model().objects.get(pk=user_id)
    for network in NETWORKS.values():
        token = sandbox_token(network.name)
        grant = Grant(access=token["access_token"], refresh=token.get("refresh_token", ""))
        connection = connect(user, network, network.person(grant.access), grant)
        if network.many_places:
            connection.refresh()
            for channel in connection.channels.offered():
                if channel.may_be_chosen:
                    channel.choose()


def sandbox_token(network: str) -> dict[str, Any]:
    """Tokens of the sandbox's own making, from its control plane."""
    sandbox = urlsplit(settings.X_API_URL)
    response = requests.post(
        f"{sandbox.scheme}://{sandbox.netloc}/_sandbox/tokens",
        json={"network": network, "user": SANDBOX_PERSON},
        timeout=5,
    )
    response.raise_for_status()
    return response.json()
