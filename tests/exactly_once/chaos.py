"""One run: people post, everything that can go wrong does, and in the end all must be well."""

import re
import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import requests
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone

from publishing.models import Attempt, Delivery
from publishing.states import QUEUED, SENDING, UNCONFIRMED
from social.connections.connect import accept_grant
from social.models import Connection
from social.networks.shapes import Grant
from tests.environment import free_port
from tests.sandbox import Sandbox

from . import faults
from .checker import ASKS, Check, truth_of
from .claimant import Claimant
from .databases import Database, Disk
from .nemesis import Clock, Nemesis
from .people import WAYS, Posting, crowd
from .processes import Keeper, Kept
from .scale import SCALE, slower

DEAD = "token_dead"  # as after a renewal whose answer was lost
CUT_OFF = ("permission_missing", DEAD)
SETTLING = 400.0  # seconds of the wall clock, at SCALE
BACKLOG = 400  # deliveries on their way at which people pause: late ones would be held
STANDSTILL = 120.0  # seconds without a post after which a run is given up
SHOWN = 20  # violations
START = 30.0  # seconds


@dataclass
class Chaos:
    number: int
    seed: int
    sandbox: Sandbox
    directory: Path
    database: Database
    disk: Disk
    people: int = 200
    ways: Sequence[str] = WAYS  # in which they post
    places: int | None = None  # of each; all networks there are
    scale: float = SCALE
    questions: float = 0.005  # the share of deliveries that may end as a question to their person
    seconds: float = 1500.0  # at most, until faults stop, at SCALE
    least: float = 0.0  # seconds that it lasts at least
    patience: float = SETTLING
    failed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.seconds *= slower(self.scale)
        self.patience *= slower(self.scale)

    def run(self) -> bool:
        """Whether everything held."""
        self.port = free_port()
        self.clock = Clock(self.directory / "clock")
        self.kept = [self.web(), self.workers()]
        faults.open_up(self.sandbox)
        self.posting = Posting(
            f"http://127.0.0.1:{self.port}",
            list(crowd(self.sandbox, min(self.people, 400), self.places)),
            self.number,
            self.seed,
            lambda: self.moving() < BACKLOG,
            self.ways,
        )
        with Keeper(self.kept):
            self.wait_for_the_pages()
            self.let_it_happen()
            settled = self.settle()
            if not settled:
                self.failed.append(f"not settled {self.patience:.0f} s after the faults stopped")
        self.judge()
        return not self.failed

    def web(self) -> Kept:
        command = [sys.executable, "-m", "gunicorn", "project.wsgi", "--workers", "2"]
        # Killed a hundred times, each would take seconds to import everything anew.
        command += ["--preload", "--threads", "8", "--bind", f"127.0.0.1:{self.port}"]
        return Kept("web", command, self.directory / "web.log", self.environment())

    def workers(self) -> Kept:
        command = [sys.executable, "manage.py", "qcluster"]
        return Kept("workers", command, self.directory / "workers.log", self.environment())

    def environment(self) -> dict[str, str]:
        settings = {"DJANGO_SETTINGS_MODULE": "tests.exactly_once.settings"}
        settings |= {"TIME_SCALE": str(self.scale), "COUNT": "2", "SLOTS": "publish=12"}
        settings |= {"PUBLIC_URL": f"http://127.0.0.1:{self.port}", "LOG": "normal"}
        return settings | {"CLOCK": str(self.directory / "clock"), "EMAIL_URL": "dummymail://"}

    def wait_for_the_pages(self) -> None:
        until = time.monotonic() + START
        while time.monotonic() < until:
            with suppress(requests.RequestException):
                requests.get(f"http://127.0.0.1:{self.port}/healthz", timeout=1)
                return
            time.sleep(0.1)
        raise AssertionError(f"no page came: {self.kept[0].log.read_text()[-2000:]}")

    # ── While it lasts ────────────────────────────────────────────────────────────────────────
    def let_it_happen(self) -> None:
        faults.arm(self.sandbox, self.scale)
        hurt = self.kept, self.database, self.disk, self.clock
        asked_for = self.posting.promised.__len__
        self.nemesis = Nemesis(self.seed, *hurt, self.scale, asked_for)
        self.claimant = Claimant(self.seed)
        self.begun = time.monotonic()
        self.posting.start()
        self.nemesis.start()
        done, moved = -1, time.monotonic()
        while not self.posting.is_over() or self.elapsed() < self.least:
            time.sleep(0.2)
            self.reconnect_whoever_is_cut_off()
            self.claimant.claim()
            if len(self.posting.promised) != done:
                done, moved = len(self.posting.promised), time.monotonic()
            if self.elapsed() > self.seconds or time.monotonic() - moved > STANDSTILL:
                self.failed.append(f"given up after {done} deliveries in {self.elapsed():.0f} s")
                break
        self.posting.over.set()
        self.nemesis.end()
        faults.disarm(self.sandbox)
        self.lasted = self.elapsed()

    def settle(self) -> bool:
        since = time.monotonic()
        while time.monotonic() - since < self.patience:
            self.reconnect_whoever_is_cut_off()
            if self.posting.is_over() and self.moving() == 0:
                self.settled = time.monotonic() - since
                return True
            time.sleep(0.2)
        self.settled = time.monotonic() - since
        return False

    def reconnect_whoever_is_cut_off(self) -> None:
        """People do, at once, when a network said that a permission is missing or a token dead."""
        try:
            cut_off = Q(blocked_reason__in=CUT_OFF) | Q(channels__blocked_reason__in=CUT_OFF)
            for connection_ in Connection.objects.connected().filter(cut_off).distinct()[:20]:
                with transaction.atomic():
                    row = connection_.lock()
                    is_dead = row.blocked_reason == DEAD
                    accept_grant(row, row.person, self.new_grant(row) if is_dead else row.grant())
        except (OperationalError, InterfaceError):  # the database is being hurt
            with suppress(OperationalError, InterfaceError):
                connection.close()

    def new_grant(self, of: Connection) -> Grant:
        """As if its person had clicked through the network's pages."""
        who = of.remote_id if of.network_name == "facebook" else of.handle.partition("@")[0]
        told = self.sandbox.token(of.network_name, who)
        lasts = told.get("expires_in")
        return replace(
            of.grant(),
            access=told["access_token"],
            refresh=told.get("refresh_token") or "",
            expires_at=timezone.now() + timedelta(seconds=lasts) if lasts else None,
        )

    def moving(self) -> int:
        """Deliveries that something is still to happen to by itself."""
        waits = Q(state=QUEUED) & ~Q(waiting_for__in=ASKS)
        verifications = Q(state=UNCONFIRMED) & ~Q(waiting_for="person")
        back = Q(state=QUEUED, waiting_for="reconnect")  # its person comes back at once
        try:
            return Delivery.objects.filter(Q(state=SENDING) | waits | verifications | back).count()
        except (OperationalError, InterfaceError):  # the database is being hurt
            with suppress(OperationalError, InterfaceError):
                connection.close()
            return BACKLOG

    def elapsed(self) -> float:
        return time.monotonic() - self.begun

    # ── Afterwards ────────────────────────────────────────────────────────────────────────────
    def judge(self) -> None:
        check = Check(truth_of(self.sandbox.truth()), self.lines_about)
        ours = {str(job_id) for job_id in Delivery.objects.values_list("job_id", flat=True)}
        lost = [job_id for job_id in self.posting.promised if job_id not in ours]
        check.violations += [f"LOST: promised by a page, and nowhere: {id}" for id in lost]
        check.violations += [f"REFUSED by a page: {said}" for said in set(self.posting.refused)]
        self.say(check)
        allowed = self.questions * check.states.total()
        if len(check.questions) > allowed:
            self.failed.append(f"{len(check.questions)} questions, {allowed:.0f} are allowed")
            self.show("questions", check.questions[:5])
        if check.violations:
            self.failed.append(f"{len(check.violations)} violations")
            self.show("violations", check.violations[:SHOWN])

    def say(self, check: Check) -> None:
        total = check.states.total()
        doubtful = Attempt.objects.in_doubt().values("delivery").distinct().count()
        lines = [
            f"{check.says()}",
            f"{self.lasted:.0f} s, {total / self.lasted:.0f} deliveries a second, settled "
            f"{self.settled:.0f} s after the faults stopped",
            f"{Attempt.objects.count()} attempts, {doubtful} deliveries in doubt at some time, "
            f"{len(check.questions)} questions to a person ({len(check.questions) / total:.2%})",
            f"pages: {len(self.posting.promised)} promised, {self.posting.saved} posts were drafts "
            f"and clicked twice, {self.posting.by_program} came by a program, "
            f"pressed again {self.posting.again} times, {self.posting.unanswered} never answered",
            f"not sent: {check.says_why()}",
            f"somebody else: {self.claimant.says()}",
            f"nemesis: {self.nemesis.says()}",
        ]
        lines += [f"  trouble of its own: {said}" for said in self.nemesis.troubles]
        for line in lines:
            print(f"→ {line}", flush=True)

    def show(self, what: str, histories: Iterable[str]) -> None:
        print(f"\n── {what}")
        for history in histories:
            print(history, flush=True)

    def lines_about(self, job_id: str) -> Iterable[str]:
        return self.log_lines.get(job_id, [])

    @cached_property
    def log_lines(self) -> dict[str, list[str]]:
        """What the programs said, by the delivery that it is about."""
        found: dict[str, list[str]] = {}
        for kept in self.kept:
            for line in kept.log.read_text(errors="replace").splitlines():
                for job_id in UUID.findall(line):
                    found.setdefault(job_id, []).append(line[:200])
        return found


UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
