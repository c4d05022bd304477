"""Kills and freezes processes, restarts the database hard, fills the disk and jumps the clock.

All its times are those of a chaos at `scale.SCALE`; see `scale.slower`.
"""

import mmap
import signal
import struct
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random
from time import monotonic

import psutil

from .databases import Database, Disk
from .processes import Kept, send
from .scale import slower

EVERY = (1.0, 4.0)  # seconds between two strikes, at least
# Deliveries that are asked for in between, and seconds that these are waited for: however slow a
# machine is, it gets on its feet between two blows.
BETWEEN, PATIENCE = 15, 30.0
FROZEN = (0.5, 20.0)  # seconds: also longer than a lease
FULL = (0.3, 1.5)
JUMPED = (2.0, 6.0)
HANGING = (0.5, 4.0)  # seconds in which no network answers anybody
JUMPS = (-150.0, -50.0, 50.0, 150.0)  # seconds; in the scale of a chaos up to 21 minutes


class Clock:
    """That of all processes of a chaos, as a file: see settings.py."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(struct.pack("d", 0.0))
        with path.open("r+b") as file:
            self.memory = mmap.mmap(file.fileno(), 8)

    def jump(self, seconds: float) -> None:
        self.memory[:] = struct.pack("d", seconds)


class Nemesis(threading.Thread):
    def __init__(
        self,
        seed: int,
        kept: list[Kept],
        database: Database,
        disk: Disk,
        clock: Clock,
        scale: float,
        count: Callable[[], int],
    ) -> None:
        """`count` says how many deliveries were asked for until now."""
        super().__init__(daemon=True)
        self.random, self.over = Random(seed), threading.Event()
        self.kept, self.database, self.disk, self.clock = kept, database, disk, clock
        self.struck: Counter[str] = Counter()
        self.troubles: list[str] = []
        self.slower, self.count = slower(scale), count

    def seconds(self, shortest: float, longest: float) -> float:
        return self.slower * self.random.uniform(shortest, longest)

    def run(self) -> None:
        while not self.over.wait(self.seconds(*EVERY)):
            self.let_work_go_on()
            strike = self.random.choices(*zip(*self.strikes(), strict=True))[0]
            try:
                strike()
            except Exception as error:
                self.troubles.append(f"{strike.__name__}: {error!r}")

    def let_work_go_on(self) -> None:
        wanted, until = self.count() + BETWEEN, monotonic() + self.slower * PATIENCE
        while self.count() < wanted and monotonic() < until and not self.over.wait(0.1):
            pass

    def strikes(self) -> list[tuple[Callable[[], None], int]]:
        possible = [(self.kill_one, 8), (self.kill_main, 2), (self.freeze, 5)]
        possible += [(self.jump_the_clock, 1), (self.freeze_the_networks, 1)]
        if self.database.restart_hard:
            possible.append((self.restart_the_database, 1))
        if self.disk.is_small:
            possible.append((self.fill_the_disk, 1))
        return possible

    def kill_one(self) -> None:
        kept = self.random.choice(self.kept)
        family = kept.family()[1:]
        if family:
            send([self.random.choice(family)], signal.SIGKILL)
            self.struck[f"kill a {kept.name} process"] += 1

    def kill_main(self) -> None:
        kept = self.random.choice(self.kept)
        send(kept.family()[:1], signal.SIGKILL)
        self.struck[f"kill {kept.name}"] += 1

    def freeze(self) -> None:
        kept = self.random.choice(self.kept)
        family = kept.family()
        if family:
            frozen = [self.random.choice(family)]
            send(frozen, signal.SIGSTOP)
            self.struck[f"freeze {kept.name}"] += 1
            later = threading.Timer(self.seconds(*FROZEN), send, args=(frozen, signal.SIGCONT))
            later.daemon = True
            later.start()

    def freeze_the_networks(self) -> None:
        children = psutil.Process().children()
        sandbox = [child for child in children if "social.sandbox" in child.cmdline()]
        send(sandbox, signal.SIGSTOP)
        self.struck["freeze the networks"] += 1
        self.over.wait(self.seconds(*HANGING))
        send(sandbox, signal.SIGCONT)

    def restart_the_database(self) -> None:
        self.database.restart_hard()
        self.struck["restart the database hard"] += 1

    def fill_the_disk(self) -> None:
        self.disk.fill()
        self.struck["fill the disk"] += 1
        self.over.wait(self.seconds(*FULL))
        self.disk.empty()
        self.database.revive()

    def jump_the_clock(self) -> None:
        self.clock.jump(self.slower * self.random.choice(JUMPS))
        self.struck["jump the clock"] += 1
        self.over.wait(self.seconds(*JUMPED))
        self.clock.jump(0.0)

    def end(self) -> None:
        """And let everybody be as before."""
        self.over.set()
        self.join()
        self.disk.empty()
        self.database.revive()
        self.clock.jump(0.0)
        for kept in self.kept:
            send(kept.family(), signal.SIGCONT)

    def says(self) -> str:
        return ", ".join(f"{what} {count}" for what, count in self.struck.most_common())
