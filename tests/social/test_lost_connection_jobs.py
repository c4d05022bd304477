"""A job of a connection that got lost is asked for again: nobody is looked around for ever, and no
tokens outlive a disconnecting."""

from datetime import timedelta

import pytest
from django.db import OperationalError
from django.db.models import F
from django.utils import timezone
from django_q.models import OrmQ

from publishing.deliveries.claims import claim
from publishing.deliveries.send import Sender
from social import tasks
from social.connections import refresh
from social.models import Connection
from social.networks import NETWORKS

from .dancing import channel_of, connect, dance
from .test_connection_lifecycle import calls, delivery_of, reload, sealed

pytestmark = pytest.mark.django_db


def lost(run_jobs) -> None:
    OrmQ.objects.all().delete()


def failed(run_jobs) -> None:
    """Its database went away in the middle: an outcome, acknowledged as any."""
    with pytest.MonkeyPatch.context() as patched:

        def cut(*args):
            raise OperationalError("server closed the connection unexpectedly")

        patched.setattr(Connection, "wipe", cut)
        patched.setattr(refresh, "store_answer", cut)
        run_jobs(failing=True)


def later(run_jobs, **by: float) -> None:
    """So much later the timetable comes round."""
    for field in (
        "renewed_at",
        "disconnected_at",
        "wanted_at",
        "refresh_not_before",
        "refreshing_until",
    ):
        Connection.objects.update(**{field: F(field) - timedelta(**by)})
    tasks.renew_ending()
    run_jobs()


@pytest.mark.parametrize("fate", [lost, failed])
@pytest.mark.parametrize("network", NETWORKS)
def test_the_tokens_go_all_the_same(fate, network, alice, sandbox, run_jobs):
    connection = connect(sandbox, alice, network)
    reload(connection).disconnect()
    fate(run_jobs)
    later(run_jobs, minutes=4)
    assert sealed(connection) != []
    later(run_jobs, minutes=2)
    assert sealed(connection) == []


def test_whose_tokens_are_gone_is_asked_nothing_more(alice, sandbox, run_jobs):
    connection = connect(sandbox, alice, "x")
    reload(connection).disconnect()
    run_jobs()
    assert sealed(connection) == []
    later(lambda: None, minutes=6)
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize("fate", [lost, failed])
def test_a_new_connection_is_looked_around_all_the_same(fate, alice, client_for, sandbox, run_jobs):
    dance(client_for(alice), "facebook")
    fate(run_jobs)
    later(run_jobs, minutes=4)
    assert Connection.objects.get().is_new
    later(run_jobs, minutes=2)
    assert not Connection.objects.get().is_new


def test_a_look_that_waits_for_its_time_is_not_doubled(alice, client_for, sandbox, run_jobs):
    dance(client_for(alice), "facebook")
    limited = {"status": 400, "json": {"error": {"code": 4, "message": ""}}}
    match = {"path_regex": "/me/(accounts|permissions)$"}
    sandbox.call("POST", "/faults", json={"match": match, "action": limited, "times": None})
    run_jobs()
    later(run_jobs, minutes=6)
    assert OrmQ.objects.count() == 1


def test_nobody_wipes_what_something_is_sent_with(alice, sandbox, run_jobs):
    connection = connect(sandbox, alice, "x")
    sending = claim(str(delivery_of(alice, channel_of(alice, "x")).job_id))
    reload(connection).disconnect()
    run_jobs()
    lost(run_jobs)
    later(run_jobs, minutes=6)
    assert sealed(connection) != [] and OrmQ.objects.count() == 1
    Sender(sending).send()
    run_jobs(until=timezone.now() + timedelta(seconds=20))
    assert sealed(connection) == [] and calls(sandbox, "/revoke") == 1
