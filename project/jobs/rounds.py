"""What a worker does every so often."""

import time

from social.timing import scaled


class Rounds:
    def __init__(self, *names: str) -> None:
        self.at = dict.fromkeys(names, 0.0)  # when each is next; monotonic

    def is_time(self, name: str) -> bool:
        return time.monotonic() >= self.at[name]

    def begin(self, name: str, every: float) -> bool:
        """Whether it is time; if so, the next time is in `every` seconds."""
        if not self.is_time(name):
            return False
        self.put_off(name, every)
        return True

    def put_off(self, name: str, seconds: float) -> None:
        self.at[name] = time.monotonic() + scaled(seconds)

    def next(self, *names: str) -> float:
        return min(self.at[name] for name in names)
