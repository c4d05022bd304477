"""Bluesky's rate limits, and the headers that tell of them. Sources: PDS 0.4.217 and 0.5.35, as
they answered; docs.bsky.app, "Rate Limits"."""

from ..core.limits import DAY, HOUR, Bucket

FIVE_MINUTES = 300
EVERYTHING = "* /xrpc"
PUT, CREATE = "POST /xrpc/com.atproto.repo.putRecord", "POST /xrpc/com.atproto.repo.createRecord"
DELETE, UPLOAD = (
    "POST /xrpc/com.atproto.repo.deleteRecord",
    "POST /xrpc/com.atproto.repo.uploadBlob",
)
SIGN_IN = "POST /xrpc/com.atproto.server.createSession"
WRITES = [("repo", 5_000, HOUR), ("repo", 35_000, DAY)]
# (what is counted together, how many points, in how many seconds)
RULES: dict[str, list[tuple[str, int, int]]] = {
    EVERYTHING: [("address", 3_000, FIVE_MINUTES)],
    PUT: WRITES,
    CREATE: WRITES,
    DELETE: WRITES,
    UPLOAD: [("uploads", 1_000, DAY)],
    SIGN_IN: [("sign-in", 30, FIVE_MINUTES), ("sign-in", 300, DAY)],
}
POINTS = {PUT: 2, CREATE: 3}  # PDS source: a put costs two, also one that creates


class Limits:
    """What is counted, and how much of it is used up."""

    def __init__(self) -> None:
        self.rules = {endpoint: list(rules) for endpoint, rules in RULES.items()}
        self.buckets: dict[tuple[str, str, int], Bucket] = {}

    def override(self, endpoint: str, limit: int, window: int | None) -> None:
        """A new rule for an endpoint; all counts begin anew."""
        together = self.rules[endpoint][0][0]
        self.rules[endpoint] = [(together, limit, window or FIVE_MINUTES)]
        self.buckets.clear()

    def of(self, endpoint: str, who: str, now: float) -> list[Bucket]:
        found = []
        for name in (EVERYTHING, endpoint):
            for together, limit, window in self.rules.get(name, []):
                key = (together, "" if name == EVERYTHING else who, window)
                bucket = self.buckets.setdefault(key, Bucket(together, limit, window))
                bucket.roll(now)
                found.append(bucket)
        return found


def charge(buckets: list[Bucket], endpoint: str) -> bool:
    """Count one call; False when a bucket is already empty (a refused call costs nothing)."""
    points = {"repo": POINTS.get(endpoint, 1)}
    if any(bucket.remaining < points.get(bucket.who, 1) for bucket in buckets):
        return False
    for bucket in buckets:
        bucket.used += points.get(bucket.who, 1)
    return True


def headers_of(buckets: list[Bucket]) -> dict[str, str]:
    """The tightest one's."""
    if not buckets:
        return {}
    bucket = min(buckets, key=lambda it: it.remaining / max(1, it.limit))
    return {
        "RateLimit-Limit": str(bucket.limit),
        "RateLimit-Remaining": str(bucket.remaining),
        "RateLimit-Reset": str(int(bucket.reset)),
        "RateLimit-Policy": f"{bucket.limit};w={bucket.window}",
    }
