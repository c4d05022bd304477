import os
from pathlib import Path

from project.settings import *  # noqa: F403

INSTALLED_APPS += ["tests.hazards"]  # noqa: F405
KEEP_FINISHED_JOBS = 1_000_000  # some tests count them, and pruning may come in between
# Nobody is at the pages, unless a test says so: a busy machine would have no time for workers.
VISITED_FILE = Path(os.environ.get("VISITED_FILE", "/dev/null/visited"))
