import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from typing import Any

from django.conf import settings
from django.core.checks import ERROR, run_checks
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django_q.management.commands.qcluster import Command as StockCommand

from project.jobs.queue.timetable import sync_timetable
from project.jobs.worker.cluster import Cluster
from project.jobs.worker.processes import die_with_main_process
from social.shell import plain

ENVIRONMENT = """\
environment:
  DATABASE_URL   where the queue is (SQLite in var/ by default)
  SECRET_KEY, SECRET_KEY_FALLBACKS, TOKEN_KEYS   as for the web process
  QUEUE          the queues to serve, in order of priority (all)
  COUNT          worker processes (2), or 1..4: as many as the waiting jobs need
  SLOTS          jobs of a queue at a time in each process (publish=24,mail=4,import=2)
  JOB_MEMORY     megabytes at which a worker is replaced (300)
  TIME_SCALE     multiplies every delay, in sandbox mode only (1.0)
  DATABASE_POOL  PostgreSQL connections of one process at most (8)
  LOG, LOG_FILE  quiet, normal or verbose; a file instead of the terminal

SIGTERM or Ctrl-C lets running jobs finish. Exit code 2: it could not start, and one line says why.
"""


class Command(StockCommand):
    help = "Run the background jobs: all queues, in one foreground process."
    requires_system_checks: list[str] = []  # ours below, for one line instead of a page

    def create_parser(self, *args: Any, **options: Any) -> ArgumentParser:
        parser = super().create_parser(
            *args, epilog=ENVIRONMENT, formatter_class=RawDescriptionHelpFormatter, **options
        )
        return plain(parser) if self._called_from_command_line else parser

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_without_database()
        refuse_after_failed_checks()
        sync_timetable()
        connection.close()  # a connection must not be shared with forked children
        die_with_main_process()
        slots = {queue: settings.JOB_SLOTS[queue] for queue in settings.QUEUES}
        low, high = settings.JOB_PROCESSES
        wide = ", ".join(f"{queue} {width}" for queue, width in slots.items())
        count = low if low == high else f"{low} to {high}"
        self.stdout.write(f"{count} workers, jobs at a time in each: {wide}. Ctrl-C stops them.")
        self.stdout.flush()
        if code := Cluster(slots, low, high).run():
            sys.exit(code)


def refuse_without_database() -> None:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        raise CommandError(f"The database cannot be reached: {reason}", returncode=2) from error
    if waiting:
        raise CommandError(
            f"The database lacks {len(waiting)} migrations: run `manage.py migrate` first.",
            returncode=2,
        )


def refuse_after_failed_checks() -> None:
    errors = [message for message in run_checks(databases=["default"]) if message.level >= ERROR]
    if errors:
        more = f" (and {len(errors) - 1} more: `manage.py check`)" if errors[1:] else ""
        raise CommandError(f"{errors[0].id}: {errors[0].msg}{more}", returncode=2)
