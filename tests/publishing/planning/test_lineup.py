"""What becomes of the queue as a whole: computed on marks, then moved in earnest."""

from collections import defaultdict
from datetime import UTC, datetime, time, timedelta

import pytest
from django_q.models import OrmQ
from hypothesis import given, settings
from hypothesis import strategies as st

from publishing.models import Delivery, Post
from publishing.planning import rearranging
from publishing.planning.free_times import NextFree, free_instants
from publishing.planning.instants import WeeklyTime
from publishing.planning.lineup import (
    Lineup,
    Move,
    Waiting,
    changed_list,
    fits,
    gaps_closed,
    lineup_of,
    put_first,
    reordered,
)
from publishing.planning.rearranging import QueueChanged
from tests.publishing.factories import page_channel, posting_times, publish

DAY0 = datetime(2027, 1, 1, tzinfo=UTC)
PLACES = [DAY0 + timedelta(hours=number) for number in range(60)]


def lineup(**rows):
    """`a=(3, "xy")`: the post a at place 3, to the channels x and y; `fixed=[(2, "x")]` stay."""
    taken = defaultdict(set)
    for place, channels in rows.pop("fixed", []):
        for channel in channels:
            taken[channel].add(PLACES[place])
    posts = [Waiting(name, PLACES[at], frozenset(where)) for name, (at, where) in rows.items()]
    return Lineup(sorted(posts, key=lambda post: (post.at, post.post_id)), taken)


def named(shown, name):
    return next(post for post in shown.posts if post.post_id == name)


def places(shown, moves):
    """{post: number of its place} after `moves`."""
    stands = {post.post_id: post.at for post in shown.posts}
    stands |= {move.post.post_id: move.at for move in moves}
    return {name: PLACES.index(at) for name, at in stands.items()}


def test_put_first_moves_the_run_up_to_the_first_gap_and_jumps_what_is_fixed():
    shown = lineup(a=(0, "x"), b=(1, "x"), c=(3, "x"), d=(5, "x"), n=(9, "x"), fixed=[(2, "x")])
    moves = put_first(shown, named(shown, "n"), PLACES)
    assert places(shown, moves) == {"n": 0, "a": 1, "b": 3, "c": 4, "d": 5}


def test_put_first_leaves_alone_what_goes_elsewhere():
    shown = lineup(a=(0, "x"), b=(0, "y"), c=(1, "xy"), n=(4, "y"))
    assert places(shown, put_first(shown, named(shown, "n"), PLACES)) == {
        "n": 0, "a": 0, "b": 1, "c": 2,
    }  # fmt: skip


def test_gaps_close_in_order():
    shown = lineup(a=(2, "x"), b=(2, "y"), c=(7, "xy"), d=(8, "y"), fixed=[(0, "x")])
    assert places(shown, gaps_closed(shown, PLACES)) == {"a": 1, "b": 0, "c": 2, "d": 3}


def test_reordered_only_as_it_was_seen_and_where_each_can_stand():
    shown = lineup(a=(0, "x"), b=(1, "x"), c=(2, "xy"), fixed=[(0, "y")])
    seen = {post.post_id: post.at for post in shown.posts}
    assert places(shown, reordered(shown, ["b", "a"], seen)) == {"b": 0, "a": 1, "c": 2}
    assert reordered(shown, ["c", "b", "a"], seen) is None  # y is taken at 0
    assert reordered(shown, ["b", "a"], seen | {"a": PLACES[5]}) is None
    assert reordered(shown, ["b", "gone"], seen) is None


some_posts = st.lists(
    st.tuples(st.integers(0, 25), st.sets(st.sampled_from("xyz"), min_size=1)), max_size=14
)


@settings(max_examples=150, deadline=None)
@given(some_posts, some_posts, st.randoms(use_true_random=False))
def test_no_act_gives_a_time_twice_or_turns_the_order(posts, fixed, chance):
    given_times, rows, stays = set(), {}, []
    for number, (place, where) in enumerate(posts + fixed):
        wanted = {(place, channel) for channel in where}
        if given_times & wanted:
            continue
        given_times |= wanted
        if number < len(posts):
            rows[f"p{number:02}"] = (place, where)
        else:
            stays.append((place, where))
    shown = lineup(fixed=stays, **rows)
    closed = gaps_closed(shown, PLACES)
    assert fits(shown, closed) and all(move.at < move.seen for move in closed)
    in_order(shown, closed)
    if shown.posts:
        first = chance.choice(shown.posts)
        moves = put_first(shown, first, PLACES)
        assert fits(shown, moves)
        in_order(shown, moves, besides=first)
        assert all(move.at > move.seen for move in moves if move.post != first)
    mornings = [WeeklyTime(day, time(hour)) for day in range(7) for hour in (7, 9)]
    change = changed_list(shown, mornings, "UTC", "UTC")
    kept = shown.with_staying(change.fixed)
    assert fits(kept, change.moves)


def in_order(shown, moves, besides=None):
    stands = {post: post.at for post in shown.posts} | {move.post: move.at for move in moves}
    posts = [post for post in shown.posts if post != besides]
    for number, post in enumerate(posts):
        for later in posts[number + 1 :]:
            if post.channels & later.channels:
                assert stands[post] < stands[later]


def test_another_list_and_another_zone():
    """Nine and twelve in Berlin, in winter; then nine only, or the same in London."""
    nine, noon = WeeklyTime(0, time(9)), WeeklyTime(0, time(12))
    at = datetime(2027, 1, 4, 8, tzinfo=UTC)
    posts = [
        Waiting("a", at, frozenset("x")),
        Waiting("b", at + timedelta(hours=3), frozenset("x")),
        Waiting("c", at + timedelta(days=7), frozenset("x")),
    ]
    shown = Lineup(posts, defaultdict(set))
    change = changed_list(shown, [nine], "Europe/Berlin", "Europe/Berlin")
    assert change.moves == [Move(posts[1], at + timedelta(days=14))] and not change.fixed
    change = changed_list(shown, [nine, noon], "Europe/London", "Europe/Berlin")
    assert {move.at - move.seen for move in change.moves} == {timedelta(hours=1)}
    assert len(change.moves) == 3
    assert changed_list(shown, [], "UTC", "UTC").fixed == posts


# ── In earnest ────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def times(alice):
    posting_times(alice, "06:00", "12:00", "18:00")


def stand(*deliveries):
    for delivery in deliveries:
        delivery.refresh_from_db()
        delivery.post.refresh_from_db()
        assert delivery.post.due_at == delivery.due_at == delivery.next_attempt_at
        assert delivery.at_posting_time
    return [delivery.due_at for delivery in deliveries]


@pytest.mark.django_db
def test_put_first_reorder_close_and_undo(alice, channel, times):
    free = free_instants(alice, [channel], count=6)
    one, two, three = (publish(channel, f"{n}", at="next") for n in range(3))
    far = publish(channel, "Far.", at=NextFree(free[5]))
    OrmQ.objects.all().delete()
    moves = rearranging.put_post_first(alice, far.post)
    back = [(move.post.post_id, move.at, move.seen) for move in moves]
    assert stand(far, one, two, three) == free[:4]
    assert OrmQ.objects.count() == 4  # each is woken for its new time
    rearranging.put_back(alice, back)
    assert stand(one, two, three, far) == [*free[:3], free[5]]
    with pytest.raises(QueueChanged):
        rearranging.put_back(alice, back)
    seen = {one.post_id: free[0], two.post_id: free[1]}
    rearranging.reorder(alice, [two.post_id, one.post_id], seen)
    assert stand(two, one) == free[:2]
    with pytest.raises(QueueChanged):
        rearranging.close_gaps(alice, [])
    rearranging.close_gaps(alice, [(far.post_id, free[3])])
    assert stand(far) == [free[3]]
    rearranging.shuffle(alice)
    assert sorted(stand(one, two, three, far)) == free[:4]


@pytest.mark.django_db
def test_what_was_tried_or_is_anothers_never_moves(alice, channel, times):
    free = free_instants(alice, [channel], count=5)
    page = page_channel(alice)
    both = Post.objects.publish(alice, "Both.", [channel, page], "next")
    tried, waiting = (publish(channel, f"{n}", at="next") for n in range(2))
    Delivery.objects.filter(pk=tried.pk).update(attempt=1)
    both.deliveries.get(channel=page).retry()  # goes out now, by hand
    assert [post.post_id for post in lineup_of(alice).posts] == [waiting.post_id]
    for post in (both, tried.post):
        with pytest.raises(QueueChanged):
            rearranging.put_post_first(alice, post)
    rearranging.put_post_first(alice, waiting.post)
    assert stand(waiting) == [free[2]]  # both places before it are taken
