"""Runs inside a queue's own project and environment, and does there what the benchmark asks: one
JSON object a line in, one out. It stands for the web process: it writes rows and enqueues."""

import json
import os
import sys
from importlib import import_module

import django


def main() -> None:
    # What anything prints is for the log; the answers have a file of their own.
    answers = os.fdopen(os.dup(1), "w", buffering=1)
    os.dup2(2, 1)
    django.setup()
    for line in sys.stdin:
        request = json.loads(line)
        module, _, name = request.pop("do").rpartition(".")
        act = getattr(import_module(f"benchmarks.queue.{module}"), name)
        print(json.dumps(act(**request)), file=answers)


if __name__ == "__main__":
    main()
