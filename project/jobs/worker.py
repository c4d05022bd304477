"""One worker process: it claims, runs, writes down and acknowledges by itself, many jobs at a time.

A publish job is almost all waiting for a network, so its queue is wide; the others are narrow. No
job crosses a queue between processes: a process that is killed holds nobody's lock.
"""

import logging
import os
import signal
import socket
import time
from collections import deque
from collections.abc import Mapping, Sequence

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from publishing.models import Instance
from social.timing import scaled

from . import claiming, queueing
from .board import Board
from .broker import JobBroker
from .claiming import Claim
from .job import Job, NotAJob
from .lane import Lane, Running, lanes
from .models import Heartbeat, SetAside
from .processes import megabytes
from .rounds import Rounds
from .running import Outcome, settle
from .timetable import Follower
from .waking import bell

logger = logging.getLogger("jobs")

KEEP_EVERY = 10.0  # seconds between two renewals of leases
BEAT_EVERY, IDLE_EVERY = 10.0, 20.0  # seconds between two beats, and when there is nothing to do
SOLO_PATIENCE = 0.1  # between two looks while a job that must run alone waits for the others
LOOK_EVERY = (15.0, 60.0)  # at the queues, when nothing rings: the first worker, and the others
SETTLE_AT, SETTLE_AFTER = 50, 0.05  # jobs, or seconds, until what ended is written down
STUCK_AFTER, COMPLAIN_EVERY = 30.0, 60.0  # seconds that the first in line may be due
WRONG_CLOCK = 5.0  # seconds; others end leases by theirs
GRACE = 25.0  # seconds that running jobs get to end after a SIGTERM
OVERDUE = 70  # exit code of a worker that gave up on a job
FULL = 71  # exit code of a worker that has grown too big


class Worker:
    def __init__(self, slots: Mapping[str, int], board: Board, index: int) -> None:
        self.board, self.index = board, index
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{time.time_ns() // 1_000_000}"
        self.lanes = lanes(slots, self.note_begun, self.note_ended)
        self.queues = list(slots)
        self.running: dict[int, Running] = {}  # by place
        self.ended: deque[Outcome] = deque()
        self.suspects: set[int] = set()  # rows whose last worker died: nothing begins beside them
        self.bell = bell(is_first=index == 0)
        self.timetable = Follower(JobBroker())
        self.heartbeat: Heartbeat | None = None
        self.rounds = Rounds("keep", "beat", "look", "complain", "clock")
        self.wakes: float | None = None  # when the next sleeper does (seconds since the epoch)
        self.is_rung = self.has_solo = False
        self.contact_at = self.fair_at = self.settle_at = 0.0
        self.stopping_since: float | None = None
        self.exit_code = 0
        self.is_quiet = False

    def work(self) -> int:
        """Until told to stop. The exit code."""
        if self.index == 0:
            claiming.leave_behind_dead()
        while not self.is_finished():
            self.note_turning()
            try:
                self.turn()
            except DatabaseError:
                logger.exception("The database is away; trying again")
                connection.close()
                time.sleep(scaled(1))
        return self.leave()

    def note_turning(self) -> None:
        self.board.beats[self.index] = time.monotonic()

    def stop(self, *_: object) -> None:
        self.stopping_since = self.stopping_since or time.monotonic()
        self.bell.ring()

    def is_finished(self) -> bool:
        if self.stopping_since is None:
            return False
        waited = time.monotonic() - self.stopping_since
        is_idle = not self.ended and not any(lane.active for lane in self.lanes.values())
        return is_idle or waited > scaled(GRACE)

    def turn(self) -> None:
        """Write down what ended, take what is due, then wait for news."""
        Instance.objects.heartbeat(self.note_turning)
        self.settle_ended()
        for lane in self.lanes.values():
            lane.staff()
        if self.stopping_since is not None:
            self.take_back()
        elif self.is_curious() and self.take_due():
            self.bell.stay_awake()
        self.look_after()
        self.board.busy[self.index] = len(self.running)
        queued = self.index == 0 and self.stopping_since is None and self.timetable.follow()
        self.is_rung = queued or self.bell.wait(self.patience(), self.is_behind())

    def is_curious(self) -> bool:
        """Whether the queues may hold something new; idle workers leave the database alone."""
        woke = self.wakes is not None and self.wakes <= time.time()
        return self.rounds.is_time("look") or self.is_rung or woke or self.has_solo

    # ── Threads tell ──────────────────────────────────────────────────────────────────────────
    def note_begun(self, place: int, running: Running) -> None:
        self.board.note_begun(self.index, place, running.claim.row)
        self.running[place] = running

    def note_ended(self, place: int, outcome: Outcome) -> None:
        if not self.ended:
            self.settle_at = time.monotonic() + SETTLE_AFTER
        self.ended.append(outcome)
        self.running.pop(place, None)
        self.board.note_ended(self.index, place)
        if len(self.ended) >= SETTLE_AT or not self.lanes[outcome.queue].backlog:
            self.bell.ring()

    # ── Ending ────────────────────────────────────────────────────────────────────────────────
    def settle_ended(self) -> None:
        """Many in one transaction: while others run, the first waits a moment for the next."""
        outcomes = list(self.ended)
        is_soon = len(outcomes) < SETTLE_AT and time.monotonic() < self.settle_at
        if not outcomes or (is_soon and self.running):
            return
        settle(self.holder, outcomes)
        for outcome in outcomes:
            self.ended.popleft()
            self.suspects.discard(outcome.claim.row)
            self.lanes[outcome.queue].note_pace(outcome.seconds, outcome.waited)

    def take_back(self) -> None:
        """What was claimed and not begun is somebody else's to do."""
        rows = [claim.row for lane in self.lanes.values() for claim in lane.take_back()]
        if rows:
            self.suspects.difference_update(rows)
            claiming.give_back(self.holder, rows)

    def leave(self) -> int:
        """What did not end in time may have come far, or may be stuck: it runs alone next."""
        left = [running.claim.row for running in self.running.values()]
        claiming.leave_behind(self.holder, left)
        if self.heartbeat:
            Heartbeat.objects.filter(pk=self.heartbeat.pk).delete()
        for lane in self.lanes.values():
            lane.close()
        return OVERDUE if left else self.exit_code

    # ── Taking ────────────────────────────────────────────────────────────────────────────────
    def take_due(self) -> int:
        """In the order of the queues; how many were taken."""
        sight = queueing.line_up(self.queues, self.heartbeat.pk if self.heartbeat else 0)
        looks = sight.queues
        self.note_contact()
        self.rounds.put_off("look", LOOK_EVERY[self.index > 0])
        self.timetable.expect(sight.scheduled)
        self.note(looks)
        self.obey(sight.wish)
        if self.is_quiet or self.stopping_since is not None or self.suspects:
            return 0
        if self.has_solo:
            return self.take_solo([queue for queue in self.queues if looks[queue].may_solo])
        ready = [queue for queue in self.queues if looks[queue].may_begin]
        return sum(
            self.begin(claiming.claim(queue, self.holder, room), self.lanes[queue])
            for queue in ready
            if (room := self.lanes[queue].room)
        )

    def note(self, looks: Mapping[str, queueing.Look]) -> None:
        wakes = [look.wakes.timestamp() for look in looks.values() if look.wakes]
        self.wakes = min(wakes, default=None)
        self.has_solo = self.index == 0 and any(look.may_solo for look in looks.values())
        due = [look.first for look in looks.values() if look.may_begin]
        waiting = (timezone.now() - min(due)).total_seconds() if due else 0.0
        self.board.waiting[0] = max(0.0, waiting)
        if waiting > scaled(STUCK_AFTER) and self.rounds.begin("complain", COMPLAIN_EVERY):
            stuck = [name for name, look in looks.items() if look.first == min(due)]
            logger.error("Queue %s: its first job is due for %.0f s", ", ".join(stuck), waiting)

    def begin(self, claims: Sequence[Claim], lane: Lane) -> int:
        self.suspects.update(claim.row for claim in claims if claim.starts)
        for claim in claims:
            try:
                lane.backlog.append((claim, Job.read(claim.payload)))
            except NotAJob as error:
                self.suspects.discard(claim.row)
                SetAside.objects.take_row(claim.row, str(error))
        lane.staff()
        return len(claims)

    # ── Alone ─────────────────────────────────────────────────────────────────────────────────
    def claims(self) -> list[Claim]:
        """What is ours to keep: at work, in line here, or ended and not written down yet."""
        waiting = [claim for lane in self.lanes.values() for claim, _ in list(lane.backlog)]
        others = [*list(self.running.values()), *list(self.ended)]
        return waiting + [other.claim for other in others]

    def take_solo(self, queues: Sequence[str]) -> int:
        """A job that came back from a dead worker. The first worker runs it with nothing else
        beside it, so that a killer takes nobody along."""
        self.take_back()
        if any(lane.active for lane in self.lanes.values()):
            return 0
        for row in claiming.worn_out(queues):
            SetAside.objects.take_row(row, "its worker died each time it ran")
        for queue in queues:
            if claims := claiming.claim_solo(queue, self.holder):
                return self.begin(claims, self.lanes[queue])
        return 0

    # ── Looking after ─────────────────────────────────────────────────────────────────────────
    def look_after(self) -> None:
        if self.rounds.begin("keep", KEEP_EVERY):
            if rows := [claim.row for claim in self.claims()]:
                claiming.keep(self.holder, rows)
            self.give_up_on_overdue()
            self.give_up_when_full()
        if self.rounds.begin("beat", BEAT_EVERY if self.running else IDLE_EVERY):
            self.beat()
            self.judge_others()

    def note_contact(self) -> None:
        """The database has answered. After a silence the others get time for one more try, too."""
        now = time.monotonic()
        if now - self.contact_at > scaled(2 * KEEP_EVERY):
            self.fair_at = now + scaled(KEEP_EVERY)
        self.contact_at = now

    def judge_others(self) -> None:
        """Leases that nobody renewed are those of the dead, unless nobody could renew any."""
        if self.index == 0 and time.monotonic() >= self.fair_at:
            claiming.leave_behind_expired()

    def beat(self) -> None:
        self.heartbeat = self.heartbeat or Heartbeat.objects.start("worker")
        now = time.monotonic()
        doing = [running.says(now) for running in list(self.running.values())]
        self.obey(self.heartbeat.beat(doing))
        self.note_contact()
        ahead = self.heartbeat.ahead
        if abs(ahead) > WRONG_CLOCK and self.rounds.begin("clock", COMPLAIN_EVERY):
            logger.error("The clock here is %+.0f s off the database's: leases go wrong", ahead)

    def obey(self, wish: str) -> None:
        """What an operator asked of this worker. One that cannot even read this stands still, and
        is killed by its main process."""
        self.is_quiet = wish == "quiet"
        if self.is_quiet:
            self.take_back()
        if wish == "stop":
            self.stop()
        if wish == "kill":
            os.kill(os.getpid(), signal.SIGKILL)

    def give_up_on_overdue(self) -> None:
        """A thread cannot be ended, only its process: let the others end first."""
        limit, now = scaled(settings.JOB_TIMEOUT), time.monotonic()
        overdue = [r.job for r in list(self.running.values()) if now - r.since > limit]
        if overdue and self.stopping_since is None:
            logger.error("%s runs for over %.0f s: this worker ends", overdue[0].func, limit)
            self.stop()

    def give_up_when_full(self) -> None:
        """A library may leak; a fresh process does not know what it has lost."""
        size = megabytes()
        if size > settings.JOB_MEMORY and self.stopping_since is None:
            logger.warning("This worker has grown to %.0f MB and is replaced", size)
            self.exit_code = FULL
            self.stop()

    def is_behind(self) -> bool:
        return any(lane.backlog for lane in self.lanes.values())

    def patience(self) -> float:
        """Seconds until there is something to do without being told."""
        if self.stopping_since is not None:
            return SETTLE_AFTER  # nothing else is looked at any more
        now = time.monotonic()
        ends = [self.rounds.next("look", "keep", "beat") - now]
        ends += [SOLO_PATIENCE] if self.has_solo else []
        ends += [SETTLE_AFTER] if self.ended or self.is_behind() else []
        if self.index == 0:
            ends.append(self.timetable.due_at - now)
        if self.wakes is not None:
            ends.append(self.wakes - time.time())
        return max(0.0, min(ends))
