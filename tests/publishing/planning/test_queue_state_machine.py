"""A queue over months, in any order: people plan in two windows, pause, reconnect, rearrange and
change their list and zone, while a publisher sends what is due. No time is given twice to a
channel, order is kept where it is promised, and nothing that was tried, or that somebody chose,
is moved."""

import os
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from project.accounts.models import Profile
from publishing.deliveries.claims import claim
from publishing.deliveries.returning import return_canceled
from publishing.models import Delivery, Post, PostingTime
from publishing.planning import rearranging
from publishing.planning.free_times import NextFree, free_instants
from publishing.planning.lineup import gaps_closed, lineup_of, places_of
from publishing.planning.rearranging import QueueChanged
from publishing.planning.taking_back import take_back
from publishing.planning.week import PostingWeek, change_of, key_of_change, save_week, save_zone
from social.models import Channel, channel_changed
from social.networks.errors import TemporaryError
from social.networks.shapes import Published
from tests.publishing.deliveries.clock import Clock
from tests.publishing.factories import finish_send, page_channel, posting_times, x_channel

EXAMPLES = int(os.environ.get("QUEUE_EXAMPLES", "12"))
SEED = int(os.environ.get("SEED", "0" if connection.vendor == "sqlite" else "1"))
ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]
some_channels = st.sets(st.integers(0, 2), min_size=1)
number = st.integers(0, 30)
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
        Profile.objects.of(self.user).choose_time_zone("Europe/Berlin")
        posting_times(self.user, "02:30", "09:00", "18:00")
        self.stale, self.canceled = {}, {}

    def teardown(self):
        self.clock.patch.stop()
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    # ── What there is ─────────────────────────────────────────────────────────────────────────
    def chosen(self, numbers):
        return [Channel.objects.get(pk=self.channels[one].pk) for one in sorted(numbers)]

    def rows(self):
        return {row.pk: row for row in Delivery.objects.of(self.user).order_by("due_at", "pk")}

    def post(self, pick):
        posts = list(Post.objects.of(self.user).order_by("pk"))
        return posts[pick % len(posts)] if posts else None

    def acted(self, act, keeps_order=True):
        """Whatever it does, these hold; what it answered, None where it was refused."""
        before = self.rows()
        try:
            answer = act()
        except (QueueChanged, ValidationError):
            answer = None
        after = self.rows()
        moved = [pk for pk in before if after[pk].due_at != before[pk].due_at]
        for pk in moved:
            row = before[pk]
            assert row.state in ("queued", "canceled") and row.attempt == 0
            assert row.state == "canceled" or row.at_posting_time, "a person chose it"
            if row.state == "queued":
                self.alone(after[pk], after)
        if keeps_order:
            self.in_order(before, after, moved)
        return answer

    def alone(self, row, rows):
        """It was given a time, so nobody else is there."""
        there = (row.channel_id, row.due_at.replace(second=0, microsecond=0))
        for other in rows.values():
            minute = other.due_at.replace(second=0, microsecond=0)
            is_there = (other.channel_id, minute) == there and other.state == "queued"
            assert other.pk == row.pk or not is_there, "given twice"

    def in_order(self, before, after, moved):
        for pk in moved:
            for other in moved:
                one, two = before[pk], before[other]
                if one.channel_id == two.channel_id and "canceled" not in (one.state, two.state):
                    was, now = one.due_at < two.due_at, after[pk].due_at < after[other].due_at
                    assert was == now

    # ── Two planners ──────────────────────────────────────────────────────────────────────────
    @rule(window=st.integers(0, 1), where=some_channels)
    def opens_a_composer(self, window, where):
        shown = free_instants(self.user, self.chosen(where), count=8)
        self.stale[window] = (where, shown)

    @rule(window=st.integers(0, 1), pick=st.integers(0, 7))
    def adds_to_the_queue(self, window, pick):
        """By what its window showed, which may be long ago."""
        where, shown = self.stale.get(window, ({0}, []))
        wish = NextFree(shown[pick]) if pick < len(shown) else NextFree()
        try:
            post = Post.objects.publish(self.user, "Next.", self.chosen(where), wish)
        except ValidationError:
            assert not PostingTime.objects.of(self.user).exists()
            return
        rows = self.rows()
        for delivery in post.deliveries.all():
            assert delivery.at_posting_time and delivery.due_at > timezone.now()
            self.alone(delivery, rows)

    @rule(where=some_channels, hours=st.integers(0, 40), is_at_a_place=st.booleans())
    def chooses_a_time(self, where, hours, is_at_a_place):
        at = timezone.now() + timedelta(hours=hours, minutes=7)
        free = free_instants(self.user, self.chosen(where), at, 1) if is_at_a_place else []
        Post.objects.publish(self.user, "Then.", self.chosen(where), free[0] if free else at)

    @rule(pick=number)
    def edits_words(self, pick):
        if post := self.post(pick):
            self.acted(lambda: post.edit("Other words.", post.due_at, "UTC"))

    @rule(pick=number)
    def cancels(self, pick):
        if post := self.post(pick):
            self.canceled[post.pk] = at = timezone.now()
            self.acted(lambda: post.cancel(at))

    @rule(pick=number)
    def thinks_again(self, pick):
        if post := self.post(pick):
            rows = list(post.deliveries.select_related("post", "channel__connection"))
            self.acted(lambda: [return_canceled(row) for row in rows])

    @rule(pick=number)
    def takes_out(self, pick):
        if post := self.post(pick):
            self.acted(lambda: take_back(post))

    # ── The whole of it ───────────────────────────────────────────────────────────────────────
    @rule(pick=number)
    def puts_first(self, pick):
        if post := self.post(pick):
            act = lambda: rearranging.put_post_first(self.user, post)  # noqa: E731
            moves = self.acted(act, keeps_order=False) or []
            assert all(move.at > move.seen for move in moves if move.post.post_id != post.pk)

    @rule(data=st.data())
    def reorders(self, data):
        posts = lineup_of(self.user).posts
        ids = data.draw(st.permutations([post.post_id for post in posts[:5]]))
        seen = {post.post_id: post.at for post in posts}
        before = sorted(post.at for post in posts)
        self.acted(lambda: rearranging.reorder(self.user, ids, seen), keeps_order=False)
        assert sorted(post.at for post in lineup_of(self.user).posts) == before

    @rule()
    def shuffles(self):
        self.acted(lambda: rearranging.shuffle(self.user), keeps_order=False)

    @rule()
    def closes_gaps(self):
        moves = gaps_closed(lineup_of(self.user), places_of(self.user))
        shown = [(move.post.post_id, move.at) for move in moves]
        answer = self.acted(lambda: rearranging.close_gaps(self.user, shown))
        assert answer is not None and all(move.at < move.seen for move in answer)
        assert gaps_closed(lineup_of(self.user), places_of(self.user)) == []

    @rule(day=st.integers(0, 6), given=clocks)
    def changes_the_list(self, day, given):
        week = PostingWeek.of(self.user)
        week.clocks[day] = set(given)
        shown = key_of_change(change_of(self.user, week))
        self.acted(lambda: save_week(self.user, week, shown), keeps_order=False)
        assert key_of_change(change_of(self.user, week)) == "|"  # what is saved moves nothing more

    @rule(zone=st.sampled_from(ZONES))
    def moves_away(self, zone):
        shown = key_of_change(change_of(self.user, PostingWeek.of(self.user), zone))
        choose = Profile.objects.of(self.user).choose_time_zone
        self.acted(lambda: save_zone(self.user, zone, shown, choose), keeps_order=False)

    # ── Channels, time, and a publisher ───────────────────────────────────────────────────────
    @rule(one=st.integers(0, 2))
    def pauses_or_goes_on(self, one):
        [channel] = self.chosen({one})
        self.acted(channel.resume if channel.paused_at else channel.pause)

    @rule(one=st.integers(0, 2))
    def is_lost_or_reconnected(self, one):
        [channel] = self.chosen({one})
        if not channel.blocked_reason:
            channel.mark_lost("token_dead")
            return
        Channel.objects.filter(pk=channel.pk).update(blocked_reason="")
        channel.blocked_reason = ""
        self.acted(lambda: channel_changed.send(Channel, channel=channel, is_anew=True))

    @rule(hours=st.sampled_from([0.02, 1, 5, 13, 40, 24 * 30]), fails=st.booleans())
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
    def no_posting_time_is_a_channels_twice(self):
        listed = [
            (row.channel_id, row.due_at)
            for row in self.rows().values()
            if row.state == "queued" and row.at_posting_time
        ]
        assert len(listed) == len(set(listed))

    @invariant()
    def a_post_says_when_it_goes(self):
        for post in lineup_of(self.user).posts:
            assert Post.objects.get(pk=post.post_id).due_at == post.at


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
