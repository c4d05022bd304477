"""`python -m tests.upgrading RELEASE`: fill a database with rows of every kind, and write its dump.

On the database that DATABASE_URL names, which must be empty; else on an SQLite file of its own.
"""

import os
import sys

from tests import environment

from .secrets import TOKEN_KEY


def main(release: str) -> int:
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
    os.environ["TOKEN_KEYS"] = TOKEN_KEY
    django.setup()
    from django.core.management import call_command

    from tests.sandbox import running_sandbox

    from .dumps import write_dump
    from .rows import fill

    call_command("migrate", verbosity=0)
    log = environment.DIRECTORY / "sandbox.log"
    with running_sandbox(environment.SANDBOX_URL, environment.SANDBOX_PORT, log) as sandbox:
        fill(sandbox)
    print(write_dump(release))
    environment.pytest_unconfigure()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
