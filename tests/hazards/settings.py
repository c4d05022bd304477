import os
from pathlib import Path

from project.settings import *  # noqa: F403

INSTALLED_APPS += ["tests.hazards"]  # noqa: F405
KEEP_FINISHED_JOBS = 1_000_000  # some tests count them, and pruning may come in between
VAR_DIR = Path(os.environ.get("HAZARDS_VAR_DIR", VAR_DIR))  # noqa: F405
