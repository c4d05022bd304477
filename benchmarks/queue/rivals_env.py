"""Makes var/bench-venv, where the rivals live: `python -m benchmarks.queue.rivals_env`. Quick when
it is there already."""

import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

from .peers import INSTALLED, RIVALS, ROOT

FOLDER = INSTALLED.parent
PINS = Path(__file__).with_name("rivals.txt")
SHARED = ("django", "django-q2", "psycopg[binary,pool]")  # must be what our own side runs


def main() -> None:
    make()
    print(f"The rivals are in {FOLDER.relative_to(ROOT)}.")


def make() -> None:
    refuse_other_versions()
    if INSTALLED.exists() and INSTALLED.read_text() == PINS.read_text():
        return
    print("Installing the rivals…", flush=True)
    INSTALLED.unlink(missing_ok=True)
    try:
        install()
    except subprocess.CalledProcessError:
        print("They could not be installed: only our own queue is measured.\n", flush=True)


def install() -> None:
    subprocess.run([sys.executable, "-m", "venv", str(FOLDER)], check=True)
    pip = [str(RIVALS), "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "install", "--requirement", str(PINS)], check=True)
    subprocess.run([*pip, "check"], check=True)
    INSTALLED.write_text(PINS.read_text())


def refuse_other_versions() -> None:
    """Both sides on the same Django and driver, or the comparison says nothing."""
    theirs = pins(PINS)
    different = [name for name in SHARED if version(name.partition("[")[0]) != theirs.get(name)]
    if different:
        sys.exit(f"{PINS.name} pins other versions of {', '.join(different)} than we run.")


def pins(path: Path) -> dict[str, str]:
    found = re.findall(r"^([\w\-\[\],]+)==([\w.]+)", path.read_text(), re.MULTILINE)
    return {name.lower(): version for name, version in found}


if __name__ == "__main__":
    main()
