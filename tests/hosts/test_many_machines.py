"""Several machines share one database. Whatever happens to some of them: nothing is lost, nothing
is doubled, and the others go on."""

import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

from project.jobs.models import Heartbeat
from publishing.models import Delivery
from social.models import Channel
from tests.hazards.apps import HazardsConfig
from tests.hazards.stage import begun, diary, eventually, is_empty, queue  # noqa: F401

from .database import Postgres, django_at
from .machines import Server, WorkerHost, why_not
from .network import ADDRESSES, SandboxThere, sandbox_on
from .scene import Posting, attempts_of, in_flight, is_settled, longest_gap, now, people, slow_down

TIME_SCALE = "0.1"  # a queue row's lease is 3 s then, a delivery's 12 s
PEOPLE = 24
JOBS = 30
SOON = 30  # seconds
DOUBTS = {"interrupted", "no_answer", "cut_off"}  # a create may have landed
LONGEST_GAP = 10  # seconds; generous, for a machine with other things to do


@dataclass
class Place:
    """Three machines that work, and the one that they depend on."""

    server: Server
    database: Postgres
    sandbox: SandboxThere
    people: list[list[Channel]]
    alder: WorkerHost
    birch: WorkerHost
    cedar: WorkerHost

    def logs(self) -> str:
        hosts = (self.alder, self.birch, self.cedar)
        return "\n".join(f"{host.name}: {host.output()[-3000:]}" for host in hosts)


@dataclass
class Day:
    """When what happened."""

    began: datetime
    cut_off: datetime
    died: datetime
    restarting: datetime
    restarted: datetime
    mended: datetime
    back: datetime
    ended: datetime
    settled: datetime


@pytest.fixture
def place(tmp_path: Path, diary: Path, django_db_blocker, monkeypatch) -> Iterator[Place]:  # noqa: F811
    if reason := why_not():
        pytest.skip(reason)
    config = apps.get_app_config("jobs")
    monkeypatch.setattr(config, "jobs", (*config.jobs, *HazardsConfig.jobs))
    with ExitStack() as stack:
        stack.enter_context(django_db_blocker.unblock())
        place = build(stack, tmp_path, diary)
        assert eventually(all_at_work, SOON), place.logs()
        yield place


def build(stack: ExitStack, logs: Path, diary: Path) -> Place:  # noqa: F811
    """Everything is taken down by `stack`, in the reverse order, however far it came."""
    directory = stack.enter_context(tempfile.TemporaryDirectory(prefix="fanfare-hosts-"))
    server = Server(logs / "server.log")
    stack.callback(server.die)
    sandbox = stack.enter_context(sandbox_on(server, logs / "sandbox.log"))
    database = Postgres(server, Path(directory))
    database.start()
    stack.callback(database.stop)
    stack.enter_context(django_at(database.near))
    call_command("migrate", verbosity=0)
    slow_down(sandbox)
    connected = people(sandbox, PEOPLE)  # before anybody runs the jobs that this queues
    environment = {
        **ADDRESSES,
        "DATABASE_URL": database.far,
        "DJANGO_SETTINGS_MODULE": "tests.hazards.settings",
        "HAZARDS": str(diary),
        "TIME_SCALE": TIME_SCALE,
    }
    hosts = []
    for name in ("alder", "birch", "cedar"):
        host = WorkerHost(name, logs / f"{name}.log", **environment)
        stack.callback(host.die)
        server.wire(host)
        host.start()
        hosts.append(host)
    return Place(server, database, sandbox, connected, *hosts)


def all_at_work() -> bool:
    hosts = Heartbeat.objects.filter(kind="worker").values_list("host", flat=True)
    return Counter(hosts) == {"alder": 2, "birch": 2, "cedar": 2}


def test_nothing_is_lost_or_doubled_when_machines_fail(place, diary):  # noqa: F811
    """One is cut off, one dies, the database restarts; people go on posting."""
    posting = Posting(place.people)
    day = spend(place, posting)
    doubtful = check_deliveries(place.sandbox)
    in_doubt = in_flight("alder", day.cut_off) | in_flight("birch", day.died)
    notes = begun(diary)
    tell(day, len(doubtful), len(in_doubt), notes)
    assert doubtful <= in_doubt, place.logs()
    assert {("note", str(number)) for number in range(1, posting.written + 1)} == set(notes)
    assert longest_gap(day.began, day.ended) < LONGEST_GAP


def test_a_lock_of_a_machine_that_is_cut_off_stops_nobody(place, diary):  # noqa: F811
    """It was between two statements of a transaction; the server hears nothing more from it."""
    hanging = place.alder.hanging()
    try:
        queue("wait", *range(JOBS), on="publish")
        assert hanging.stdout.readline() == b"hangs\n"
        place.server.cut_off(place.alder)
        assert eventually(is_empty), place.logs()
        assert len(begun(diary)) == JOBS
        assert "stands still" not in place.birch.output() + place.cedar.output()
    finally:
        hanging.kill()
        hanging.wait()


def spend(place: Place, posting: Posting) -> Day:
    began = now()
    posting.go_on(2)
    posting.rush()
    place.server.cut_off(place.alder)
    cut_off = now()
    posting.go_on(3)
    posting.rush()
    place.server.lose(place.birch)
    died = now()
    posting.go_on(2)
    restarting = now()
    restart(place, posting)
    restarted = now()
    posting.go_on(2)
    place.server.mend(place.alder)
    mended = now()
    at_work_again = attempts_of("alder").filter(started_at__gt=mended)
    assert posting.go_on(SOON, until=at_work_again.exists), place.logs()
    back = now()
    posting.go_on(2)
    ended = now()
    assert eventually(is_settled, SOON), place.logs()
    return Day(began, cut_off, died, restarting, restarted, mended, back, ended, now())


def restart(place: Place, posting: Posting) -> None:
    with ThreadPoolExecutor(1) as elsewhere:
        restarting = elsewhere.submit(place.database.restart)
        assert posting.go_on(SOON, until=restarting.done)
        restarting.result()


def check_deliveries(sandbox: SandboxThere) -> set[int]:
    """Each was sent and is there once, or is in doubt and is there once at most. The latter."""
    posts = sandbox.truth()
    assert set(Counter((post["account"], post["text"]) for post in posts).values()) == {1}
    there = {post["id"] for post in posts}
    deliveries = Delivery.objects.all()
    doubtful = deliveries.exclude(state="sent")
    assert set(doubtful.values_list("state", flat=True)) <= {"unconfirmed"}
    assert set(doubtful.values_list("reason", flat=True)) <= DOUBTS
    sent = set(deliveries.filter(state="sent").values_list("remote_id", flat=True))
    assert sent <= there
    assert len(there - sent) <= doubtful.count()
    return set(doubtful.values_list("pk", flat=True))


def tell(day: Day, doubtful: int, in_doubt: int, notes: Counter) -> None:
    def seconds(since: datetime, until: datetime) -> str:
        return f"{(until - since).total_seconds():.1f} s"

    def gap(since: datetime, until: datetime) -> str:
        return f"{longest_gap(since, until):.2f} s"

    twice = sum(count > 1 for count in notes.values())
    print(
        f"\n   {Delivery.objects.count()} deliveries in {seconds(day.began, day.ended)}, all"
        f" settled {seconds(day.ended, day.settled)} later; {in_doubt} were in flight where"
        f" machines failed, {doubtful} of them unconfirmed; {len(notes)} short jobs, {twice} of"
        f" them twice.\n   Longest gap {gap(day.began, day.ended)}: with one cut off"
        f" {gap(day.cut_off, day.died)}, with one alone {gap(day.died, day.restarting)}, over the"
        f" restart {gap(day.restarting, day.mended)}. The database was away for"
        f" {seconds(day.restarting, day.restarted)}; the one cut off published again"
        f" {seconds(day.mended, day.back)} after its link was mended."
    )
