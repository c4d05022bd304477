"""A pytest plugin that writes down which test runs through which lines, and for how long.

Run by `known_coverage`, which keeps what it learned until a file changes: of the tests only those
of changed modules run again, all of them when anything else did.
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import coverage
import pytest

from .targets import PACKAGES, ROOT

CACHE = ROOT / ".pytest_cache" / "mutants" / "coverage.json"
PYTEST = [sys.executable, "-m", "pytest", "-q", "-n", "0", "-p", "no:cacheprovider"]
# What starts programs is not in this process; what looks at pages only takes long.
OUTSIDE = ("tests/browser/", "tests/social/sandbox/", "tests/chaos/", "tests/exactly_once/")
OUTSIDE += ("tests/hosts/", "tests/hazards/", "tests/test_")
IN_PROCESS = ["-m", "not programs and not browser", *(f"--ignore-glob={it}*" for it in OUTSIDE)]
SLOW = 5.0  # seconds of the processor; a test that takes longer is not asked
HALVES = 2

Covered = dict[str, dict[str, Any]]  # test → {"seconds": float, "lines": {path: [line, …]}}


class Covering:
    """One coverage context for each test. The lines of a test are those that it runs itself."""

    def __init__(self, path: Path, half: int) -> None:
        self.path, self.half = path, half
        self.coverage = coverage.Coverage(
            data_file=None,
            source=[str(ROOT / name) for name in PACKAGES],
            omit=["*/sandbox/*", "*/migrations/*"],
            config_file=False,
        )
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if self.is_mine(item)]

    def is_mine(self, item: pytest.Item) -> bool:
        name = item.nodeid.partition("::")[0]
        return int(hashlib.sha256(name.encode()).hexdigest(), 16) % HALVES == self.half

    def pytest_runtestloop(self) -> None:
        signal.signal(signal.SIGPROF, self.give_up)
        self.coverage.start()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.coverage.switch_context(item.nodeid)
        began, before = time.monotonic(), item.session.testsfailed
        try:
            return (yield)
        finally:
            self.coverage.switch_context("")
            if item.session.testsfailed == before:
                self.seconds[item.nodeid] = round(time.monotonic() - began, 3)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Iterator[None]:
        signal.setitimer(signal.ITIMER_PROF, SLOW)
        try:
            return (yield)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)

    def give_up(self, *_: object) -> None:
        pytest.fail("it takes too long to be asked about every mutant")

    def pytest_sessionfinish(self) -> None:
        self.coverage.stop()
        tests: Covered = {name: {"seconds": it, "lines": {}} for name, it in self.seconds.items()}
        data = self.coverage.get_data()
        for file in data.measured_files():
            path = Path(file).relative_to(ROOT).as_posix()
            for line, names in data.contexts_by_lineno(file).items():
                for name in names:
                    if name in tests:
                        tests[name]["lines"].setdefault(path, []).append(line)
        self.path.write_text(json.dumps(tests))


def pytest_configure(config: pytest.Config) -> None:
    if path := os.environ.get("MUTANTS_COVERAGE"):
        half = int(os.environ["MUTANTS_HALF"])
        config.pluginmanager.register(Covering(Path(path), half), "covering")


def known_coverage() -> Covered:
    """What each test runs through, as of now. What was found is kept room by room."""
    others, modules = state_of_tree()
    known = json.loads(CACHE.read_text()) if CACHE.exists() else {}
    if known.get("others") != others:
        known = {"others": others, "modules": {}, "tests": {}}
    same = {path for path, digest in modules.items() if known["modules"].get(path) == digest}
    tests = {name: it for name, it in known["tests"].items() if name.partition("::")[0] in same}
    state = {path: modules[path] for path in same}
    for _, room in groupby(sorted(modules.keys() - same, key=room_of), room_of):
        paths = list(room)
        tests |= cover(paths)
        state |= {path: modules[path] for path in paths}
        CACHE.parent.mkdir(parents=True, exist_ok=True)
        CACHE.write_text(json.dumps({"others": others, "modules": state, "tests": tests}))
    return tests


def room_of(path: str) -> str:
    return path.rpartition("/")[0]


def state_of_tree() -> tuple[str, dict[str, str]]:
    """The digest of everything else that is Python; and module of tests → its digest."""
    modules, others = {}, hashlib.sha256()
    for path in sorted(it for name in (*PACKAGES, "tests") for it in (ROOT / name).rglob("*.py")):
        name, content = path.relative_to(ROOT).as_posix(), path.read_bytes()
        if not path.name.startswith("test_"):
            others.update(b"" if name.startswith("tests/mutants/") else name.encode() + content)
        elif not name.startswith(OUTSIDE):
            modules[name] = hashlib.sha256(content).hexdigest()
    return others.hexdigest(), modules


def cover(paths: list[str]) -> Covered:
    """Run these, in as many processes as there are halves."""
    print(f"Running {room_of(paths[0])} to see what runs through what…", flush=True)
    with tempfile.TemporaryDirectory(prefix="fanfare-covering-") as directory:
        files = [Path(directory) / str(half) for half in range(HALVES)]
        runs = [
            subprocess.Popen(
                [*PYTEST, "-p", "tests.mutants.covering", *IN_PROCESS, *paths],
                cwd=ROOT,
                env={**os.environ, "MUTANTS_COVERAGE": str(file), "MUTANTS_HALF": str(half)},
                stdout=(Path(directory) / f"{half}.log").open("wb"),
                stderr=subprocess.STDOUT,
            )
            for half, file in enumerate(files)
        ]
        for run in runs:
            run.wait()
        found: Covered = {}
        for half, file in enumerate(files):
            if not file.exists():
                sys.exit((Path(directory) / f"{half}.log").read_text()[-4000:])
            found |= json.loads(file.read_text())
        for half in range(HALVES):
            print((Path(directory) / f"{half}.log").read_text().strip().splitlines()[-1])
    return found
