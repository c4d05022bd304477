"""Running jobs in a test: in this process, or by a real `manage.py qcluster`."""

import os
import signal
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import psutil
from django.conf import settings
from django.utils import timezone
from django_q.models import OrmQ

from project.jobs.models import DeadLetter, Heartbeat
from project.jobs.queue import claiming, queueing
from project.jobs.queue.job import Job, NotAJob
from project.jobs.worker.running import JobOutcome, run, settle
from project.variables import Environment
from tests import ready

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 20
TOO_MANY = 1000
HOLDER = "tests:0:0"


def run_jobs(until: datetime | None = None, failing: bool = False) -> list[Job]:
    """Run what is due, and what that queues in turn, as a worker would; say what ran.

    `until` pretends that it is that late already. A job that raises is an AssertionError here,
    unless `failing` says that this is what the test wants to see.
    """
    ran = []
    for _ in range(TOO_MANY):
        if until:
            OrmQ.objects.filter(lock__gt=timezone.now(), lock__lte=until).update(
                lock=timezone.now()
            )
        outcome = run_one()
        if outcome is None:
            return ran
        ran.append(outcome.job)
        assert failing or not outcome.error, (
            f"{outcome.job.func}{outcome.job.args} failed: {outcome.error}"
        )
    raise AssertionError(f"Still jobs after {TOO_MANY}: {ran[-3:]}")


def run_one() -> JobOutcome | None:
    """The next due job, by the worker's own steps but in this thread."""
    queueing.promote(list(settings.JOB_SLOTS))
    for queue in settings.JOB_SLOTS:
        for claim in claiming.claim(queue, HOLDER, 1):
            try:
                job = Job.read(claim.payload)
            except NotAJob as error:
                DeadLetter.objects.take_row(claim.row, str(error))
                return run_one()
            outcome = run(claim, job, queue)
            settle(HOLDER, [outcome])
            return outcome
    return None


class Worker:
    """A real `manage.py qcluster` on the test database."""

    def __init__(self, log: Path, **environment: str) -> None:
        self.log = log
        self.environment = environment

    def start(self) -> None:
        command = [sys.executable, "manage.py", "qcluster"]
        with self.log.open("ab") as output:
            self.process = ready.start(
                command,
                env={**os.environ, **self.environment},
                output=output,
                start_new_session=True,
            )
        self.wait_for_heartbeats()

    def wait_for_heartbeats(self) -> None:
        deadline = time.monotonic() + PATIENCE
        wanted, _ = Environment(self.environment).span("COUNT", settings.JOB_PROCESSES, 64)
        while time.monotonic() < deadline and self.process.poll() is None:
            if (
                sum(map(self.is_parent_of, Heartbeat.objects.values_list("pid", flat=True)))
                >= wanted
            ):
                return
            time.sleep(0.05)
        raise AssertionError(f"The worker did not start: {self.output()[-2000:]}")

    def is_parent_of(self, pid: int) -> bool:
        """Asked of a few; all processes of a machine take long to look at."""
        try:
            return psutil.Process(pid).ppid() == self.process.pid
        except psutil.NoSuchProcess:
            return False

    def children(self) -> list[int]:
        """The pids of the worker processes."""
        return [child.pid for child in psutil.Process(self.process.pid).children()]

    def output(self) -> str:
        return self.log.read_text()

    def stop(self) -> int:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()
            raise

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
