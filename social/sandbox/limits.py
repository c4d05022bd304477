"""Rate limits: fixed windows that open with the first call, as X counts them, and Meta's shares."""

from dataclasses import dataclass

QUARTER_HOUR, HOUR, DAY = 900, 3600, 86400

# (who is counted, how many, in how many seconds)
X_LIMITS: dict[str, list[tuple[str, int, int]]] = {
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
X_OTHER = [("user", 900, QUARTER_HOUR)]

FACEBOOK_APP_CALLS_PER_PERSON = 200  # an hour
FACEBOOK_PAGE_CALLS = 48_000  # a day: 4,800 for each of ten engaged people


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


class Limits:
    def __init__(self) -> None:
        self.rules = {endpoint: list(rules) for endpoint, rules in X_LIMITS.items()}
        self.facebook_app: int | None = None  # None: computed from the number of people
        self.facebook_page = FACEBOOK_PAGE_CALLS
        self.buckets: dict[tuple[str, str, str], Bucket] = {}

    def override(self, endpoint: str, limit: int, window: int | None, who: str = "user") -> None:
        """A new rule for an endpoint of X, or facebook.app or facebook.page."""
        if endpoint == "facebook.app":
            self.facebook_app = limit
        elif endpoint == "facebook.page":
            self.facebook_page = limit
        elif endpoint in X_LIMITS:
            others = [rule for rule in self.rules[endpoint] if rule[0] != who]
            self.rules[endpoint] = [*others, (who, limit, window or QUARTER_HOUR)]
        else:
            names = ", ".join([*X_LIMITS, "facebook.app", "facebook.page"])
            raise ValueError(f"no endpoint {endpoint!r}; there are {names}")
        self.buckets = {key: b for key, b in self.buckets.items() if key[0] != endpoint}

    def x_buckets(self, endpoint: str, user: str, app: str, now: float) -> list[Bucket]:
        found = []
        for who, limit, window in self.rules.get(endpoint, X_OTHER):
            key = (endpoint, who, user if who == "user" else app)
            bucket = self.buckets.setdefault(key, Bucket(who, limit, window))
            bucket.roll(now)
            found.append(bucket)
        return found

    def facebook_bucket(self, who: str, subject: str, people: int, now: float) -> Bucket:
        if who == "app":
            limit, window = self.facebook_app, HOUR
            limit = FACEBOOK_APP_CALLS_PER_PERSON * people if limit is None else limit
        else:
            limit, window = self.facebook_page, DAY
        bucket = self.buckets.setdefault((f"facebook.{who}", who, subject), Bucket(who, 0, window))
        bucket.limit = limit
        bucket.roll(now)
        return bucket


def charge(buckets: list[Bucket]) -> bool:
    """Count one call; False when a bucket is already empty (a refused call costs nothing)."""
    if any(bucket.used >= bucket.limit for bucket in buckets):
        return False
    for bucket in buckets:
        bucket.used += 1
    return True


def x_headers(buckets: list[Bucket]) -> dict[str, str]:
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
