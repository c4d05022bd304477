"""X's rate limits, and the headers that tell of them."""

from ..core.limits import DAY, QUARTER_HOUR, Bucket

# (who is counted, how many, in how many seconds)
RULES: dict[str, list[tuple[str, int, int]]] = {
    "POST /2/tweets": [("user", 100, QUARTER_HOUR), ("app", 10_000, DAY)],
    "DELETE /2/tweets/:id": [("user", 50, QUARTER_HOUR)],
    "GET /2/users/me": [("user", 75, QUARTER_HOUR)],
    "GET /2/users/:id/tweets": [("user", 900, QUARTER_HOUR), ("app", 10_000, QUARTER_HOUR)],
    "GET /2/users/:id/timelines/reverse_chronological": [("user", 180, QUARTER_HOUR)],
    "GET /2/users/:id/liked_tweets": [("user", 75, QUARTER_HOUR), ("app", 75, QUARTER_HOUR)],
    "GET /2/users/:id/following": [("user", 300, QUARTER_HOUR), ("app", 300, QUARTER_HOUR)],
    "GET /2/tweets/search/recent": [("user", 300, QUARTER_HOUR), ("app", 450, QUARTER_HOUR)],
    "GET /2/tweets/:id": [("user", 900, QUARTER_HOUR)],
    "GET /2/media/upload": [("user", 1_000, QUARTER_HOUR)],
    "POST /2/media/metadata": [("user", 500, QUARTER_HOUR)],
    "POST /2/media/upload": [("user", 500, QUARTER_HOUR), ("app", 50_000, DAY)],
}
OTHER_RULES = [("user", 900, QUARTER_HOUR)]


class Limits:
    """What is counted, and how much of it is used up."""

    def __init__(self) -> None:
        self.rules = {endpoint: list(rules) for endpoint, rules in RULES.items()}
        self.buckets: dict[tuple[str, str, str], Bucket] = {}

    def override(self, endpoint: str, limit: int, window: int | None, who: str) -> None:
        """A new rule for an endpoint; its count begins anew."""
        others = [rule for rule in self.rules[endpoint] if rule[0] != who]
        self.rules[endpoint] = [*others, (who, limit, window or QUARTER_HOUR)]
        self.buckets = {key: b for key, b in self.buckets.items() if key[0] != endpoint}

    def of(self, endpoint: str, user: str, app: str, now: float) -> list[Bucket]:
        buckets = []
        for who, limit, window in self.rules.get(endpoint, OTHER_RULES):
            key = (endpoint, who, user if who == "user" else app)
            bucket = self.buckets.setdefault(key, Bucket(who, limit, window))
            bucket.roll(now)
            buckets.append(bucket)
        return buckets


def headers_of(buckets: list[Bucket]) -> dict[str, str]:
    headers: dict[str, str] = {}
    # When app and user share a window X shows one triple; the tighter of the two is the honest one.
    short = [bucket for bucket in buckets if bucket.window != DAY]
    if short:
        headers |= triple("x-rate-limit", min(short, key=lambda bucket: bucket.remaining))
    for bucket in buckets:
        if bucket.window == DAY:
            headers |= triple(f"x-{bucket.who}-limit-24hour", bucket)
    return headers


def triple(prefix: str, bucket: Bucket) -> dict[str, str]:
    return {
        f"{prefix}-limit": str(bucket.limit),
        f"{prefix}-remaining": str(bucket.remaining),
        f"{prefix}-reset": str(int(bucket.reset)),
    }
