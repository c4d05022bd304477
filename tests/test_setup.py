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

from project import run
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
def hosts(monkeypatch: pytest.MonkeyPatch, origin: str, **environment: str) -> None:
    monkeypatch.delenv("SANDBOX_PORT", raising=False)
    for name in run.HOSTS:
        monkeypatch.setenv(name, f"{origin}/{name}")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)


def test_the_sandbox_is_run_when_the_hosts_lead_to_it(monkeypatch):
    hosts(monkeypatch, "http://127.0.0.1:9000")
    assert run.sandbox_port() == 9000


def test_sandbox_port_moves_the_sandbox_and_the_hosts(monkeypatch):
    hosts(monkeypatch, "http://127.0.0.1:9000", SANDBOX_PORT="9123")
    assert run.sandbox_port() == 9123
    assert os.environ["X_API_URL"] == "http://127.0.0.1:9123/X_API_URL"


@pytest.mark.parametrize(
    "origin", ["https://api.x.com", "https://127.0.0.1:9000", "http://127.0.0.1:7777", ""]
)
def test_no_sandbox_is_run_when_the_hosts_lead_elsewhere(monkeypatch, origin):
    hosts(monkeypatch, origin)
    assert run.sandbox_port() is None


class Running:
    """`python -m project.run` with harmless programs for children."""

    def __init__(self, tmp_path: Path, port: int, **children: str) -> None:
        made = [f"run.Child({name!r}, {command!r}.split())" for name, command in children.items()]
        script = tmp_path / "run_children.py"
        script.write_text(
            f"from project import run\nrun.Supervisor([{', '.join(made)}], {port}).run()\n"
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
