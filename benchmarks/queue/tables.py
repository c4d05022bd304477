"""What a measure found: as a Markdown table for people, and whole as JSON in var/bench/."""

import json
import platform
import subprocess
import time
from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from .options import Options
from .peers import ROOT
from .places import Places

FOLDER = ROOT / "var/bench"


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    print(f"\n### {title}\n")
    print(f"| {' | '.join(columns)} |")
    print(f"|{' --- |' * len(columns)}")
    for row in rows:
        print(f"| {' | '.join(map(shown, row))} |")
    print(flush=True)


def shown(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"
    return str(value)


def spread(values: Sequence[float]) -> str:
    """The median, and between what the rounds lay."""
    if len(values) < 2:
        return shown(float(values[0])) if values else "-"
    return f"{shown(median(values))} ({shown(min(values))} to {shown(max(values))})"


def ratio(one: float | None, other: float | None) -> str:
    return f"{one / other:.2f}" if one and other else "-"


def wanted(what: str, value: float | None, limit: float, at_least: bool = True) -> None:
    """One line: what was asked for, and whether it is so."""
    if value is None:
        return
    is_well = value >= limit if at_least else value <= limit
    sign = ">=" if at_least else "<="
    print(f"- {what}: {value:.2f} (wanted {sign} {limit:g}) {'' if is_well else '**missed**'}")


def save(measure: str, places: Places, options: Options, found: Any) -> None:
    """And one line that tells how busy the machine was with others: they all wait for the disk."""
    disk, places.fsyncs = places.fsyncs, []
    print(f"\nOne fsync before each trial, ms: {spread(disk)}")
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"queue-{measure}-{time.strftime('%Y%m%dT%H%M%S')}.json"
    about = {"measure": measure, "options": vars(options), "machine": machine(), "fsync ms": disk}
    path.write_text(json.dumps(about | {"found": found}, indent=1, default=str))
    print(f"\nAll of it: {path.relative_to(ROOT)}", flush=True)


def machine() -> dict[str, Any]:
    commit = subprocess.run(
        ["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True
    )
    with open("/proc/loadavg") as file:
        load = file.read().strip()
    return {
        "python": platform.python_version(),
        "kernel": platform.release(),
        "load": load,
        "commit": commit.stdout.strip(),
    }
