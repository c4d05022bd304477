"""How many requests a minute somebody may make. Counted in the memory of each web process: a count
in the database would cost every reading a write."""

import time
from collections.abc import Hashable
from dataclasses import dataclass
from threading import Lock

WINDOW_SECONDS = 60


@dataclass(frozen=True)
class Allowance:
    """What is left to somebody in this window."""

    name: str
    most: int
    left: int  # below 0: this one is too many
    reset_seconds: int

    @property
    def is_over(self) -> bool:
        return self.left < 0

    @property
    def headers(self) -> dict[str, str]:
        """As draft-ietf-httpapi-ratelimit-headers-10 has them."""
        left, seconds = max(0, self.left), self.reset_seconds
        return {
            "RateLimit-Policy": f'"{self.name}";q={self.most};w={WINDOW_SECONDS}',
            "RateLimit": f'"{self.name}";r={left};t={seconds}',
        } | ({"Retry-After": str(seconds)} if self.is_over else {})


class RateLimit:
    """So many requests each, in windows of a minute that begin for all at once: what was counted in
    the last one is forgotten as a whole, so that nothing grows."""

    def __init__(self, name: str, most: int) -> None:
        self.name, self.most = name, most
        self.lock, self.window = Lock(), 0
        self.counts: dict[Hashable, int] = {}

    def count(self, who: Hashable) -> Allowance:
        """One more of theirs."""
        window, passed = divmod(time.monotonic(), WINDOW_SECONDS)
        with self.lock:
            if window != self.window:
                self.window, self.counts = int(window), {}
            count = self.counts[who] = self.counts.get(who, 0) + 1
        return Allowance(self.name, self.most, self.most - count, int(WINDOW_SECONDS - passed) or 1)

    def forget(self) -> None:
        with self.lock:
            self.counts = {}


READS = RateLimit("reads", 600)
WRITES = RateLimit("writes", 120)
WRONG_TOKENS = RateLimit("wrong-tokens", 20)
