"""The canary: tokens that we know are planted by really connecting; then everything that was
written down anywhere is searched for them."""

import io
import logging
import logging.config
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout, suppress
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from django_q.models import OrmQ

from project.jobs.queue.job import Job
from publishing.models import Delivery, Post
from social.models import Channel, Connection
from social.networks.errors import NetworkError
from social.sealing import unseal
from tests.addresses import address, admin_ids, fill_the_admin, patterns, things_of
from tests.sandbox import Sandbox
from tests.social.dancing import connect, dance

pytestmark = pytest.mark.django_db
HELD_BACK = ("tweepy", "urllib3", "requests_oauthlib", "oauthlib")
FAULTS = ["x.503.before", "x.201.garbage", "x.cut.before", "x.reset.after", "x.403.policy"]
FAULTS += ["x.500.list", "x.401.expired", "x.429.day"]
FACEBOOK_FAULTS = ["fb.1.before", "fb.html", "fb.cut.before", "fb.201.truncated", "fb.190.463"]
FACEBOOK_FAULTS += ["fb.500.noerror", "fb.10", "fb.no_content_type"]


@pytest.fixture
def written(settings) -> Iterator[io.StringIO]:
    """Everything that a process prints and logs, as if the operator had asked for all of it."""
    output, config = io.StringIO(), settings.LOGGING
    handler = {"class": "logging.StreamHandler", "stream": output}
    kept = {name: config["handlers"]["out"][name] for name in ("formatter", "filters")}
    loggers = {
        # Those that are held back print whole headers at DEBUG; that they are is part of the test.
        name: logger if name in HELD_BACK else logger | {"level": "DEBUG"}
        for name, logger in config["loggers"].items()
    }
    root = config["root"] | {"level": "DEBUG"}
    verbose = config | {"handlers": {"out": handler | kept}, "loggers": loggers, "root": root}
    logging.config.dictConfig(verbose)
    with redirect_stdout(output), redirect_stderr(output):
        yield output
    logging.config.dictConfig(settings.LOGGING)


def tokens_of(user: Any) -> set[str]:
    """Every token that our rows hold, in the clear."""
    found = set()
    for row in Connection.objects.of(user).exclude(access_sealed=""):
        found |= {row.grant().access, row.grant().refresh}
    for channel in Channel.objects.filter(connection__user=user).exclude(token_sealed=""):
        found.add(unseal(channel.token_sealed, f"channel:{channel.pk}"))
    return found - {""}


def everything_in_the_database() -> str:
    """Every table there is, ours or not."""
    with connection.cursor() as cursor:
        pages = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            pages.append(f"{table}: {cursor.fetchall()!r}")
        return "\n".join(pages)


def go_wrong(user: Any, sandbox: Sandbox, run_jobs: Any) -> None:
    """A post into each fault, and a question into each fault; jobs fail and are kept."""
    for network, faults in (("x", FAULTS), ("facebook", FACEBOOK_FAULTS)):
        for fault in faults:
            sandbox.disarm()
            sandbox.arm(fault)
            channels = Channel.objects.of(user).filter(network_name=network)[:1]
            Post.objects.publish(user, f"Into {fault}", channels)
            run_jobs(failing=True)
            Delivery.objects.filter(state="sending").update(lease_until=timezone.now())
    for action in ({"close": True}, {"status": 500, "body": "?"}, {"status": 400, "json": []}):
        sandbox.disarm()
        sandbox.call("POST", "/faults", json={"action": action, "times": None})
        for row in Connection.objects.of(user):
            row.request_refresh()
            with suppress(NetworkError):
                row.network.renew(row.grant())
        run_jobs(failing=True)
    sandbox.disarm()


def open_every_page(user: Any, client: Client) -> str:
    """As the person and as an operator, errors included."""
    root = get_user_model().objects.create_superuser("root", "root@example.org", "x")
    operator = Client(raise_request_exception=False)
    operator.force_login(root)
    things = things_of(user)
    things["<uuid:connection_id>"] = Connection.objects.of(user).first().pk
    things["<uuid:channel_id>"] = Channel.objects.of(user).first().pk
    fill_the_admin(user)
    ids, seen = admin_ids(), []
    for pattern in patterns():
        for browser in (client, operator):
            if "logout" not in pattern:
                where = address(pattern, things, ids)
                seen.append(browser.get(where).getvalue().decode(errors="replace"))
    for model in (Connection, Channel):  # every row, not only the first
        for row in model.objects.all():
            page = operator.get(f"/admin/social/{model._meta.model_name}/{row.pk}/change/")
            seen.append(page.content.decode())
    for delivery in Delivery.objects.of(user):
        seen.append(client.get(f"/status/{delivery.job_id}").content.decode())
        seen.append(client.get(delivery.post.get_absolute_url()).content.decode())
    seen.append(client.post("/settings/export/").getvalue().decode())
    return "\n".join(seen)


def break_a_page(client: Client, token: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A fault of ours with a token in its message, its arguments and its variables."""

    def broken(*args: Any, **options: Any) -> None:
        held = token
        raise RuntimeError(f"GET /me?access_token={held} headers={{'Bearer': 'Bearer {held}'}}")

    monkeypatch.setattr("social.views.Connection.objects.of", broken)
    client.raise_request_exception = False
    page = client.get("/channels/")
    monkeypatch.undo()
    assert page.status_code == 500
    return page.content.decode()


def test_no_planted_token_is_written_down_anywhere(
    alice, client_for, sandbox, run_jobs, written, monkeypatch
):
    client = client_for(alice)
    dance(client, "x")
    dance(client, "facebook")
    run_jobs()
    for channel in Channel.objects.filter(connection__user=alice, chosen_at=None):
        if channel.may_be_chosen:
            channel.choose()
    planted = tokens_of(alice)
    assert len(planted) == 6

    go_wrong(alice, sandbox, run_jobs)
    connect(sandbox, alice, "x", "paula")
    for refused in ("oauth.token_503", "oauth.code_expired"):
        for network in ("x", "facebook"):
            sandbox.arm(refused)
            dance(client, network)
    sandbox.disarm()
    dance(client, "x")
    planted |= tokens_of(alice)  # also the renewed ones
    assert len(planted) >= 8

    pages = open_every_page(alice, client)
    pages += break_a_page(client, sorted(planted)[0], monkeypatch)
    call_command("rotate_token_keys")
    database = everything_in_the_database()
    for row in Connection.objects.of(alice):
        row.disconnect()
    run_jobs()
    after = everything_in_the_database()
    log = written.getvalue()
    for name, text in {"pages": pages, "database": database, "log": log, "after": after}.items():
        assert len(text) > 1000, name
        for token in planted:
            assert token not in text, f"a token is in the {name}"
    assert "Internal Server Error" in log and "[redacted]" in log and " DEBUG " in log


def test_what_is_sealed_is_gone_from_the_database_after_disconnecting(
    alice, client_for, sandbox, run_jobs
):
    for network in ("x", "facebook"):
        dance(client_for(alice), network)
    run_jobs()
    rows = [*Connection.objects.values_list("access_sealed", "refresh_sealed")]
    sealed = {text for row in rows for text in row if text}
    sealed |= set(Channel.objects.exclude(token_sealed="").values_list("token_sealed", flat=True))
    for row in Connection.objects.of(alice):
        row.disconnect()
    run_jobs()
    text = everything_in_the_database()
    assert len(sealed) > 5 and not [one for one in sealed if one in text]


def test_every_table_of_ours_is_known_to_keep_no_other_secret():
    """A new column whose name sounds like a secret has to be sealed, or be said to be none."""
    known = {
        "access_sealed",
        "refresh_sealed",
        "token_sealed",
        "access_expires_at",
        "refreshing_until",
        "refresh_not_before",
        "client_secret_sealed",
        "secret_sealed",
        "former_secret_sealed",
        "former_secret_until",
        "token_hash",  # of a calendar's address
        "token",  # which one a call was made by
    }
    ours = ("social", "publishing", "importing", "accounts", "jobs", "api", "feeds", "webhooks")
    sounding = {
        field.name
        for model in apps.get_models()
        if model._meta.app_label in ours
        for field in model._meta.concrete_fields
        if any(word in field.name for word in ("token", "secret", "password", "access", "refresh"))
    }
    assert sounding <= known


def test_the_libraries_that_print_headers_are_held_back():
    """At DEBUG tweepy prints Authorization headers, and urllib3 addresses with tokens."""
    for name in HELD_BACK:
        assert logging.getLogger(name).getEffectiveLevel() >= logging.INFO
        assert not logging.getLogger(f"{name}.anything").isEnabledFor(logging.DEBUG)


def test_no_handler_writes_without_redacting(settings):
    assert settings.LOGGING["handlers"]
    for handler in settings.LOGGING["handlers"].values():
        assert "redact" in handler["filters"]
    for logger in settings.LOGGING["loggers"].values():
        assert set(logger.get("handlers", [])) <= settings.LOGGING["handlers"].keys()


def test_a_job_carries_one_id_and_nothing_else(alice, sandbox, client_for):
    dance(client_for(alice), "facebook")
    dance(client_for(alice), "x")
    Post.objects.publish(alice, "Hello")
    for row in OrmQ.objects.all():
        job = Job.read(row.payload)
        assert len(job.args) == 1 and len(str(job.args[0])) <= 36
        assert not [token for token in tokens_of(alice) if token in row.payload]
    assert OrmQ.objects.count() == 2
