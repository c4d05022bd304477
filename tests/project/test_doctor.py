from io import StringIO
from ipaddress import ip_network

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from project.jobs.models import Heartbeat
from project.jobs.queue.job import Job
from project.jobs.queue.queueing import NewRow, insert
from social.models import CircuitBreaker, Connection

pytestmark = pytest.mark.django_db


def look(*options: str) -> str:
    out = StringIO()
    try:
        call_command("doctor", *options, stdout=out)
    except CommandError as error:
        assert error.returncode == 1
        out.write(str(error))
    return out.getvalue()


def test_it_works(sandbox, settings):
    Heartbeat.objects.start("worker")
    settings.PRIVATE_HOMES = [ip_network("192.168.1.0/24")]
    said = look()
    assert "MEND" not in said
    assert "people may also name servers in 192.168.1.0/24" in said
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
    CircuitBreaker.objects.trip("x", "credits", "credits")
    assert "MEND  networks: This server's credits at X are used up" in look()


def test_jobs_of_a_queue_that_nobody_serves_are_something_to_mend(sandbox):
    Heartbeat.objects.start("worker")
    insert([NewRow("publsh", Job.new("project.jobs.tasks.prune"), timezone.now())])
    assert "MEND  worker: no worker serves the queue publsh" in look()


# ── What would only be noticed by its people ──────────────────────────────────────────────────
def test_static_files_that_nobody_collected_are_named(sandbox, settings, tmp_path):
    settings.STATIC_ROOT = tmp_path
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.ManifestStaticFilesStorage"}
    }
    assert "MEND  pages: no static files are collected" in look()
    call_command("collectstatic", interactive=False, verbosity=0)
    assert "MEND  pages" not in look()


def test_mails_that_nobody_gets_are_named_where_people_need_them(sandbox, settings):
    settings.MAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
    assert "MEND  mail" not in look()
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"
    assert "MEND  mail: SIGN_UP is open" in look() and "EMAIL_URL" in look()


def test_a_trial_mail_goes_out_at_once_from_our_address(sandbox, settings, mailoutbox):
    settings.MAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.DEFAULT_FROM_EMAIL = "Us <us@example.org>"
    assert "ok    mail: taken by the mail server" in look("--mail", "alice@example.org")
    [message] = mailoutbox
    assert (message.to, message.from_email) == (["alice@example.org"], "Us <us@example.org>")


def test_a_trial_mail_that_no_server_takes_is_something_to_mend(sandbox, settings):
    settings.MAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    settings.EMAIL_HOST_PASSWORD = "hidden"
    said = look("--mail", "alice@example.org")
    assert "MEND  mail: none could be sent from" in said and "hidden" not in said


@pytest.mark.parametrize(
    "count, headers, address, named",
    [
        (0, {"X-Forwarded-For": "192.0.2.1"}, "127.0.0.1", True),
        (0, {"X-Forwarded-For": "192.0.2.1"}, "10.1.2.3", True),
        (0, {"X-Forwarded-For": "192.0.2.1"}, "", True),  # a Unix socket
        (0, {"X-Forwarded-For": "192.0.2.1"}, "8.8.8.8", False),
        (1, {"X-Forwarded-For": "192.0.2.1"}, "127.0.0.1", False),
        (0, {}, "127.0.0.1", False),
    ],
)
@pytest.mark.parametrize("path", ["/healthz", "/accounts/login/"])
def test_a_proxy_that_nobody_told_us_of_is_named(
    sandbox, settings, count, headers, address, named, path
):
    cache.clear()
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = count
    Client(headers=headers).get(path, REMOTE_ADDR=address)
    assert ("MEND  proxy: requests come with X-Forwarded-For" in look()) is named
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    assert "ok    proxy: 1 in front" in look()


@pytest.mark.django_db(transaction=True)
def test_a_database_that_cannot_be_written_to_is_named():
    is_sqlite = connection.vendor == "sqlite"
    forbid = "PRAGMA query_only=1" if is_sqlite else "SET default_transaction_read_only = on"
    allow = "PRAGMA query_only=0" if is_sqlite else "SET default_transaction_read_only = off"
    with connection.cursor() as cursor:
        cursor.execute(forbid)
        try:
            assert "MEND  database: it cannot be written to" in look()
        finally:
            cursor.execute(allow)
    assert f"ok    database: {connection.vendor}" in look()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="about rights of PostgreSQL")
@pytest.mark.django_db(transaction=True)
def test_a_user_who_may_make_no_tables_is_named():
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE modest; GRANT ALL ON ALL TABLES IN SCHEMA public TO modest")
        cursor.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        try:
            cursor.execute("SET ROLE modest")
            assert "MEND  database: its user may make no tables" in look()
        finally:
            cursor.execute("RESET ROLE")
            cursor.execute("DROP OWNED BY modest; DROP ROLE modest")
    assert "ok    database: postgresql" in look()
