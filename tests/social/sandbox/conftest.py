"""A real sandbox process, and the unmodified libraries pointed at it as the product does it."""

import subprocess
import sys

import pytest

from tests.social.sandbox.clients import APP, ROOT, Sandbox


@pytest.fixture(scope="session")
def process():
    command = [sys.executable, "-m", "social.sandbox", "--port", "0", "--app", APP]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    yield child.stdout.readline().split()[-1].rstrip("/")
    child.terminate()
    assert child.wait(5) == 0


@pytest.fixture
def sandbox(process):
    sandbox = Sandbox(process)
    sandbox.post("/reset")
    return sandbox
