"""System checks: what would be unsafe is said before anything runs. Ids are fanfare.E… and W…"""

import pydoc
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.humanize.templatetags.humanize import apnumber
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connection
from django_q.models import Failure, OrmQ, Schedule, Success, Task

from project.jobs.queue.job import registered
from project.networks import CREDENTIALS
from project.schedules import TIMETABLE
from publishing.deliveries.delivery import SEND_LEASE_SECONDS
from publishing.deliveries.send import SEND_WINDOW_SECONDS
from social.networks import tls
from social.networks.http import CALL_DEADLINE

BROKER = "project.jobs.queue.broker.JobBroker"
SHORTEST_SECRET = 50
SYNCHRONOUS_FULL = 2


@register
def check_hosts(**_: Any) -> Iterator[CheckMessage]:
    elsewhere, everything = settings.ELSEWHERE, settings.REAL_HOSTS
    if 0 < len(elsewhere) < len(everything):
        real = ", ".join(sorted(set(everything) - set(elsewhere)))
        yield Error(
            f"Half in the sandbox: {', '.join(elsewhere)} lead elsewhere, {real} to the real"
            f" networks. Set all {apnumber(len(everything))}, or none.",
            id="fanfare.E001",
        )
    missing = [name for name in CREDENTIALS if not getattr(settings, name)]
    if not elsewhere and missing:
        yield Warning(
            f"{', '.join(missing)} not set: that network cannot be connected.", id="fanfare.W001"
        )


@register
def check_sandbox_ca(**_: Any) -> Iterator[CheckMessage]:
    if not settings.SANDBOX_CA:
        return
    if not settings.SANDBOX_MODE:
        yield Error(
            "SANDBOX_CA is for sandbox mode only: what it names could speak for the real networks.",
            id="fanfare.E017",
        )
        return
    try:
        tls.make(settings.SANDBOX_CA)
    except OSError as error:
        said = error.strerror if error.errno else "it holds no certificate"
        yield Error(f"SANDBOX_CA names {settings.SANDBOX_CA}: {said}.", id="fanfare.E018")


@register
def check_time_scale(**_: Any) -> Iterator[CheckMessage]:
    if settings.TIME_SCALE != 1 and not settings.SANDBOX_MODE:
        yield Error(
            "TIME_SCALE may only differ from 1 in sandbox mode: real networks keep real time.",
            id="fanfare.E003",
        )


@register
def check_secret_key(**_: Any) -> Iterator[CheckMessage]:
    if not settings.DEBUG and len(settings.SECRET_KEY) < SHORTEST_SECRET:
        yield Error(f"SECRET_KEY is shorter than {SHORTEST_SECRET} characters.", id="fanfare.E006")


@register
def check_sqlite(**_: Any) -> Iterator[CheckMessage]:
    database: dict[str, Any] = settings.DATABASES["default"]
    if "sqlite" not in database["ENGINE"]:
        return
    options = database.get("OPTIONS", {})
    said = options.get("init_command", "").replace(" ", "").lower()
    safe = "journal_mode=wal" in said and "synchronous=full" in said
    if not safe or options.get("transaction_mode") != "IMMEDIATE":
        yield Error(
            "SQLite must run with journal_mode=WAL, synchronous=FULL and IMMEDIATE transactions:"
            " otherwise a power cut or two writers can lose what was written ahead of a send.",
            id="fanfare.E007",
        )


@register(Tags.database)
def check_durability(databases: Iterable[str] | None = None, **_: Any) -> Iterator[CheckMessage]:
    """What is committed must outlast a power cut. Asked of the database itself; when the workers
    start, and by `migrate`."""
    if "default" in (databases or ()):
        for said in forgetful():
            kind = Warning if settings.SANDBOX_MODE else Error
            yield kind(
                f"{said}: a power cut can take back the attempt that was written ahead of a send,"
                " and the post would go out twice.",
                id="fanfare.W002" if settings.SANDBOX_MODE else "fanfare.E016",
            )


def forgetful() -> Iterator[str]:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            if cursor.execute("PRAGMA synchronous").fetchone()[0] < SYNCHRONOUS_FULL:
                yield "SQLite runs without synchronous=FULL"
            return
        for name in ("fsync", "full_page_writes", "synchronous_commit"):
            cursor.execute("SELECT current_setting(%s)", [name])
            if cursor.fetchone()[0] == "off":
                yield f"PostgreSQL runs with {name}=off"


@register
def check_queue(**_: Any) -> list[CheckMessage]:
    return [
        Error(f"Q_CLUSTER is unsafe: {said}.", id="fanfare.E010")
        for said in unsafe(settings.Q_CLUSTER)
    ]


def unsafe(queue: dict[str, Any]) -> Iterator[str]:
    """What django-q2 would do wrong under these settings, one clause each."""
    if queue.get("broker_class") != BROKER:
        yield f"broker_class must be {BROKER}, or rows are pickles and unreadable ones are deleted"
    if queue.get("orm") != "default":
        yield "orm must be 'default', or a job and its row are not committed together"
    if queue.get("sync"):
        yield "sync must be off, or pages wait for the networks"


@register
def check_admin(**_: Any) -> Iterator[CheckMessage]:
    for model in (OrmQ, Schedule, Success, Failure, Task):
        ours = type(admin.site._registry.get(model))
        if ours.__module__.startswith("django_q"):
            yield Error(
                f"The stock admin of {model._meta.verbose_name_plural} is registered: it runs"
                " whatever a row names.",
                id="fanfare.E011",
            )


@register
def check_jobs(**_: Any) -> Iterator[CheckMessage]:
    for name in sorted(registered()):
        if not callable(pydoc.locate(name)):
            yield Error(f"The registered job {name} does not exist.", id="fanfare.E012")
    for name in scheduled() - registered():
        yield Error(f"The timetable names {name}, which is not registered.", id="fanfare.E013")


def scheduled() -> set[str]:
    return {func for func, _ in TIMETABLE.values()}


@register
def check_deadlines(**_: Any) -> Iterator[CheckMessage]:
    """Each outlasts the one before: a send, that is, renewing, uploading and the one call; the job
    around it; the lease on its delivery."""
    send = SEND_WINDOW_SECONDS + CALL_DEADLINE
    if settings.JOB_TIMEOUT <= send:
        yield Error(
            f"JOB_TIMEOUT ({settings.JOB_TIMEOUT} s) must be above the deadline of a send"
            f" ({send:g} s).",
            id="fanfare.E014",
        )
    if SEND_LEASE_SECONDS < 2 * send or SEND_LEASE_SECONDS < settings.JOB_TIMEOUT:
        yield Error(
            f"A delivery's lease ({SEND_LEASE_SECONDS} s) must be at least twice the deadline of a"
            f" send ({send:g} s) and outlast the job ({settings.JOB_TIMEOUT} s).",
            id="fanfare.E015",
        )
