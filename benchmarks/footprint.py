"""How small and how quick to begin with.

- Proportional memory (PSS) of web, worker and sandbox, idle after their first post
  (wanted: <= 300 MB together). Linux only.
- From `git clone` of this checkout to the first sent post, by a script, with a warm package cache
  (wanted: <= 120 s).
"""

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.stage import ROOT, csrf, free_port, wait_for


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        begun, clone = time.monotonic(), Path(folder) / "fanfare"
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        port = free_port()
        process = run(clone, port)
        try:
            first_post(f"http://127.0.0.1:{port}")
            print(f"clone to first sent post: {time.monotonic() - begun:.0f} s (wanted <= 120)")
            time.sleep(10)
            memory(process.pid)
        finally:
            os.killpg(process.pid, signal.SIGINT)  # as Ctrl-C does
            process.wait(30)


def run(clone: Path, port: int) -> subprocess.Popen:
    """`make run` as a person would, on ports that are free."""
    kept = ("PATH", "HOME", "LANG", "PYENV_ROOT")
    clean = {k: v for k, v in os.environ.items() if k in kept or k.startswith(("PIP_", "SSL_"))}
    env = clean | {"PORT": str(port), "SANDBOX_PORT": str(free_port())}
    return subprocess.Popen(
        ["make", "run"],
        cwd=clone,
        env=env,
        stdout=(clone / "run.log").open("wb"),
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def first_post(url: str) -> None:
    """The demo person's first post, sent everywhere."""
    wait_for(lambda: requests.get(f"{url}/healthz", timeout=2).ok, 300)
    session = requests.Session()
    form = {"csrfmiddlewaretoken": csrf(session.get(url, timeout=10))}
    session.post(f"{url}/demo/", data=form, timeout=10).raise_for_status()
    wait_for(lambda: len(channels(session.get(f"{url}/posts/new/", timeout=10).text)) >= 2)
    page = session.get(f"{url}/posts/new/", timeout=10)
    form = {
        "csrfmiddlewaretoken": csrf(page),
        "text": "Hello, world!",
        "channels": channels(page.text),
        "when": "now",
        "submit_key": str(uuid.uuid4()),
    }
    answer = session.post(
        f"{url}/posts/", data=form, headers={"Accept": "application/json"}, timeout=10
    )
    for job in answer.json()["jobs"]:
        wait_for(lambda job=job: session.get(url + job["status_url"]).json()["state"] == "sent")


def channels(page: str) -> list[str]:
    return re.findall(r'name="channels" value="([^"]+)"', page)


def memory(top: int) -> None:
    total = 0
    for pid in family(top):
        pss, command = pss_of(pid)
        total += pss
        print(f"{pss / 1024:7.1f} MB  {command}")
    print(f"{total / 1024:7.1f} MB together (wanted <= 300)")


def family(top: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [top]
    for pid in found:
        found += children.get(pid, [])
    return found


def pss_of(pid: int) -> tuple[int, str]:
    """(kB, command line)"""
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
        command = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return 0, ""
    return int(re.search(r"^Pss:\s+(\d+)", rollup, re.M)[1]), command[:70]


if __name__ == "__main__":
    main()
