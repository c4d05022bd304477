"""The queue of this project beside the others, in one run: `python -m benchmarks.queue`.

- `drain`     how fast a full queue is worked off
- `latency`   how soon an idle worker picks a job up, and what idling costs
- `depth`     both of putting in and taking out, with very many rows waiting
- `enqueue`   what a job adds to the transaction of its row
- `waiting`   jobs that wait for a network, on one worker command each, and its memory
- `machines`  jobs that wait for a network, on one, two and eight groups of workers

The rounds are interleaved and in random order, so that the noise of the machine hits all alike;
medians are compared, never numbers of two runs. The others live in var/bench-venv, which
`python -m benchmarks.queue.rivals_env` makes; those on Redis need Debian's redis-server.

This folder has no __init__.py on purpose: what runs as `python benchmarks/….py` has benchmarks/
first on its path, and must find the standard library's `queue`, not this.
"""

import signal
import sys
from importlib import import_module

from . import rivals_env
from .options import parse
from .places import places
from .trial import failures


def main() -> None:
    options = parse(sys.argv[1:])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything is stopped
    rivals_env.make()
    if options.quick:
        print("Only to see that all of it works: these numbers mean nothing.")
    with places(options.databases) as made:
        for measure in options.measures:
            print(f"\n## {measure}", flush=True)
            import_module(f"benchmarks.queue.{measure}").run(made, options)
    sys.exit(1 if failures else 0)


if __name__ == "__main__":
    main()
