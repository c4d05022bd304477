"""A few of each; `make disasters` plays hundreds."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from playwright.sync_api import Browser

from tests.disasters.disasters import DISASTERS, Round, Stage
from tests.disasters.server import Server
from tests.people import PASSWORD
from tests.publishing.factories import x_channel

pytestmark = [pytest.mark.browser, pytest.mark.programs]
ROUNDS = 3


@pytest.fixture
def stage(transactional_db: None, alice: Any, browser: Browser, tmp_path: Path) -> Iterator[Stage]:
    x_channel(alice)
    # As its server hashes passwords, which is not as the tests do; what it would hash anew when
    # somebody signs in ends the sessions of before.
    hasher = PBKDF2PasswordHasher()
    alice.password = hasher.encode(PASSWORD, hasher.salt())
    alice.save()
    server = Server(tmp_path / "web.log")
    server.start()
    server.wait()
    yield Stage(browser, server, alice, [])
    server.kill()


def test_no_letter_is_lost_and_nothing_goes_out_twice(stage: Stage) -> None:
    for name in DISASTERS:
        for number in range(ROUNDS):
            Round(stage, name, f"suite.{number}").play()
