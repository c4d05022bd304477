"""What one post runs through: which files and functions of ours, while the page takes it and while
a worker sends it. On SQLite, against the sandbox, as the tests do it."""

import io
import os
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

from .source import ROOMS, ROOT

OURS = tuple(f"{ROOT / room}/" for room in ROOMS)


@dataclass
class Route:
    """(file, function) of every call, each once."""

    calls: set[tuple[str, str]] = field(default_factory=set)

    @property
    def files(self) -> set[str]:
        return {file for file, _ in self.calls}

    def note(self, frame: FrameType, event: str, argument: Any) -> None:
        """For `sys.setprofile`."""
        code = frame.f_code
        if event == "call" and code.co_filename.startswith(OURS):
            name = code.co_qualname if hasattr(code, "co_qualname") else code.co_name
            if not code.co_name.startswith("<"):  # a comprehension is a part of its function
                file = Path(code.co_filename).relative_to(ROOT).as_posix()
                self.calls.add((file, name))


@contextmanager
def recorded() -> Iterator[Route]:
    """Note what is called inside, in this thread and in those that it starts."""
    path = Route()
    threading.setprofile(path.note)
    sys.setprofile(path.note)
    try:
        yield path
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def measured() -> dict[str, Route]:
    """Of "POST /posts/" and "sending": their paths."""
    with instance() as (client, channel, run):
        warm = {"text": "Said before", "channels": [channel.pk], "when": "now"}
        client.post("/posts/", warm)  # what is done once a process is nobody's path
        run()
        with recorded() as posting:
            answer = client.post("/posts/", warm | {"text": "Said once"})
        assert answer.status_code == 302, answer.content
        with recorded() as sending:
            state = run()
        assert state == "sent", state
    return {"POST /posts/": posting, "sending": sending}


@contextmanager
def instance() -> Iterator[tuple[Any, Any, Callable[[], str]]]:
    """A database and a sandbox of their own: (client of one who has connected X, their channel,
    what sends their latest delivery and returns its state)."""
    environment = set_up()
    from django.test import Client

    from tests.people import create_person
    from tests.sandbox import running_sandbox
    from tests.social.dancing import channel_of, connect

    log = environment.DIRECTORY / "sandbox.log"
    try:
        with running_sandbox(environment.SANDBOX_URL, environment.SANDBOX_PORT, log) as sandbox:
            user = create_person("alice")
            connect(sandbox, user, "x")
            client = Client()
            client.force_login(user)
            yield client, channel_of(user, "x"), send_latest
    finally:
        environment.pytest_unconfigure()


def set_up() -> Any:
    """Django, as in the tests, with a database of its own; what the tests' environment is."""
    import django

    from tests import environment  # before Django reads its settings

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
    django.setup()
    from django.db import connection
    from django.test.utils import setup_test_environment

    assert connection.vendor == "sqlite", "this is measured on SQLite"
    setup_test_environment(debug=False)
    connection.settings_dict["TEST"]["NAME"] = str(environment.DIRECTORY / "structure.sqlite3")
    warnings.filterwarnings("ignore", "No directory at", UserWarning)  # of static files
    with redirect_stdout(io.StringIO()):
        connection.creation.create_test_db(verbosity=0)
    return environment


def send_latest() -> str:
    """Send the latest delivery; its state then."""
    from publishing import tasks
    from publishing.models import Delivery

    delivery = Delivery.objects.latest("pk")
    tasks.send_delivery(str(delivery.job_id))
    delivery.refresh_from_db()
    return delivery.state
