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
from social.timing import scaled, sleep

from ..models import DeadLetter, Heartbeat
from ..queue import claiming, queueing
from ..queue.claiming import Claim
from ..queue.job import Job, NotAJob
from ..queue.notifier import make_notifier
from ..queue.timetable import Timetable
from .pool import QueuePool, RunningJob, make_pools
from .processes import megabytes
from .running import JobOutcome, settle
from .shared_state import SharedState
from .timers import Timers

logger = logging.getLogger("jobs")

# All in seconds.
RENEW_EVERY = 10.0  # leases
HEARTBEAT_EVERY, IDLE_HEARTBEAT_EVERY = 10.0, 20.0
QUARANTINE_POLL = 0.1  # while a job that must run alone waits for the others to end
SNAPSHOT_EVERY = (15.0, 60.0)  # of the queues, when nothing notifies: first worker, and the others
SETTLE_AFTER = 0.05  # what ended is written down, together with what ends meanwhile
OVERDUE_WARNING_AFTER, WARN_EVERY = 30.0, 60.0  # that the first in line may be due
CLOCK_WARNING_AFTER = 5.0  # that our clock may differ from the database's: others end leases by it
STOP_GRACE = 25.0  # that running jobs get to end after a SIGTERM

SETTLE_AT = 50  # jobs that ended, which are written down at once
EXIT_OVERDUE = 70  # exit code of a worker that gave up on a job
EXIT_FULL = 71  # exit code of a worker that has grown too big


class Worker:
    """The loop of one worker process, and what it knows between two ticks.

    `slots` says how many jobs of each queue run at a time; `index` is this worker's number in its
    cluster, whose processes share `state`. The first one, 0, also queues what the timetable says,
    runs what is quarantined, and takes over from the dead.
    """

    def __init__(self, slots: Mapping[str, int], state: SharedState, index: int) -> None:
        self.state, self.index = state, index
        self.holder = f"{socket.gethostname()}:{os.getpid()}:{time.time_ns() // 1_000_000}"
        self.pools = make_pools(slots, self.note_begun, self.note_ended)
        self.queues = list(slots)
        self.running: dict[int, RunningJob] = {}  # by place
        self.ended: deque[JobOutcome] = deque()
        self.quarantined: set[int] = set()  # rows of ours beside which nothing begins
        self.notifier = make_notifier(is_first=index == 0)
        self.timetable = Timetable()
        self.heartbeat: Heartbeat | None = None
        self.timers = Timers("renew", "beat", "snapshot", "overdue warning", "clock warning")
        self.next_scheduled: float | None = None  # of our queues; seconds since the epoch
        self.is_notified = self.has_quarantined = False
        # Monotonic: when the database last answered, from when on leases of others may be ended,
        # and when what ended is to be written down.
        self.contact_at = self.judge_from = self.settle_at = 0.0
        self.stopping_since: float | None = None
        self.exit_code = 0
        self.is_quiet = False

    def work(self) -> int:
        """Until told to stop. The exit code."""
        if self.index == 0:
            claiming.release_dead()
        while not self.is_finished():
            self.note_tick()
            try:
                self.tick()
            except DatabaseError:
                logger.exception("The database is away; trying again")
                connection.close()
                sleep(1)
        return self.leave()

    def note_tick(self) -> None:
        self.state.ticked_at[self.index] = time.monotonic()

    def stop(self, *_: object) -> None:
        """Let what runs end, and begin nothing more. Also as a signal handler."""
        self.stopping_since = self.stopping_since or time.monotonic()
        self.notifier.notify()

    def is_finished(self) -> bool:
        if self.stopping_since is None:
            return False
        waited = time.monotonic() - self.stopping_since
        is_idle = not self.ended and not self.has_active
        return is_idle or waited > scaled(STOP_GRACE)

    @property
    def has_active(self) -> bool:
        return any(pool.active for pool in self.pools.values())

    @property
    def has_backlog(self) -> bool:
        return any(pool.backlog for pool in self.pools.values())

    def tick(self) -> None:
        """Write down what ended, take what is due, then wait for news."""
        Instance.objects.heartbeat(self.note_tick)
        self.settle_ended()
        for pool in self.pools.values():
            pool.start_threads()
        if self.stopping_since is not None:
            self.release_backlog()
        elif self.may_have_news() and self.take_due():
            self.notifier.note_work()
        self.keep_alive()
        self.state.running[self.index] = len(self.running)
        is_first = self.index == 0 and self.stopping_since is None
        has_queued = is_first and self.timetable.queue_when_due()
        self.is_notified = has_queued or self.notifier.wait(self.patience(), self.has_backlog)

    def may_have_news(self) -> bool:
        """Whether the queues may hold something new; idle workers leave the database alone."""
        is_due = self.next_scheduled is not None and self.next_scheduled <= time.time()
        return self.timers.is_due("snapshot") or self.is_notified or is_due or self.has_quarantined

    # ── From the threads of the pools ─────────────────────────────────────────────────────────
    def note_begun(self, place: int, running: RunningJob) -> None:
        self.state.note_begun(self.index, place, running.claim.row)
        self.running[place] = running

    def note_ended(self, place: int, outcome: JobOutcome) -> None:
        if not self.ended:
            self.settle_at = time.monotonic() + SETTLE_AFTER
        self.ended.append(outcome)
        self.running.pop(place, None)
        self.state.note_ended(self.index, place)
        if len(self.ended) >= SETTLE_AT or not self.pools[outcome.queue].backlog:
            self.notifier.notify()

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
            self.quarantined.discard(outcome.claim.row)
            pool = self.pools[outcome.queue]
            pool.note_duration(outcome.seconds, outcome.waited_seconds)

    def release_backlog(self) -> None:
        """What was claimed and not begun is somebody else's to do."""
        rows = [claim.row for pool in self.pools.values() for claim in pool.take_backlog()]
        if rows:
            self.quarantined.difference_update(rows)
            claiming.release(self.holder, rows)

    def leave(self) -> int:
        """What did not end in time may have come far, or may be stuck: it runs alone next."""
        unfinished = [running.claim.row for running in self.running.values()]
        claiming.release_orphaned(self.holder, unfinished)
        if self.heartbeat:
            Heartbeat.objects.filter(pk=self.heartbeat.pk).delete()
        for pool in self.pools.values():
            pool.close()
        return EXIT_OVERDUE if unfinished else self.exit_code

    # ── Taking ────────────────────────────────────────────────────────────────────────────────
    def take_due(self) -> int:
        """In the order of the queues; how many were taken."""
        worker = self.heartbeat.pk if self.heartbeat else 0
        snapshot = queueing.promote_due(self.queues, worker)
        queues = snapshot.queues
        self.note_contact()
        self.timers.put_off("snapshot", SNAPSHOT_EVERY[self.index > 0])
        self.timetable.expect(snapshot.next_schedule_at)
        self.note_queues(queues)
        self.apply(snapshot.command)
        if self.is_quiet or self.stopping_since is not None or self.quarantined:
            return 0
        if self.has_quarantined:
            may_begin = [queue for queue in self.queues if queues[queue].may_begin_quarantined]
            return self.take_quarantined(may_begin)
        ready = [queue for queue in self.queues if queues[queue].may_begin]
        return sum(
            self.begin(claiming.claim(queue, self.holder, room), self.pools[queue])
            for queue in ready
            if (room := self.pools[queue].room)
        )

    def note_queues(self, queues: Mapping[str, queueing.QueueSnapshot]) -> None:
        scheduled = [queue.next_scheduled_at for queue in queues.values()]
        self.next_scheduled = min((at.timestamp() for at in scheduled if at), default=None)
        may_begin_alone = any(queue.may_begin_quarantined for queue in queues.values())
        self.has_quarantined = self.index == 0 and may_begin_alone
        ready = [queue.first_due_at for queue in queues.values() if queue.may_begin]
        first = min((due_at for due_at in ready if due_at), default=None)
        overdue = (timezone.now() - first).total_seconds() if first else 0.0
        self.state.overdue_seconds[0] = max(0.0, overdue)
        is_late = overdue > scaled(OVERDUE_WARNING_AFTER)
        if is_late and self.timers.begin("overdue warning", WARN_EVERY):
            late = [name for name, queue in queues.items() if queue.first_due_at == first]
            logger.error("Queue %s: its first job is due for %.0f s", ", ".join(late), overdue)

    def begin(self, claims: Sequence[Claim], pool: QueuePool) -> int:
        """How many there are, also of those that cannot be read."""
        self.quarantined.update(claim.row for claim in claims if claim.starts)
        for claim in claims:
            try:
                pool.backlog.append((claim, Job.read(claim.payload)))
            except NotAJob as error:
                self.quarantined.discard(claim.row)
                DeadLetter.objects.take_row(claim.row, str(error))
        pool.start_threads()
        return len(claims)

    def take_quarantined(self, queues: Sequence[str]) -> int:
        """A job that came back from a dead worker. The first worker runs it with nothing else
        beside it, so that a killer takes nobody along."""
        self.release_backlog()
        if self.has_active:
            return 0
        for row in claiming.exhausted(queues):
            DeadLetter.objects.take_row(row, "its worker died each time it ran")
        for queue in queues:
            if claims := claiming.claim_quarantined(queue, self.holder):
                return self.begin(claims, self.pools[queue])
        return 0

    # ── Staying alive ─────────────────────────────────────────────────────────────────────────
    def keep_alive(self) -> None:
        if self.timers.begin("renew", RENEW_EVERY):
            if rows := [claim.row for claim in self.claims()]:
                claiming.renew(self.holder, rows)
            self.give_up_on_overdue()
            self.give_up_when_full()
        if self.timers.begin("beat", HEARTBEAT_EVERY if self.running else IDLE_HEARTBEAT_EVERY):
            self.beat()
            self.judge_others()

    def claims(self) -> list[Claim]:
        """What is ours to renew: at work, in line here, or ended and not written down yet."""
        waiting = [claim for pool in self.pools.values() for claim, _ in list(pool.backlog)]
        running = [job.claim for job in list(self.running.values())]
        return waiting + running + [outcome.claim for outcome in list(self.ended)]

    def note_contact(self) -> None:
        """The database has answered. After a silence the others get time for one more try, too."""
        now = time.monotonic()
        if now - self.contact_at > scaled(2 * RENEW_EVERY):
            self.judge_from = now + scaled(RENEW_EVERY)
        self.contact_at = now

    def judge_others(self) -> None:
        """Leases that nobody renewed are those of the dead, unless nobody could renew any."""
        if self.index == 0 and time.monotonic() >= self.judge_from:
            claiming.release_expired()

    def beat(self) -> None:
        self.heartbeat = self.heartbeat or Heartbeat.objects.start("worker")
        now = time.monotonic()
        doing = [running.as_json(now) for running in list(self.running.values())]
        self.apply(self.heartbeat.beat(doing))
        self.note_contact()
        ahead = self.heartbeat.clock_ahead_seconds
        if abs(ahead) > CLOCK_WARNING_AFTER and self.timers.begin("clock warning", WARN_EVERY):
            logger.error("The clock here is %+.0f s off the database's: leases go wrong", ahead)

    def apply(self, command: str) -> None:
        """An operator's. A worker that cannot even read it stands still, and is killed by its main
        process."""
        self.is_quiet = command == "quiet"
        if self.is_quiet:
            self.release_backlog()
        if command == "stop":
            self.stop()
        if command == "kill":
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
            self.exit_code = EXIT_FULL
            self.stop()

    def patience(self) -> float:
        """Seconds until there is something to do without being told."""
        if self.stopping_since is not None:
            return SETTLE_AFTER  # nothing else is waited for any more
        seconds = [self.timers.seconds_left("snapshot", "renew", "beat")]
        seconds += [QUARANTINE_POLL] if self.has_quarantined else []
        seconds += [SETTLE_AFTER] if self.ended or self.has_backlog else []
        if self.index == 0:
            seconds.append(self.timetable.due_at - time.monotonic())
        if self.next_scheduled is not None:
            seconds.append(self.next_scheduled - time.time())
        return max(0.0, min(seconds))
