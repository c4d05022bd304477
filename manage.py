#!/usr/bin/env python
"""Django's command line for Fanfare."""

import os
import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.db import DatabaseError

from project.variables import one_line

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    with one_line():
        settings.configured or settings.DEBUG  # noqa: B018  loads them, to answer in one line
    try:
        execute_from_command_line(sys.argv)
    except DatabaseError as error:
        if "--traceback" in sys.argv:
            raise
        print(f"The database cannot be used: {str(error).strip().splitlines()[0]}", file=sys.stderr)
        sys.exit(2)
