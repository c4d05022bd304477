"""Pages that a list leaves out: asked for by their ids before they count as lost."""

import pytest

from social.connections import refresh as refreshing
from social.connections.refresh import refresh
from social.connections.tokens import channel_grant
from social.models import Channel, Connection
from social.networks.errors import TemporaryError

from ..dancing import BAKERY, connect

ALICE = "100000000000001"


@pytest.fixture
def pages(alice, sandbox) -> Connection:
    return connect(sandbox, alice, "facebook")


def state_of(remote_id: str) -> str:
    return Channel.objects.get(remote_id=remote_id).state


def test_a_page_that_the_list_leaves_out_stays(pages, sandbox):
    sandbox.change("unlist", page=BAKERY)
    refresh(pages)
    assert state_of(BAKERY) == "works"
    assert channel_grant(Channel.objects.get(remote_id=BAKERY)).access


def test_a_list_that_is_empty_once_takes_nothing_away(pages, sandbox):
    answer = {"action": {"status": 200, "json": {"data": []}}}
    sandbox.call("POST", "/faults", json=answer | {"match": {"path_regex": "/me/accounts$"}})
    refresh(pages)
    assert state_of(BAKERY) == "works"


def test_a_page_without_a_role_is_lost_all_the_same(pages, sandbox):
    sandbox.change("remove_role", page=BAKERY, user=ALICE)
    refresh(pages)
    assert state_of(BAKERY) == "reconnect"
    assert Channel.objects.get(remote_id=BAKERY).blocked_reason == "page_role"


def test_a_page_that_cannot_be_asked_for_is_not_lost(pages, sandbox):
    sandbox.change("unlist", page=BAKERY)
    fault = {"action": {"status": 503, "body": ""}, "match": {"path_regex": f"/{BAKERY}$"}}
    sandbox.call("POST", "/faults", json=fault)
    with pytest.raises(TemporaryError):
        refresh(pages)
    assert state_of(BAKERY) == "works"


def test_more_than_can_be_asked_for_are_not_lost(pages, sandbox, monkeypatch):
    monkeypatch.setattr(refreshing, "PLACES_BY_ID_AT_MOST", 0)
    sandbox.change("remove_role", page=BAKERY, user=ALICE)
    refresh(pages)
    assert state_of(BAKERY) == "works"
    assert not [entry for entry in sandbox.journal() if entry["path"].endswith(f"/{BAKERY}")]
