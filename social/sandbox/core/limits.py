"""Rate limits: fixed windows that open with the first call."""

from dataclasses import dataclass

QUARTER_HOUR, HOUR, DAY = 900, 3600, 86400


@dataclass
class Bucket:
    who: str
    limit: int
    window: int
    reset: float = 0
    used: int = 0

    def roll(self, now: float) -> None:
        if now >= self.reset:
            self.used, self.reset = 0, now + self.window

    @property
    def remaining(self) -> int:
        return max(0, self.limit - self.used)


def charge(buckets: list[Bucket]) -> bool:
    """Count one call; False when a bucket is already empty (a refused call costs nothing)."""
    if any(bucket.used >= bucket.limit for bucket in buckets):
        return False
    for bucket in buckets:
        bucket.used += 1
    return True
