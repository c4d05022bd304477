"""What verifying means: when to read a timeline, and what it proves about a delivery in doubt.

Nothing here asks a network or writes a row: `verify` does, by these decisions.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from social.networks.errors import OPERATORS, AuthorizationLost, NetworkError, RateLimited, Rejected
from social.networks.shapes import Found, Outgoing, Recent
from social.reasons import Reason
from social.timing import backoff, delay

from .matching import exact, match_key

VERIFY_AFTER_SECONDS = (5, 20, 60, 300, 900)  # since we began to doubt
# Meta asks us to keep away: it is verified once, when the post may go again.
VERIFIED_ONCE: dict[str, int] = {Reason.LIMIT_IN_DOUBT: 900, Reason.SLOW_DOWN_IN_DOUBT: 3600}
# A refusal that may have come although the post was made → the reason to fail with, once a single
# verification has proven that nothing is there; without one it waits for what was refused.
REFUSALS_IN_DOUBT: dict[str, str] = {
    Reason.PERMISSION_IN_DOUBT: "",
    Reason.NOT_FOUND_IN_DOUBT: Reason.NOT_FOUND,
    Reason.FORBIDDEN_IN_DOUBT: Reason.FORBIDDEN,
}
SEND_DEADLINE_SECONDS = 60  # from the attempt, in which its last byte may have left
PROOF_SECONDS = 600  # by the network's clock, after that: what is not shown then is not there
VERIFICATION_LEASE_SECONDS = 120  # then another worker verifies, for this one is gone
ONCE_MORE_SECONDS = 300  # until the next verification when the last could not prove anything yet
MOST_VERIFICATIONS = 12
MOST_MISSES = 8  # readings that the network did not let happen
READING_PATIENCE_SECONDS = 6 * 3600  # that we wait to be let read
EARLIER_SECONDS = 3600  # before the attempt that are read too: clocks go wrong
REMEMBERED_SECONDS = 86400  # for which networks refuse to take the same words again
OUR_CLOCK_ALONE_SECONDS = 120  # that we repeat a request by, where theirs was not heard
SKEW_SECONDS = 60  # by which their clock may be behind ours
RESENDS = 1  # after doubts that the network caused
RESENDS_AFTER_CRASHES = 3
RESENDS_BY_KEY = 5  # where one more makes no second post

FOUND, ABSENT, AGAIN, ASK, REFUSED = "found", "absent", "again", "ask", "refused"
# Asked about, because of what is not there.
UNSEEN = (
    Reason.EARLIER_THERE,
    Reason.CHANGED_THERE,
    Reason.ABSENT_AGAIN,
    Reason.DUPLICATE_UNSEEN,
)


@dataclass(frozen=True)
class Doubt:
    """An attempt that may have landed."""

    text: str
    started_at: datetime
    reason: str
    is_unknown: bool = True  # not merely put off by a limit
    server_time: datetime | None = None  # of its start, by the network's clock
    media_ids: tuple[str, ...] = ()  # of its pictures
    request: Outgoing | None = None  # what was asked for, where that has a key

    @property
    def began(self) -> datetime:
        """By their clock where we know it, because ours may have been wrong."""
        return self.server_time or self.started_at

    @property
    def is_duplicate(self) -> bool:
        """Refused as being there already: by itself only if something on the way asked twice."""
        return self.reason == Reason.DUPLICATE


@dataclass(frozen=True)
class Verdict:
    """What a verification says. `posts` are those it speaks of, oldest first."""

    kind: str
    reason: str = ""
    posts: tuple[Found, ...] = ()

    @property
    def rests_on_absence(self) -> bool:
        """Whether it would be another one if more were there than was shown."""
        return self.kind in (ABSENT, REFUSED) or self.reason in UNSEEN


def first_verification(reason: str) -> timedelta:
    """From the beginning of a doubt to its first verification."""
    return delay(VERIFIED_ONCE.get(reason, VERIFY_AFTER_SECONDS[0]))


def next_verification(verifications: int, reason: str = "") -> timedelta:
    """From the verification that was number `verifications` to the next one."""
    if (reason in REFUSALS_IN_DOUBT or reason in VERIFIED_ONCE) and verifications == 1:
        return delay(SEND_DEADLINE_SECONDS + PROOF_SECONDS)
    if verifications >= len(VERIFY_AFTER_SECONDS):
        return delay(ONCE_MORE_SECONDS)
    return delay(VERIFY_AFTER_SECONDS[verifications] - VERIFY_AFTER_SECONDS[verifications - 1])


def may_repeat(
    doubts: Sequence[Doubt], safe_for: timedelta, now: datetime, server_now: datetime | None
) -> bool:
    """Whether the request of these attempts, made once more, makes no second post: all asked for
    the very same, by its key, and the first began less than `safe_for` ago. By the network's clock;
    ours may have been set, and is believed by itself for OUR_CLOCK_ALONE_SECONDS at most."""
    first = doubts[0] if doubts else None
    if first is None or first.request is None:
        return False
    if any(doubt.request != first.request for doubt in doubts):
        return False
    if safe_for == timedelta.max:
        return True
    passed = now - first.started_at
    if server_now and first.server_time:
        return max(passed, server_now - first.server_time) < safe_for
    most = timedelta(seconds=OUR_CLOCK_ALONE_SECONDS)
    return timedelta(0) <= passed < min(safe_for, most)


def is_proof_by_key(doubts: Sequence[Doubt], is_repeatable: bool, now: datetime) -> bool:
    """Whether what a network does not have under a key may go again: the same request cannot make
    a second post, or the last one cannot be on its way any more."""
    return is_repeatable or now >= doubts[-1].started_at + delay(SEND_DEADLINE_SECONDS)


def reads_since(doubts: Sequence[Doubt]) -> datetime:
    """By whichever clock says earlier: one wrong Date must not hide what is there."""
    earlier = REMEMBERED_SECONDS if doubts[-1].is_duplicate else EARLIER_SECONDS
    return min(min(doubt.began, doubt.started_at) for doubt in doubts) - delay(earlier)


def is_proof(
    reason: str,
    verifications: int,
    doubts: Sequence[Doubt],
    now: datetime,
    at: datetime,
    first_at: datetime | None,
) -> bool:
    """Whether what this verification does not see is not there. `verifications` counts this one;
    `at` is when it was and `first_at` when the first of them was, by the network's clock, because
    ours may have been set: of a single one what passed since the attempt counts, as far as that is
    known."""
    late_enough = now >= doubts[-1].started_at + delay(SEND_DEADLINE_SECONDS + PROOF_SECONDS)
    is_one = reason in VERIFIED_ONCE or reason in REFUSALS_IN_DOUBT
    began = (doubts[-1].server_time if is_one else None) or first_at or at
    # Their clock shows whole seconds.
    has_passed = at - began >= delay(PROOF_SECONDS) - timedelta(seconds=1)
    return late_enough and has_passed and (is_one or verifications >= len(VERIFY_AFTER_SECONDS))


def judge(
    doubts: Sequence[Doubt],
    recent: Recent,
    taken: Collection[str],
    last: bool,
    competing_deliveries: Collection[str] = (),
) -> Verdict:
    """What a timeline says of `doubts`, the attempts at one delivery that may have landed, oldest
    first. `taken` are ids that other deliveries have; `last` says that what is not seen is not
    there; `competing_deliveries` are the texts of the others in doubt at the same account, whose
    posts these may be."""
    key = match_key(doubts[-1].text)
    floor = doubts[0].began - max(delay(SKEW_SECONDS), timedelta(seconds=2))
    free = [post for post in recent.posts if not {post.remote_id, *post.former_ids} & set(taken)]
    free.sort(key=lambda post: (post.created_at, post.remote_id))
    text = exact(doubts[-1].text)
    competing = [exact(other) for other in competing_deliveries if match_key(other) == key]
    mistakable = {*competing} - {text}  # other words that we could take for these
    same_text = [
        post for post in free if match_key(post.text) == key and exact(post.text) not in mistakable
    ]
    after_attempt = tuple(post for post in same_text if post.created_at >= floor)
    if after_attempt:
        return judge_shown(doubts, after_attempt, competing)
    if doubts[-1].is_duplicate and explained(doubts[-1], recent, same_text, key):
        return Verdict(REFUSED, Reason.DUPLICATE)
    if not last:
        return Verdict(AGAIN)
    if same_text:
        return Verdict(ASK, Reason.EARLIER_THERE, tuple(same_text))
    if changed := tuple(post for post in free if post.edited and post.created_at >= floor):
        return Verdict(ASK, Reason.CHANGED_THERE, changed)
    return Verdict(ABSENT) if recent.complete else Verdict(ASK, Reason.TOO_MANY_THERE)


def judge_shown(
    doubts: Sequence[Doubt], after_attempt: tuple[Found, ...], competing: Sequence[str]
) -> Verdict:
    """Whether these posts are what the attempts made, as they have their text and their time."""
    certain = tuple(post for post in after_attempt if shows_pictures_of(doubts, post))
    if 0 < len(certain) <= len(doubts):
        return Verdict(FOUND, posts=certain)
    if not match_key(doubts[-1].text):  # pictures alone: any of that time looks like it
        return Verdict(ASK, Reason.WORDLESS_THERE, after_attempt)
    if competing:
        return judge_competing(doubts[-1], after_attempt, competing)
    if len(after_attempt) <= len(doubts):
        return Verdict(FOUND, posts=after_attempt)
    return Verdict(ASK, Reason.SEVERAL_THERE, after_attempt)


def judge_competing(
    doubt: Doubt, after_attempt: tuple[Found, ...], competing: Sequence[str]
) -> Verdict:
    """Whose these posts are, where others in doubt, whose exact texts are `competing`, would match
    them as well."""
    if doubt.is_duplicate:  # theirs, most likely: they are settled first
        return Verdict(AGAIN)
    text = exact(doubt.text)
    # Each takes one; of the same words it does not matter which.
    unsure = {*competing} - {text} and any(exact(post.text) != text for post in after_attempt)
    if unsure or len(after_attempt) > 1 + competing.count(text):
        return Verdict(ASK, Reason.SEVERAL_THERE, after_attempt)
    return Verdict(FOUND, posts=after_attempt[:1])


def shows_pictures_of(doubts: Sequence[Doubt], post: Found) -> bool:
    """That proves it. Another picture proves nothing: a network may have named it anew."""
    return any(set(post.media_ids) & set(doubt.media_ids) for doubt in doubts)


def explained(doubt: Doubt, recent: Recent, same: Sequence[Found], key: str) -> bool:
    """Whether these words were refused for what was there before: another delivery's, or one of the
    `same` that is older. Without their time ours may have been wrong."""
    if has([post for post in recent.posts if post not in same], key):
        return True
    oldest = doubt.began if doubt.server_time else doubt.began - delay(EARLIER_SECONDS)
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


def after_absence(
    reason: str, doubts: Sequence[Doubt], recent: Recent, resends: int = RESENDS
) -> Verdict:
    """Proven absent: whether the same content may go again by itself, after at most `resends`
    doubts that the network caused."""
    if doubts[-1].is_duplicate:
        return Verdict(REFUSED, Reason.DUPLICATE)
    if reason == Reason.DUPLICATE_SEEN:
        is_anothers = has(recent.posts, match_key(doubts[-1].text))
        if is_anothers:
            return Verdict(REFUSED, Reason.DUPLICATE)
        return Verdict(ASK, Reason.DUPLICATE_UNSEEN)
    if REFUSALS_IN_DOUBT.get(reason):
        return Verdict(REFUSED, REFUSALS_IN_DOUBT[reason])
    if reason in VERIFIED_ONCE or reason in REFUSALS_IN_DOUBT or reason == Reason.AWAY:
        return Verdict(ABSENT)
    by_crash = reason == Reason.INTERRUPTED
    same_cause = [
        doubt
        for doubt in doubts
        if doubt.is_unknown
        and doubt.reason not in VERIFIED_ONCE
        and doubt.reason not in REFUSALS_IN_DOUBT
        and (doubt.reason == Reason.INTERRUPTED) == by_crash
    ]
    spent = len(same_cause) > (max(resends, RESENDS_AFTER_CRASHES) if by_crash else resends)
    return Verdict(ASK, Reason.ABSENT_AGAIN) if spent else Verdict(ABSENT)


def unreadable(error: NetworkError, misses: int) -> str:
    """Why to ask the user instead of verifying again; empty to verify again. `misses` counts this
    one."""
    if isinstance(error, AuthorizationLost):
        lacking = error.reason == Reason.PERMISSION_MISSING
        return Reason.CANNOT_LOOK_PERMISSION if lacking else Reason.CANNOT_LOOK_TOKEN
    if isinstance(error, Rejected):
        return Reason.CANNOT_LOOK_REFUSED
    if isinstance(error, RateLimited) and error.reason in OPERATORS:
        return Reason.CANNOT_LOOK_CREDITS
    return Reason.CANNOT_LOOK_AWAY if misses >= MOST_MISSES else ""


def may_wait(doubts: Sequence[Doubt], now: datetime) -> bool:
    """Whether a network that is closed is waited for without asking it."""
    return now - doubts[-1].started_at < timedelta(seconds=READING_PATIENCE_SECONDS)


def after_a_miss(error: NetworkError, misses: int, now: datetime) -> datetime | None:
    """When to try to verify again; None when that is too far away."""
    until = getattr(error, "until", None)
    if until is None or until <= now:
        return now + backoff(misses, 30, 3600)
    # As the network means it: that is no delay of ours.
    return until if until - now < timedelta(seconds=READING_PATIENCE_SECONDS) else None
