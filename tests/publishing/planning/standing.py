"""How somebody's queue stands, counted row by row, and what each act promises of it: written anew
from what is promised, and not from the code that keeps it."""

from collections.abc import Collection, Iterable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import combinations
from zoneinfo import ZoneInfo

from django.utils import timezone

from publishing.models import Delivery, Draft, PostingTime
from publishing.planning.instants import instants
from publishing.posts.times import zone_of

ABOUT_TO_COME = timedelta(minutes=2)
COLUMNS = (
    "post_id",
    "channel_id",
    "due_at",
    "state",
    "attempt",
    "at_posting_time",
    "waiting_for",
    "reason",
    "next_attempt_at",
)


def minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


class Standing:
    """One moment of a queue. It keeps what it has read."""

    def __init__(self, user):
        self.user, self.now, self.zone = user, timezone.now(), zone_of(user)
        rows = Delivery.objects.of(user).order_by("due_at", "pk")
        self.rows = {row.pk: row for row in rows.values_list("pk", *COLUMNS, named=True)}
        drafts = Draft.objects.of(user).live().filter(post=None, planned_at__isnull=False)
        self.planned = {minute(at) for at in drafts.values_list("planned_at", flat=True)}
        self.queued = [row for row in self.rows.values() if row.state == "queued"]

    def __eq__(self, other):
        return (self.rows, self.planned) == (other.rows, other.planned)

    def places(self):
        """Every posting time that is still to come, in order, as it is asked for."""
        times = PostingTime.objects.of(self.user).switched_on().weekly()
        return instants(times, self.zone, self.now + ABOUT_TO_COME)

    @cached_property
    def all_places(self):
        return list(self.places())

    @cached_property
    def movable(self) -> dict[int, tuple[datetime, frozenset]]:
        """Post → its time and its channels, in order: untried as a whole, and it waits for nothing
        but a posting time."""
        by_post: dict[int, list] = {}
        for row in self.rows.values():
            if row.state != "canceled" or row.reason == "dropped":
                by_post.setdefault(row.post_id, []).append(row)
        found = {
            post: (rows[0].due_at, frozenset(row.channel_id for row in rows))
            for post, rows in by_post.items()
            if len({row.due_at for row in rows}) == 1 and all(map(self.may_move, rows))
        }
        return dict(sorted(found.items(), key=lambda item: (item[1][0], item[0])))

    def may_move(self, row) -> bool:
        is_untried = row.state == "queued" and row.attempt == 0 and row.waiting_for == "time"
        return is_untried and row.at_posting_time and row.due_at > self.now + ABOUT_TO_COME

    def taken(self, but: Collection[int] = ()) -> set:
        return {
            (row.channel_id, minute(row.due_at)) for row in self.queued if row.post_id not in but
        }

    def is_free(self, at, channels, but: Collection[int] = ()) -> bool:
        taken = self.taken(but)
        return at not in self.planned and not any((pk, at) in taken for pk in channels)

    def free(self, channels: Iterable, count=1, start=None, but: Collection[int] = ()) -> list:
        """The first places that are free at all of `channels`."""
        taken, free = self.taken(but), []
        for at in self.places():
            is_taken = at in self.planned or any((pk, at) in taken for pk in channels)
            if not is_taken and (start is None or at >= start):
                free.append(at)
            if len(free) == count:
                break
        return free

    @cached_property
    def clashes(self) -> set[frozenset[int]]:
        """Two that go to one channel in the same minute, which is still to come."""
        coming = [row for row in self.queued if row.due_at > self.now]
        return {
            frozenset((one.pk, other.pk))
            for one, other in combinations(coming, 2)
            if (one.channel_id, minute(one.due_at)) == (other.channel_id, minute(other.due_at))
        }

    def blocks(self, at, channels, but=()) -> bool:
        """Whether something that no act moves keeps that place from what goes to `channels`."""
        return not self.is_free(at, channels, {*self.movable, *but})


# ── What holds whatever is done ───────────────────────────────────────────────────────────────
def check_moves(before: Standing, after: Standing, own: Collection[int]) -> None:
    """Nothing moves that was tried, is about to come, or stands where a person wanted it; `own` are
    the posts that a person gave a time by this."""
    for pk, row in before.rows.items():
        now = after.rows[pk]
        moved = (row.due_at, row.at_posting_time) != (now.due_at, now.at_posting_time)
        if not moved or row.post_id in own:
            continue
        assert row.attempt == 0, "it was tried"
        assert row.state in ("queued", "canceled")
        assert row.state == "canceled" or row.at_posting_time, "a person chose its time"
        is_about_to_come = before.now < row.due_at < before.now + ABOUT_TO_COME
        assert row.state == "canceled" or not is_about_to_come, "it is about to come"


def check_places(before: Standing, after: Standing, own: Collection[int]) -> None:
    """Nobody is put where another is; but a person may choose a time that is somebody's."""
    for pair in after.clashes - before.clashes:
        rows = [after.rows[pk] for pk in pair]
        assert any(r.post_id in own and not r.at_posting_time for r in rows), "given twice"
    for pk, row in after.rows.items():
        was = before.rows.get(pk)
        is_placed = row.state == "queued" and row.at_posting_time
        if is_placed and (was is None or was.due_at != row.due_at):
            assert row.due_at > before.now + ABOUT_TO_COME, "given too late"
            assert minute(row.due_at) not in after.planned - {None}, "a draft is planned for it"


def check_order(before: Standing, after: Standing, besides: Collection[int] = ()) -> None:
    """What shares a channel goes out in the order in which it stood."""
    posts = [post for post in before.movable if post in after.movable and post not in besides]
    for earlier, later in combinations(posts, 2):
        (was, channels), (was_later, others) = before.movable[earlier], before.movable[later]
        if channels & others and was < was_later:
            assert after.movable[earlier][0] < after.movable[later][0], "the order is another"


# ── What each act promises ────────────────────────────────────────────────────────────────────
def check_put_first(before: Standing, after: Standing, first: int) -> None:
    """It stands at the first place that nothing keeps, or where it stood, if that is no later: a
    draft may be planned for that since. Others move back only as far as they are pushed, each to
    the next place that is free for it, and so none behind the first gap does."""
    assert list(before.movable) and set(before.movable) == set(after.movable)
    stood, channels = before.movable[first]
    wanted = next(at for at in before.all_places if not before.blocks(at, channels))
    assert after.movable[first][0] == min(stood, wanted), "not first"
    for post, (at, there) in before.movable.items():
        now = after.movable[post][0]
        if post == first or now == at:
            continue
        ahead = max(ahead_of(after, post, before, first), default=None)
        assert now > at, "only back"
        is_pushed = not after.is_free(at, there, [post]) or (ahead is not None and ahead >= at)
        assert is_pushed, "nobody needed its place"
        skipped = [place for place in before.all_places if max(at, ahead or at) < place < now]
        assert not any(after.is_free(place, there, [post]) for place in skipped), "a gap was jumped"


def ahead_of(after: Standing, post: int, before: Standing, first: int | None = None):
    """Where those stand now that stood before `post` at its channels, and who was put first."""
    at, channels = before.movable[post]
    for other, (was, others) in before.movable.items():
        if channels & others and (other == first or ((was, other) < (at, post) and other != post)):
            yield after.movable[other][0]


def check_no_gaps(before: Standing, after: Standing) -> None:
    """Each stands at the first place that is free for it behind those before it."""
    check_order(before, after)
    for post, (at, channels) in after.movable.items():
        assert at <= before.movable[post][0], "only forward"
        ahead = max(ahead_of(after, post, before), default=datetime.min.replace(tzinfo=UTC))
        skipped = [place for place in before.all_places if ahead < place < at]
        assert not any(after.is_free(place, channels, [post]) for place in skipped), "a gap is left"


def check_reordered(before: Standing, after: Standing, ids: list[int], is_done: bool) -> None:
    """These posts in this order, at the times that they had; refused only where that gives a time
    twice."""
    times = sorted(before.movable[post][0] for post in ids)
    stands = {post: at for post, (at, _) in before.movable.items()} | dict(
        zip(ids, times, strict=True)
    )
    if is_done:
        assert {post: at for post, (at, _) in after.movable.items()} == stands
        return
    given = [(at, pk) for post, at in stands.items() for pk in before.movable[post][1]]
    kept = any(before.blocks(stands[post], before.movable[post][1]) for post in ids)
    assert kept or len(given) != len(set(given)), "refused for nothing"


def check_new_list(before: Standing, after: Standing, old_zone: str) -> None:
    """Whoever stands at a time of the new list stays, or keeps the clock in another zone. All
    others go on to the next free one; what finds none keeps its time, its own from then on."""
    places, kept = set(after.all_places), []
    for post, (at, channels) in before.movable.items():
        wanted = at if old_zone == after.zone else same_clock(at, old_zone, after.zone)
        is_given = any(wanted == other and channels & those for other, those in kept)
        is_there = wanted == at or not before.blocks(wanted, channels)
        if wanted in places and not is_given and is_there:
            assert after.movable[post][0] == wanted, "it could have stayed"
            kept.append((wanted, channels))
        elif post in after.movable:
            now = after.movable[post][0]
            assert now in places and now >= at, "not on the list, or earlier"
        else:
            rows = [row for row in after.queued if row.post_id == post]
            assert rows and {(row.due_at, row.at_posting_time) for row in rows} == {(at, False)}


def same_clock(at: datetime, old_zone: str, zone: str) -> datetime:
    clock = at.astimezone(ZoneInfo(old_zone)).replace(tzinfo=None)
    return clock.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def check_back(before: Standing, after: Standing, channel) -> None:
    """A channel goes on: what has missed its posting time there has the next free ones, in its
    order; what a person timed, or was tried, stays."""
    waiting = [
        row
        for row in before.queued
        if row.channel_id == channel.pk and row.waiting_for in ("paused", "reconnect")
    ]
    missed = [
        row
        for row in waiting
        if row.at_posting_time and row.attempt == 0 and row.due_at <= before.now
    ]
    free = before.free([channel.pk], len(missed)) if missed else []
    for number, row in enumerate(sorted(missed, key=lambda row: (row.due_at, row.pk))):
        now = after.rows[row.pk]
        if number < len(free):
            assert (now.due_at, now.next_attempt_at) == (free[number], free[number]), "a burst"
            assert now.at_posting_time and now.waiting_for == "time"
    for row in waiting:
        assert row in missed or after.rows[row.pk].due_at == row.due_at
        assert after.rows[row.pk].waiting_for not in ("paused", "reconnect")
