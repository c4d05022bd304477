"""Our queue behind django-q2's own cluster: slower, one queue each, but everything is done."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from django_q.models import Failure, OrmQ, Success

from project.jobs.models import FailureNote, Heartbeat, SetAside
from project.run import die_with_parent
from publishing.models import Post
from tests.hazards.stage import all_ran_once, begun, eventually, is_empty, queue
from tests.publishing.conftest import page_channel, x_channel
from tests.workers import ROOT

pytestmark = pytest.mark.programs
STOP = 20  # seconds


class Stock:
    def __init__(self, log: Path, diary: Path) -> None:
        self.log, self.diary = log, diary

    def start(self, **environment: str) -> None:
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.hazards.stock"],
                cwd=ROOT,
                env={**os.environ, "HAZARDS": str(self.diary), **environment},
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        assert eventually(lambda: len(self.children()) >= 4), self.output()

    def children(self) -> list[psutil.Process]:
        """Two workers, the monitor and the pusher."""
        main = psutil.Process(self.process.pid).children()
        return main[0].children() if main else []

    def output(self) -> str:
        return self.log.read_text()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP)

    def end(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


@pytest.fixture
def stock(transactional_db, hazardous, diary, tmp_path) -> Iterator[Callable[..., Stock]]:
    made = Stock(tmp_path / "stock.log", diary)

    def start(**environment: str) -> Stock:
        made.start(**environment)
        return made

    yield start
    made.end()


def test_a_post_goes_out_to_both_networks(stock, alice, sandbox):
    x_channel(alice, told=sandbox.token("x", "alice"))
    told = sandbox.token("facebook", "100000000000001", pages=["alicesbakery"])
    page_channel(alice, told=told)
    cluster = stock()
    post = Post.objects.publish(alice, "Hello from a stock cluster.")
    assert eventually(lambda: post.deliveries.filter(state="sent").count() == 2), cluster.output()
    assert len(sandbox.truth(text=post.text)) == 2
    assert eventually(lambda: not OrmQ.objects.filter(key="publish").exists())
    assert Success.objects.filter(func="publishing.tasks.send_delivery").count() == 2
    assert Heartbeat.objects.alive()
    assert cluster.stop() == 0


def test_jobs_run_once_and_failed_ones_are_kept(stock, diary):
    cluster = stock(STOCK_QUEUE="housekeeping")
    queue("note", *range(20))
    queue("fail", "bad")
    assert eventually(lambda: len(begun(diary)) == 21 and is_empty()), cluster.output()
    assert set(begun(diary).values()) == {1}
    # A stock cluster acknowledges first and writes down afterwards.
    assert eventually(lambda: FailureNote.objects.exists()), cluster.output()
    assert Failure.objects.filter(func="tests.hazards.tasks.fail").count() == 1
    assert "hunter2" not in FailureNote.objects.get().error
    assert "hunter2" not in cluster.output()


def test_what_cannot_be_read_is_set_aside(stock, diary):
    OrmQ.objects.create(key="housekeeping", payload="poison", lock="2020-01-01T00:00Z")
    queue("note", *range(5))
    cluster = stock(STOCK_QUEUE="housekeeping")
    assert eventually(is_empty), cluster.output()
    assert all_ran_once(diary, "note", range(5))
    assert SetAside.objects.count() == 1


def test_a_job_whose_worker_was_killed_runs_again(stock, diary):
    """At the end of its lease; a stock cluster knows no sooner."""
    cluster = stock(STOCK_QUEUE="housekeeping", TIME_SCALE="0.02")  # of 5 s
    queue("wait", 1)
    assert eventually(lambda: begun(diary)[("wait", "1")]), cluster.output()
    pid = int(diary.read_text().split()[2])
    os.kill(pid, signal.SIGKILL)
    assert eventually(is_empty), cluster.output()
    assert begun(diary)[("wait", "1")] == 2
