"""Whoever presses a button sixty times asks the networks as often as one who presses it once."""

import threading
from datetime import timedelta

import pytest
from django.contrib.messages import get_messages
from django.db import connection as database
from django.utils import timezone
from django_q.models import OrmQ

from social.models import Channel, Connection
from tests.publishing.factories import page_channel

from .dancing import a_minute_passes, connect

pytestmark = pytest.mark.django_db
A_LOOK = 4  # calls: the grant is prolonged, its permissions, its Pages


@pytest.fixture
def connection(alice, sandbox, run_jobs) -> Connection:
    made = connect(sandbox, alice, "facebook")
    run_jobs()
    a_minute_passes()
    return made


def path(connection) -> str:
    return f"/channels/connections/{connection.pk}/looks/"


def said(response) -> str:
    return " ".join(str(message) for message in get_messages(response.wsgi_request))


def test_sixty_looks_are_one(connection, client_for, alice, sandbox, run_jobs):
    client, before = client_for(alice), len(sandbox.journal())
    answers = []
    for _ in range(60):
        answers.append(client.post(path(connection)))
        run_jobs()
    assert 0 < len(sandbox.journal()) - before <= A_LOOK
    assert not said(answers[0]) and "You can ask again at" in said(answers[1])
    assert "possible from" in client.get("/channels/").content.decode()
    assert not OrmQ.objects.exists()
    a_minute_passes()
    assert "possible from" not in client.get("/channels/").content.decode()
    client.post(path(connection))
    run_jobs()
    assert A_LOOK < len(sandbox.journal()) - before <= 2 * A_LOOK


def test_sixty_jobs_however_they_came_are_one_look(connection, sandbox, run_jobs):
    before = len(sandbox.journal())
    for _ in range(30):
        connection.refresh_later()
        connection.check_later()
    run_jobs()
    run_jobs(until=timezone.now() + timedelta(minutes=10))
    assert 0 < len(sandbox.journal()) - before <= A_LOOK
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize("wanted_ago", [None, timedelta(seconds=1)], ids=["never", "before"])
def test_what_came_too_early_and_is_wanted_comes_once_more(
    wanted_ago, connection, sandbox, run_jobs
):
    assert connection.claim_refresh()  # somebody else is refreshing it
    Connection.objects.update(checked_at=None)
    for _ in range(20):
        connection.refresh_later()
    Connection.objects.update(wanted_at=wanted_ago and timezone.now() - wanted_ago)
    before = len(sandbox.journal())
    run_jobs()
    assert (OrmQ.objects.count(), len(sandbox.journal())) == (1, before)
    Connection.objects.update(refreshing_until=None, refresh_not_before=None)
    run_jobs(until=timezone.now() + timedelta(minutes=2))
    connection.refresh_from_db()
    assert connection.checked_at and not OrmQ.objects.exists()


def test_a_look_that_fails_sixty_times_is_asked_for_as_seldom(
    connection, client_for, alice, sandbox, run_jobs
):
    sandbox.call("POST", "/faults", json={"action": {"close": True}, "times": None})
    client, before = client_for(alice), len(sandbox.journal())
    for _ in range(60):
        client.post(path(connection))
        run_jobs()
    assert 0 < len(sandbox.journal()) - before <= A_LOOK
    assert OrmQ.objects.count() <= 1


def test_a_look_that_failed_comes_again_when_it_may(connection, sandbox, run_jobs):
    sandbox.call("POST", "/faults", json={"action": {"close": True}, "times": None})
    connection.refresh_later()
    assert len(run_jobs()) == 1  # no job comes before that
    connection.refresh_from_db()
    assert connection.last_error and connection.refresh_not_before > timezone.now()
    assert connection.wanted_at == connection.refresh_not_before
    assert OrmQ.objects.get().lock >= connection.refresh_not_before


def test_a_dead_connection_is_not_asked_again_and_again(
    connection, client_for, alice, sandbox, run_jobs
):
    sandbox.change("password_change", user="100000000000001")
    client, before = client_for(alice), len(sandbox.journal())
    for _ in range(60):
        client.post(path(connection))
        run_jobs()
    assert 0 < len(sandbox.journal()) - before <= A_LOOK


@pytest.mark.django_db(transaction=True)
def test_of_ten_who_look_at_once_one_does(alice, sandbox):
    connection = connect(sandbox, alice, "facebook")
    a_minute_passes()
    OrmQ.objects.all().delete()
    start, won = threading.Barrier(10), []

    def press() -> None:
        mine = Connection.objects.get(pk=connection.pk)
        start.wait()
        won.append((mine.request_refresh(), mine.claim_refresh()))
        database.close()

    threads = [threading.Thread(target=press) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(looked for looked, _ in won) <= 1 and sum(took for _, took in won) == 1
    assert OrmQ.objects.count() == sum(looked for looked, _ in won)


def test_until_it_may_look_again_nothing_counts_as_looked_at(connection):
    assert connection.request_refresh()
    Connection.objects.update(checked_at=timezone.now())
    connection.refresh_soon()  # too early: it is planned, and what goes there waits
    row = Connection.objects.get()
    assert row.checked_at is None and row.wanted_at


def test_what_is_chosen_is_not_offered_once_more(alice):
    page = page_channel(alice)
    assert (page.connection.chosen, page.connection.offered) == ([page], [])
    Channel.objects.update(chosen_at=None)
    connection = Connection.objects.get()
    assert (connection.chosen, connection.offered) == ([], [page])
