"""What the workers of one cluster and their main process tell each other, in shared memory: there
is no pipe and no lock here that a killed process could keep."""

from multiprocessing import RawArray


class Board:
    def __init__(self, workers: int, places: int) -> None:
        self.places = places  # how many jobs one worker can run at a time
        self.beats = RawArray("d", workers)  # when each last turned (monotonic)
        self.busy = RawArray("i", workers)  # how many jobs each runs
        self.begun = RawArray("q", workers * places)  # the rows of those jobs; 0: none
        self.waiting = RawArray("d", 1)  # seconds that the first in line has been due

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
