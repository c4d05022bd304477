"""What `make test` says of itself: nothing to run, and tests that needed a second try."""

import json
import subprocess
import sys

import pytest

from tests import both
from tests.workers import ROOT


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
        files = {"SQLite": tmp_path / "sqlite", "PostgreSQL": tmp_path / "postgres"}
        lists = {"SQLite": list(sqlite), "PostgreSQL": list(postgres)}
        for name, failed in lists.items():
            files[name].write_text(json.dumps(dict.fromkeys(failed, True)))

        def beside(arguments, environment, ends):
            for name, failed in lists.items():
                ends[name].append(both.End("9 passed", both.SOME_FAILED if failed else 0))

        def alone(name, arguments, environment):
            failed = [test for test in lists[name] if test in stay]
            files[name].write_text(json.dumps(dict.fromkeys(failed, True)))
            return both.End("alone: 1 passed", both.SOME_FAILED if failed else 0)

        monkeypatch.setattr(both, "FAILURES", files)
        monkeypatch.setattr(both, "run_beside", beside)
        monkeypatch.setattr(both, "run_alone", alone)
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


def test_one_database_by_itself_runs_nothing_of_the_other(monkeypatch):
    monkeypatch.setenv("DB", "sqlite")
    monkeypatch.setattr(both, "show", lambda lines: "9 passed")
    started = []

    class Ended:
        stdout, returncode = None, 0

        def __init__(self, command, **options):
            started.append(command)

        def wait(self):
            return 0

    monkeypatch.setattr(both, "installed_browser", lambda: True)
    monkeypatch.setattr(both.subprocess, "Popen", Ended)
    assert both.main([]) == 0
    assert [command[: len(both.ON_SQLITE)] for command in started] == [both.ON_SQLITE] * 2


def test_a_database_that_is_none_is_one_sentence(monkeypatch, capsys):
    monkeypatch.setenv("DB", "oracle")
    assert both.main([]) == 2
    assert capsys.readouterr().err == "DB is 'oracle'; it is sqlite or postgres.\n"


def test_what_failed_is_read_where_pytest_writes_it():
    for name, command in both.COMMANDS.items():
        folder = next((it for it in command if it.startswith("cache_dir=")), None)
        folder = folder.partition("=")[2] if folder else ".pytest_cache"
        assert str(both.FAILURES[name]).startswith(f"{folder}/v/")
