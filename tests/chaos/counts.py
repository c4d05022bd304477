"""How often, and how what was found is said."""

import os
from random import Random
from statistics import quantiles

IDLE, STOPS, KILLS, JOBS = (
    int(os.environ.get(f"CHAOS_{name}", few))
    for name, few in {"IDLE": 4, "STOPS": 1, "KILLS": 8, "JOBS": 400}.items()
)
# Seconds that work may stand still. The suite shares its machine with whatever else runs there.
STANDSTILL = 5 if "CHAOS_IDLE" in os.environ else 30
random = Random(int(os.environ.get("CHAOS_SEED", "1")))


def say(line: str) -> None:
    print(f"\n→ {line}", flush=True)


def spread(seconds: list[float]) -> str:
    p50, p95 = percentile(seconds, 50), percentile(seconds, 95)
    return f"p50 {p50:.2f} s, p95 {p95:.2f} s, max {max(seconds):.2f} s"


def percentile(seconds: list[float], percent: int) -> float:
    if len(seconds) == 1:
        return seconds[0]
    return quantiles(seconds, n=100, method="inclusive")[percent - 1]
