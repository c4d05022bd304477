"""What the workers of one cluster and their main process tell each other, in shared memory: there
is no pipe and no lock here that a killed process could keep."""

from multiprocessing import RawArray


class SharedState:
    """Of so many workers, each with so many places: one for every job that it can run at a time."""

    def __init__(self, workers: int, places: int) -> None:
        self.places = places
        self.ticked_at = RawArray("d", workers)  # when the loop of each last came round (monotonic)
        self.running = RawArray("i", workers)  # how many jobs each runs
        self.begun = RawArray("q", workers * places)  # the rows of those jobs; 0: none
        self.overdue_seconds = RawArray("d", 1)  # since when the first in line has been due

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
        self.running[worker] = 0
        return rows
