"""The settings of an installation, with its static files in a directory of the test's."""

import os

from project.settings import *  # noqa: F403

STATIC_ROOT = os.environ["STATIC_ROOT"]
