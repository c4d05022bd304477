"""Mastodon's rate limits, and the headers that tell of them. Source: rack_attack.rb; its docs."""

from datetime import UTC, datetime

from ..core.limits import Bucket

FIVE_MINUTES, HALF_HOUR = 300, 1_800
POST, UPLOAD = "POST /api/v1/statuses", "POST /api/v2/media"
EVERYTHING = "* /api"
RULES: dict[str, tuple[int, int]] = {
    EVERYTHING: (1_500, FIVE_MINUTES),
    POST: (300, 3 * 3_600),
    UPLOAD: (30 * 10, HALF_HOUR),
}


class Limits:
    """What is counted, and how much of it is used up."""

    def __init__(self) -> None:
        self.rules = dict(RULES)
        self.buckets: dict[tuple[str, str], Bucket] = {}

    def override(self, endpoint: str, limit: int, window: int | None) -> None:
        self.rules[endpoint] = (limit, window or FIVE_MINUTES)
        self.buckets.clear()

    def of(self, endpoint: str, who: str, now: float) -> list[Bucket]:
        found = []
        for name in (EVERYTHING, endpoint):
            if name in self.rules:
                bucket = self.buckets.setdefault((name, who), Bucket(who, *self.rules[name]))
                bucket.roll(now)
                found.append(bucket)
        return found


def headers_of(buckets: list[Bucket]) -> dict[str, str]:
    if not buckets:
        return {}
    bucket = min(buckets, key=lambda it: it.remaining / max(1, it.limit))
    reset = datetime.fromtimestamp(bucket.reset, UTC).isoformat(timespec="microseconds")
    return {
        "X-RateLimit-Limit": str(bucket.limit),
        "X-RateLimit-Remaining": str(bucket.remaining),
        "X-RateLimit-Reset": reset.replace("+00:00", "Z"),
    }
