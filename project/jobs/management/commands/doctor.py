"""`manage.py doctor`: is this installation well, and what to do where it is not."""

import socket
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.cache import cache
from django.core.checks import WARNING, run_checks
from django.core.mail import EmailMessage
from django.core.management.base import CommandError, CommandParser
from django.db import DatabaseError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from project.accounts.adapter import public_url
from project.accounts.models import mail_server
from project.jobs.models import Heartbeat, QueuedJob
from project.jobs.operations.monitor import COUNT_LIMIT
from project.networks import APIS, DECLARED
from project.web.debugging import without_secrets
from project.web.health import slowest
from project.web.proxies import is_one_unknown
from social.models import CircuitBreaker, Connection
from social.networks.errors import AuthorizationLost
from social.shell import PlainCommand

REACH_TIMEOUT = 3  # seconds


class Trouble(Exception):
    """What is wrong and what to do, in one sentence."""


class Command(PlainCommand):
    help = "Look over this installation. Exit code 1 when something needs mending."
    requires_system_checks = []  # they are one of the checks

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mail", metavar="ADDRESS", help="send a mail there, as a trial")

    def run(self, *args: Any, **options: Any) -> None:
        checks = dict(CHECKS)
        if options["mail"]:
            checks["mail"] = partial(trial_mail, options["mail"])
        failed = sum(not self.passes(name, check) for name, check in checks.items())
        self.stdout.write("\nAddresses for your apps at the networks:")
        for network in DECLARED:
            if network.provider:
                callback = public_url(f"{network.provider}_callback")
                self.stdout.write(f"  {network.label:9} {callback}")
        if failed:
            raise CommandError(f"{failed} to mend.", returncode=1)

    def passes(self, name: str, check: Callable[[], str]) -> bool:
        try:
            self.stdout.write(f"ok    {name}: {check()}")
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


def pages() -> str:
    storage: Any = staticfiles_storage  # without DEBUG it has a manifest
    name = getattr(storage, "manifest_name", "")
    if name and not storage.manifest_storage.exists(name):
        raise Trouble(
            "no static files are collected, and every page is an error; run `manage.py"
            " collectstatic`."
        )
    return settings.PUBLIC_URL


def proxy() -> str:
    count = settings.ALLAUTH_TRUSTED_PROXY_COUNT
    if is_one_unknown():
        raise Trouble(
            "requests come with X-Forwarded-For, and TRUSTED_PROXY_COUNT is 0: everybody seems to"
            " have one address, and ten wrong passwords lock all out. Set it to how many proxies"
            " of yours are in front."
        )
    return f"{count} in front" if count else "none in front"


def database() -> str:
    executor = MigrationExecutor(connection)
    waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if waiting:
        raise Trouble(f"{len(waiting)} migrations are missing; run `manage.py migrate`.")
    try:
        with transaction.atomic():
            Heartbeat.objects.filter(pk=-1).delete()
    except DatabaseError as error:
        raise Trouble(
            f"it cannot be written to ({first_line(error)}); let Fanfare's user write that file"
            " and its folder, or lead DATABASE_URL to a primary."
        ) from error
    if not may_make_tables():
        raise Trouble(
            "its user may make no tables, and the next upgrade could not migrate; as its owner:"
            f" GRANT CREATE ON SCHEMA public TO {connection.settings_dict['USER']}."
        )
    return connection.vendor


def may_make_tables() -> bool:
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), false)")
        return cursor.fetchone()[0]


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
    for name in APIS:
        where = urlsplit(getattr(settings, name))
        port = where.port or (443 if where.scheme == "https" else 80)
        try:
            socket.create_connection((where.hostname, port), REACH_TIMEOUT).close()
        except OSError as error:
            raise Trouble(f"{where.netloc} cannot be reached ({error}).") from error
    closed = list(CircuitBreaker.objects.tripped().of_networks())
    if closed:
        said = " ".join(f"{it.sentence} ({it.lasts})" for it in closed)
        raise Trouble(f"{said} Look at /jobs/.")
    where = "reached, in sandbox mode" if settings.SANDBOX_MODE else "reached"
    private = ", ".join(map(str, settings.PRIVATE_HOMES))
    return f"{where}; people may also name servers in {private}" if private else where


def worker() -> str:
    if not Heartbeat.objects.alive():
        raise Trouble("none is running; start one with `manage.py qcluster`.")
    if reason := slowest().reason:
        raise Trouble(f"{reason}; look at /jobs/.")
    strays = QueuedJob.objects.exclude(key__in=settings.JOB_SLOTS).order_by()
    names = sorted(set(strays.values_list("key", flat=True)[:COUNT_LIMIT]))
    if names:
        raise Trouble(
            f"no worker serves the queue {', '.join(names)}, and jobs wait there; move or discard "
            "them in the admin."
        )
    return "alive, and nothing waits long"


def mail() -> str:
    kind = settings.MAIL_BACKEND.split(".")[-2]
    if kind == "console" and settings.ACCOUNT_EMAIL_VERIFICATION == "mandatory":
        raise Trouble(
            "SIGN_UP is open and whoever signs up has to open a link in a mail, but mails are only"
            " printed by the worker; set EMAIL_URL, or SIGN_UP=closed."
        )
    place = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}" if kind == "smtp" else kind
    return f"{place}, from {settings.DEFAULT_FROM_EMAIL}; --mail ADDRESS sends one"


def trial_mail(address: str) -> str:
    """At once and from here, not by a worker."""
    mail()
    message = EmailMessage("Fanfare: a trial", f"Mail from {settings.PUBLIC_URL} arrives.")
    message.to, message.connection = [address], mail_server()
    try:
        message.send()
    except Exception as error:
        said = without_secrets(f"{type(error).__name__}: {first_line(error)}")
        raise Trouble(f"none could be sent from {message.from_email} ({said}).") from error
    return f"taken by the mail server, from {settings.DEFAULT_FROM_EMAIL} to {address}"


def first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")


CHECKS = {
    "settings": settings_are_safe,
    "pages": pages,
    "proxy": proxy,
    "database": database,
    "cache": shared_cache,
    "token keys": token_keys,
    "networks": networks,
    "worker": worker,
    "mail": mail,
}
