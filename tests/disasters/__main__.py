"""`make disasters N=200 SEED=1 ONLY=reload,two_tabs`: N of each disaster in a real browser.

Exit code 1 when letters were lost that were older than two seconds, or a post went out twice.
"""

import argparse
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests import environment  # sets the environment, before Django reads it


def main() -> int:
    options = argparse.ArgumentParser(prog="make disasters", description=__doc__)
    options.add_argument("--n", type=int, default=200, help="of each")
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--only", default="", help="names, with commas")
    options.add_argument("--long", type=int, default=1, help="cuts of half a minute")
    given = options.parse_args()
    with ExitStack() as stack:
        stack.callback(environment.pytest_unconfigure)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="fanfare-disasters-")))
        os.environ["DATABASE_URL"] = f"sqlite:///{folder / 'disasters.sqlite3'}"
        os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"

        import django

        django.setup()
        return play(given, folder, stack)


def play(given: argparse.Namespace, folder: Path, stack: ExitStack) -> int:
    from django.core.management import call_command
    from playwright.sync_api import sync_playwright

    from tests.browser.conftest import OPTIONS
    from tests.chromium import installed_browser
    from tests.people import create_person
    from tests.publishing.factories import x_channel

    from .disasters import DISASTERS, Round, Stage, long_network_cut
    from .server import Server

    call_command("migrate", verbosity=0)
    user = create_person("alice")
    x_channel(user)
    server = Server(folder / "web.log")
    server.start()
    stack.callback(server.kill)
    server.wait()
    playwright = stack.enter_context(sync_playwright())
    browser = playwright.chromium.launch(executable_path=installed_browser(), args=OPTIONS)
    stage, failed = Stage(browser, server, user, []), []
    names = given.only.split(",") if given.only else list(DISASTERS)
    DISASTERS["long_network_cut"] = long_network_cut
    work = [(name, given.n) for name in names]
    work += [("long_network_cut", given.long)] if not given.only else []
    for name, count in work:
        began, broken = time.monotonic(), 0
        for number in range(count):
            try:
                Round(stage, name, f"{given.seed}.{number}").play()
            except Exception as error:
                broken += 1
                failed.append(f"{name} {given.seed}.{number}: {error}")
                print(f"✗ {failed[-1][:1500]}", flush=True)
        print(f"→ {name}: {count}, {broken} broken, {time.monotonic() - began:.0f} s", flush=True)
    browser.close()
    print("→ a promise did not hold" if failed else "→ every promise held", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
