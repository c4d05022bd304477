"""What a timeline proves about a delivery in doubt, and what it does not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publishing.deliveries import reconciling
from publishing.deliveries.reconciling import (
    ABSENT,
    AGAIN,
    ASK,
    FOUND,
    REFUSED,
    Doubt,
    after_absence,
    is_proof,
    judge,
    reads_since,
)
from publishing.deliveries.send import SEND_WINDOW_SECONDS
from social.networks import errors
from social.networks.http import CALL_DEADLINE
from social.networks.shapes import Found, Recent
from social.reasons import Reason

THEN = datetime(2026, 11, 22, 12, tzinfo=UTC)
TEXT = "Hello, world!"


def second(seconds):
    return THEN + timedelta(seconds=seconds)


def post(number=1, at=1.0, text=TEXT, **more):
    return Found(str(number), f"https://x.example/{number}", text, second(at), **more)


def doubt(at=0, reason="no_answer", **more):
    return Doubt(TEXT, second(at), reason, **more)


def seen(*posts, complete=True):
    return Recent(posts, complete, second(900))


ONE, TWO = [doubt()], [doubt(), doubt(1000)]
PICTURE = [Doubt("", THEN, "no_answer", media_ids=("7",))]
KNOWN = [doubt(reason="duplicate", server_time=THEN)]
TWIN = [doubt(reason="duplicate")]  # refused at the first try as being there already
CASES = {
    # doubts, what stands there, taken ids, the last look: what it means
    "it is there": (ONE, seen(post()), (), False, FOUND, ""),
    "it is there at the last look": (ONE, seen(post()), (), True, FOUND, ""),
    "not yet": (ONE, seen(), (), False, AGAIN, ""),
    "not at all": (ONE, seen(), (), True, ABSENT, ""),
    "another text": (ONE, seen(post(text="Hello, world?")), (), True, ABSENT, ""),
    "another one's": (ONE, seen(post()), ("1",), True, ABSENT, ""),
    "another one's, edited since": (
        ONE, seen(post(2, former_ids=("1",), edited=True)), ("1",), True, ABSENT, ""
    ),
    "pictures alone, and one is there": (
        [Doubt("", THEN, "no_answer")], seen(post(text="")), (), False, ASK, "wordless_there"
    ),
    "pictures alone, and none is there": (
        [Doubt("", THEN, "no_answer")], seen(post()), (), True, ABSENT, ""
    ),
    "pictures alone, by their ids": (
        PICTURE, seen(post(text="", media_ids=("9", "7")), post(2, text="")), (), False, FOUND, ""
    ),
    "pictures alone, by other ids": (
        PICTURE, seen(post(text="", media_ids=("9",))), (), False, ASK, "wordless_there"
    ),
    "pictures alone, by the ids of another one's": (
        PICTURE, seen(post(text="", media_ids=("7",))), ("1",), True, ABSENT, ""
    ),
    "two of them, one by its picture": (
        [doubt(media_ids=("7",))], seen(post(), post(2, media_ids=("7",))), (), False, FOUND, ""
    ),
    "two of them": (ONE, seen(post(), post(2)), (), False, ASK, "several_there"),
    "two of them, one another one's": (ONE, seen(post(), post(2)), ("2",), False, FOUND, ""),
    "both tries landed": (TWO, seen(post(2, 1001), post()), (), False, FOUND, ""),
    "three of two tries": (TWO, seen(post(), post(2), post(3)), (), False, ASK, "several_there"),
    "from before": (ONE, seen(post(at=-600)), (), True, ASK, "earlier_there"),
    "from before, not the last look": (ONE, seen(post(at=-600)), (), False, AGAIN, ""),
    "from before and from then": (ONE, seen(post(), post(2, -600)), (), True, FOUND, ""),
    "their clock is a little behind": (ONE, seen(post(at=-50)), (), False, FOUND, ""),
    "our clock was ahead": (
        [doubt(600, server_time=THEN)], seen(post()), (), False, FOUND, ""
    ),
    "our clock was behind": (
        [doubt(-600, server_time=THEN)], seen(post(at=-300)), (), True, ASK, "earlier_there"
    ),
    "edited": (ONE, seen(post(text="Hi!", edited=True)), (), True, ASK, "changed_there"),
    "edited, not the last look": (ONE, seen(post(text="Hi!", edited=True)), (), False, AGAIN, ""),
    "edited long before": (ONE, seen(post(at=-600, text="Hi!", edited=True)), (), True, ABSENT, ""),
    "refused as being there, and is": (TWIN, seen(post()), (), False, FOUND, ""),
    "refused for another one's": (TWIN, seen(post()), ("1",), False, REFUSED, "duplicate"),
    "refused for one from before": (KNOWN, seen(post(at=-600)), (), False, REFUSED, "duplicate"),
    "refused for one long before": (TWIN, seen(post(at=-3601)), (), False, REFUSED, "duplicate"),
    "refused, and our clock may be wrong": (TWIN, seen(post(at=-600)), (), False, AGAIN, ""),
    "refused, and was wrong": (TWIN, seen(post(at=-600)), (), True, ASK, "earlier_there"),
    "refused for what is not shown": (TWIN, seen(), (), False, AGAIN, ""),
    "refused for what is never shown": (TWIN, seen(), (), True, ABSENT, ""),
    "more than could be read": (ONE, seen(complete=False), (), True, ASK, "too_many_there"),
    "there among more than could be read": (ONE, seen(post(), complete=False), (), True, FOUND, ""),
}  # fmt: skip


@pytest.mark.parametrize(
    ("doubts", "recent", "taken", "last", "kind", "reason"), CASES.values(), ids=CASES
)
def test_judge(doubts, recent, taken, last, kind, reason):
    verdict = judge(doubts, recent, set(taken), last)
    assert (verdict.kind, verdict.reason) == (kind, reason)
    assert bool(verdict.posts) == (
        kind == FOUND or (reason.endswith("_there") and reason != "too_many_there")
    )


POSTS = st.builds(
    post,
    st.integers(1, 9),
    st.floats(-4000, 2000),
    st.sampled_from([TEXT, "Hello, world", f" {TEXT}\n", "Other"]),
    edited=st.booleans(),
)


@given(
    st.lists(POSTS, max_size=6, unique_by=lambda p: p.remote_id),
    st.sets(st.sampled_from([str(n) for n in range(1, 10)])),
    st.integers(1, 3),
    st.booleans(),
    st.booleans(),
)
def test_never_what_is_anothers_nor_more_than_there_were_tries(posts, taken, tries, complete, last):
    doubts = [doubt(1000 * number) for number in range(tries)]
    verdict = judge(doubts, Recent(tuple(posts), complete, second(0)), taken, last)
    assert not {p.remote_id for p in verdict.posts} & taken
    standing = [p for p in posts if p.text.strip() == TEXT and p.remote_id not in taken]
    if verdict.kind == FOUND:
        assert 0 < len(verdict.posts) <= tries and set(verdict.posts) <= set(standing)
    if verdict.kind == ABSENT:
        assert last and complete and not standing


# ── When absence is proven ────────────────────────────────────────────────────────────────────
ALL = len(reconciling.VERIFY_AFTER_SECONDS)
MINUTE = timedelta(minutes=1)


def proven(at, verifications=ALL, watched=15 * MINUTE, reason="no_answer", doubts=ONE, began=None):
    """`watched`: since the first look; `began`: when the attempt did; both by the network's
    clock."""
    doubts = [*doubts[:-1], replace(doubts[-1], server_time=began)]
    first_at = None if watched is None else second(at) - watched
    return is_proof(reason, verifications, doubts, second(at), second(at), first_at)


def test_absence_takes_five_looks_and_ten_minutes_after_the_deadline():
    assert proven(900)
    assert not proven(900, verifications=ALL - 1)
    assert not proven(reconciling.SEND_DEADLINE_SECONDS + 599)
    assert not proven(900, doubts=TWO)  # ten minutes after the latest try


def test_a_clock_that_jumps_proves_nothing():
    """Ours is an hour ahead all at once; theirs says that it was half a minute."""
    assert not proven(3700, watched=MINUTE / 2)


ONCE = [*reconciling.VERIFIED_ONCE, *reconciling.REFUSALS_IN_DOUBT]


@pytest.mark.parametrize("reason", ONCE)
def test_one_look_is_enough_where_the_network_was_heard_before(reason):
    said = {"verifications": 1, "watched": None, "reason": reason}
    assert not proven(600, began=second(0), **said)
    assert proven(900, began=second(0), **said)


@pytest.mark.parametrize("reason", ONCE)
def test_one_look_proves_nothing_a_moment_after_the_attempt(reason):
    """Ours was minutes behind when it was tried, and is right again: theirs says that it was half
    a minute ago."""
    said = {"verifications": 1, "watched": None, "reason": reason}
    assert not proven(900, began=second(870), **said)
    assert not proven(900, began=None, **said)  # nothing is known of theirs: once more
    assert proven(900, began=None, **(said | {"verifications": 2, "watched": 10 * MINUTE}))


def test_meta_is_looked_at_once_when_it_limited_us():
    assert reconciling.first_verification("limit_in_doubt") == 15 * MINUTE
    assert reconciling.first_verification("slow_down_in_doubt") == 60 * MINUTE


def test_the_looks_are_where_the_design_wants_them():
    at, times = reconciling.first_verification("cut_off"), []
    for number in range(1, ALL + 1):
        times.append(at.total_seconds())
        at += reconciling.next_verification(number)
    assert times == [5, 20, 60, 300, 900]


def test_the_deadline_is_that_of_a_send_and_a_lease_that_of_a_look():
    assert SEND_WINDOW_SECONDS + CALL_DEADLINE < reconciling.SEND_DEADLINE_SECONDS
    assert reconciling.VERIFICATION_LEASE_SECONDS > CALL_DEADLINE * 5  # pages


@pytest.mark.parametrize(
    ("reason", "doubts", "reasons"),
    [
        ("no_answer", ["no_answer"], ""),
        ("no_answer", ["no_answer", "cut_off"], "absent_again"),
        ("no_answer", ["interrupted", "interrupted", "no_answer"], ""),
        ("interrupted", ["interrupted"] * 3, ""),
        ("interrupted", ["interrupted"] * 4, "absent_again"),
        ("interrupted", ["no_answer", "interrupted"], ""),
        ("limit_in_doubt", ["limit_in_doubt"] * 7, ""),
        ("no_answer", ["limit_in_doubt", "no_answer"], ""),
        ("duplicate_seen", ["no_answer"], "duplicate_unseen"),
    ],
)
def test_how_often_it_goes_again_by_itself(reason, doubts, reasons):
    verdict = after_absence(reason, [doubt(reason=each) for each in doubts], seen())
    assert (verdict.kind, verdict.reason) == (ASK if reasons else ABSENT, reasons)


def test_what_a_limit_put_off_costs_no_resend():
    limited = doubt(reason="rate_limit", is_unknown=False)
    assert after_absence("no_answer", [limited, limited, doubt()], seen()).kind == ABSENT


def test_after_a_refusal_as_a_duplicate_nothing_goes_again():
    """It failed when that is explained, and nobody is asked about what is another's."""
    for doubts, recent in ((TWIN, seen()), (TWIN, seen(post())), (ONE, seen(post()))):
        verdict = after_absence(
            Reason.DUPLICATE_SEEN if doubts is ONE else Reason.DUPLICATE_AT_ONCE, doubts, recent
        )
        assert (verdict.kind, verdict.reason) == (REFUSED, "duplicate")


def test_what_explains_a_duplicate_is_read_from_a_day_before():
    assert reads_since(TWIN) == THEN - timedelta(days=1) < reads_since(ONE)


# ── When it cannot be read ────────────────────────────────────────────────────────────────────
UNREAD = [
    (errors.AuthorizationLost("permission_missing"), "cannot_look_permission"),
    (errors.AuthorizationLost("token_dead"), "cannot_look_token"),
    (errors.RateLimited("credits"), "cannot_look_credits"),
    (errors.RateLimited("month_limit"), "cannot_look_credits"),
    (errors.Rejected("suspended"), "cannot_look_refused"),
    (errors.TemporaryError("unreachable"), ""),
    (errors.RateLimited("rate_limit"), ""),
]


@pytest.mark.parametrize(("error", "why"), UNREAD)
def test_who_cannot_read_asks_or_comes_back(error, why):
    assert reconciling.unreadable(error, 1) == why
    assert reconciling.unreadable(error, reconciling.MOST_MISSES) in set(Reason)


def test_it_comes_back_when_the_network_says_but_not_after_a_day():
    def limited(hours):
        return errors.RateLimited("rate_limit", until=THEN + timedelta(hours=hours))

    assert reconciling.after_a_miss(limited(1), 1, THEN) == THEN + timedelta(hours=1)
    assert reconciling.after_a_miss(limited(24), 1, THEN) is None
    soon = reconciling.after_a_miss(errors.TemporaryError("unreachable"), 1, THEN)
    assert THEN < soon <= THEN + MINUTE


@given(st.integers(0, 3), st.integers(1, 3))
def test_every_post_belongs_to_one_try(gap, tries):
    doubts = [doubt(100 * number) for number in range(tries)]
    posts = [post(n, 100 * n + gap) for n in range(tries)]
    pairs = reconciling.assign(doubts, posts)
    assert [(number, found.remote_id) for number, found in pairs] == [
        (n, str(n)) for n in range(tries)
    ]
    late = reconciling.assign(doubts, posts[-1:])
    assert late == [(tries - 1, posts[-1])]
