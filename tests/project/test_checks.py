"""The system checks: silent about these settings, outspoken about unsafe ones."""

import pytest
from django.contrib import admin
from django.core.checks import run_checks
from django.db import connection
from django_q.admin import QueueAdmin
from django_q.models import OrmQ

from project import checks


def ids() -> set[str]:
    return {message.id for message in run_checks() if message.id.startswith("fanfare")}


def test_these_settings_are_safe():
    assert ids() == set()


@pytest.mark.parametrize(
    "name, value, said",
    [
        ("ELSEWHERE", ["X_API_URL"], "fanfare.E001"),
        ("SECRET_KEY", "short", "fanfare.E006"),
        ("JOB_TIMEOUT", 10, "fanfare.E014"),
        ("JOB_TIMEOUT", 600, "fanfare.E015"),
    ],
)
def test_an_unsafe_setting_is_an_error(settings, name, value, said):
    setattr(settings, name, value)
    assert said in ids()


def test_time_is_only_scaled_in_the_sandbox(settings):
    settings.TIME_SCALE = 0.1
    assert ids() == set()
    settings.SANDBOX_MODE, settings.SANDBOX_CA = False, ""
    assert ids() == {"fanfare.E003"}


def test_the_sandboxs_ca_is_refused_outside_of_the_sandbox(settings):
    settings.SANDBOX_MODE = False
    (said,) = [message for message in run_checks() if message.id == "fanfare.E017"]
    assert "SANDBOX_CA" in said.msg and len(said.msg.splitlines()) == 1


@pytest.mark.parametrize("content", [None, "", "no certificate\n"])
def test_a_ca_that_is_not_there_is_one_line(settings, tmp_path, content):
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_text(content)
    settings.SANDBOX_CA = str(file)
    (said,) = [message for message in run_checks() if message.id.startswith("fanfare")]
    assert said.id == "fanfare.E018" and str(file) in said.msg
    assert len(said.msg.splitlines()) == 1


def test_a_network_that_cannot_be_connected_is_a_warning(settings):
    settings.ELSEWHERE, settings.X_CLIENT_ID = [], ""
    assert ids() == {"fanfare.W001"}


SQLITE = {
    "ENGINE": "project.sqlite",
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;",
    },
}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {**SQLITE["OPTIONS"], "transaction_mode": "DEFERRED"},
        {**SQLITE["OPTIONS"], "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL"},
    ],
)
def test_sqlite_must_not_forget_after_a_power_cut(options, monkeypatch):
    def said(database: dict) -> list:
        monkeypatch.setitem(checks.settings.DATABASES, "default", database)
        return list(checks.check_sqlite())

    assert said(SQLITE) == []
    assert said({**SQLITE, "OPTIONS": options})


@pytest.mark.parametrize(
    "changed",
    [
        {"broker_class": "django_q.brokers.orm.ORM"},
        {"orm": "other"},
        {"sync": True},
    ],
    ids=str,
)
def test_an_unsafe_queue_is_an_error(settings, changed):
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, **changed}
    assert ids() == {"fanfare.E010"}


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 16])
def test_any_number_of_workers_is_safe(settings, workers):
    settings.Q_CLUSTER = {**settings.Q_CLUSTER, "workers": workers}
    assert ids() == set()


def test_the_stock_admin_of_the_queue_is_an_error(monkeypatch):
    monkeypatch.setitem(admin.site._registry, OrmQ, QueueAdmin(OrmQ, admin.site))
    assert ids() == {"fanfare.E011"}


def test_a_registered_job_that_does_not_exist_is_an_error(monkeypatch):
    monkeypatch.setattr(checks, "registered", lambda: checks.scheduled() | {"project.nothing"})
    assert ids() == {"fanfare.E012"}


def test_the_timetable_names_registered_jobs_only(monkeypatch):
    monkeypatch.setattr(checks, "TIMETABLE", {"evil": ("os.system", 1)})
    assert ids() == {"fanfare.E013"}


# ── What outlasts a power cut ─────────────────────────────────────────────────────────────────
# (forget, remember, what is said about it). The server of the tests forgets more than that.
FORGETTING = {
    "sqlite": ("PRAGMA synchronous=NORMAL", "PRAGMA synchronous=FULL", "synchronous=FULL"),
    "postgresql": (
        "SET synchronous_commit TO off",
        "RESET synchronous_commit",
        "synchronous_commit=off",
    ),
}


@pytest.mark.django_db(transaction=True)
def test_a_database_that_forgets_is_refused(settings):
    forget, remember, says = FORGETTING[connection.vendor]

    def complaints():
        return {said.id for said in run_checks(databases=["default"]) if says in said.msg}

    assert complaints() == set()
    with connection.cursor() as cursor:
        cursor.execute(forget)
        assert complaints() == {"fanfare.W002"}
        settings.SANDBOX_MODE = False
        assert complaints() == {"fanfare.E016"}
        cursor.execute(remember)
    assert complaints() == set()
