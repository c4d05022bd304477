"""A queue over months, in any order: people plan in two windows, pause, reconnect, rearrange and
change their list and zone around all of a year's changes of clocks, while a publisher sends what is
due. What each act promises stands in `standing`."""

import os
import uuid
from datetime import date, timedelta
from itertools import islice

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from project.accounts.models import Profile
from publishing.deliveries.claims import claim
from publishing.deliveries.returning import return_canceled
from publishing.models import Delivery, Draft, Post
from publishing.planning import rearranging
from publishing.planning.free_times import NextFree, free_instants
from publishing.planning.lineup import gaps_closed, lineup_of, places_of
from publishing.planning.moving import move, move_to_next_free
from publishing.planning.rearranging import QueueChanged
from publishing.planning.taking_back import take_back
from publishing.planning.week import PostingWeek, change_of, key_of_change, save_week, save_zone
from social.models import Channel, channel_changed
from social.networks.errors import TemporaryError
from social.networks.shapes import Published
from tests.publishing.deliveries.clock import Clock
from tests.publishing.factories import finish_send, page_channel, posting_times, x_channel
from tests.publishing.planning.standing import (
    Standing,
    check_back,
    check_moves,
    check_new_list,
    check_no_gaps,
    check_order,
    check_places,
    check_put_first,
    check_reordered,
)

EXAMPLES = int(os.environ.get("QUEUE_EXAMPLES", "6"))
SEED = int(os.environ.get("SEED", "0" if connection.vendor == "sqlite" else "1"))
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]
# Clocks change somewhere among these zones two days after each.
STARTS = [(3, 12), (3, 26), (4, 2), (10, 1), (10, 29), (11, 5)]
some_channels = st.sets(st.integers(0, 2), min_size=1)
number = st.integers(0, 30)
window = st.integers(0, 1)
clocks = st.lists(
    st.sampled_from([f"{hour:02}:{minute}" for hour in range(24) for minute in ("00", "30")]),
    max_size=3,
)


class QueueMachine(RuleBasedStateMachine):
    user, channels = None, ()  # set once, outside of the examples

    def __init__(self):
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.clock = Clock()
        self.clock.patch.start()
        self.user.refresh_from_db()
        posting_times(self.user, "02:30", "09:00", "18:00")
        self.stale, self.drafts, self.moved, self.tried = {}, [], [], {}

    @initialize(start=st.sampled_from(STARTS), zone=st.sampled_from(ZONES), at=st.integers(0, 4))
    def begin(self, start, zone, at):
        """With some posts, one of them at a time of its own, and a draft that is planned."""
        day = date(timezone.now().year + 1, *start)
        self.clock.passes(days=(day - timezone.now().date()).days)
        Profile.objects.of(self.user).choose_time_zone(zone)
        places = Standing(self.user).all_places
        Post.objects.publish(self.user, "Fixed.", self.chosen({at % 3}), places[at])
        for where, wish in (({0}, 0), ({0, 1}, 1), ({1}, 3), ({0, 2}, 5)):
            wanted = NextFree(places[wish])
            Post.objects.publish(self.user, "First.", self.chosen(where), wanted)
        self.plans_a_draft(at + 1)

    def teardown(self):
        self.clock.patch.stop()
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    # ── What there is ─────────────────────────────────────────────────────────────────────────
    def chosen(self, numbers):
        return [Channel.objects.get(pk=self.channels[one].pk) for one in sorted(numbers)]

    def post(self, pick):
        posts = list(Post.objects.of(self.user).order_by("pk"))
        return posts[pick % len(posts)] if posts else None

    def movable(self, pick):
        ids = list(Standing(self.user).movable)
        return Post.objects.get(pk=ids[pick % len(ids)]) if ids else None

    def acted(self, act, own=()):
        """Whatever it does, these hold: what it answered (None where it was refused, and then
        nothing has moved), and how it stood before and after. `own` are the posts that a person
        gives a time by it; the new ones are that as well."""
        before = Standing(self.user)
        try:
            with transaction.atomic():
                answer = act()
        except (QueueChanged, ValidationError):
            answer = None
            assert Standing(self.user) == before
        after = Standing(self.user)
        own = {*own} | {row.post_id for pk, row in after.rows.items() if pk not in before.rows}
        check_moves(before, after, own)
        check_places(before, after, own)
        return answer, before, after

    # ── Two planners ──────────────────────────────────────────────────────────────────────────
    @rule(window=window, where=some_channels)
    def opens_a_composer(self, window, where):
        self.stale[window] = (where, free_instants(self.user, self.chosen(where), count=8))

    @rule(window=window, pick=st.integers(0, 7))
    def adds_to_the_queue(self, window, pick):
        """By what its window showed, which may be long ago."""
        where, shown = self.stale.get(window, ({0}, []))
        channels, start = self.chosen(where), shown[pick] if pick < len(shown) else None
        wish = NextFree(start)
        post, before, _ = self.acted(
            lambda: Post.objects.publish(self.user, "Next.", channels, wish)
        )
        wanted = before.free({channel.pk for channel in channels}, 1, start)
        if post is None:
            assert not wanted
            return
        for delivery in post.deliveries.all():
            assert delivery.at_posting_time and [delivery.due_at] == wanted

    @rule(where=some_channels, hours=st.integers(0, 40), is_at_a_place=st.booleans())
    def chooses_a_time(self, where, hours, is_at_a_place):
        channels, at = self.chosen(where), timezone.now() + timedelta(hours=hours, minutes=7)
        free = Standing(self.user).free({channel.pk for channel in channels}, hours % 4 + 1)
        at = free[-1] if free and is_at_a_place else at
        self.acted(lambda: Post.objects.publish(self.user, "Then.", channels, at))

    @rule(pick=st.integers(0, 5))
    def plans_a_draft(self, pick):
        """Of what is free, or where something stands."""
        places = Standing(self.user).all_places[:6]
        if pick < len(places):
            fields = {"text": ["Later."], "when": ["next"], "slot": [places[pick].isoformat()]}
            draft = Draft(user=self.user, public_id=uuid.uuid4(), fields=fields)
            draft.create()
            self.drafts.append(draft)

    @rule(pick=number, where=some_channels)
    def publishes_a_draft(self, pick, where):
        """What it plans is not in its own way."""
        if not self.drafts:
            return
        draft = self.drafts.pop(pick % len(self.drafts))
        start, channels = draft.planned_at, self.chosen(where)
        wish = NextFree(start, draft.public_id)
        post, before, _ = self.acted(
            lambda: (
                Post.objects.publish(self.user, "Now.", channels, wish, claim=None)
                if draft.discard()
                else None
            )
        )
        before.planned.discard(start)
        again = Draft.objects.of(self.user).live().filter(post=None, planned_at=start)
        before.planned |= set(again.values_list("planned_at", flat=True))
        wanted = before.free({channel.pk for channel in channels}, 1, start)
        assert ([post.due_at] if post else []) == wanted

    @rule(pick=number, to=st.sampled_from(["stays", "next", "typed"]))
    def edits(self, pick, to):
        if post := self.post(pick):
            at = {"stays": post.due_at, "next": NextFree(), "typed": typed()}[to]
            own = [] if to == "stays" else [post.pk]
            self.acted(lambda: post.edit("Other words.", at, "UTC"), own)

    @rule(pick=number, is_to_the_queue=st.booleans(), is_stale=st.booleans())
    def moves(self, pick, is_to_the_queue, is_stale):
        post = self.movable(pick) or self.post(pick)
        if not post or not post.due_at:
            return
        seen = post.due_at - timedelta(hours=is_stale)
        if not is_to_the_queue:
            moved, _, _ = self.acted(lambda: move(post, typed(), seen), [post.pk])
        else:
            moved, before, after = self.acted(lambda: move_to_next_free(post, seen), [post.pk])
            rows = [row for row in after.queued if row.post_id == post.pk]
            going = {row.channel_id for row in rows}
            assert not moved or [moved] == before.free(going, 1, None, [post.pk])
        assert not (is_stale and moved)

    @rule(pick=number)
    def cancels_and_may_think_again(self, pick):
        if post := self.post(pick):
            self.acted(lambda: post.cancel(timezone.now()))

    @rule(pick=number)
    def thinks_again(self, pick):
        """Its time may be another's by now, and then it is its own."""
        if post := self.post(pick):
            rows = list(post.deliveries.select_related("post", "channel__connection"))
            self.acted(lambda: [return_canceled(row) for row in rows], [post.pk])

    @rule(pick=number)
    def takes_out(self, pick):
        if post := self.post(pick):
            _, before, after = self.acted(lambda: take_back(post))
            others = [pk for pk in before.movable if pk != post.pk]
            assert [after.movable[pk] for pk in others] == [before.movable[pk] for pk in others]

    # ── The whole of it ───────────────────────────────────────────────────────────────────────
    @rule(pick=number, is_undone=st.booleans())
    def puts_first(self, pick, is_undone):
        post = self.movable(pick)
        if not post:
            return
        moves, before, after = self.acted(lambda: rearranging.put_post_first(self.user, post))
        assert moves is not None
        if before.all_places:
            check_put_first(before, after, post.pk)
            check_order(before, after, besides=[post.pk])
        self.moved = [(one.post.post_id, one.at, one.seen) for one in moves]
        if (
            is_undone
            and not before.clashes
            and not before.planned & {at for _, _, at in self.moved}
        ):
            self.goes_back(is_certain=True)
            assert Standing(self.user).movable == before.movable

    @rule()
    def goes_back(self, is_certain=False):
        """To where it stood before the last act, whatever has happened since."""
        moved, self.moved = self.moved, []
        back, _, after = self.acted(lambda: rearranging.put_back(self.user, moved))
        assert back is not None or not is_certain
        for one in back or []:
            assert after.movable[one.post.post_id][0] == one.at

    @rule(data=st.data(), is_stale=st.booleans())
    def reorders(self, data, is_stale):
        stands = Standing(self.user).movable
        ids = data.draw(st.permutations(list(stands)[:5]))
        seen = {post: stands[post][0] for post in ids}
        if is_stale and ids:
            seen[ids[0]] += timedelta(hours=1)
        moves, before, after = self.acted(lambda: rearranging.reorder(self.user, ids, seen))
        if is_stale and ids:
            assert moves is None
            return
        check_reordered(before, after, ids, moves is not None)

    @rule()
    def shuffles(self):
        _, before, after = self.acted(lambda: rearranging.shuffle(self.user))
        times = [sorted(at for at, _ in stand.movable.values()) for stand in (before, after)]
        assert times[0] == times[1] and list(before.movable.keys() ^ after.movable.keys()) == []

    @rule()
    def closes_gaps(self):
        moves = gaps_closed(lineup_of(self.user), places_of(self.user))
        shown = [(move.post.post_id, move.at) for move in moves]
        answer, before, after = self.acted(lambda: rearranging.close_gaps(self.user, shown))
        assert answer is not None
        if before.all_places:
            check_no_gaps(before, after)
        self.moved = [(one.post.post_id, one.at, one.seen) for one in answer]

    @rule(day=st.integers(0, 6), given=clocks, is_for_all=st.booleans())
    def changes_the_list(self, day, given, is_for_all):
        week = PostingWeek.of(self.user)
        for each in range(7) if is_for_all else [day]:
            week.clocks[each] = set(given)
        shown = key_of_change(change_of(self.user, week))
        change, before, after = self.acted(lambda: save_week(self.user, week, shown))
        assert change is not None
        check_new_list(before, after, before.zone)
        assert key_of_change(change_of(self.user, week)) == "|"  # what is saved moves nothing more

    @rule(zone=st.sampled_from(ZONES))
    def moves_away(self, zone):
        shown = key_of_change(change_of(self.user, PostingWeek.of(self.user), zone))
        choose = Profile.objects.of(self.user).choose_time_zone
        change, before, after = self.acted(lambda: save_zone(self.user, zone, shown, choose))
        assert change is not None
        check_new_list(before, after, before.zone)

    # ── Channels, time, and a publisher ───────────────────────────────────────────────────────
    @rule(one=st.integers(0, 2))
    def pauses_or_goes_on(self, one):
        [channel] = self.chosen({one})
        was_paused = channel.paused_at
        _, before, after = self.acted(channel.resume if was_paused else channel.pause)
        if was_paused and channel.state == "works":
            check_back(before, after, channel)

    @rule(one=st.integers(0, 2))
    def is_lost_or_reconnected(self, one):
        [channel] = self.chosen({one})
        if not channel.blocked_reason:
            self.acted(lambda: channel.mark_lost("token_dead"))
            return
        Channel.objects.filter(pk=channel.pk).update(blocked_reason="")
        channel.blocked_reason = ""
        _, before, after = self.acted(
            lambda: channel_changed.send(Channel, channel=channel, is_anew=True)
        )
        if channel.state == "works":
            check_back(before, after, channel)

    @rule(hours=st.sampled_from([0.02, 1, 5, 13, 13, 40, 24 * 30]), fails=st.booleans())
    def time_passes_and_what_is_due_goes_out(self, hours, fails):
        self.clock.passes(hours=hours)
        due = Delivery.objects.of(self.user).due().in_order()
        for job_id in list(due.values_list("job_id", flat=True)):
            if delivery := claim(str(job_id)):
                assert delivery.due_at <= timezone.now()
                answer = Published(f"{delivery.pk}", "https://x.example/1")
                finish_send(delivery, TemporaryError("unreachable") if fails else answer)

    # ── Always ────────────────────────────────────────────────────────────────────────────────
    @invariant()
    def no_posting_time_is_a_channels_twice_and_each_post_says_its_own(self):
        now = Standing(self.user)
        for pair in now.clashes:
            rows = [now.rows[pk] for pk in pair]
            assert not all(row.at_posting_time for row in rows)
        posts, lineup = Post.objects.in_bulk(list(now.movable)), lineup_of(self.user)
        stands = {post.post_id: (post.at, post.channels) for post in lineup.posts}
        assert stands == now.movable and list(stands) == list(now.movable)
        assert all(posts[post].due_at == at for post, (at, _) in stands.items())

    @invariant()
    def what_is_free_is_free_and_what_stays_is_known(self):
        now, lineup = Standing(self.user), lineup_of(self.user)
        channels = {channel.pk for channel in self.channels}
        for chosen in (channels, {self.channels[0].pk}):
            rows = [channel for channel in self.channels if channel.pk in chosen]
            assert free_instants(self.user, rows, count=6) == now.free(chosen, 6)
        for at in islice(now.places(), 8):
            for pk in channels:
                assert lineup.is_free(at, [pk]) is not now.blocks(at, [pk])


def typed():
    return timezone.now() + timedelta(hours=3, minutes=11)


@pytest.mark.django_db
def test_no_order_of_events_gives_a_time_twice_or_moves_what_was_tried():
    QueueMachine.user = user = get_user_model().objects.create_user("machine")
    QueueMachine.channels = [x_channel(user, "one"), x_channel(user, "two"), page_channel(user)]
    run_state_machine_as_test(
        seed(SEED)(QueueMachine),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
            database=None,
        ),
    )
