"""Workers give way while somebody is at the pages of their machine, and only then."""

import os
import time

import pytest
from django.http import HttpResponse

from project.jobs.worker import priority
from project.jobs.worker.priority import WORKER_NICENESS, SessionPriority
from project.web import visits
from project.web.visits import RECENT_SECONDS, Visits, VisitsMiddleware, visits_of_this_machine


@pytest.fixture
def path(settings, tmp_path):
    settings.VISITED_FILE = tmp_path / "var" / "visited"
    return settings.VISITED_FILE


def ask(rf, address: str) -> bool:
    """Whether it is noted."""
    answer = VisitsMiddleware(lambda request: HttpResponse("here"))(rf.get(address))
    assert answer.content == b"here"
    return visits_of_this_machine().is_anybody_here()


@pytest.mark.parametrize("address", ["/", "/posts/", "/status/6b4f", "/accounts/login/"])
def test_who_asks_for_a_page_is_here(rf, path, address):
    assert not visits_of_this_machine().is_anybody_here()
    assert ask(rf, address)
    assert path.stat().st_mode & 0o077 == path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("address", ["/healthz", "/metrics"])
def test_what_asks_for_numbers_is_nobody(rf, path, address):
    assert not ask(rf, address)


def test_every_page_is_behind_it(client, path, db):
    """The client loads the middleware anew, and so with the folder of this test."""
    assert client.get("/accounts/login/").status_code == 200
    assert visits_of_this_machine().is_anybody_here()


@pytest.mark.parametrize(
    "seconds", [-RECENT_SECONDS - 1, RECENT_SECONDS + 1], ids=["long ago", "another clock"]
)
def test_who_was_here_at_another_time_is_not_here(path, seconds):
    Visits(path).note()
    then = time.time() + seconds
    os.utime(path, (then, then))
    assert not Visits(path).is_anybody_here()


def test_it_is_written_down_once_in_a_while(path, monkeypatch):
    made = Visits(path)
    made.note()
    path.unlink()
    made.note()
    assert not path.exists()
    monkeypatch.setattr(visits, "NOTED_EVERY_SECONDS", 0)
    made.note()
    assert path.exists()


def test_where_it_cannot_be_written_down_pages_go_on(rf, path):
    path.parent.write_text("a file, where a folder should be")
    assert not ask(rf, "/posts/")


def test_no_link_is_followed(path, tmp_path):
    path.parent.mkdir()
    path.symlink_to(tmp_path / "elsewhere")
    Visits(path).note()
    assert not (tmp_path / "elsewhere").exists()


# ── What the main process makes of it ─────────────────────────────────────────────────────────
class Autogroup:
    """Linux, which takes the priority of a session from one process at a time."""

    def __init__(self, *refusals: type[OSError]) -> None:
        self.said, self.refusals = [], list(refusals)

    def write_text(self, text: str) -> None:
        if self.refusals:
            raise self.refusals.pop(0)
        self.said.append(text)


@pytest.fixture
def session(monkeypatch):
    def made(*refusals: type[OSError], ours: bool = True) -> tuple[SessionPriority, Autogroup]:
        monkeypatch.setattr(priority, "AUTOGROUP", group := Autogroup(*refusals))
        monkeypatch.setattr(priority.os, "getsid", lambda _: os.getpid() if ours else 1)
        return SessionPriority(), group

    return made


def test_each_change_is_said_once(session):
    main, group = session()
    for is_wanted in (False, True, True, False, False):
        main.lower(is_wanted)
    assert group.said == [str(WORKER_NICENESS), "0"]


def test_what_is_refused_is_asked_for_again(session):
    main, group = session(BlockingIOError, BlockingIOError)
    for _ in range(4):
        main.lower(True)
    assert group.said == [str(WORKER_NICENESS)]


@pytest.mark.parametrize("refusal", [FileNotFoundError, PermissionError])
def test_where_sessions_are_not_grouped_it_is_asked_once(session, refusal):
    main, group = session(refusal)
    main.lower(True)
    main.lower(True)
    assert group.said == []


def test_the_session_of_a_shell_is_left_alone(session):
    main, group = session(ours=False)
    main.lower(True)
    assert group.said == []
