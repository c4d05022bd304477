"""One run: timelines are read, workers are killed, and in the end all that is there is here."""

import signal
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from django.db import connection

from importing.models import ImportRun, Timeline
from social.processes import host_prefix
from tests.exactly_once.faults import BROKEN, LIMIT
from tests.exactly_once.processes import Keeper, Kept, send
from tests.sandbox import Sandbox

from .checker import wrong_with
from .people import People, Somebody, crowd

EVERY = (0.2, 1.2)  # seconds between two kills
SETTLING = 300.0  # seconds, at most
READS = {"method": "GET", "path_regex": r"/tweets$|/published_posts$"}
X_READS = READS | {"network": "x"}
HTML = {"status": 503, "body": "<!doctype html><title>Over capacity</title>"}
FAULTS: list[tuple[dict[str, Any], float, str, dict[str, Any]]] = [
    (READS, 0.03, "before", BROKEN),
    (READS, 0.02, "before", {"reset": True}),
    (READS, 0.02, "after", {"truncate": True}),
    (READS, 0.01, "after", {"hang_s": 30}),
    (READS, 0.02, "before", HTML),
    (X_READS, 0.02, "before", LIMIT),
    (X_READS, 0.02, "before", {"expire_access": True}),
    (READS, 0.7, "before", {"delay_ms": 120}),  # last: what fires first is all that fires
]
PRESETS = {"fb.17": 0.02, "fb.2.before": 0.02}


class Killer(threading.Thread):
    """Kills workers, and now and then all of them with their main process, when it likes."""

    def __init__(self, workers: Kept, seed: int) -> None:
        super().__init__(daemon=True)
        self.workers, self.random, self.over = workers, Random(seed), threading.Event()
        self.kills = self.mains = self.hits = 0

    def run(self) -> None:
        while not self.over.wait(self.random.uniform(*EVERY)):
            family = self.workers.family()
            is_main = self.random.random() < 0.1
            if len(family) < 2:  # it is about to start again
                continue
            killed = family[0] if is_main else self.random.choice(family[1:])
            send([killed], signal.SIGKILL)
            self.kills, self.mains = self.kills + 1, self.mains + is_main
            dead = [f"{host_prefix()}{p.pid}" for p in (family if is_main else [killed])]
            self.hits += ImportRun.objects.running().filter(worker__in=dead).count()
        connection.close()

    def end(self) -> None:
        self.over.set()
        self.join()


@dataclass
class Course:
    sandbox: Sandbox
    directory: Path
    n: int = 50
    posts: int = 1200
    kills: int = 50  # that meet a run, at least
    seed: int = 1
    seconds: float = 400.0
    scale: float = 0.05
    wrong: list[str] = field(default_factory=list)

    def run(self) -> list[str]:
        """What is wrong afterwards."""
        self.sandbox.call("POST", "/reset", json={"fixture": "crowd"})
        self.crowd = list(crowd(self.sandbox, self.n, self.posts))
        self.arm()
        workers = self.workers()
        self.killer, self.people = Killer(workers, self.seed), People(self.crowd, self.seed)
        for somebody in self.crowd:
            ImportRun.objects.start(somebody.timeline)
        self.begun = time.monotonic()
        with Keeper([workers]):
            self.killer.start()
            self.people.start()
            self.let_it_happen()
            self.settle()
        for somebody in self.crowd:
            self.wrong += wrong_with(somebody)
        return self.wrong

    def workers(self) -> Kept:
        command = [sys.executable, "manage.py", "qcluster"]
        settings = {"TIME_SCALE": str(self.scale), "COUNT": "2", "SLOTS": "import=6"}
        settings |= {"IMPORT_DAILY_ITEMS": "1000000", "LOG": "normal", "EMAIL_URL": "dummymail://"}
        return Kept("workers", command, self.directory / "workers.log", settings)

    def arm(self) -> None:
        known = self.sandbox.call("GET", "/presets")["presets"]
        actions = {preset["preset"]: preset["action"] for preset in known}
        faults = [
            {"match": match, "phase": phase, "action": action, "chance": chance, "times": None}
            for match, chance, phase, action in FAULTS
        ]
        faults[:0] = [
            {"match": READS | {"network": "facebook"}, "action": actions[name], "chance": chance}
            | {"times": None}
            for name, chance in PRESETS.items()
        ]
        self.sandbox.call("POST", "/faults", json={"faults": faults})
        self.limit(25, window=3)

    def limit(self, calls: int, window: int) -> None:
        where = {"endpoint": "GET /2/users/:id/tweets", "limit": calls, "window": window}
        self.sandbox.change("bucket", **where, who="user")

    def let_it_happen(self) -> None:
        ours = Timeline.objects.filter(pk__in=[one.timeline.pk for one in self.crowd])
        while time.monotonic() - self.begun < self.seconds:
            if self.killer.hits >= self.kills and not ours.filter(read_at=None).exists():
                break
            time.sleep(0.1)
        self.lasted = time.monotonic() - self.begun
        self.read = ours.filter(read_at__isnull=False).count()
        self.killer.end()
        self.people.end()
        self.sandbox.disarm()
        self.limit(1_000_000, window=900)

    def settle(self) -> None:
        """What is on its way may have passed what came last: people ask once more, and once more
        where it did not come to its end."""
        until, left = time.monotonic() + SETTLING, self.crowd
        self.wait_for_open_runs(until)
        while left and time.monotonic() < until:
            for somebody in left:
                somebody.connect_again()
                ImportRun.objects.start(somebody.timeline, asked=True)
            self.wait_for_open_runs(until)
            left = [somebody for somebody in left if not is_read(somebody)]

    def wait_for_open_runs(self, until: float) -> None:
        now_open = list(ImportRun.objects.open().values_list("pk", flat=True))
        while ImportRun.objects.open().filter(pk__in=now_open).exists():
            if time.monotonic() > until:
                return
            time.sleep(0.1)

    def says(self) -> list[str]:
        runs = ImportRun.objects.all()
        early = Counter(runs.exclude(reason="").values_list("reason", flat=True))
        taken = sum(max(0, taken - 1) for taken in runs.values_list("taken", flat=True))
        return [
            f"{self.lasted:.0f} s until the faults stopped, {self.read} of {self.n} read by then; "
            f"{runs.count()} runs, taken up again {taken} times",
            f"killed {self.killer.kills} processes ({self.killer.mains} of them main ones), "
            f"{self.killer.hits} runs with them",
            f"people: {dict(self.people.did)}",
            f"{sum(one.timeline.items.count() for one in self.crowd)} items; the runs that ended "
            f"early: {dict(early.most_common())}",
        ]


def is_read(somebody: Somebody) -> bool:
    latest = ImportRun.objects.filter(timeline=somebody.timeline).first()
    return latest is not None and latest.is_finished
