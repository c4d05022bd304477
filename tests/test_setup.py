"""What stands around the app: the local .env, the programs of `make run`, the commands."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from project import environment, run
from project.local import write_env_file
from tests.environment import free_port
from tests.workers import ROOT


def test_the_local_env_file_is_private_and_written_once(tmp_path: Path):
    path = tmp_path / ".env"
    assert write_env_file(path)
    written = path.read_text()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not write_env_file(path)
    assert path.read_text() == written
    assert re.search(r"^SECRET_KEY=\S{50,}$", written, re.M)


# ── make run ──────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def checkout(tmp_path, monkeypatch) -> Path:
    """A folder that settings are read from, and an environment that says nothing of ports."""
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "RUNNING", tmp_path / "var" / "running.env")
    for name in ("PORT", "SANDBOX_PORT", *environment.HOSTS):
        monkeypatch.setenv(name, "")  # so that what is read is undone afterwards
        monkeypatch.delenv(name)
    return tmp_path


def hosts(monkeypatch: pytest.MonkeyPatch, origin: str, **environment: str) -> None:
    monkeypatch.delenv("SANDBOX_PORT", raising=False)
    for name in run.HOSTS:
        monkeypatch.setenv(name, f"{origin}/{name}")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def test_the_sandbox_is_run_when_the_hosts_lead_to_it(monkeypatch):
    hosts(monkeypatch, "http://127.0.0.1:9000")
    assert run.sandbox_port() == 9000


def test_sandbox_port_moves_the_sandbox_and_the_hosts(checkout, monkeypatch):
    hosts(monkeypatch, "http://127.0.0.1:9000", SANDBOX_PORT="9123")
    environment.read()
    assert run.sandbox_port() == 9123
    assert os.environ["X_API_URL"] == "http://127.0.0.1:9123/X_API_URL"


def test_it_does_so_for_every_program_of_a_checkout(checkout):
    write_env_file(checkout / ".env")
    (checkout / ".env").open("a").write("PORT=8123\nSANDBOX_PORT=9123\n")
    environment.read()
    assert os.environ["PORT"] == "8123"
    assert os.environ["FACEBOOK_GRAPH_URL"] == "http://127.0.0.1:9123/fb-graph"


@pytest.mark.parametrize("origin", ["http://127.0.0.1:90001", "http://127.0.0.1:9001", "http://a"])
def test_hosts_elsewhere_are_not_moved(checkout, monkeypatch, origin):
    hosts(monkeypatch, origin, SANDBOX_PORT="9123")
    environment.read()
    assert os.environ["X_API_URL"] == f"{origin}/X_API_URL"


def test_while_it_runs_other_programs_know_its_ports(checkout, monkeypatch):
    write_env_file(checkout / ".env")
    told = environment.leave_ports(PORT="8123", SANDBOX_PORT="9123")
    assert environment.leave_ports(PORT="8999") is None
    environment.read()
    assert os.environ["PORT"] == "8123"
    assert os.environ["X_API_URL"] == "http://127.0.0.1:9123/x-api"
    monkeypatch.setenv("PORT", "8000")  # what a program is told itself wins
    environment.read()
    assert os.environ["PORT"] == "8000"
    told.close()
    assert not environment.is_running()


def test_what_a_dead_one_left_counts_for_nothing(checkout):
    environment.leave_ports(PORT="8123").close()
    environment.read()
    assert "PORT" not in os.environ


def test_a_database_that_is_away_is_said_and_no_traceback():
    nowhere = f"postgres://alice@127.0.0.1:{free_port()}/fanfare"
    ended = subprocess.run(
        [sys.executable, "-m", "project.run"],
        cwd=ROOT,
        env={**os.environ, "PORT": str(free_port()), "DATABASE_URL": nowhere},
        capture_output=True,
        text=True,
    )
    [why] = ended.stderr.splitlines()
    assert ended.returncode == 2 and "The database cannot be used: connection failed" in why
    assert "Fanfare is at" not in ended.stdout


@pytest.mark.parametrize("name", ["PORT", "SANDBOX_PORT"])
@pytest.mark.parametrize("text", ["eight", "0", "65536", "-1", "80.0"])
def test_no_port_is_one_line_and_exit_code_two(name, text):
    ended = subprocess.run(
        [sys.executable, "-m", "project.run"],
        cwd=ROOT,
        env={**os.environ, name: text},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"{name} is {text!r}; it is a whole number from 1 to 65535")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "origin", ["https://api.x.com", "https://127.0.0.1:9000", "http://127.0.0.1:7777", ""]
)
def test_no_sandbox_is_run_when_the_hosts_lead_elsewhere(monkeypatch, origin):
    hosts(monkeypatch, origin)
    assert run.sandbox_port() is None


class Running:
    """`python -m project.run` with harmless programs for children."""

    def __init__(self, tmp_path: Path, port: int, **children: str) -> None:
        made = [
            f"run.Child({name!r}, {command!r}.split(), port={port if name == 'web' else 0})"
            for name, command in children.items()
        ]
        script = tmp_path / "run_children.py"
        script.write_text(
            f"from project import run\n"
            f"raise SystemExit(run.Supervisor([{', '.join(made)}], {port}).run())\n"
        )
        self.process = subprocess.Popen(
            [sys.executable, str(script)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def wait_for(self, words: str) -> None:
        for line in self.process.stdout:
            if words in line:
                return
        raise AssertionError(f"never said: {words}")


def test_children_are_prefixed_restarted_and_announced(tmp_path):
    port = free_port()
    server = f"{sys.executable} -u -m http.server {port} --bind 127.0.0.1"
    running = Running(tmp_path, port, web=server, mortal="echo hello")
    running.wait_for("mortal  | hello")
    running.wait_for("mortal ended (0); starting it again")
    running.wait_for("mortal  | hello")
    running.process.send_signal(signal.SIGINT)
    running.wait_for("stopping")
    assert running.process.wait(5) == 0
    with socket.socket() as caller:
        assert caller.connect_ex(("127.0.0.1", port)) != 0


def test_what_does_not_start_ends_all_and_is_one_line(tmp_path):
    running = Running(tmp_path, free_port(), web="false", worker="sleep 60")
    said = running.process.stdout.read()
    assert running.process.wait() == 1
    assert said.splitlines()[-1] == (
        "run     | web did not start: it ended (1). Nothing is running; why stands above."
    )
    assert "Fanfare is at" not in said and "Ctrl-C" not in said


def test_an_open_port_that_nothing_answers_at_is_no_address(tmp_path):
    """So is gunicorn's while its app cannot be loaded."""
    port = free_port()
    mute = tmp_path / "mute.py"
    mute.write_text(
        "import socket\nlistener = socket.create_server(('127.0.0.1', "
        f"{port}))\nlistener.accept()[0].close()\nraise SystemExit(3)\n"
    )
    running = Running(tmp_path, port, web=f"{sys.executable} {mute}")
    said = running.process.stdout.read()
    assert running.process.wait() == 1
    assert "web did not start: it ended (3)" in said and "Fanfare is at" not in said


def test_a_second_ctrl_c_kills_what_does_not_stop(tmp_path):
    stubborn = tmp_path / "stubborn.py"
    stubborn.write_text(
        "import signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        "print('up', flush=True)\ntime.sleep(60)\n"
    )
    running = Running(tmp_path, free_port(), stubborn=f"{sys.executable} {stubborn}")
    running.wait_for("stubborn| up")
    running.process.send_signal(signal.SIGINT)
    running.wait_for("stopping")
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(8) == 0  # after one Ctrl-C it has ten seconds


@pytest.mark.skipif(sys.platform != "linux", reason="asks the kernel of Linux")
def test_killing_the_supervisor_stops_its_children(tmp_path):
    port = free_port()
    server = f"{sys.executable} -u -m http.server {port} --bind 127.0.0.1"
    running = Running(tmp_path, port, web=server)
    running.wait_for("Fanfare is at")
    running.process.kill()
    running.process.wait()
    deadline = time.monotonic() + 5
    while run.is_taken(port) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not run.is_taken(port)


def test_a_taken_port_is_one_line_and_exit_code_two():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, "-m", "project.run"],
            cwd=ROOT,
            env={**os.environ, "PORT": str(port)},
            capture_output=True,
            text=True,
        )
    assert ended.returncode == 2
    assert ended.stderr == f"Port {port} is taken: choose another with PORT=…\n"


def test_ci_finds_the_pythons_of_this_machine():
    base = Path(sys.base_prefix) / "bin"
    found = subprocess.run(
        [ROOT / ".ci" / "pythons"],
        env={**os.environ, "PATH": f"{base}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=True,
    )
    versions = [line.partition(" ")[0] for line in found.stdout.splitlines()]
    assert "{}.{}".format(*sys.version_info[:2]) in versions
    assert len(set(versions)) == len(versions)
    assert all(tuple(map(int, version.split("."))) >= (3, 11) for version in versions)


# ── What is printed for people ────────────────────────────────────────────────────────────────
def test_the_readme_names_commands_that_exist():
    targets = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"`?make (\w+)", (ROOT / "README.md").read_text())) <= targets


def test_pins_are_exact():
    for name in ("requirements.txt", "requirements-dev.txt"):
        for line in (ROOT / name).read_text().splitlines():
            wanted = line.partition("#")[0].strip()
            # A range where a test of ours stands for all of it.
            is_range = "<" in wanted and "tests/" in line
            assert not wanted or wanted.startswith("-r ") or "==" in wanted or is_range, line
