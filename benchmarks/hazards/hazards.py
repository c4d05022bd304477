"""The hazards of django-q2, each as it was first seen: what is done to a side, and what came of it.

Times are short, so that each takes half a minute at most: django-q2 by its settings (`retry` and
the like), ours by TIME_SCALE (0.1: leases of 3 s; 0.05: of 1.5 s).
"""

import os
import signal
import sqlite3
import time
from collections.abc import Callable
from dataclasses import dataclass

from .sides import Side, soon, stock_with

SCHEDULER = 35  # seconds until a stock cluster has surely looked at its schedules


@dataclass(frozen=True)
class Seen:
    is_well: bool
    said: str


@dataclass(frozen=True)
class Hazard:
    title: str
    run: Callable[[Side], Seen]


HAZARDS: list[Hazard] = []


def hazard(title: str) -> Callable[[Callable[[Side], Seen]], Callable[[Side], Seen]]:
    def add(run: Callable[[Side], Seen]) -> Callable[[Side], Seen]:
        HAZARDS.append(Hazard(title, run))
        return run

    return add


def stopped(side: Side) -> str:
    seconds = side.stop()
    return "SIGTERM hangs" if seconds is None else f"stops in {seconds:.1f} s"


# ── Stops the whole queue ─────────────────────────────────────────────────────────────────────
@hazard("idle workers killed -9, then 6 jobs")
def idle_killed(side: Side) -> Seen:
    side.start()
    [worker.kill() for worker in side.workers()]
    time.sleep(1)
    side.queue("note", *range(6))
    soon(lambda: side.ran() == 6, 10)
    ran, end = side.ran(), stopped(side)
    return Seen(ran == 6 and "hangs" not in end, f"{ran} of 6 ran; {end}")


@hazard("a busy worker killed -9")
def busy_killed(side: Side) -> Seen:
    settings = stock_with(timeout=4, retry=5)
    side.start(**settings)
    side.queue("dawdle", 1, **settings)
    soon(lambda: side.ran("dawdle"), 10)
    pid = int(side.diary.read_text().split()[2])
    os.kill(pid, signal.SIGKILL)
    killed = time.monotonic()
    again = soon(lambda: side.starts("dawdle") > 1, 20)
    return Seen(again, f"runs again after {time.monotonic() - killed:.1f} s" if again else "lost")


@hazard("who writes down what ended is killed -9, then a job")
def monitor_killed(side: Side) -> Seen:
    settings = stock_with(timeout=3, retry=4)
    side.start(**settings)
    side.monitor().kill()
    time.sleep(1)
    side.queue("note", 1, **settings)
    time.sleep(13)
    starts, left = side.starts("note"), side.left()
    return Seen(starts == 1 and not left, f"{starts} runs in 13 s, {left} left in the queue")


@hazard("the main process killed -9: orphans")
def main_killed(side: Side) -> Seen:
    side.start()
    others = side.family()[1:]
    side.main.kill()
    time.sleep(2)
    orphans = sum(process.is_running() for process in others)
    side.queue("note", 1)
    soon(lambda: side.ran(), 3)
    return Seen(not orphans, f"{orphans} orphans, which ran {side.ran()} of 1 job")


@hazard("the process above the workers killed -9: what the exit code says")
def guard_killed(side: Side) -> Seen:
    side.start()
    guard = side.workers()[0].parent()  # the sentinel; ours has no other than the main process
    guard.kill()
    ended = side.has_ended(10)
    code = side.main.returncode
    return Seen(ended and code != 0, f"exit code {code}" if ended else "still there after 10 s")


@hazard("SIGTERM to the whole group while 2 jobs run")
def group_stopped(side: Side) -> Seen:
    settings = stock_with(timeout=4, retry=5)
    side.start(**settings)
    side.queue("wait", 1, 2, **settings)
    soon(lambda: side.ran("wait") == 2, 10)
    os.killpg(side.main.pid, signal.SIGTERM)
    ended, left = side.has_ended(10), side.left()
    end = f"exit code {side.main.returncode}" if ended else "still there after 10 s"
    return Seen(ended and not left, f"{end}, {left} of 2 cut off")


@hazard("one bad schedule beside a good one")
def bad_schedule(side: Side) -> Seen:
    side.start(**stock_with(scheduler=False))  # `tick` below is its scheduler, without the wait
    side.client("schedule", "bad", 0, "1 2")
    side.client("schedule", "good", 0)
    side.client("tick")
    ran = soon(lambda: side.ran(), 8)
    return Seen(ran, "the good one ran" if ran else "the good one never ran")


@hazard("a job whose code has moved, and 5 good ones")
def poison(side: Side) -> Seen:
    settings = stock_with(bulk=10, timeout=4, retry=60)
    side.client("poison", **settings)
    side.queue("note", *range(5), **settings)
    side.start(**settings)
    soon(lambda: side.ran() == 5, 15)
    kept = "the bad one is kept" if side.left() else "the bad one is gone"
    return Seen(side.ran() == 5 and side.left() == 1, f"{side.ran()} of 5 ran; {kept}")


# ── Runs a job more than once ─────────────────────────────────────────────────────────────────
@hazard("a job longer than its lease")
def short_lease(side: Side) -> Seen:
    settings = stock_with(timeout=None, retry=1) | {"TIME_SCALE": "0.05"}
    side.start(**settings)
    side.queue("dawdle", 1, **settings)
    soon(lambda: side.starts("dawdle") > 1, 8)
    starts = side.starts("dawdle")
    return Seen(starts == 1, f"{starts} starts of a job of 2.5 s")


@hazard("20 jobs of 1 s fetched ahead, leases longer than the timeout")
def prefetched(side: Side) -> Seen:
    settings = stock_with(bulk=20, timeout=4, retry=5) | {"TIME_SCALE": "0.05"}
    side.queue("wait", *range(20), **settings)
    side.start(**settings)
    soon(lambda: side.ran("wait") == 20 and not side.left(), 20)
    twice = sum(times > 1 for times in side.begun("wait").values())
    return Seen(not twice, f"{side.starts('wait')} starts of {side.ran('wait')} jobs")


@hazard("a job that kills its worker")
def killer(side: Side) -> Seen:
    settings = stock_with(timeout=2, retry=3, max_attempts=2)
    side.start(**settings)
    side.queue("die", 1, **settings)
    time.sleep(15)
    starts = side.starts("die")
    time.sleep(7)
    goes_on = side.starts("die") > starts
    return Seen(
        not goes_on, f"{side.starts('die')} runs" + (", and on" if goes_on else ", then none")
    )


@hazard("a job whose result cannot be pickled")
def unpicklable(side: Side) -> Seen:
    settings = stock_with(timeout=2, retry=3, max_attempts=2)
    side.start(**settings)
    side.queue("return_a_lambda", 1, **settings)
    time.sleep(13)
    starts = side.starts("return_a_lambda")
    return Seen(starts == 1, f"{starts} runs in 13 s")


@hazard("a job that fails, as by default")
def failing(side: Side) -> Seen:
    settings = stock_with(timeout=1, retry=2)
    side.start(**settings)
    side.queue("fail", 1, **settings)
    time.sleep(10)
    starts = side.starts("fail")
    return Seen(starts == 1, f"{starts} runs in 10 s")


@hazard("a form opened while a job waits and saved when it is over")
def late_change(side: Side) -> Seen:
    side.start()
    side.client("change_late", 1)
    soon(lambda: side.starts("wait") > 1, 5)
    return Seen(side.starts("wait") == 1, f"{side.starts('wait')} runs")


# ── Loses something ───────────────────────────────────────────────────────────────────────────
@hazard("a new SECRET_KEY, the old one among the fallbacks")
def new_key(side: Side) -> Seen:
    side.queue("note", *range(5))
    old = side.environment()["SECRET_KEY"]
    side.start(SECRET_KEY="another-key-" * 5, SECRET_KEY_FALLBACKS=old)
    soon(lambda: side.ran() == 5, 6)
    return Seen(side.ran() == 5, f"{side.ran()} of 5 ran, {side.left()} left")


@hazard("a new SECRET_KEY and no fallback")
def lost_key(side: Side) -> Seen:
    side.queue("note", *range(5))
    side.start(SECRET_KEY="another-key-" * 5)
    time.sleep(6)
    kept = side.left()
    return Seen(kept == 5, f"{kept} of 5 kept")


@hazard("SQLite as Django sets it up, another program writing for 7 s")
def hogged(side: Side) -> Seen:
    settings = {"HAZARDS_PLAIN": "1"} | stock_with()
    side.queue("note", *range(800), **settings)
    side.start(**settings)
    soon(lambda: side.ran() > 20, 10)
    hog(side)
    soon(lambda: not side.left(), 5)
    errors, left = side.log().count("database is locked"), side.left()
    said = f"{errors} errors, {left} of 800 left 5 s later"
    return Seen(not left and not errors and side.starts("note") == 800, said)


def hog(side: Side) -> None:
    writer = sqlite3.connect(side.database, timeout=20, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    time.sleep(7)
    writer.execute("ROLLBACK")
    writer.close()


# ── Late ──────────────────────────────────────────────────────────────────────────────────────
@hazard("a schedule due in 1 s")
def late_schedule(side: Side) -> Seen:
    side.start()
    side.client("schedule", "soon", 1)
    due = time.time() + 1
    if not soon(side.ran, SCHEDULER):
        return Seen(False, f"not within {SCHEDULER} s")
    late = float(side.diary.read_text().split()[3]) - due
    return Seen(late < 2, f"{max(0, late):.1f} s late")


@hazard("SIGTERM with 30 jobs of 1 s fetched or waiting")
def stopped_late(side: Side) -> Seen:
    settings = stock_with(bulk=10, queue_limit=20) | {"TIME_SCALE": "1"}
    side.start(**settings)
    side.queue("wait", *range(30), **settings)
    soon(lambda: side.ran("wait") >= 2, 10)
    seconds = side.stop(25)
    said = "over 25 s" if seconds is None else f"{seconds:.1f} s"
    return Seen(seconds is not None and seconds < 10, f"{said} (Docker gives 10)")


@hazard("3 clusters, 40 schedules due at once")
def many_clusters(side: Side) -> Seen:
    for _ in range(3):
        side.start()
    side.client("schedules", 40)
    soon(lambda: side.ran() == 40, SCHEDULER)
    time.sleep(1)
    return Seen(
        side.ran() == side.starts("note") == 40, f"{side.starts('note')} runs of {side.ran()}"
    )
