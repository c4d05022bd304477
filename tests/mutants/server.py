"""A pytest plugin that, instead of running the tests that were collected, waits for mutants.

Everything is loaded and the database is there: a mutant costs a fork, a fresh copy of the empty
database and the tests that run through its line, until one of them fails. It reads from stdin one
JSON object a line, {"mutant": {…}, "tests": [[name, seconds], …], "budget": seconds}, and answers
with one, {"end": word, "test": name, "why": …}, to the file descriptor MUTANTS_ANSWERS.
"""

import gc
import json
import os
import select
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from django.db import connections
from hypothesis import HealthCheck, Phase, settings

import tests.sandbox
from tests.environment import DIRECTORY, SANDBOX_PORT, SANDBOX_URL

from .applying import apply
from .ends import KILLED, NOT_APPLIED, SURVIVED, TIMED_OUT, UNDECIDED
from .mutant import Mutant
from .targets import ROOT

# What a test may take under a mutant: so many times its own time, and a few seconds.
TIMES, SECONDS = 5, 20

# A failing example is enough, and must not be remembered.
settings.register_profile(
    "mutants",
    database=None,
    derandomize=True,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("mutants")


class Server:
    def __init__(self) -> None:
        self.failed: list[str] = []

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        gc.unfreeze()  # what is frozen after collecting is not found, so could not be changed
        with tests.sandbox.running_sandbox(
            SANDBOX_URL, SANDBOX_PORT, DIRECTORY / "sandbox.log"
        ) as sandbox:

            @contextmanager
            def same(*args: Any) -> Iterator[Any]:
                yield sandbox

            sys.modules["tests.conftest"].running_sandbox = same
            self.serve(session)
        return True

    def serve(self, session: pytest.Session) -> None:
        self.set_up_database(session)
        connections.close_all()
        database = Path(connections["default"].settings_dict["NAME"])
        empty = database.with_suffix(".empty")
        shutil.copy(database, empty)
        with os.fdopen(int(os.environ["MUTANTS_ANSWERS"]), "w") as answers:
            print(json.dumps({"end": "ready"}), file=answers, flush=True)
            for line in sys.stdin:
                for left in database.parent.glob(f"{database.name}-*"):
                    left.unlink()
                shutil.copy(empty, database)
                print(json.dumps(self.judge(json.loads(line))), file=answers, flush=True)

    def set_up_database(self, session: pytest.Session) -> None:
        """By the quickest way: the first test that wants one."""
        wants = {"db", "transactional_db"}
        first = next(
            item
            for item in session.items
            if item.get_closest_marker("django_db") or wants & set(item.fixturenames)
        )
        if why := self.failure(first, session.items[-1]):
            sys.exit(f"{first.nodeid} fails as it is: {why}")

    def failure(self, item: pytest.Item, following: pytest.Item) -> str:
        """Run it. Why it failed; empty when it did not."""
        self.failed = []
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        return "".join(self.failed)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self.failed.append(str(report.longrepr)[-400:])

    # ── One mutant ────────────────────────────────────────────────────────────────────────────
    def judge(self, asked: dict[str, Any]) -> dict[str, Any]:
        mutant, seconds = Mutant(**asked["mutant"]), dict(asked["tests"])
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            os.setsid()
            self.run(mutant, list(seconds), os.fdopen(writing, "w"))
        os.close(writing)
        try:
            return watch(reading, seconds, time.monotonic() + asked["budget"])
        finally:
            os.close(reading)
            try:
                os.killpg(child, signal.SIGKILL)
            except ProcessLookupError:
                pass
            os.waitpid(child, 0)

    def run(self, mutant: Mutant, names: list[str], said: IO[str]) -> None:
        """In the fork, which ends here."""
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1), os.dup2(nowhere, 2)

        def say(end: str, test: str = "", why: str = "") -> None:
            print(json.dumps({"end": end, "test": test, "why": why}), file=said, flush=True)

        try:
            apply(mutant, ROOT)
        except Exception as error:
            say(NOT_APPLIED, why=repr(error))
            os._exit(0)
        try:
            items = [self.items[name] for name in names or self.items if name in self.items]
            items.sort(key=empties_tables)  # last, as pytest-django has it
            for number, item in enumerate(items):
                say("running", item.nodeid)
                if why := self.failure(item, (items + items[:1])[number + 1]):
                    say(KILLED, item.nodeid, why)
                    os._exit(0)
            say(SURVIVED)
        except BaseException as error:
            say(KILLED, why=repr(error))
        finally:
            os._exit(0)


def empties_tables(item: pytest.Item) -> bool:
    marker = item.get_closest_marker("django_db")
    return "transactional_db" in item.fixturenames or bool(
        marker and marker.kwargs.get("transaction")
    )


def watch(said: int, seconds: dict[str, float], until: float) -> dict[str, Any]:
    """What the fork says at last; or that it took too long."""
    test, began, unread = "", time.monotonic(), b""
    while True:
        allowed = began + SECONDS + TIMES * seconds.get(test, 0.0)
        left = min(allowed, until) - time.monotonic()
        if left <= 0 or not select.select([said], [], [], left)[0]:
            is_stuck = time.monotonic() >= allowed
            return {"end": TIMED_OUT if is_stuck else UNDECIDED, "test": test, "why": ""}
        read = os.read(said, 65536)
        if not read:
            return {"end": KILLED, "test": test, "why": "its process ended"}
        *lines, unread = (unread + read).split(b"\n")
        for answer in map(json.loads, lines):
            if answer["end"] != "running":
                return answer
            test, began = answer["test"], time.monotonic()


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(Server(), "mutants")
