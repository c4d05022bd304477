"""The demo person: all networks connected in one click. Sandbox mode only."""

import logging
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import requests
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from social.connections.refresh import store_answer

from .connections.connect import connect
from .jobs import enqueue
from .models import Channel, Home
from .networks import NETWORKS, tls
from .networks.base import Network
from .networks.errors import NetworkError
from .networks.homes import sandbox_home
from .networks.http import home_address
from .networks.shapes import Grant

logger = logging.getLogger(__name__)

USERNAME = "demo"
EXPECTED_WITHIN = timedelta(seconds=20)  # of signing in
SANDBOX_PERSON = "bob"  # alice stays free for whoever signs up
NO_DEMO_KEY = "social.demo:none-here"  # in the cache, which all processes share
NO_DEMO_SECONDS = 86_400  # for which that is remembered


def connect_demo_later(user: User) -> None:
    cache.delete(NO_DEMO_KEY)
    enqueue("social.tasks.connect_demo", user.pk, queue="publish", owner=user.pk)


def is_demo_on_its_way(user: User) -> bool:
    """Whether this is the demo person, just signed in, whose connections a job is making."""
    if not settings.SANDBOX_MODE or user.username != USERNAME or user.last_login is None:
        return False
    if is_demo_missing(user):
        return False
    return not is_connected_everywhere(user) and timezone.now() - user.last_login < EXPECTED_WITHIN


def is_connected_everywhere(user: User) -> bool:
    connected = set(Channel.objects.of(user).values_list("network_name", flat=True))
    return connected >= {network.name for network in NETWORKS.values() if network.has_demo}


def is_demo_missing(user: User) -> bool:
    """Whether this is the demo person, and the networks of this server do not have one."""
    return user.username == USERNAME and bool(cache.get(NO_DEMO_KEY))


def connect_demo_person(user_id: int) -> None:
    """Connect the demo person; or remember that there is none, for the page that waits."""
    try:
        user = get_user_model().objects.get(pk=user_id)
        if not is_connected_everywhere(user):  # each sign-in queues one of these
            _connect(user)
    except (requests.RequestException, LookupError, TypeError, NetworkError) as error:
        # Not our sandbox but somebody else's, which has no such door, or one that is away.
        logger.warning("no demo person here: %s", error)
        cache.set(NO_DEMO_KEY, True, NO_DEMO_SECONDS)


def _connect(user: User) -> None:
    """Ask the sandbox for the tokens that a person would get by clicking, and connect with them."""
    for network in NETWORKS.values():
        if not network.has_demo:
            continue
        token = sandbox_token(network)
        home, software = network.home_behind(sandbox_home()) if network.asks_home else ("", "")
        access, refresh = token["access_token"], token.get("refresh_token", "")
        grant = network.with_home(Grant(access, refresh, home=home))
        person = network.person(grant)
        if network.renews_on_refresh:
            grant = network.renew(grant)
        missing, places = network.missing_permissions(grant), network.places(grant, person)
        with transaction.atomic():  # the job that refreshes it comes after, and finds it done
            connection = connect(user, network, person, grant)
            store_answer(connection, missing, places)
            if home:
                Home.objects.note(network.name, home, software)
            for channel in connection.channels.offered():
                if channel.may_be_chosen:
                    channel.choose()


def sandbox_token(network: Network) -> dict[str, Any]:
    """Tokens of the sandbox's own making, from its control plane."""
    home = urlsplit(getattr(settings, network.home)).netloc if network.home else sandbox_home()
    address = home_address(home)
    with requests.Session() as session:
        session.trust_env = False  # no proxies
        session.mount("https://", tls.Adapter())
        response = session.post(
            f"{address}/_sandbox/tokens",
            json={"network": network.name, "user": SANDBOX_PERSON},
            timeout=5,
        )
    response.raise_for_status()
    return response.json()
