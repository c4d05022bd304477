"""What is easily lost of connections when code is moved: no other test notices."""

from datetime import timedelta

import pytest
from django.utils import timezone

from project.jobs.models import QueuedJob
from social.connections import refresh as refreshing
from social.connections.refresh import PLACES_BY_ID_AT_MOST, ask_and_store
from social.models import Channel, CircuitBreaker, Connection
from social.models.circuit_breaker import RATE_LIMIT, forget_known_breakers
from social.models.connection import (
    BUSY_DELAY_SECONDS,
    ERROR_DELAY_SECONDS,
    FORGOTTEN_SECONDS,
)
from social.networks.errors import RateLimited, TemporaryError
from social.networks.http import Deadline
from social.timing import ago, delay
from tests.publishing.factories import x_channel

from .dancing import connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(alice) -> Connection:
    found = x_channel(alice).connection
    QueuedJob.objects.all().delete()
    return found


def jobs() -> list[tuple[str, bool]]:
    """The name of each that is queued, and whether that is for later."""
    rows = QueuedJob.objects.order_by("pk")
    return [(row.func.rpartition(".")[2], row.lock > timezone.now()) for row in rows]


def test_what_failed_for_now_is_asked_for_after_its_pause(connection):
    connection.note_error(TemporaryError("unreachable"))
    assert jobs() == [("refresh_connection", True)]
    assert connection.wanted_at - timezone.now() > delay(ERROR_DELAY_SECONDS - 5)
    later = timezone.now() + timedelta(hours=3)
    connection.note_error(RateLimited("rate_limit", until=later))
    assert Connection.objects.get().wanted_at == Connection.objects.get().refresh_not_before


def test_what_came_too_early_is_planned_once_more_unless_it_is_planned(connection):
    Connection.objects.update(checked_at=None, wanted_at=timezone.now() - timedelta(minutes=1))
    connection.postpone_refresh_later()
    assert jobs() == [("refresh_connection", True)]
    wait = Connection.objects.get().wanted_at - timezone.now()
    assert timedelta(0) < wait <= delay(BUSY_DELAY_SECONDS)
    connection.postpone_refresh_later()
    assert len(jobs()) == 1


def test_only_what_still_has_tokens_is_revoked_when_its_job_was_lost(connection, bob):
    long_ago = ago(2 * FORGOTTEN_SECONDS)
    wiped = x_channel(bob, "bob").connection
    Connection.objects.update(disconnected_at=long_ago, wanted_at=long_ago)
    Connection.objects.filter(pk=wiped.pk).update(access_sealed="")
    QueuedJob.objects.all().delete()
    Connection.objects.all().take_up_forgotten()
    assert jobs() == [("revoke_connection", False)]
    assert QueuedJob.objects.get().argument == str(connection.pk)


def test_a_limit_that_has_ended_blocks_nobody_though_it_is_remembered(connection, monkeypatch):
    until = timezone.now() + timedelta(minutes=1)
    CircuitBreaker.objects.trip("x", RATE_LIMIT, "rate_limit", until, account="x:1")
    forget_known_breakers()
    assert CircuitBreaker.objects.blocking("x:1", "x")
    monkeypatch.setattr(timezone, "now", lambda: until + timedelta(seconds=1))
    assert CircuitBreaker.objects.blocking("x:1", "x") is None


@pytest.mark.parametrize("more", [0, 1])
def test_of_very_many_places_that_are_not_listed_none_is_asked_for_by_itself(
    alice, sandbox, monkeypatch, more
):
    connection, asked, told = connect(sandbox, alice, "facebook"), [], []
    Channel.objects.filter(connection=connection).update(chosen_at=None)
    Channel.objects.bulk_create(
        Channel(
            connection=connection,
            network_name="facebook",
            remote_id=f"9{number}",
            name="Unlisted",
            chosen_at=timezone.now(),
        )
        for number in range(PLACES_BY_ID_AT_MOST + more)
    )
    monkeypatch.setattr(type(connection.network), "place", lambda self, id, grant: asked.append(id))
    monkeypatch.setattr(
        refreshing,
        "store_answer",
        lambda connection, missing, places: told.append(getattr(places, "is_complete", True)),
    )
    ask_and_store(connection)
    assert (len(asked), told) == ((0, [False]) if more else (PLACES_BY_ID_AT_MOST, [True]))


def test_who_cuts_a_call_keeps_no_program_from_ending():
    assert Deadline(1).timer.daemon
