"""How many requests a minute somebody may make, whichever process answers them: counted in the
cache of all processes, by one statement."""

import time
from collections.abc import Hashable
from dataclasses import dataclass
from typing import cast

from django.core.cache import cache

from project.cache import JSONDatabaseCache

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


@dataclass
class RateLimit:
    """So many requests each, in windows of a minute that begin for all at once."""

    name: str
    most: int

    def count(self, who: Hashable) -> Allowance:
        """One more of theirs."""
        window, passed = divmod(time.time(), WINDOW_SECONDS)
        left_seconds = WINDOW_SECONDS - passed
        key = f"api:{self.name}:{who}:{int(window)}"
        count = cast(JSONDatabaseCache, cache).count(key, left_seconds + 1)
        return Allowance(self.name, self.most, self.most - count, int(left_seconds) or 1)


READS = RateLimit("reads", 600)
WRITES = RateLimit("writes", 120)
WRONG_TOKENS = RateLimit("wrong-tokens", 20)
