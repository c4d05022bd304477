"""What a worker does every so often."""

import time

from social.timing import scaled


class Timers:
    """One for each name; all are due at once when they are made."""

    def __init__(self, *names: str) -> None:
        self.due_at = dict.fromkeys(names, 0.0)  # monotonic

    def is_due(self, name: str) -> bool:
        return time.monotonic() >= self.due_at[name]

    def begin(self, name: str, every_seconds: float) -> bool:
        """Whether it is due; if so, it is due again after so many seconds."""
        if not self.is_due(name):
            return False
        self.put_off(name, every_seconds)
        return True

    def put_off(self, name: str, seconds: float) -> None:
        self.due_at[name] = time.monotonic() + scaled(seconds)

    def seconds_left(self, *names: str) -> float:
        """Until the first of them; none where it is due already."""
        return max(0.0, min(self.due_at[name] for name in names) - time.monotonic())
