import gc
import os
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.test import Client, TransactionTestCase

from importing.insights.statistics import forget_marks
from project.webhooks.events import subscribers
from social.models.circuit_breaker import forget_known_breakers
from social.networks import NETWORKS, clocks
from tests import workers
from tests.environment import DIRECTORY, SANDBOX_PORT, SANDBOX_URL
from tests.migrated import create_test_database, drop_test_database, empty_tables
from tests.people import create_person
from tests.sandbox import ROOT, Sandbox, running_sandbox

# Tests that use these, or live there, start programs of their own, which must keep their pace.
STARTING = {"start_worker", "live_server"}
CROWDED = {"chaos", "exactly_once", "hosts"}
# Whoever asks for none of these is kept from every database by pytest-django.
DATABASE = {"db", "transactional_db", "live_server"}
TESTS = f"{ROOT / 'tests'}/"
PROGRAMS = "fanfare/programs"  # in pytest's cache: the files of those that start programs


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if room_of(item.path) in CROWDED or STARTING & set(getattr(item, "fixturenames", ())):
            item.add_marker("programs")
        if may_ask_database(item):
            item.add_marker("database")
    if kept := getattr(config, "cache", None):  # before pytest leaves out what is not chosen
        programs = {str(item.path) for item in items if item.get_closest_marker("programs")}
        kept.set(PROGRAMS, sorted(programs))


def pytest_collection_finish() -> None:
    """What was collected stays until the end: nobody needs to look through it for garbage."""
    gc.collect()
    gc.freeze()


@cache
def room_of(path: Path) -> str:
    return path.relative_to(TESTS).parts[0]


def may_ask_database(item: pytest.Item) -> bool:
    """By a fixture, a mark, a program, or a fixture that is asked for by its name later; and what
    is skipped somewhere may be skipped for its database."""
    marked = any(item.get_closest_marker(name) for name in ("django_db", "programs", "skipif"))
    return bool(marked or DATABASE & set(getattr(item, "fixturenames", ())) or asks_later(item))


def asks_later(item: pytest.Item) -> bool:
    known = getattr(item, "_fixtureinfo", None)
    fixtures = known.name2fixturedefs.values() if known else ()
    functions = [each.func for found in fixtures for each in found] + [getattr(item, "obj", None)]
    return any(asks_for_fixtures(function) for function in functions)


def asks_for_fixtures(function: Any) -> bool:
    """One of ours, by their names."""
    code = getattr(function, "__code__", None)
    ours = code is not None and code.co_filename.startswith(TESTS)
    return ours and "getfixturevalue" in code.co_names


# ── The database ──────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """A file, not memory: programs that the tests start must see the same rows."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(DIRECTORY / "test.sqlite3")


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_blocker: Any, django_db_modify_db_settings: None
) -> Iterator[None]:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick
    settings.VISITED_FILE = Path("/dev/null/visited")  # no worker gives way to a test's pages
    settings.WHITENOISE_AUTOREFRESH = True  # each test's client would look for every file first
    before = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        create_test_database()
    os.environ["DATABASE_URL"] = address_of_test_database()
    TransactionTestCase._fixture_teardown = empty_tables
    yield
    with django_db_blocker.unblock():
        drop_test_database(before)


def address_of_test_database() -> str:
    names = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{names['NAME']}"
    who = f"{quote(names['USER'] or '', '')}:{quote(names['PASSWORD'] or '', '')}"
    where = (names["HOST"] or "") + (f":{names['PORT']}" if names["PORT"] else "")
    options = {name: said for name, said in names["OPTIONS"].items() if isinstance(said, str)}
    return f"postgres://{who}@{where}/{names['NAME']}?{urlencode(options)}"


# ── People ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def alice(db: None) -> Any:
    return create_person("alice")


@pytest.fixture
def bob(db: None) -> Any:
    return create_person("bob")


@pytest.fixture
def charlie(db: None) -> Any:
    return create_person("charlie")


@pytest.fixture
def client_for() -> Callable[[Any], Client]:
    def signed_in(user: Any) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return signed_in


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> None:
    """What a process remembers for a moment is not the next test's."""
    forget_known_breakers()
    forget_marks()
    subscribers.assume_none()
    clocks.answered.clear()


# ── The networks ──────────────────────────────────────────────────────────────────────────────
@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[Sandbox]:
    log = DIRECTORY / "sandbox.log"
    with running_sandbox(SANDBOX_URL, SANDBOX_PORT, log) as sandbox:
        yield sandbox


@pytest.fixture
def sandbox(sandbox_process: Sandbox) -> Sandbox:
    """The make-believe networks, as on the first day."""
    sandbox_process.reset()
    return sandbox_process


@pytest.fixture
def pond(monkeypatch: pytest.MonkeyPatch) -> Any:
    """One network more, in this process only."""
    monkeypatch.setattr(NETWORKS, "modules", [*NETWORKS.modules])
    monkeypatch.setattr(NETWORKS, "declared", {**NETWORKS.declared})
    monkeypatch.setattr(NETWORKS, "loaded", {**NETWORKS})
    NETWORKS.add("tests.pond")
    NETWORKS["pond"].__init__()
    return NETWORKS["pond"]


# ── The jobs ──────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def run_jobs(db: None) -> Callable[..., list]:
    return workers.run_jobs


@pytest.fixture
def start_worker(transactional_db: None, tmp_path: Path) -> Iterator[Callable[..., Any]]:
    started: list[workers.Worker] = []

    def start(**environment: str) -> workers.Worker:
        worker = workers.Worker(tmp_path / f"worker-{len(started)}.log", **environment)
        started.append(worker)
        worker.start()
        return worker

    yield start
    for worker in started:
        worker.stop()


@pytest.fixture
def worker(start_worker: Callable[..., Any]) -> workers.Worker:
    """A real worker process on the test database."""
    return start_worker()
