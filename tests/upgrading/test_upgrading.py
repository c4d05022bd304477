"""What README promises: a database of an earlier release is migrated, loses nothing, goes on."""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from project.run import die_with_parent
from tests.sandbox import ROOT, Sandbox

from .dumps import Database, restored
from .secrets import TOKEN_KEY

pytestmark = [pytest.mark.django_db, pytest.mark.programs]
RELEASES = ["0.1.0", "0.2.0"]
PATIENCE_SECONDS = 60
STATES = {"queued", "sending", "sent", "unconfirmed", "failed", "canceled"}
BEATS = "SELECT sum(beats) FROM publishing_instance"
ROWS = "SELECT job_id, state, waiting_for FROM publishing_delivery"


@pytest.fixture(params=RELEASES)
def database(request: Any, tmp_path: Any) -> Iterator[Database]:
    with restored(request.param, tmp_path) as database:
        yield database


@pytest.fixture
def environment(database: Database) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": database.url, "TOKEN_KEYS": TOKEN_KEY}


@pytest.fixture
def manage(environment: dict[str, str]) -> Callable[..., str]:
    def run(*arguments: str, typed: str = "") -> str:
        command = [sys.executable, "manage.py", *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, input=typed, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture
def worker(
    database: Database, environment: dict[str, str], tmp_path: Any
) -> Iterator[Callable[[], None]]:
    """Starts one, and comes back when it has seen how long nobody ran here."""
    started = []

    def start() -> None:
        before = database.rows(BEATS)
        with (tmp_path / "worker.log").open("wb") as log:
            started.append(
                subprocess.Popen(
                    [sys.executable, "manage.py", "qcluster"],
                    **{"cwd": ROOT, "env": environment, "stdout": log, "stderr": log},
                    preexec_fn=die_with_parent,
                )
            )
        wait_until(lambda: database.rows(BEATS) != before)

    yield start
    for process in started:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def deliveries(database: Database) -> dict[str, tuple[str, str]]:
    """job id → (state, waiting_for)"""
    return {str(job_id): (state, waits) for job_id, state, waits in database.rows(ROWS)}


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not is_so() and time.monotonic() < deadline:
        time.sleep(0.2)


def ended(manage: Callable[..., str], job_id: str) -> dict[str, Any]:
    """How a job stands once it is done, or after a long time."""
    status: dict[str, Any] = {}

    def is_done() -> bool:
        status.update(json.loads(manage("status", job_id, "--json")))
        return status["done"]

    wait_until(is_done)
    return status


def test_a_dump_has_deliveries_in_every_state(database: Database):
    assert {state for state, _ in deliveries(database).values()} == STATES


def test_migrating_keeps_every_delivery_as_it_stood(database: Database, manage: Any):
    before = deliveries(database)
    manage("migrate", "--verbosity", "0")
    manage("migrate", "--check")
    assert deliveries(database) == before


def test_what_is_migrated_goes_on_sending_and_sends_nothing_twice(
    database: Database, manage: Any, worker: Any, sandbox: Sandbox
):
    manage("migrate", "--verbosity", "0")
    before = deliveries(database)
    grant = sandbox.token("x", "alice")
    pair = f"{grant['access_token']}\n{grant['refresh_token']}\n"
    manage("connect", "alice", "x", "--token-stdin", typed=pair)
    worker()
    published = json.loads(manage("publish", "alice", "After the upgrade", "--to", "x", "--json"))
    [job] = published["jobs"]
    assert ended(manage, job["job_id"])["state"] == "sent"
    assert Counter(post["text"] for post in sandbox.truth("x")) == {"After the upgrade": 1}
    after = deliveries(database)
    assert before.keys() < after.keys()
    done = {job_id for job_id, (state, _) in before.items() if state in ("sent", "canceled")}
    assert done and all(after[job_id] == before[job_id] for job_id in done)


@pytest.mark.parametrize("database", ["0.1.0"], indirect=True)
def test_what_an_operator_set_at_0_1_0_stands_under_the_words_of_today(
    database: Database, manage: Any
):
    manage("migrate", "--verbosity", "0")
    breakers = "SELECT scope, kind, times FROM social_circuitbreaker WHERE reset_at IS NULL"
    assert ("facebook", "paused", 2) in database.rows(breakers)
    schedules = (
        "SELECT repeats FROM django_q_schedule WHERE name = 'timetable: probe tripped networks'"
    )
    assert database.rows(schedules) == [(0,)]
    assert permissions_of(database, "operator") == {
        *(f"{verb}_circuitbreaker" for verb in ("add", "change", "delete", "view")),
        *(f"{verb}_verification" for verb in ("add", "change", "delete", "view")),
        *("view_deadletter", "view_auditlogentry"),
    }


def permissions_of(database: Database, name: str) -> set[str]:
    found = database.rows(
        f"""SELECT codename FROM auth_permission
        JOIN auth_user_user_permissions ON permission_id = auth_permission.id
        JOIN auth_user ON user_id = auth_user.id WHERE username = '{name}'"""
    )
    return {codename for (codename,) in found}
