import os

from project.settings import *  # noqa: F403

INSTALLED_APPS += ["benchmarks.queue.bench"]  # noqa: F405
BENCH_QUEUE = "benchmarks.queue.ours.queue"
BENCH_STATEMENTS = os.environ.get("BENCH_STATEMENTS")
