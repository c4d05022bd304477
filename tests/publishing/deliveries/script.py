"""A network to which happens what a test says, without a wire."""

from dataclasses import replace
from datetime import timedelta

from django.utils import timezone

from social.networks.errors import (
    AuthorizationLost,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TemporaryError,
    doubted,
)
from social.networks.shapes import Found, Length, Recent
from social.networks.x.network import X

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
    "no right": (doubted(AuthorizationLost("permission_missing", place_only=True)), False),
    "no right, but there": (
        doubted(AuthorizationLost("permission_missing", place_only=True)),
        True,
    ),
    "no place": (doubted(Rejected("not_found")), False),
    "no place, but there": (doubted(Rejected("not_found")), True),
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

    def length(self, text, limits=None, extras=()):
        return Length(len(text), 280)

    def server_time(self, home=""):
        """Unknown to a process to which it has not answered yet."""
        return self.machine.clock.theirs() if self.machine.has_heard else None

    def renew(self, grant):
        return replace(grant, expires_at=timezone.now() + timedelta(hours=2))

    def publish(self, place_id, handle, post, grant):
        return self.machine.asked_to_create(post.text, post.key)

    def latest(self, place_id, handle, grant, since, expected):
        return self.recent(place_id, handle, grant, since, is_filtered=False)

    def post(self, remote_id, place_id, handle, grant):
        """One post by its id, whosever it is."""
        if error := READS[self.machine.read]:
            raise error
        self.machine.has_heard = True
        theirs = self.machine.of_others.get(remote_id)
        if theirs is not None:
            return replace(theirs, author_id="somebody")
        shown = self.shown(timezone.now() - timedelta(days=999), is_filtered=False)
        found = [post for post in shown if post.remote_id == remote_id]
        return replace(found[0], author_id=place_id) if found else None

    def recent(self, place_id, handle, grant, since, is_filtered=True):
        """What landed, as soon as it is shown."""
        if error := READS[self.machine.read]:
            raise error
        self.machine.has_heard = True
        now = self.machine.clock.theirs()
        return Recent(tuple(self.shown(since, is_filtered)), complete=True, at=now)

    def shown(self, since, is_filtered):
        latest = self.machine.clock.theirs() - timedelta(seconds=self.machine.lag)
        return [
            Found(published.remote_id, published.url, text, at)
            for published, text, at in self.machine.there
            if since <= at <= latest
            and not (is_filtered and published.remote_id in self.machine.hidden)
        ]


class FindingScript(Script):
    """The same of a network that tells what is there under a key, and never makes a second."""

    finds_by_key = True

    def key(self, job_id, made_at, digest):
        return f"{job_id}"

    def repeats_for(self, home, software):
        return timedelta.max

    def find(self, place_id, post, grant):
        if error := READS[self.machine.read]:
            raise error
        self.machine.has_heard = True
        published, _ = self.machine.by_key.get(post.key, (None, None))
        return published


class KeepingScript(Script):
    """The same of one that keeps keys for an hour, and shows its timeline only."""

    def key(self, job_id, made_at, digest):
        return f"{job_id}{digest}"

    def repeats_for(self, home, software):
        return timedelta(minutes=50)
