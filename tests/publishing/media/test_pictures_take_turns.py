"""One hostile picture, and everybody else: the process that reads pictures is held, killed and used
up, and the others are served, or told at once that we are busy."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError

from publishing.media.pictures import cleaned, helper, sharing, thumbnail
from publishing.media.pictures.sharing import HELPER, MOST_WORK_SECONDS, READING_LINE, Busy
from publishing.models import Media, MediaBytes, Post
from tests import hostile
from tests.pictures import drawn, opened
from tests.publishing.media.decoder_that import COMMAND

BUSY = "We are busy with other pictures. Try again in a moment."
COSTLY = "takes too much work"
UNREADABLE = "cannot be read as a picture"


@pytest.fixture(autouse=True)
def obedient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The process does what these tests tell it."""
    HELPER.stop()
    READING_LINE.clear()
    monkeypatch.setattr(helper, "COMMAND", COMMAND)
    monkeypatch.setattr(helper, "DEADLINE_SECONDS", 120)  # machines that test may be slow
    monkeypatch.setattr(sharing, "LONGEST_WAIT_SECONDS", 120)
    yield
    HELPER.stop()
    READING_LINE.clear()


def until(condition: Callable[[], object]) -> None:
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.01)
    raise AssertionError("it never came")


def sentence(data: bytes, person: object = None) -> str:
    with pytest.raises(ValidationError) as refused:
        cleaned(data, "beach.jpg", person)
    [said] = refused.value.messages
    return said


class Held:
    """The process reads a picture of `people`'s, one after the other, until `let_go`."""

    def __init__(self, path: Path) -> None:
        self.path, self.pool = path, ThreadPoolExecutor(8)
        self.served: list[object] = []

    def by(self, person: object) -> Future:
        count = len(READING_LINE.inside)
        asked = self.pool.submit(self.ask, person)
        until(lambda: len(READING_LINE.inside) > count)
        return asked

    def ask(self, person: object) -> None:
        try:
            cleaned(b"hold %s" % os.fsencode(self.path), "", person)
        except Exception as error:
            self.served.append(f"{person} was not: {error!r}")
            raise
        self.served.append(person)

    def let_go(self) -> None:
        self.path.touch()
        self.pool.shutdown()


@pytest.fixture
def held(tmp_path: Path) -> Iterator[Held]:
    made = Held(tmp_path / "go")
    yield made
    made.let_go()


# ── It is killed, and there is another one ────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("deed", "why"),
    [
        (b"spin", COSTLY),
        (b"die %d" % signal.SIGXCPU, COSTLY),
        (b"die %d" % signal.SIGKILL, COSTLY),
        (b"die %d" % signal.SIGSEGV, UNREADABLE),
        (b"die %d" % signal.SIGABRT, UNREADABLE),
        (b"babble", UNREADABLE),
        pytest.param(
            b"eat",
            COSTLY,
            marks=pytest.mark.skipif(sys.platform != "linux", reason="no limit of memory"),
        ),
    ],
)
def test_a_process_that_dies_of_a_picture_is_replaced(deed, why):
    cleaned(drawn())
    assert sentence(deed).startswith(f"beach.jpg {why}")
    assert cleaned(drawn()).width == 64


def test_what_takes_too_long_is_given_up_and_its_process_ended(monkeypatch, tmp_path):
    cleaned(drawn())
    process = HELPER.process
    monkeypatch.setattr(helper, "DEADLINE_SECONDS", 0.3)
    assert COSTLY in sentence(b"hold %s" % os.fsencode(tmp_path / "never"))
    assert process.returncode is not None and HELPER.process is None
    monkeypatch.setattr(helper, "DEADLINE_SECONDS", 120)
    assert cleaned(drawn()).width == 64


def test_one_that_left_in_peace_is_not_the_pictures_fault(tmp_path):
    cleaned(drawn())
    assert cleaned(b"leave %s" % os.fsencode(tmp_path / "left")).data == b"done"


def test_a_fresh_one_takes_over_after_many_pictures(monkeypatch):
    cleaned(drawn())
    first = HELPER.process
    monkeypatch.setattr(helper, "PICTURES_PER_PROCESS", 2)
    assert cleaned(drawn()) and HELPER.process is first
    assert cleaned(drawn()) and HELPER.process is not first
    assert first.returncode is not None


def test_without_any_process_there_is_a_sentence(monkeypatch, caplog):
    monkeypatch.setattr(helper, "COMMAND", ["/no/such/program"])
    assert "Pictures cannot be read here at the moment" in sentence(drawn())
    monkeypatch.setattr(helper, "COMMAND", [sys.executable, "-c", "raise SystemExit(3)"])
    assert "Pictures cannot be read here at the moment" in sentence(drawn())
    assert "does not start" in caplog.text
    monkeypatch.undo()
    assert cleaned(drawn()).width == 64


def test_it_is_told_no_secret(monkeypatch, tmp_path):
    monkeypatch.setenv("SECRET_KEY", "secret")
    monkeypatch.setenv("DATABASE_URL", "secret")
    show = f"import os; open({str(tmp_path / 'seen')!r}, 'w').write(str(dict(os.environ)))"
    monkeypatch.setattr(helper, "COMMAND", [sys.executable, "-c", show])
    sentence(drawn())
    seen = (tmp_path / "seen").read_text()
    assert "PATH" in seen and "secret" not in seen and "TOKEN_KEYS" not in seen


# ── Others meanwhile ──────────────────────────────────────────────────────────────────────────
def test_a_few_wait_and_all_others_are_told_at_once(held):
    held.by("mallory")
    held.by("mallory")
    assert sentence(drawn(), "mallory").endswith(BUSY)  # two are one person's
    held.by("alice")
    held.by("bob")
    assert sentence(drawn(), "carol") == f"beach.jpg was not added. {BUSY}"
    held.let_go()
    assert sorted(held.served) == ["alice", "bob", "mallory", "mallory"]
    assert cleaned(drawn(), "carol").width == 64


def test_one_is_next_though_what_was_used_fades_while_that_is_decided(held, monkeypatch):
    """Each of two would wait for the other: one looked when it had used more, one right after."""
    monkeypatch.setattr(sharing, "LONGEST_WAIT_SECONDS", 20)
    for person in ("alice", "mallory", "bob"):
        held.by(person)
    used = iter([1.0])  # the first time that somebody asks, and nothing a moment later
    monkeypatch.setattr(
        READING_LINE.ledger, "of", lambda person: next(used, 0.0) if person == "mallory" else 0.0
    )
    held.let_go()
    assert sorted(held.served) == ["alice", "bob", "mallory"]


def test_who_used_least_is_next(held):
    held.by("somebody")
    for person, seconds in (("mallory", 9), ("bob", 3), ("alice", 0)):
        READING_LINE.ledger.add(person, seconds)
        held.by(person)
    held.let_go()
    assert held.served == ["somebody", "alice", "bob", "mallory"]


def test_nobody_waits_for_ever(held, monkeypatch):
    monkeypatch.setattr(sharing, "LONGEST_WAIT_SECONDS", 0.05)
    held.by("mallory")
    assert sentence(drawn(), "alice").endswith(BUSY)
    assert len(READING_LINE.inside) == 1


def test_a_job_waits_as_long_as_it_takes(held, monkeypatch):
    monkeypatch.setattr(sharing, "LONGEST_WAIT_SECONDS", 0.05)
    for person in "abcd":
        held.by(person)
    job = held.pool.submit(thumbnail, drawn())
    until(lambda: len(READING_LINE.inside) == 5)
    held.let_go()
    assert opened(job.result()).size == (64, 48)


def test_nobody_uses_up_everybodys_time():
    READING_LINE.ledger.add("mallory", MOST_WORK_SECONDS + 1)
    assert "Your last pictures took much work." in sentence(drawn(), "mallory")
    assert cleaned(drawn(), "alice").width == 64
    READING_LINE.ledger.used["mallory"] = MOST_WORK_SECONDS + 1, time.monotonic() - 60
    assert cleaned(drawn(), "mallory").width == 64


def test_what_a_picture_cost_is_its_persons():
    assert COSTLY in sentence(b"spin", "mallory")
    assert READING_LINE.ledger.of("mallory") > 4 and READING_LINE.ledger.of("alice") == 0
    with pytest.raises(Busy), READING_LINE.turn("mallory"):
        raise Busy  # whatever ends a turn: the next one begins
    assert cleaned(drawn(), "alice").width == 64


@pytest.mark.django_db
def test_pages_are_answered_and_the_form_keeps_what_was_written(held, alice, channel, client_for):
    for person in "abcd":
        held.by(person)
    her = client_for(alice)
    assert her.get("/healthz").status_code == 200
    kept = MediaBytes.objects.create(media=Media.objects.create(**PLAIN, user=alice)).media
    fields = {"text": "Fresh bread!", "channels": [channel.pk], "when": "now"}
    fields |= {"media": [str(kept.public_id)], f"alt_{kept.public_id}": "A loaf"}
    answer = her.post("/posts/", {**fields, "files": [SimpleUploadedFile("b.jpg", drawn())]})
    page = answer.content.decode()
    assert answer.status_code == 400 and not Post.objects.exists()
    assert f"b.jpg was not added. {BUSY}" in page
    assert "Fresh bread!" in page and str(kept.public_id) in page and "A loaf" in page
    held.let_go()
    again = her.post("/posts/", {**fields, "files": [SimpleUploadedFile("b.jpg", drawn())]})
    assert again.status_code == 302 and Post.objects.get().picture_count == 2


PLAIN = {"mime": "image/png", "width": 1, "height": 1, "size": 1, "sha256": "0" * 64}


# ── Other programs than the web process ───────────────────────────────────────────────────────
@pytest.mark.django_db
def test_a_poisoned_original_stops_no_worker(alice, run_jobs):
    """Of an older version, or out of a backup: its job is over, and the original is shown."""
    media = Media.objects.keep(alice, drawn())
    MediaBytes.objects.update(original=hostile.many_scans())
    run_jobs()
    assert bytes(MediaBytes.objects.get().thumbnail) == b""
    assert media.shown() == (hostile.many_scans(), "image/jpeg", False)


@pytest.mark.django_db
def test_a_command_says_it_in_one_line(alice, channel, tmp_path):
    (tmp_path / "bad.jpg").write_bytes(hostile.many_scans())
    (tmp_path / "good.jpg").write_bytes(drawn())
    with pytest.raises(CommandError, match=COSTLY) as refused:
        call_command("publish", "alice", "Hi.", "--media", str(tmp_path / "bad.jpg"))
    assert refused.value.returncode == 2 and "\n" not in str(refused.value)
    assert not Post.objects.exists()
    call_command("publish", "alice", "Hi.", "--media", str(tmp_path / "good.jpg"))
    assert Post.objects.get().picture_count == 1
