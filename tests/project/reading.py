"""What the settings make of an environment."""

import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from project import environment
from tests.workers import ROOT

BLANK = ["", "  ", "''", '""', '" "', "\t"]
# What must be said; without a database that is made by being looked for.
LEAST = {
    "SECRET_KEY": "x7-only-for-this-test-but-long-enough-and-of-many-different-characters",
    "TOKEN_KEYS": Fernet.generate_key().decode(),
    "ALLOWED_HOSTS": "fanfare.example.org",
    "DATABASE_URL": "postgres://a@b/c",
}
Read = Callable[..., dict[str, Any]]


@pytest.fixture
def read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Read:
    """For the settings that an environment leads to: LEAST, and what is given beside it."""
    monkeypatch.setattr(environment, "ROOT", tmp_path)  # where no .env is
    monkeypatch.setattr(environment, "RUNNING", tmp_path / "running.env")
    file = str(ROOT / "project" / "settings.py")
    for name in runpy.run_path(file)["env"].asked:
        monkeypatch.delenv(name, raising=False)

    def settings_of(**said: str) -> dict[str, Any]:
        with monkeypatch.context() as patch:
            for name, value in (LEAST | said).items():
                patch.setenv(name, value)
            made = runpy.run_path(file)
            return made | {"as_read": dict(made["env"].values)}

    return settings_of


def refusal(read: Read, **said: str) -> str:
    """The one line that says why they lead nowhere."""
    with pytest.raises(ImproperlyConfigured) as caught:
        read(**said)
    [line] = str(caught.value).splitlines()
    assert len(line) < 400
    return line
