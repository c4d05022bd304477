"""What `make contract` is made of: one table of calls, made to our make-believe network and to a
server that others have written. Statuses, and the names that we read, must be the same."""

import os
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).parents[2]
CACHE = ROOT / ".cache"  # where others' servers are installed
PATIENCE_SECONDS = 240  # the first start of a server, where nothing is cached, takes long
NOTHING: Mapping[str, str] = {}
Outcome = tuple[int, list[str], Any]
Row = tuple[str, Outcome]  # of a table: the call, and what came of it


def outcome(answer: requests.Response, read: Iterable[str], fact: Any = None) -> Outcome:
    """The status, those of the names that we `read` which it has, and a fact of the answer."""
    try:
        body = answer.json()
    except ValueError:
        body = {}
    row = body[0] if isinstance(body, list) and body else body
    names = sorted(set(read) & row.keys()) if isinstance(row, dict) else []
    return answer.status_code, names, fact


def run(
    command: list[str], place: Path = ROOT, environment: Mapping[str, str] = NOTHING
) -> subprocess.Popen[bytes]:
    """A program in the background, which says nothing."""
    environment = os.environ | dict(environment)
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=place, env=environment, stdout=quiet, stderr=quiet)


@contextmanager
def started(
    command: list[str], asked: str, place: Path = ROOT, environment: Mapping[str, str] = NOTHING
) -> Iterator[subprocess.Popen[bytes]]:
    """A server, once it answers at the address `asked`; ended afterwards."""
    process = run(command, place, environment)
    try:
        wait_for(asked)
        yield process
    finally:
        process.terminate()
        process.wait(10)


def wait_for(asked: str) -> None:
    """Until something answers there; whoever does not is told of by what fails next."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        try:
            requests.get(asked, timeout=5)
            return
        except requests.RequestException:
            time.sleep(0.2)


def compare(ours: Iterable[Row], theirs: Iterable[Row], known: Mapping[str, str]) -> int:
    """Print what is the same and what is not; how many differ that are not `known`, by what of the
    other server's is its own."""
    wrong, rows = 0, list(zip(ours, theirs, strict=True))
    for (name, made), (_, expected) in rows:
        is_same, why = made == expected, known.get(name, "")
        wrong += not is_same and not why
        print(f"{'same' if is_same else 'known' if why else 'OTHER':6} {name}")
        if not is_same:
            print(f"       sandbox {made}\n       theirs  {expected}  {why}")
    print(f"{len(rows)} calls, {wrong} of them differ.")
    return wrong
