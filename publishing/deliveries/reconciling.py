"""What looking up means: when to look, and what a timeline proves about a delivery in doubt.

Nothing here asks a network or writes a row: models/looking.py does, by these decisions.
"""

import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from social.networks.errors import OPERATORS, AuthorizationLost, NetworkError, RateLimited, Rejected
from social.networks.shapes import Found, Recent
from social.timing import delay

from .matching import exact, match_key

LOOKS = (5, 20, 60, 300, 900)  # seconds after we began to doubt
# Meta asks us to keep away: one look, when the post may go again.
ONE_LOOK = {"limit_in_doubt": 900, "slow_down_in_doubt": 3600}
# A refusal that may have come although the post was made → the reason to fail with, once a single
# look has proven that nothing is there; without one it waits for what was refused.
REFUSALS = {
    "permission_in_doubt": "",
    "not_found_in_doubt": "not_found",
    "forbidden_in_doubt": "forbidden",
}
SEND_DEADLINE = 60  # seconds from the attempt in which its last byte may have left
PROOF = 600  # seconds after that in which a timeline has caught up
LOOK_LEASE = 120  # seconds for one look, so that another worker looks when this one is gone
ONCE_MORE = 300  # seconds until the next look when the last one could not prove anything yet
MOST_LOOKS = 12
MISSES = 8  # looks that the network did not let happen
PATIENCE = 6 * 3600  # seconds that we wait to be let look
EARLIER = 3600  # seconds before the attempt that are read too: clocks go wrong
REMEMBERED = 86400  # seconds for which networks refuse to take the same words again
SKEW = 60  # seconds by which their clock may be behind ours
RESENDS = 1  # after doubts that the network caused
RESENDS_AFTER_CRASHES = 3

FOUND, ABSENT, AGAIN, ASK, REFUSED = "found", "absent", "again", "ask", "refused"
UNSEEN = ("earlier_there", "changed_there", "absent_again", "duplicate_unseen")  # asked about
DUPLICATE = "duplicate"  # the reason of a network that has the same words already
# Why to doubt that: an earlier attempt may have landed; or none did, and yet it may be this one.
SEEN, AT_ONCE = "duplicate_seen", "duplicate_at_once"


@dataclass(frozen=True)
class Doubt:
    """An attempt that may have landed."""

    text: str
    started_at: datetime
    reason: str
    is_unknown: bool = True  # not merely put off by a limit
    their_time: datetime | None = None  # of its start, by the network's clock
    media_ids: tuple[str, ...] = ()  # of its pictures

    @property
    def began(self) -> datetime:
        """By their clock where we know it, because ours may have been wrong."""
        return self.their_time or self.started_at

    @property
    def is_duplicate(self) -> bool:
        """Refused as being there already: by itself only if something on the way asked twice."""
        return self.reason == DUPLICATE


@dataclass(frozen=True)
class Verdict:
    """What a look says. `posts` are those it speaks of, oldest first."""

    kind: str
    reason: str = ""
    posts: tuple[Found, ...] = ()

    @property
    def rests_on_absence(self) -> bool:
        """Whether it would be another one if more were there than was shown."""
        return self.kind in (ABSENT, REFUSED) or self.reason in UNSEEN


def first_look(reason: str) -> timedelta:
    return delay(ONE_LOOK.get(reason, LOOKS[0]))


def next_look(looks: int, reason: str = "") -> timedelta:
    """From the look that was number `looks` to the next one."""
    if (reason in REFUSALS or reason in ONE_LOOK) and looks == 1:
        return delay(SEND_DEADLINE + PROOF)
    if looks >= len(LOOKS):
        return delay(ONCE_MORE)
    return delay(LOOKS[looks] - LOOKS[looks - 1])


def reads_since(doubts: Sequence[Doubt]) -> datetime:
    """By whichever clock says earlier: one wrong Date must not hide what is there."""
    earlier = REMEMBERED if doubts[-1].is_duplicate else EARLIER
    return min(min(doubt.began, doubt.started_at) for doubt in doubts) - delay(earlier)


def is_proof(
    reason: str,
    looks: int,
    doubts: Sequence[Doubt],
    now: datetime,
    at: datetime,
    first_at: datetime | None,
) -> bool:
    """Whether what this look does not see is not there. `looks` counts this one; `at` is when it
    was and `first_at` when the first of them was, by the network's clock, because ours may have
    been set: of a single look what passed since the attempt counts, as far as that is known."""
    late_enough = now >= doubts[-1].started_at + delay(SEND_DEADLINE + PROOF)
    is_one = reason in ONE_LOOK or reason in REFUSALS
    began = (doubts[-1].their_time if is_one else None) or first_at or at
    # Their clock shows whole seconds.
    has_passed = at - began >= delay(PROOF) - timedelta(seconds=1)
    return late_enough and has_passed and (is_one or looks >= len(LOOKS))


def judge(
    doubts: Sequence[Doubt],
    recent: Recent,
    taken: Collection[str],
    last: bool,
    rivals: Collection[str] = (),
) -> Verdict:
    """What a timeline says of `doubts`, the attempts at one delivery that may have landed, oldest
    first. `taken` are ids that other deliveries have; `last` says that what is not seen is not
    there; `rivals` are the texts of the others in doubt at the same account, whose posts these may
    be."""
    key = match_key(doubts[-1].text)
    floor = doubts[0].began - max(delay(SKEW), timedelta(seconds=2))
    free = [post for post in recent.posts if not {post.remote_id, *post.former_ids} & set(taken)]
    free.sort(key=lambda post: (post.created_at, post.remote_id))
    own = exact(doubts[-1].text)
    alike = [exact(text) for text in rivals if match_key(text) == key]
    theirs = {*alike} - {own}  # other words that we could take for ours
    same = [post for post in free if match_key(post.text) == key and exact(post.text) not in theirs]
    ours = tuple(post for post in same if post.created_at >= floor)
    certain = tuple(post for post in ours if shows_pictures_of(doubts, post))
    if 0 < len(certain) <= len(doubts):
        return Verdict(FOUND, posts=certain)
    if ours and not key:  # pictures alone: any of that time looks like it
        return Verdict(ASK, "wordless_there", ours)
    if ours and alike and doubts[-1].is_duplicate:  # theirs, most likely: they are settled first
        return Verdict(AGAIN)
    if ours and alike:  # each takes one; of the same words it does not matter which
        unsure = theirs and any(exact(post.text) != own for post in ours)
        if unsure or len(ours) > 1 + alike.count(own):
            return Verdict(ASK, "several_there", ours)
        return Verdict(FOUND, posts=ours[:1])
    if 0 < len(ours) <= len(doubts):
        return Verdict(FOUND, posts=ours)
    if ours:
        return Verdict(ASK, "several_there", ours)
    if doubts[-1].is_duplicate and explained(doubts[-1], recent, same, key):
        return Verdict(REFUSED, DUPLICATE)
    if not last:
        return Verdict(AGAIN)
    if same:
        return Verdict(ASK, "earlier_there", tuple(same))
    changed = tuple(post for post in free if post.edited and post.created_at >= floor)
    if changed:
        return Verdict(ASK, "changed_there", changed)
    return Verdict(ABSENT) if recent.complete else Verdict(ASK, "too_many_there")


def shows_pictures_of(doubts: Sequence[Doubt], post: Found) -> bool:
    """That proves it. Another picture proves nothing: a network may have named it anew."""
    return any(set(post.media_ids) & set(doubt.media_ids) for doubt in doubts)


def explained(doubt: Doubt, recent: Recent, same: Sequence[Found], key: str) -> bool:
    """Whether these words were refused for what was there before: another delivery's, or one of the
    `same` that is older. Without their time ours may have been wrong."""
    if has([post for post in recent.posts if post not in same], key):
        return True
    oldest = doubt.began if doubt.their_time else doubt.began - delay(EARLIER)
    return any(post.created_at < oldest for post in same)


def has(posts: Iterable[Found], key: str) -> bool:
    """Whether these words are there, whosever they are."""
    return any(match_key(post.text) == key for post in posts)


def assign(doubts: Sequence[Doubt], posts: Sequence[Found]) -> list[tuple[int, Found]]:
    """Which attempt made which post: (index of the doubt, post). The latest that began before it;
    an attempt makes one."""
    left, pairs = list(range(len(doubts))), []
    for post in reversed(posts):
        before = [n for n in left if doubts[n].began <= post.created_at + timedelta(seconds=1)]
        number = before[-1] if before else left[0]
        left.remove(number)
        pairs.append((number, post))
    return sorted(pairs, key=lambda pair: pair[0])


def after_absence(reason: str, doubts: Sequence[Doubt], recent: Recent) -> Verdict:
    """Proven absent: whether the same content may go again by itself."""
    if doubts[-1].is_duplicate:
        return Verdict(REFUSED, DUPLICATE)
    if reason == SEEN:
        is_anothers = has(recent.posts, match_key(doubts[-1].text))
        return Verdict(REFUSED, DUPLICATE) if is_anothers else Verdict(ASK, "duplicate_unseen")
    if REFUSALS.get(reason):
        return Verdict(REFUSED, REFUSALS[reason])
    if reason in ONE_LOOK or reason in REFUSALS or reason == "away":
        return Verdict(ABSENT)
    ours = reason == "interrupted"
    alike = [
        doubt
        for doubt in doubts
        if doubt.is_unknown
        and doubt.reason not in ONE_LOOK
        and doubt.reason not in REFUSALS
        and (doubt.reason == "interrupted") == ours
    ]
    spent = len(alike) > (RESENDS_AFTER_CRASHES if ours else RESENDS)
    return Verdict(ASK, "absent_again") if spent else Verdict(ABSENT)


def unreadable(error: NetworkError, misses: int) -> str:
    """Why to ask the person instead of looking again; empty to look again. `misses` counts this
    one."""
    if isinstance(error, AuthorizationLost):
        lacking = error.reason == "permission_missing"
        return "cannot_look_permission" if lacking else "cannot_look_token"
    if isinstance(error, Rejected):
        return "cannot_look_refused"
    if isinstance(error, RateLimited) and error.reason in OPERATORS:
        return "cannot_look_credits"
    return "cannot_look_away" if misses >= MISSES else ""


def may_wait(doubts: Sequence[Doubt], now: datetime) -> bool:
    """Whether a network that is closed is waited for without asking it."""
    return now - doubts[-1].started_at < timedelta(seconds=PATIENCE)


def after_a_miss(error: NetworkError, misses: int, now: datetime) -> datetime | None:
    """When to try to look again; None when that is too far away."""
    until = getattr(error, "until", None)
    if until is None or until <= now:
        wait = min(3600, 30 * 2 ** min(misses, 8))
        return now + delay(wait * random.uniform(0.5, 1))  # noqa: S311  jitter, not a secret
    # As the network means it: that is no delay of ours.
    return until if until - now < timedelta(seconds=PATIENCE) else None
