"""`manage.py doctor`: is this installation well, and what to do where it is not."""

import socket
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.cache import cache
from django.core.checks import WARNING, run_checks
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.urls import reverse

from project.health import slowest
from project.jobs.models import Heartbeat, QueuedJob
from project.jobs.monitor import MANY
from social.models import Closure, Connection
from social.networks import NETWORKS
from social.networks.errors import AuthorizationLost
from social.shell import PlainCommand

REACH_TIMEOUT = 3  # seconds


class Trouble(Exception):
    """What is wrong and what to do, in one sentence."""


class Command(PlainCommand):
    help = "Look over this installation. Exit code 1 when something needs mending."
    requires_system_checks = []  # they are one of the looks

    def run(self, *args: Any, **options: Any) -> None:
        failed = sum(not self.look(name, look) for name, look in LOOKS.items())
        self.stdout.write("\nAddresses for your apps at the networks:")
        for network in NETWORKS.values():
            path = reverse(f"{network.provider}_callback")
            self.stdout.write(f"  {network.label:9} {settings.PUBLIC_URL}{path}")
        if failed:
            raise CommandError(f"{failed} to mend.", returncode=1)

    def look(self, name: str, look: Callable[[], str]) -> bool:
        try:
            self.stdout.write(f"ok    {name}: {look()}")
        except Trouble as trouble:
            self.stdout.write(f"MEND  {name}: {trouble}")
            return False
        except DatabaseError:
            self.stdout.write(f"MEND  {name}: the database cannot be used")
            return False
        return True


def settings_are_safe() -> str:
    found = [message for message in run_checks() if message.level >= WARNING]
    if found:
        raise Trouble(" ".join(str(message.msg) for message in found))
    return "debug mode, for this machine only" if settings.DEBUG else "production"


def database() -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        raise Trouble(f"{len(waiting)} migrations are missing; run `manage.py migrate`.")
    return connection.vendor


def shared_cache() -> str:
    key, value = f"doctor:{uuid.uuid4()}", uuid.uuid4().hex
    cache.set(key, value, 60)
    if cache.get(key) != value:
        raise Trouble("what is written cannot be read; sign-in throttles do not count.")
    cache.delete(key)
    return "in the database"


def token_keys() -> str:
    unreadable = list(unreadable_connections())
    if unreadable:
        raise Trouble(
            f"no key in TOKEN_KEYS opens {len(unreadable)} connections; put the old key back "
            "at the end of TOKEN_KEYS."
        )
    return "open every stored token"


def unreadable_connections() -> Iterator[Connection]:
    for row in Connection.objects.connected().iterator():
        try:
            row.grant()
        except AuthorizationLost:
            yield row


def networks() -> str:
    for url in (settings.X_API_URL, settings.FACEBOOK_GRAPH_URL):
        where = urlsplit(url)
        port = where.port or (443 if where.scheme == "https" else 80)
        try:
            socket.create_connection((where.hostname, port), REACH_TIMEOUT).close()
        except OSError as error:
            raise Trouble(f"{where.netloc} cannot be reached ({error}).") from error
    closed = list(Closure.objects.standing().of_networks())
    if closed:
        said = " ".join(f"{it.sentence} ({it.lasts})" for it in closed)
        raise Trouble(f"{said} Look at /jobs/.")
    return "reached, in sandbox mode" if settings.SANDBOX_MODE else "reached"


def worker() -> str:
    if not Heartbeat.objects.alive():
        raise Trouble("none is running; start one with `manage.py qcluster`.")
    if reason := slowest().reason:
        raise Trouble(f"{reason}; look at /jobs/.")
    strays = QueuedJob.objects.exclude(key__in=settings.JOB_SLOTS).order_by()
    names = sorted(set(strays.values_list("key", flat=True)[:MANY]))
    if names:
        raise Trouble(
            f"no worker serves the queue {', '.join(names)}, and jobs wait there; move or discard "
            "them in the admin."
        )
    return "alive, and nothing waits long"


def mail() -> str:
    return f"{settings.MAIL_BACKEND.split('.')[-2]} ({settings.EMAIL_HOST}:{settings.EMAIL_PORT})"


LOOKS = {
    "settings": settings_are_safe,
    "database": database,
    "cache": shared_cache,
    "token keys": token_keys,
    "networks": networks,
    "worker": worker,
    "mail": mail,
}
