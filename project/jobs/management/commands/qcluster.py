import sys
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from contextlib import suppress
from typing import Any

from django.core.checks import ERROR, run_checks
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django_q.cluster import Cluster
from django_q.conf import Conf
from django_q.management.commands.qcluster import Command as StockCommand

from project.jobs.models import Heartbeat
from project.jobs.processes import stand_together
from project.jobs.timetable import sync_timetable

ENVIRONMENT = """\
environment:
  DATABASE_URL   where the queue is (SQLite in var/ by default)
  SECRET_KEY, SECRET_KEY_FALLBACKS, TOKEN_KEYS   as for the web process
  WORKERS        how many jobs run at a time (4)
  TIME_SCALE     multiplies every delay, in sandbox mode only (1.0)
  LOG, LOG_FILE  quiet, normal or verbose; a file instead of the terminal

SIGTERM or Ctrl-C lets running jobs finish. Exit code 2: it could not start, and one line says why.
"""


class Command(StockCommand):
    help = "Run the background jobs: all queues, in one foreground process."
    requires_system_checks = []  # ours below, for one line instead of a page

    def create_parser(self, *args: Any, **options: Any) -> ArgumentParser:
        return super().create_parser(
            *args, epilog=ENVIRONMENT, formatter_class=RawDescriptionHelpFormatter, **options
        )

    def handle(self, *args: Any, **options: Any) -> None:
        refuse_without_database()
        refuse_after_failed_checks()
        sync_timetable()
        connection.close()  # a connection must not be shared with forked children
        stand_together()
        self.stdout.write(f"Jobs are running, {Conf.WORKERS} at a time. Ctrl-C stops them.")
        self.stdout.flush()
        run_cluster(options["run_once"])


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


def run_cluster(once: bool) -> None:
    cluster = Cluster()
    cluster.start()
    if once:
        cluster.stop()
    cluster.sentinel.join()
    with suppress(DatabaseError):  # it may be why we stop
        Heartbeat.objects.end("jobs", cluster.pid)
    if cluster.sentinel.exitcode:  # the stock command says 0, and nobody would restart it
        sys.exit(1)
