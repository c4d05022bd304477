"""A question that a look around does not settle is asked once, not once for each look around."""

import pytest

from publishing.models import Notice
from social.connections.refresh import refresh
from social.models import Connection
from tests.publishing.factories import reconnect, reloaded

LASTING = ("permission", "away")


@pytest.fixture
def asked(place, in_doubt, run_jobs):
    """Asked about for that reason, and told to its person."""

    def ask(reason):
        delivery = in_doubt(place)
        assert delivery.ask(f"cannot_look_{reason}")
        run_jobs()
        return delivery

    return ask


def refresh_now(delivery, run_jobs):
    refresh(Connection.objects.get(pk=delivery.channel.connection_id))
    run_jobs()


@pytest.mark.parametrize("reason", LASTING)
def test_a_refresh_asks_nothing_anew(reason, asked, run_jobs):
    delivery = asked(reason)
    told = list(Notice.objects.values_list("pk", "resolved_at", "count"))
    assert len(told) == 1
    refresh_now(delivery, run_jobs)
    assert (reloaded(delivery).waiting_for, reloaded(delivery).reason) == (
        "person",
        f"cannot_look_{reason}",
    )
    assert list(Notice.objects.values_list("pk", "resolved_at", "count")) == told


def test_a_token_that_works_lets_it_be_looked_up(asked, run_jobs):
    delivery = asked("token")
    refresh_now(delivery, run_jobs)
    assert reloaded(delivery).waiting_for == ""


@pytest.mark.parametrize("reason", LASTING)
def test_connecting_anew_lets_it_be_looked_up(reason, asked, sandbox):
    delivery = asked(reason)
    reconnect(delivery.channel, sandbox)
    assert reloaded(delivery).is_verifying
