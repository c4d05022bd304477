"""Which real browser the tests drive."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ADVICE = "The tests need a Chromium: `apt-get install chromium`, or name one with CHROMIUM=…"


def installed_browser() -> str | None:
    """The one that $CHROMIUM names, the system's, or the one that playwright has downloaded."""
    named = [os.environ["CHROMIUM"]] if os.environ.get("CHROMIUM") else NAMES
    found = next(filter(None, map(shutil.which, named)), None)
    if found:
        return found
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install_browser() -> bool:
    """Ask playwright to download one; False where that is not possible."""
    command = [sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"]
    try:
        return subprocess.run(command, capture_output=True, timeout=600).returncode == 0
    except subprocess.TimeoutExpired:
        return False
