"""Whose picture is read next. One is read at a time, a few wait for their turn, all others are told
at once that we are busy: a web process has sixteen threads, and pages need them."""

import atexit
import os
import threading
import time
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from publishing.media.decoder.limits import CPU_SECONDS

from .helper import Helper, TooCostly

READING_PLACES = 4  # of the threads of a web process: one that is served, and who waits for it
PLACES_OF_ONE = 2  # person
LONGEST_WAIT_SECONDS = 10.0  # in line
MOST_WORK_SECONDS = 20.0  # of processor time that one person may use up
REGAINED = 1 / 6  # of a second, every second
MOST_KNOWN = 1_000  # people of whom we know what they used


class Busy(Exception):
    """Too many are waiting, or one waited too long."""


class TooMuch(Exception):
    """This person's pictures took more work than one person's may."""


@dataclass(eq=False)
class Reading:
    """A picture that is read, or waits for that."""

    person: Hashable
    number: int
    seconds: float = 0.0  # of processor time, once it is over


@dataclass
class Ledger:
    """How much of the work of the last minutes was whose."""

    used: dict[Hashable, tuple[float, float]] = field(default_factory=dict)  # seconds, and when

    def of(self, person: Hashable) -> float:
        used, at = self.used.get(person, (0.0, 0.0))
        return max(0.0, used - REGAINED * (time.monotonic() - at))

    def add(self, person: Hashable, seconds: float) -> None:
        used = self.of(person) + seconds
        if len(self.used) >= MOST_KNOWN:
            self.used = {who: known for who, known in self.used.items() if self.of(who)}
        self.used[person] = used, time.monotonic()


class ReadingLine:
    """Who waits, and who is served. Of those who wait, whoever used least is next."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Nobody waits, and nobody has used anything."""
        self.changed = threading.Condition()
        self.numbers = count()
        self.inside: list[Reading] = []
        self.served: Reading | None = None
        self.ledger = Ledger()

    @contextmanager
    def turn(self, person: Hashable, is_patient: bool = False) -> Iterator[Reading]:
        """The turn of `person`, once it has come; a job is patient and waits for it as long as it
        takes. None is nobody in particular. Raises Busy or TooMuch."""
        reading = Reading(person, next(self.numbers))
        with self.changed:
            if not is_patient:
                self._check_place(person)
            self.inside.append(reading)
            self._call_next()
            patience = None if is_patient else LONGEST_WAIT_SECONDS
            try:
                if not self.changed.wait_for(lambda: self.served is reading, patience):
                    raise Busy
            except BaseException:
                self._leave(reading)
                raise
        try:
            yield reading
        finally:
            with self.changed:
                if person is not None:
                    self.ledger.add(person, reading.seconds)
                self._leave(reading)

    def _leave(self, reading: Reading) -> None:
        self.inside.remove(reading)
        if self.served is reading:
            self.served = None
        self._call_next()

    def _call_next(self) -> None:
        """Decided once, for all who wait: what somebody used fades from moment to moment, and each
        of two who looked for themselves could find that it is the other's turn."""
        if self.served is None and self.inside:
            self.served = min(self.inside, key=lambda r: (self.ledger.of(r.person), r.number))
            self.changed.notify_all()

    def _check_place(self, person: Hashable) -> None:
        if person is not None:
            if self.ledger.of(person) >= MOST_WORK_SECONDS:
                raise TooMuch
            if sum(reading.person == person for reading in self.inside) >= PLACES_OF_ONE:
                raise Busy
        if len(self.inside) >= READING_PLACES:
            raise Busy


READING_LINE, HELPER = ReadingLine(), Helper()


def ask(
    work: str, data: bytes, person: Hashable = None, is_patient: bool = False, most: int = 0
) -> tuple[dict[str, Any], bytes]:
    """Have `work` done by the helper, in turn. Raises Busy, TooMuch, and what Helper.ask raises."""
    with READING_LINE.turn(person, is_patient) as reading:
        try:
            answer, made = HELPER.ask(work, data, most)
        except TooCostly:
            reading.seconds = CPU_SECONDS
            raise
        reading.seconds = float(answer.get("seconds", 0))
        return answer, made


def begin_anew() -> None:
    """In a process that was forked: nobody of those who wait here is in it."""
    READING_LINE.clear()
    HELPER.forget()


atexit.register(HELPER.stop)
os.register_at_fork(after_in_child=begin_anew)
