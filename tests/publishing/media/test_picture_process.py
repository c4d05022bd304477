"""The process that reads pictures, beside real ones: forked, stopped and killed."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
import requests

from tests.environment import free_port
from tests.pictures import drawn
from tests.publishing.media.test_pictures_take_turns import until
from tests.workers import ROOT

FORKS = """
import os
from publishing.media.pictures import cleaned
from publishing.media.pictures.sharing import HELPER
from tests.pictures import drawn
cleaned(drawn())
first = HELPER.process.pid
child = os.fork()
if not child:
    cleaned(drawn())
    os._exit(0 if HELPER.process.pid != first else 1)
assert os.waitpid(child, 0)[1] == 0
assert cleaned(drawn()) and HELPER.process.pid == first
"""


def test_a_process_that_is_forked_has_one_of_its_own():
    subprocess.run([sys.executable, "-c", FORKS], cwd=ROOT, check=True, timeout=120)


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
@pytest.mark.parametrize("is_reading", [True, False])
def test_the_web_process_leaves_no_orphan(end, is_reading, tmp_path):
    """However it is stopped, and in the middle of a picture too."""
    url = f"http://127.0.0.1:{(port := free_port())}"
    web = ["-m", "gunicorn", "tests.publishing.media.decoder_that", "--bind", f"127.0.0.1:{port}"]
    quick = ["--threads", "4", "--graceful-timeout", "1", "--log-level", "critical"]
    process = subprocess.Popen([sys.executable, *web, *quick], cwd=ROOT, start_new_session=True)
    picture = b"hold %s" % os.fsencode(tmp_path / "never") if is_reading else drawn()
    pool = ThreadPoolExecutor(1)
    try:
        until(lambda: pids(url))
        asked = pool.submit(post, url, picture)
        until(lambda: pids(url)[1:])
        if not is_reading:
            asked.result()
        worker, reader = pids(url)
        assert is_alive(reader)
        for pid in (process.pid, worker) if end == signal.SIGKILL else (process.pid,):
            os.kill(pid, end)
        until(lambda: not is_alive(reader))
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        pool.shutdown()


def post(url: str, data: bytes) -> None:
    with suppress(requests.RequestException):
        requests.post(url, data=data, timeout=60)


def pids(url: str) -> list[int]:
    """Of the web process, and of the one that reads its pictures once there is one."""
    try:
        return [int(pid) for pid in requests.get(f"{url}/pids", timeout=10).text.split()]
    except requests.RequestException:
        return []


def is_alive(pid: int) -> bool:
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return bool(told.stdout.strip()) and not told.stdout.strip().startswith("Z")
