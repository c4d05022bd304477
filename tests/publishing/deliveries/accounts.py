"""Accounts of several people at each network, and what keeps them waiting."""

from typing import Any

from publishing.deliveries.claims import take
from publishing.models import Delivery
from social.models import Channel
from tests.publishing.factories import (
    finish_send,
    let_time_pass,
    page_channel,
    publish,
    reloaded,
    x_channel,
)
from tests.sandbox import Sandbox

PAGES = {
    "alice": ("100000000000001", "610000000000001"),
    "bob": ("100000000000002", "610000000000004"),
}


def accounts(network: str, people: list[Any], sandbox: Sandbox) -> list[Channel]:
    """One channel of each, with grants of the sandbox's."""
    if network == "x":
        return [x_channel(who, told=sandbox.token("x", who.username)) for who in people]
    told = []
    for who in people:
        person, page = PAGES[who.username]
        told.append((who, sandbox.token("facebook", person, pages=[page])))
    return [page_channel(who, told=grant) for who, grant in told]


def where(*deliveries: Delivery) -> list[tuple[str, str]]:
    return [(reloaded(d).state, reloaded(d).waiting_for) for d in deliveries]


def everything_comes_back(run_jobs: Any) -> None:
    run_jobs()
    let_time_pass(minutes=2)
    run_jobs()


def fails(channel: Channel, count: int, error: Exception) -> Delivery:
    """So many deliveries, one after the other, each once."""
    for number in range(count):
        delivery = publish(channel, f"Fails, {number}.")
        take(delivery)
        finish_send(delivery, error)
    return delivery
