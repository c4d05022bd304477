"""Running jobs in a test: in this process, or by a real `manage.py qcluster`."""

import os
import queue
import signal
import subprocess
import sys
import time
from datetime import datetime
from multiprocessing import Value
from pathlib import Path
from unittest import mock

from django.utils import timezone
from django_q.brokers import get_broker
from django_q.models import OrmQ
from django_q.monitor import monitor
from django_q.worker import worker

from project.jobs.broker import JobBroker
from project.jobs.job import Job
from project.jobs.models import FailureNote, Heartbeat
from project.run import die_with_parent

ROOT = Path(__file__).resolve().parent.parent
PATIENCE = 20
TOO_MANY = 1000


def run_jobs(until: datetime | None = None, failing: bool = False) -> list[Job]:
    """Run what is due, and what that queues in turn, as a worker would; say what ran.

    `until` pretends that it is that late already. A job that raises is an AssertionError here,
    unless `failing` says that this is what the test wants to see.
    """
    broker, ran = get_broker(), []
    for _ in range(TOO_MANY):
        if until:
            OrmQ.objects.filter(lock__gt=timezone.now(), lock__lte=until).update(
                lock=timezone.now()
            )
        claimed = broker.claim()
        if not claimed:
            return ran
        for pk, job in claimed:
            run_one(broker, pk, job)
            ran.append(job)
            note = FailureNote.objects.filter(task_id=job.id).first()
            assert failing or note is None, f"{job.func}{tuple(job.args)} failed: {note}"
    raise AssertionError(f"Still jobs after {TOO_MANY}: {ran[-3:]}")


def run_one(broker: JobBroker, pk: int, job: Job) -> None:
    """django-q2's own worker and monitor, with plain queues instead of pipes between processes."""
    tasks, results = queue.Queue(), queue.Queue()
    tasks.put(job.task() | {"ack_id": pk})
    tasks.put("STOP")
    # Between jobs both close their connection; here it is the test's, and inside a transaction.
    with mock.patch("django.db.close_old_connections"):
        worker(tasks, results, Value("f", -1))
        results.put("STOP")
        monitor(results, broker)


class Worker:
    """A real `manage.py qcluster` on the test database."""

    def __init__(self, log: Path, **environment: str) -> None:
        self.log = log
        self.environment = environment

    def start(self) -> None:
        command = [sys.executable, "manage.py", "qcluster"]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                env={**os.environ, **self.environment},
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )
        self.wait_for_heartbeat()

    def wait_for_heartbeat(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            if Heartbeat.objects.filter(pid=self.process.pid).exists():
                return
            time.sleep(0.05)
        raise AssertionError(f"The worker did not start: {self.output()[-2000:]}")

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
