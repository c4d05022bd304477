"""Jobs for the tests of the queue, registered for as long as one test runs."""

import os
import time
from pathlib import Path

ran: list[object] = []
KNOWN = {f"tests.project.job_samples.{name}" for name in ("remember", "fail", "touch")}


def remember(key: object) -> None:
    ran.append(key)


def fail(key: object) -> None:
    raise RuntimeError("no luck with access_token=SECRET123")


def touch(path: str) -> None:
    time.sleep(float(os.environ.get("SAMPLE_SECONDS", "0")))
    with Path(path).open("a") as file:
        file.write("ran\n")
