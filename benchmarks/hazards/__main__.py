"""`python -m benchmarks.hazards`: what stops, doubles or loses jobs with stock django-q2, done to
it and to ours, and what came of it. Some ten minutes; words choose among them."""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.queue.rivals_env import make

from .hazards import HAZARDS, Hazard, Seen
from .sides import ROOT, Ours, Side, Stock

SIDES: tuple[type[Side], ...] = (Stock, Ours)


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m benchmarks.hazards", description=__doc__)
    options.add_argument("words", nargs="*", help="only hazards with one of these in their title")
    words = options.parse_args().words
    make()
    chosen = [it for it in HAZARDS if not words or any(word in it.title for word in words)]
    width = max(len(it.title) for it in chosen)
    print(f"{'':{width}}  {'stock django-q2':50}  ours")
    well = True
    with tempfile.TemporaryDirectory(prefix="fanfare-hazards-") as folder:
        templates = {kind: migrated(kind, Path(folder)) for kind in SIDES}
        for hazard in chosen:
            stock, ours = (tried(kind, hazard, templates[kind]) for kind in SIDES)
            well &= ours.is_well
            print(f"{hazard.title:{width}}  {line(stock):50}  {line(ours)}", flush=True)
    return 0 if well else 1


def line(seen: Seen) -> str:
    return f"{'ok ' if seen.is_well else 'BAD'} {seen.said}"


def migrated(kind: type[Side], folder: Path) -> Path:
    """A database to begin with."""
    home = folder / kind.name
    home.mkdir()
    side = kind(home)
    command = [side.python, *side.command[:-1], "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=side.environment(), check=True)
    return side.database


def tried(kind: type[Side], hazard: Hazard, template: Path) -> Seen:
    with tempfile.TemporaryDirectory(prefix="fanfare-hazard-") as folder:
        side = kind(Path(folder), template)
        try:
            return hazard.run(side)
        except Exception as error:
            if os.environ.get("HAZARDS_LOG"):
                print(side.log(), file=sys.stderr)
            return Seen(False, f"could not be tried: {error!r:.200}")
        finally:
            side.end()


if __name__ == "__main__":
    sys.exit(main())
