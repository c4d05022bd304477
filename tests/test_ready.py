"""A program that is forked from the ready process is as one that was started."""

import os
import signal
import subprocess
import sys
from json import loads

import psutil

from tests import ready
from tests.waiting import eventually

SAYS = """
import json, os, random, signal, sys, threading
from pathlib import Path
loaded = {name.partition(".")[0] for name in sys.modules}
print(json.dumps({
    "arguments": sys.argv,
    "environment": dict(os.environ),
    "folder": os.getcwd(),
    "path": sys.path,
    "main": sys.modules["__main__"].__name__,
    "files": sorted(map(int, os.listdir("/proc/self/fd")))[:-1],
    "session": os.getsid(0) == os.getpid(),
    "input": sys.stdin.read(),
    "threads": threading.active_count(),
    "signals": [str(signal.getsignal(number)) for number in signal.valid_signals()],
    "masked": len(signal.pthread_sigmask(signal.SIG_BLOCK, [])),
    "ours": sorted(loaded & {"project", "social", "publishing", "importing", "tests"}),
    "configured": __import__("django.conf").conf.settings.configured,
    "niceness": os.nice(0),
}))
print("random", random.random(), file=sys.stderr)
sys.exit(7)
"""


def test_it_begins_as_any_other(tmp_path):
    (tmp_path / "says.py").write_text(SAYS)
    command = [sys.executable, "says.py", "word"]
    environment = {"PATH": os.environ["PATH"], "WORD": "ü"}
    options = {"cwd": tmp_path, "env": environment, "start_new_session": True}
    facts, numbers = [], []
    for log in (tmp_path / "first", tmp_path / "second"):
        with log.open("wb") as output:
            program = ready.start(command, output=output, **options)
        assert program.wait(20) == program.returncode == program.poll() == 7
        program.terminate()  # nothing happens to what has ended
        number, fact = log.read_text().splitlines()
        numbers.append(number)
        facts.append(loads(fact))
    started = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, **options)
    usual = loads(started.stdout)
    usual["environment"].pop("LC_CTYPE", None)  # an interpreter's own, where there is no locale
    assert facts == [usual] * 2
    assert numbers[0] != numbers[1]


def test_it_is_our_child_and_hears_signals(tmp_path):
    (tmp_path / "waits.py").write_text("print('up', flush=True)\nimport time\ntime.sleep(600)\n")
    with (tmp_path / "log").open("wb") as output:
        program = ready.start(
            [sys.executable, "waits.py"], cwd=tmp_path, env=dict(os.environ), output=output
        )
    assert psutil.Process(program.pid).ppid() == os.getpid()
    assert eventually(lambda: "up" in (tmp_path / "log").read_text())
    assert program.poll() is None
    program.kill()
    assert program.wait(20) == -signal.SIGKILL


PARENT = """
import os, sys
from tests import ready
with open(sys.argv[1], "wb") as output:
    command = [sys.executable, sys.argv[2]]
    program = ready.start(command, env=dict(os.environ), output=output, start_new_session=True)
print(program.pid, ready.the_ready_one().process.pid, flush=True)
sys.stdin.read()
"""


def test_nothing_outlives_who_asked(tmp_path):
    (tmp_path / "waits.py").write_text("import time\ntime.sleep(600)\n")
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, tmp_path / "log", tmp_path / "waits.py"],
        cwd=ready.ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    left = [psutil.Process(int(pid)) for pid in parent.stdout.readline().split()]
    parent.kill()
    parent.wait()
    assert eventually(lambda: not any(process.is_running() for process in left))
