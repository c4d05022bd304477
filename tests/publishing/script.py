"""A network to which happens what a test says, without a wire."""

from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from social.networks.base import Found, Length, Recent
from social.networks.errors import (
    AuthorizationLost,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TemporaryError,
)
from social.networks.x import X

FATES = {
    # what comes back, and whether the post is there
    "yes": (None, True),
    "no answer": (OutcomeUnknown("no_answer"), False),
    "no answer, but there": (OutcomeUnknown("no_answer"), True),
    "killed while sending": (None, False),
    "killed while sending, but there": (None, True),
    "limited, but there": (OutcomeUnknown("limit_in_doubt"), True),
    "killed before settling": (None, True),
    "refused": (Rejected("policy"), False),
    "duplicate": (Rejected("duplicate"), False),
    "duplicate, but there": (Rejected("duplicate"), True),  # something on the way asked twice
    "limited": (RateLimited("rate_limit"), False),
    "no credits": (RateLimited("credits"), False),
    "unreachable": (TemporaryError("unreachable"), False),
    "not authorized": (AuthorizationLost("password_changed"), False),
}
READS = {
    "shown": None,
    "away": TemporaryError("unreachable"),
    "limited": RateLimited("rate_limit"),
    "not permitted": AuthorizationLost("permission_missing"),
    "dead": AuthorizationLost("password_changed"),
}


class Killed(BaseException):
    """The worker is gone at this very point."""


class Script(X):
    """A network to which happens what the test says."""

    def __init__(self, machine):
        self.machine = machine

    def length(self, text):
        return Length(len(text), 280)

    def time_there(self):
        """Unknown to a process to which it has not answered yet."""
        return self.machine.clock.theirs() if self.machine.has_heard else None

    def renew(self, grant):
        return replace(grant, expires_at=timezone.now() + timedelta(hours=2))

    def publish(self, place_id, handle, token, text, media_ids=()):
        return self.machine.asked_to_create(text)

    def recent(self, place_id, handle, token, since):
        """What landed, as soon as it is shown."""
        if error := READS[self.machine.read]:
            raise error
        self.machine.has_heard = True
        now = self.machine.clock.theirs()
        shown = [
            Found(published.remote_id, published.url, text, at)
            for published, text, at in self.machine.there
            if since <= at <= now - timedelta(seconds=self.machine.lag)
        ]
        return Recent(tuple(shown), complete=True, at=now)
