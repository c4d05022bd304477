"""Lists whose next page leads back to where one has been: read once round, and nothing lost."""

from datetime import UTC, datetime, timedelta

import pytest

from social.connections.refresh import refresh
from social.models import Channel, Connection
from social.networks.facebook import network as facebook

from .dancing import BAKERY, GARDEN, connect

CIRCLE = {
    "x": "x.lists.circle",
    "facebook": "fb.lists.circle",
    "bluesky": "bsky.lists.circle",
    "mastodon": "mast.lists.circle",
}


def asked(sandbox, since: int, ending: str = "") -> int:
    return sum(entry["path"].endswith(ending) for entry in sandbox.journal()[since:])


def now(sandbox) -> int:
    return len(sandbox.journal())


def pages(user) -> dict[str, str]:
    return {c.remote_id: c.state for c in Channel.objects.filter(connection__user=user)}


@pytest.fixture
def connection(alice, sandbox) -> Connection:
    return connect(sandbox, alice, "facebook")


def test_pages_that_go_in_a_circle_are_read_once_round(connection, alice, sandbox):
    before = pages(alice)
    sandbox.arm(CIRCLE["facebook"])
    since = now(sandbox)
    refresh(connection)
    assert asked(sandbox, since, "/me/accounts") == 2  # the second leads to the first
    assert pages(alice) == before
    connection.refresh_from_db()
    assert connection.checked_at and not connection.blocked_reason


def test_a_page_that_a_circle_does_not_show_is_not_lost(connection, alice, sandbox):
    sandbox.arm(CIRCLE["facebook"])
    sandbox.change("remove_role", page=BAKERY, user="100000000000001")
    Channel.objects.filter(remote_id=GARDEN).update(chosen_at=None)  # offered only
    Channel.objects.filter(remote_id=BAKERY).update(remote_id="619999999999999")
    before = pages(alice)
    refresh(connection)
    assert pages(alice) == before
    sandbox.disarm()
    refresh(connection)
    assert pages(alice)["619999999999999"] == "reconnect"  # a whole list may say so


def test_a_list_that_never_ends_is_cut_off_and_takes_nothing_away(
    connection, alice, sandbox, monkeypatch
):
    before = pages(alice)
    monkeypatch.setattr(facebook, "READ_PAGE", 1)
    monkeypatch.setattr(facebook, "MOST_LISTS", 2)
    since = now(sandbox)
    refresh(connection)
    assert asked(sandbox, since, "/me/accounts") == 2
    assert len(before) > 2 and pages(alice) == before


def test_thousands_of_pages_of_one_person_are_within_what_is_read():
    assert facebook.MOST_LISTS * facebook.READ_PAGE >= 5_000


def test_a_timeline_that_goes_in_a_circle_is_read_once_and_not_whole(stage):
    for number in range(3):
        stage.publish(f"Post {number}.")
    stage.sandbox.arm(CIRCLE[stage.network.name])
    since = now(stage.sandbox)
    days_ago = datetime.now(UTC) - timedelta(days=9)  # before whatever is there
    read = stage.network.recent(stage.place_id, stage.handle, stage.place_grant, days_ago)
    ids = [post.remote_id for post in read.posts]
    assert len(ids) == len(set(ids)) >= 3
    assert not read.complete
    assert asked(stage.sandbox, since) == 2
