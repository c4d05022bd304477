"""When a timeline is read again: after changes, after none, and after errors."""

from datetime import timedelta

from django.utils import timezone

from importing.reading.import_interval import (
    LONGEST_INTERVAL_SECONDS,
    SHORTEST_INTERVAL_SECONDS,
    after_error,
    jittered,
    next_interval,
    tomorrow,
)
from social.networks.errors import RateLimited, Rejected, TemporaryError

from .factories import add_posts, run_import


def test_what_changes_is_read_more_often():
    assert next_interval(3600, changed=True) == 1800
    assert next_interval(3600, changed=False) == 5400
    assert next_interval(SHORTEST_INTERVAL_SECONDS, changed=True) == SHORTEST_INTERVAL_SECONDS
    assert next_interval(LONGEST_INTERVAL_SECONDS, changed=False) == LONGEST_INTERVAL_SECONDS


def test_the_interval_of_a_timeline_follows_its_runs(sandbox, timeline):
    run_import(timeline)
    timeline.refresh_from_db()
    assert timeline.import_interval_seconds == 3600  # the first one says nothing of what comes
    run_import(timeline)
    timeline.refresh_from_db()
    assert timeline.import_interval_seconds == 5400
    add_posts(sandbox)
    run_import(timeline)
    timeline.refresh_from_db()
    assert timeline.import_interval_seconds == 2700


def test_what_began_together_does_not_stay_together():
    waits = [jittered(3600).total_seconds() for _ in range(10_000)]
    assert 2880 <= min(waits) and max(waits) <= 4320
    minutes = [int(wait / 60) for wait in waits]
    assert max(minutes.count(minute) for minute in set(minutes)) < 600  # of 24 minutes


def test_how_long_an_error_keeps_us_away():
    now = timezone.now()
    until = now + timedelta(minutes=10)
    again_at = after_error(RateLimited("rate_limit", until=until), 1, now)
    assert until < again_at < until + timedelta(minutes=1)
    assert after_error(RateLimited("credits"), 1, now) > now + timedelta(hours=3)
    assert after_error(Rejected("not_found"), 1, now) > now + timedelta(hours=19)
    waits = [after_error(TemporaryError("unreachable"), n, now) - now for n in (1, 4, 50)]
    assert waits[0] < timedelta(seconds=73) < waits[1] < timedelta(seconds=577)
    assert waits[2] <= timedelta(hours=8)
    assert now.date() < tomorrow(now).date()
