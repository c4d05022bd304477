"""What a delivery costs beside a bare loop over the same network call (benchmarks/crowd/bare.py).

- At once: processor time of the workers for a delivery (wanted: <= 1.3 of the loop's) and pace
  (wanted: >= 0.85 of the loop's).
- With creates of 500 ms: pace (wanted: >= 0.85 of the loop's, or of slots ÷ latency if that is
  less).

Both in turns within one run, on the same rows, so that the noise of the machine hits both alike.
"""

import argparse
import json
import statistics
import sys
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.publishing import pace, schedule, slow, watch
from benchmarks.stage import Stage, sign_up, stage, wait_for

PROCESSES, THREADS = 2, 24  # of `qcluster` by default, and so of the loop


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=200, help="each is on both networks")
    options.add_argument("--each", type=int, default=3, help="posts of each person a round")
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    with stage() as made:
        made.control("reset", fixture="crowd")
        for endpoint in ("POST /2/tweets", "facebook.app", "facebook.page"):
            who = {"who": "app"} if endpoint.startswith("POST") else {}
            made.control("state", do="bucket", endpoint=endpoint, limit=10_000_000, **who)
        sign_up(made.start_web(), "alice")
        made.stop("web")
        made.run("-m", "benchmarks.crowd", "connect", str(chosen.people))
        for milliseconds in (0, 500):
            compare(made, chosen, milliseconds)


def compare(made: Stage, chosen: argparse.Namespace, milliseconds: int) -> None:
    slow(made, milliseconds)
    count = chosen.people * chosen.each * 2
    costs: dict[str, list[float]] = {"ours": [], "bare": []}
    paces: dict[str, list[float]] = {"ours": [], "bare": []}
    for _ in range(chosen.rounds):
        for name, send in (("ours", by_workers), ("bare", by_loop)):
            cpu_seconds, times = send(made, chosen.people, chosen.each)
            if len(times) != count:
                raise RuntimeError(f"{name}: {len(times)} of {count} were sent")
            costs[name].append(1000 * cpu_seconds / count)
            paces[name].append(pace(times))
    ours, bare = (statistics.median(costs[name]) for name in ("ours", "bare"))
    print(f"creates of {milliseconds} ms")
    print(
        f"  a delivery costs {ours:.2f} ms of processor, the loop {bare:.2f}: "
        f"{ours / bare:.2f} (wanted <= 1.3 at once)"
    )
    mine, its = (statistics.median(paces[name]) for name in ("ours", "bare"))
    limit = min(its, PROCESSES * THREADS * 1000 / milliseconds) if milliseconds else its
    print(
        f"  {mine:.0f}/s, the loop {its:.0f}/s, the limit {limit:.0f}/s: "
        f"{mine / limit:.2f} (wanted >= 0.85)",
        flush=True,
    )


def by_workers(made: Stage, people: int, each: int) -> tuple[float, list[float]]:
    made.start("worker", "manage.py", "qcluster")
    main_process = psutil.Process(made.processes["worker"].pid)
    wait_for(lambda: len(main_process.children()) == PROCESSES)
    due = schedule(made, people, each)
    processes = [main_process, *main_process.children()]
    begun = sum(map(cpu_seconds, processes))
    times = watch(made, people * each * 2, due).finish()["times"]
    spent = sum(map(cpu_seconds, processes)) - begun
    made.stop("worker")
    return spent, times


def by_loop(made: Stage, people: int, each: int) -> tuple[float, list[float]]:
    schedule(made, people, each)
    said = json.loads(made.run("-m", "benchmarks.crowd", "bare", str(PROCESSES), str(THREADS)))
    made.run("-m", "benchmarks.crowd", "forget")
    return said["cpu_seconds"], said["times"]


def cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


if __name__ == "__main__":
    main()
