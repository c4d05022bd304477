"""The queues that are compared, each with two worker processes and otherwise as it comes."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
OURS = sys.executable
RIVALS = ROOT / "var/bench-venv/bin/python"
INSTALLED = RIVALS.parent.parent / "installed.txt"  # says with which pins
TITLES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}

# What becomes of a job whose worker is killed -9, as documented by each.
AT_LEAST, AT_MOST, STUCK = "runs again", "lost", "stays claimed"


@dataclass(frozen=True)
class Peer:
    name: str
    kind: str  # the module that knows it, and its INSTALLED_APPS
    vendor: str
    workers: tuple[tuple[str, ...], ...]
    promise: str = AT_LEAST
    keeps: str = "no"  # results, as by default
    redis: bool = False
    variant: bool = False  # of the one above, and different only in how it works off a full queue
    share: float = 1.0  # of the jobs: a slow one need not hold up the round
    env: dict[str, str] = field(default_factory=dict, hash=False)

    @property
    def is_ours(self) -> bool:
        return self.kind == "ours"

    @property
    def is_floor(self) -> bool:
        return self.kind == "floor"

    @property
    def label(self) -> str:
        return f"{self.name}, {TITLES[self.vendor]}"

    @property
    def python(self) -> str:
        return OURS if self.is_ours else str(RIVALS)

    @property
    def template(self) -> tuple[str, str]:
        """Peers with the same can begin with a copy of the same migrated database."""
        return (self.kind if self.kind in MIGRATED else "floor", self.vendor)


MIGRATED = ("ours", "q2", "tasks_db", "procrastinate")


def django(*arguments: str) -> tuple[str, ...]:
    return ("-m", "django", *arguments)


def both(name: str, kind: str, *workers: tuple[str, ...], **more: object) -> list[Peer]:
    """On each database."""
    return [Peer(name, kind, vendor, workers, **more) for vendor in TITLES]


TUNED = {"BENCH_TUNED": "1"}
FRESH = {"BENCH_CONN_MAX_AGE": "0"}  # as a new Django project has it
CELERY = ("-m", "celery", "-A", "benchmarks.queue.rivals.celery_worker", "worker", "-c", "2")
HUEY, DRAMATIQ = django("run_huey"), django("rundramatiq", "--processes", "2")
PROCRASTINATE = django("procrastinate", "worker")
# Kept between jobs: celery's own default closes the database connection after each.
LATE, REUSE = {"BENCH_ACKS_LATE": "1"}, {"BENCH_REUSE": "100000"}


def on_redis(name: str, kind: str, command: tuple[str, ...], **more: object) -> Peer:
    return Peer(f"{name} + Redis", kind, "postgresql", (command,), redis=True, **more)


PEERS: list[Peer] = [
    *both("no queue, a plain loop", "floor"),
    *both("ours", "ours", ("manage.py", "qcluster"), keeps="yes"),
    *both(
        "ours, the publish queue",
        "ours",
        ("manage.py", "qcluster"),
        keeps="yes",
        variant=True,
        env={"BENCH_QUEUE_NAME": "publish"},
    ),
    *both("django-q2", "q2", django("qcluster"), keeps="250", share=0.2, env=FRESH),
    *both("django-q2 tuned", "q2", django("qcluster"), env=TUNED),
    *both("django-tasks-db", "tasks_db", *[django("db_worker")] * 2, promise=STUCK, keeps="yes"),
    Peer(
        "procrastinate",
        "procrastinate",
        "postgresql",
        (PROCRASTINATE,) * 2,
        promise=STUCK,
        keeps="yes",
    ),
    Peer("huey", "huey", "sqlite", (HUEY,), promise=AT_MOST),
    on_redis("huey", "huey", HUEY, promise=AT_MOST),
    on_redis("celery", "celery", CELERY, promise=AT_MOST, share=0.5),
    on_redis("celery acks late", "celery", CELERY, share=0.5, variant=True, env=LATE),
    on_redis("celery reused", "celery", CELERY, promise=AT_MOST, variant=True, env=REUSE),
    on_redis("celery acks late, reused", "celery", CELERY, variant=True, env=LATE | REUSE),
    on_redis("dramatiq", "dramatiq", DRAMATIQ),
]


def chosen(vendors: tuple[str, ...], words: tuple[str, ...], with_redis: bool) -> list[Peer]:
    """Those on these databases whose name begins with one of the words; all without words."""
    return [
        peer
        for peer in PEERS
        if peer.vendor in vendors
        and (with_redis or not peer.redis)
        and (peer.is_ours or INSTALLED.exists())
        and (not words or peer.name.startswith(words))
    ]
