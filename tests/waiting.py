"""Waiting for what other processes do."""

import time

SOON_SECONDS = 20  # seconds


def eventually(true, seconds=SOON_SECONDS):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.05)
    return False
