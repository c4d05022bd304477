from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from project.jobs.job import Job
from project.jobs.models import Heartbeat
from project.jobs.queueing import NewRow, insert
from social.models import Closure, Connection

pytestmark = pytest.mark.django_db


def look() -> str:
    out = StringIO()
    try:
        call_command("doctor", stdout=out)
    except CommandError as error:
        assert error.returncode == 1
        out.write(str(error))
    return out.getvalue()


def test_it_works(sandbox):
    Heartbeat.objects.start("worker")
    said = look()
    assert "MEND" not in said
    assert "http://localhost/accounts/twitter_oauth2/login/callback/" in said


def test_no_worker_is_something_to_mend(sandbox):
    assert "MEND  worker: none is running" in look()


def test_networks_that_cannot_be_reached_are_named(settings):
    settings.X_API_URL = "http://127.0.0.1:1/x-api"
    assert "MEND  networks: 127.0.0.1:1 cannot be reached" in look()


def test_a_token_that_no_key_opens_is_something_to_mend(alice, sandbox):
    Connection.objects.create(
        user=alice, network_name="x", remote_id="1", name="Alice", access_sealed="nonsense"
    )
    assert "MEND  token keys: no key in TOKEN_KEYS opens 1 connections" in look()


def test_a_network_that_is_closed_is_named_with_why(sandbox):
    Closure.objects.close("x", "credits", "credits")
    assert "MEND  networks: This server's credits at X are used up" in look()


def test_jobs_of_a_queue_that_nobody_serves_are_something_to_mend(sandbox):
    Heartbeat.objects.start("worker")
    insert([NewRow("publsh", Job.new("project.jobs.tasks.prune"), timezone.now())])
    assert "MEND  worker: no worker serves the queue publsh" in look()
