"""What the workers of one cluster and their main process tell each other, in shared memory: there
is no pipe and no lock here that a killed process could keep."""

from multiprocessing import RawArray
from time import monotonic

WRITES_FOR = 0.2  # seconds without news until another takes over


class Board:
    def __init__(self, workers: int, places: int) -> None:
        self.places = places  # how many jobs one worker can run at a time
        self.beats = RawArray("d", workers)  # when each last turned (monotonic)
        self.busy = RawArray("i", workers)  # how many jobs each runs
        self.begun = RawArray("q", workers * places)  # the rows of those jobs; 0: none
        self.waiting = RawArray("d", 1)  # seconds that the first in line has been due
        self.writer = RawArray("i", 1)  # on SQLite: who works off quick jobs
        self.wrote = RawArray("d", 1)  # and when it last took some (monotonic)

    def may_write(self, worker: int) -> bool:
        """SQLite has one writer at a time, and whoever waits for it sleeps longer and longer: two
        workers at quick jobs would be slower than one. Whether `worker` may be that one now."""
        now = monotonic()
        if self.writer[0] != worker and now - self.wrote[0] < WRITES_FOR:
            return False
        self.writer[0], self.wrote[0] = worker, now
        return True

    def note_begun(self, worker: int, place: int, row: int) -> None:
        self.begun[worker * self.places + place] = row

    def note_ended(self, worker: int, place: int) -> None:
        self.begun[worker * self.places + place] = 0

    def take_begun(self, worker: int) -> list[int]:
        """The rows that a dead worker was at work on; forgotten here afterwards."""
        places = range(worker * self.places, (worker + 1) * self.places)
        rows = [self.begun[place] for place in places if self.begun[place]]
        for place in places:
            self.begun[place] = 0
        self.busy[worker] = 0
        return rows
