"""What `make test` says of itself: nothing to run, and tests that needed a second try."""

import json
import subprocess
import sys
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

from tests import both, conftest
from tests.workers import ROOT

ALL = [
    both.Part(database, which)
    for which in ("computing", "programs")
    for database in ("SQLite", "PostgreSQL")
]


def test_a_word_that_no_test_has_is_one_sentence_and_soon_over():
    ended = subprocess.run(
        [sys.executable, "-m", "tests.both", "tests/test_both.py", "-k", "nothing_is_called_so"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 5
    assert ended.stderr == "No test is meant by: tests/test_both.py -k nothing_is_called_so\n"
    assert ended.stdout == ""


@pytest.fixture
def tries(tmp_path, monkeypatch):
    """Both databases fail these at first, and pass them alone but for those that `stay`."""

    def run(sqlite: list[str], postgres: list[str] = (), stay: list[str] = ()) -> int:
        lists = {"SQLite": list(sqlite), "PostgreSQL": list(postgres)}
        failing = {part: lists[part.database] if part.which == "computing" else [] for part in ALL}

        def beside(parts, arguments, environment):
            assert parts in (ALL[:2], ALL[2:])  # what computes first
            return {part: both.End("9 passed", int(bool(failing[part]))) for part in parts}

        def alone(part, arguments, environment):
            failing[part] = [test for test in failing[part] if test in stay]
            return both.End("alone: 1 passed", both.SOME_FAILED if failing[part] else 0)

        monkeypatch.setattr(both.Part, "failures", lambda part: set(failing[part]))
        monkeypatch.setattr(both, "run_beside", beside)
        monkeypatch.setattr(both, "run_alone", alone)
        monkeypatch.setattr(both, "environments", lambda parts: nullcontext({}))
        monkeypatch.setattr(both, "installed_browser", lambda: True)
        return both.main([])

    return run


def test_a_clean_run_says_no_more_than_that(tries, capsys):
    assert tries([]) == 0
    assert "second try" not in capsys.readouterr().out


def test_a_few_second_tries_are_named_at_the_end(tries, capsys):
    assert tries(["tests/a.py::one"], ["tests/a.py::one", "tests/b.py::two"]) == 0
    said = capsys.readouterr().out.strip().splitlines()
    assert said[-4:] == [
        "3 passed only at a second try, alone:",
        "  SQLite: tests/a.py::one",
        "  PostgreSQL: tests/a.py::one",
        "  PostgreSQL: tests/b.py::two",
    ]
    assert any("9 passed" in line for line in said)


def test_more_than_three_second_tries_fail_the_run(tries, capsys):
    assert tries([f"tests/a.py::{n}" for n in range(4)]) == 1
    assert capsys.readouterr().out.strip().endswith("more than 3, so this run has failed.")


def test_what_fails_alone_fails_and_is_no_second_try(tries, capsys):
    assert tries(["tests/a.py::one"], stay=["tests/a.py::one"]) == 1
    assert "second try" not in capsys.readouterr().out


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Where nothing ran yet."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write_down(folder, part, name, said):
    """As pytest does, in the cache of that part."""
    [cache] = [word[10:] for word in part.command if word.startswith("cache_dir=")]
    written = folder / cache / "v" / name
    written.parent.mkdir(parents=True, exist_ok=True)
    written.write_text(json.dumps(said))


def test_one_database_by_itself_runs_nothing_of_the_other(monkeypatch, elsewhere):
    monkeypatch.setenv("DB", "sqlite")
    monkeypatch.setattr(both, "show", lambda lines: "9 passed")
    started = []

    class Ended:
        stdout, returncode = None, 0

        def __init__(self, command, **options):
            started.append(command[: -len(both.BESIDE)])

        def wait(self):
            return 0

        terminate = wait

    monkeypatch.setattr(both, "installed_browser", lambda: True)
    monkeypatch.setattr(both.subprocess, "Popen", Ended)
    assert both.main([]) == 0
    computing, programs = both.Part("SQLite", "computing"), both.Part("SQLite", "programs")
    assert started == [
        [*computing.command[:-1], "not programs"],
        [*programs.command[:-1], "programs"],
    ]


def test_a_database_that_is_none_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setenv("DB", "oracle")
    assert both.main([]) == 2
    assert capsys.readouterr().err == "DB is 'oracle'; it is sqlite or postgres.\n"


def test_what_failed_is_read_where_pytest_writes_it(elsewhere):
    assert [part.failures() for part in ALL] == [set()] * 4
    for part in ALL:
        write_down(elsewhere, part, "cache/lastfailed", {f"{part}": True})
    assert [part.failures() for part in ALL] == [{str(part)} for part in ALL]


def test_programs_are_looked_for_where_they_were_seen_just_before(elsewhere):
    assert [part.files() for part in ALL] == [[]] * 4
    for part in ALL:
        write_down(elsewhere, part, "fanfare/programs", [f"{part}"])
    assert [part.files() for part in ALL] == [
        [],
        [],
        ["SQLite, computing"],
        ["PostgreSQL, computing"],
    ]


def test_whoever_collects_writes_down_where_programs_are():
    class Item(SimpleNamespace):
        def add_marker(self, name):
            self.marks.add(name)

        def get_closest_marker(self, name):
            return name in self.marks

    written, tests = {}, ROOT / "tests"
    config = SimpleNamespace(cache=SimpleNamespace(set=written.__setitem__))
    items = [
        Item(path=tests / "chaos" / "test_a.py", fixturenames=[], marks=set()),
        Item(path=tests / "social" / "test_b.py", fixturenames=["db"], marks=set()),
        Item(path=tests / "social" / "test_c.py", fixturenames=["live_server"], marks=set()),
        Item(path=tests / "test_d.py", fixturenames=[], marks={"programs"}),
    ]
    conftest.pytest_collection_modifyitems(config, items)
    assert written == {
        "fanfare/programs": [str(items[number].path) for number in (0, 2, 3)],
    }


def test_what_runs_on_one_database_only_is_there():
    for path in (*both.BESIDE_SQLITE, *both.ONCE):
        assert (ROOT / path).exists(), path


def test_what_cannot_ask_a_database_runs_once():
    """Nobody else says so: a test without a database has no mark of one."""
    for part in ALL:
        assert ("and database" in part.command[-1]) == (part.database == "PostgreSQL")
