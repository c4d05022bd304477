"""Meta's rate limits: shares of what an app, or a Page, may call."""

from ..core.limits import DAY, HOUR, Bucket

APP_CALLS_PER_PERSON = 200  # an hour
PAGE_CALLS = 48_000  # a day: 4,800 for each of ten engaged people
ENDPOINTS = ("facebook.app", "facebook.page")  # as the control API calls the two


class Limits:
    """What is counted, and how much of it is used up."""

    def __init__(self) -> None:
        self.app: int | None = None  # None: computed from the number of people
        self.page = PAGE_CALLS
        self.buckets: dict[tuple[str, str], Bucket] = {}

    def override(self, endpoint: str, limit: int) -> None:
        """A new limit for one of ENDPOINTS; its count begins anew."""
        who = endpoint.removeprefix("facebook.")
        setattr(self, who, limit)
        self.buckets = {key: b for key, b in self.buckets.items() if key[0] != who}

    def of(self, who: str, subject: str, people: int, now: float) -> Bucket:
        if who == "app":
            limit, window = self.app, HOUR
            limit = APP_CALLS_PER_PERSON * people if limit is None else limit
        else:
            limit, window = self.page, DAY
        bucket = self.buckets.setdefault((who, subject), Bucket(who, 0, window))
        bucket.limit = limit
        bucket.roll(now)
        return bucket
