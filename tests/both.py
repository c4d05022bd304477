"""`make test`: the whole suite on SQLite and, at the same time, on a PostgreSQL of its own.

First what only computes, then what starts workers, servers and browsers: all at once takes as long,
and what waits for a moment waits in vain. What may not ask a database runs once.
What fails beside the others is run once more, alone, and both are said: what fails alone fails.
What needed that second try is counted and named at the end; more than MOST_AGAIN fail the run.
`make test DB=sqlite` and `make test DB=postgres` run the half of one database.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from pathlib import Path
from typing import IO, NamedTuple
from urllib.parse import urlsplit

from project.children import die_with_parent
from tests.chromium import ADVICE, install_browser, installed_browser
from tests.postgres import QUICK, postgres

PYTEST = [sys.executable, "-m", "pytest"]
BESIDE = ["-n", "2", "--dist", "worksteal"]
ALONE = ["-n", "0", "--last-failed", "--last-failed-no-failures", "none"]
# What looks at pages only, or asks who may open and send which, runs once as well; here or there.
# What pages ask of their database is tested without a browser, on both.
BESIDE_SQLITE = (
    "tests/browser/test_finding_posts.py",
    "tests/browser/test_permissions_asked_later.py",
    "tests/browser/test_importing.py",
    "tests/browser/test_kept_words.py",
    "tests/browser/test_languages.py",  # tests/languages reads the same pages, on both
    "tests/browser/test_notices.py",
    "tests/browser/test_pages_survive_faults.py",
    "tests/browser/test_polling.py",
    "tests/browser/test_reading_back.py",
    "tests/hosts/test_many_machines.py",
)
ONCE = (
    "tests/browser/test_calendar.py",
    "tests/browser/test_disasters.py",
    "tests/browser/test_length_counter.py",
    "tests/browser/test_pages.py",
    "tests/browser/test_pictures.py",
    "tests/browser/test_first_walk.py",
    "tests/browser/test_weight.py",
    "tests/browser/test_without_javascript.py",
    "tests/project/test_web_behind_proxy.py",
    "tests/project/test_checks.py",
    "tests/project/test_staff_gain_no_rights.py",
    "tests/project/test_pool.py",
    "tests/project/test_ways_to_start.py",
    "tests/publishing/test_commands.py",
    "tests/social/test_commands.py",
    "tests/social/test_http.py",
    "tests/social/x/test_length.py",
    "tests/test_debugging.py",
    "tests/test_private_pages.py",
    "tests/test_safety.py",
    "tests/test_setup.py",
    "tests/test_urls.py",
)
NOT_ON = {"SQLite": BESIDE_SQLITE, "PostgreSQL": ONCE}
DATABASES = {"": list(NOT_ON), "sqlite": ["SQLite"], "postgres": ["PostgreSQL"]}  # by $DB
# Of the environment: each database is chosen here; and hundreds of processes are started, whose
# modules would all be compiled anew.
NOT_OURS = ("DATABASE_URL", "PYTHONDONTWRITEBYTECODE")
SOME_FAILED, NOTHING_TO_RUN = 1, 5  # pytest's exit codes
MOST_AGAIN = 3  # tests of both databases together that may need a second try


class Part(NamedTuple):
    """The tests of one database that compute, or those that start programs."""

    database: str
    which: str

    def __str__(self) -> str:
        return f"{self.database}, {self.which}"

    @property
    def cache(self) -> Path:
        """Parts run at the same time: each writes down by itself what failed."""
        return Path(".pytest_cache", self.database.lower(), self.which)

    @property
    def command(self) -> list[str]:
        chosen = {"computing": "not programs", "programs": "programs"}[self.which]
        if self.database != "SQLite":
            chosen += " and database"
        ignored = [f"--ignore={path}" for path in NOT_ON[self.database]]
        return [*PYTEST, "-o", f"cache_dir={self.cache}", *ignored, "-m", chosen]

    def failures(self) -> set[str]:
        """The tests that failed when they last ran."""
        return set(self.read("cache/lastfailed"))

    def files(self) -> list[str]:
        """Where to look for these tests: everywhere, unless it was written down when those that
        compute were collected, just before."""
        if self.which != "programs":
            return []
        return self._replace(which="computing").read("fanfare/programs")

    def read(self, name: str) -> list[str]:
        """What pytest keeps in its cache under that name."""
        try:
            return list(json.loads((self.cache / "v" / name).read_text()))
        except (OSError, ValueError):
            return []


class End(NamedTuple):
    summary: str
    code: int


def main(arguments: list[str]) -> int:
    if is_nothing(arguments):
        print(f"No test is meant by: {' '.join(arguments)}", file=sys.stderr)
        return NOTHING_TO_RUN
    databases = DATABASES.get(os.environ.get("DB", ""))
    if databases is None:
        print(f"DB is {os.environ['DB']!r}; it is sqlite or postgres.", file=sys.stderr)
        return 2
    if not installed_browser() and not install_browser():
        print(ADVICE, file=sys.stderr)
        return 2
    phases = [[Part(name, which) for name in databases] for which in ("computing", "programs")]
    parts = [part for phase in phases for part in phase]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the server is stopped
    with environments(parts) as environment:
        ends = {
            part: [end]
            for phase in phases
            for part, end in run_beside(phase, arguments, environment).items()
        }
        again = [test for part in parts for test in try_again(part, arguments, environment, ends)]
    print()
    for part in parts:
        print(f"{f'{part}:':<23}" + f"\n{'':23}".join(end.summary for end in ends[part]))
    codes = [end.code for part in parts for end in ends[part]]
    code = max(code for code in codes if code != NOTHING_TO_RUN or len(set(codes)) == 1)
    return max(code, report_second_tries(again))


def is_nothing(arguments: list[str]) -> bool:
    """Whether these name no test at all: found out by collecting, before anything starts."""
    collecting = [*PYTEST, "--collect-only", "-q", "-n", "0", "-p", "no:cacheprovider"]
    ended = subprocess.run([*collecting, *arguments], capture_output=True) if arguments else None
    return ended is not None and ended.returncode == NOTHING_TO_RUN


Environments = dict[Part, dict[str, str]]


@contextmanager
def environments(parts: list[Part]) -> Iterator[Environments]:
    """One server for both parts on PostgreSQL, whose test databases are named for them."""
    base = {name: value for name, value in os.environ.items() if name not in NOT_OURS}
    on_server = [part for part in parts if part.database != "SQLite"]
    with postgres(*QUICK) if on_server else nullcontext("") as url:
        addresses = {part: urlsplit(url)._replace(path=f"/{part.which}") for part in on_server}
        yield {
            part: base | ({"DATABASE_URL": addresses[part].geturl()} if part in addresses else {})
            for part in parts
        }


def run_beside(
    parts: list[Part], arguments: list[str], environment: Environments
) -> dict[Part, End]:
    """All at the same time. What the first says is shown as it comes, the others after it."""
    first, *others = parts
    ends = {}
    with ExitStack() as stack:
        files = {part: stack.enter_context(tempfile.TemporaryFile("w+")) for part in others}
        running = {
            part: start(
                part,
                [*BESIDE, *(arguments or part.files())],
                environment,
                files.get(part, subprocess.PIPE),
            )
            for part in parts
        }
        for process in running.values():
            stack.callback(process.terminate)  # when this is interrupted
        beside = f" (beside it: {'; '.join(map(str, others))})" if others else ""
        print(f"── {first}{beside}", flush=True)
        ends[first] = End(show(running[first].stdout), running[first].wait())
        for part in others:
            code = running[part].wait()
            print(f"\n── {part}")
            files[part].seek(0)
            ends[part] = End(show(files[part]), code)
    return ends


def start(
    part: Part, arguments: list[str], environment: Environments, output: IO[str] | int
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [*part.command, *arguments],
        env=environment[part],
        stdout=output,
        stderr=None if output == subprocess.PIPE else output,
        text=True,
        preexec_fn=die_with_parent,
    )


def try_again(
    part: Part, arguments: list[str], environment: Environments, ends: dict[Part, list[End]]
) -> list[str]:
    """Run alone what failed; what passes now, named with its database."""
    [beside] = ends[part]
    if beside.code != SOME_FAILED:
        return []
    print(f"\n── {part}, what failed, alone", flush=True)
    failed = part.failures()
    ends[part] = [beside._replace(code=0), run_alone(part, arguments, environment)]
    return [f"{part.database}: {test}" for test in sorted(failed - part.failures())]


def run_alone(part: Part, arguments: list[str], environment: Environments) -> End:
    command = [*part.command, *arguments, *ALONE]
    running = subprocess.Popen(command, env=environment[part], stdout=subprocess.PIPE, text=True)
    return End(f"alone: {show(running.stdout)}", running.wait())


def report_second_tries(again: list[str]) -> int:
    """Name what needed one, as the last that is said; SOME_FAILED if there are too many."""
    if not again:
        return 0
    print(f"\n{len(again)} passed only at a second try, alone:")
    for test in again:
        print(f"  {test}")
    if len(again) <= MOST_AGAIN:
        return 0
    print(f"That is more than {MOST_AGAIN}, so this run has failed.")
    return SOME_FAILED


def show(lines: IO[str]) -> str:
    """Print what comes; return the last line that says something."""
    last = ""
    for line in lines:
        print(line, end="", flush=True)
        last = line.strip() or last
    return last


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
