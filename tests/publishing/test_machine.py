"""Everything that people, workers, networks and crashes can do to deliveries, in any order.

The network is a script here, for this is about the state machine and not about the wire.
"""

from contextlib import suppress
from datetime import timedelta
from unittest import mock

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django_q.models import OrmQ
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from publishing.models import Delivery, Post
from publishing.models.instance import doubt_overdue
from publishing.states import CANCELED, DONE, FAILED, QUEUED, SENDING, SENT, UNCONFIRMED
from social.networks import NETWORKS
from social.networks.base import Published

from .conftest import fresh, time_passes, x_channel
from .script import FATES, READS, Killed, Script

ARROWS = {
    (QUEUED, QUEUED),
    (QUEUED, SENDING),
    (QUEUED, CANCELED),
    (QUEUED, UNCONFIRMED),  # due in a silence
    (QUEUED, SENT),  # a late yes
    (SENDING, QUEUED),
    (SENDING, SENT),
    (SENDING, FAILED),
    (SENDING, UNCONFIRMED),
    (UNCONFIRMED, UNCONFIRMED),  # looked, and looks again or asks
    (UNCONFIRMED, QUEUED),
    (UNCONFIRMED, SENT),
    (UNCONFIRMED, CANCELED),
    (FAILED, QUEUED),
    (FAILED, SENT),  # a late yes
    (CANCELED, SENT),  # a late yes
}
WHILE_SENDING = ["release", "take_for_gone", "send_again", "drop", "cancel", "retry"]
WHILE_SENDING += ["work", "disconnect", "pause", "look"]
PERSON = ("send_again", "drop", "cancel", "retry")
WHILE = st.lists(st.sampled_from(WHILE_SENDING), max_size=3)


class Machine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.patch = mock.patch.dict(NETWORKS, {"x": Script(self)})
        self.patch.start()
        self.moves = mock.patch.object(Delivery, "_move", self.watched(Delivery._move))
        self.moves.start()
        self.user = get_user_model().objects.create_user("machine")
        self.channel = x_channel(self.user, "machine")
        self.words, self.landed, self.allowed = {}, {}, {}
        self.fate, self.meanwhile, self.ids, self.lag = "yes", [], 1000, 0
        self.read, self.there = "shown", []
        self.publish(later=False)

    def teardown(self):
        try:
            self.everything_ends()
        finally:
            self.moves.stop()
            self.patch.stop()
            transaction.set_rollback(True)
            self.around.__exit__(None, None, None)

    def watched(self, original):
        def move(delivery, states, to, *args, **fields):
            before = fresh(delivery).state
            moved = original(delivery, states, to, *args, **fields)
            assert not moved or (before, to) in ARROWS, f"{before} → {to}"
            return moved

        return move

    def asked_to_create(self, text):
        """The one moment that counts."""
        post = next(post for post, words in self.words.items() if words == text)
        assert self.landed[post] <= self.allowed[post], "a second create, unasked"
        error, lands = FATES[fate := self.fate]
        meanwhile, self.meanwhile, self.fate = self.meanwhile, [], "yes"
        if meanwhile:
            self.sweep(minutes=5)
        for what in meanwhile:
            self.person(what) if what in PERSON else getattr(self, what)()
        published = self.land(post, text) if lands else None
        if fate.startswith("killed while sending"):
            raise Killed
        if error:
            raise error
        self.killed_before_settling = fate == "killed before settling"
        return published

    def land(self, post, text):
        """Shown on the timeline up to a minute later."""
        self.ids += 1
        self.landed[post] += 1
        published = Published(str(self.ids), f"https://x.example/{self.ids}")
        self.there.append((published, text, timezone.now()))
        return published

    def passes(self, **by):
        time_passes(**by)
        self.there = [(post, text, at - timedelta(**by)) for post, text, at in self.there]

    def some(self, *states):
        return Delivery.objects.with_all().filter(state__in=states).order_by("-id")

    def person(self, verb):
        states = {"retry": [FAILED], "cancel": [QUEUED]}.get(verb, [UNCONFIRMED])
        for delivery in self.some(*states)[:1]:
            if getattr(delivery, verb)() and verb == "send_again":
                self.allowed[delivery.post_id] = self.landed[delivery.post_id]

    @rule(later=st.booleans())
    @precondition(lambda self: len(self.words) < 2 and self.channel.connection.is_connected)
    def publish(self, later):
        words = f"Number {len(self.words)}, written once."
        at = timezone.now() + timedelta(hours=1) if later else None
        post = Post.objects.publish(self.user, words, [self.channel], at)
        self.words[post.pk], self.landed[post.pk], self.allowed[post.pk] = words, 0, 0

    @rule(which=st.integers(0, 1), hours=st.integers(0, 1))
    def edit(self, which, hours):
        post = list(Post.objects.order_by("id"))[which % len(self.words)]
        words = f"{self.words[post.pk]} And once more."[:200]
        if words not in self.words.values() and post.edit(
            words, timezone.now() + timedelta(hours=hours) if hours else None, "UTC"
        ):
            self.words[post.pk] = words

    @rule(fate=st.sampled_from(sorted(FATES)), meanwhile=WHILE)
    def send(self, fate, meanwhile):
        # Killed in that one moment of an answer that comes late, too: found out by the next claim.
        self.fate, self.meanwhile = fate, [] if fate == "killed before settling" else meanwhile
        self.work()

    def work(self):
        """One worker and the first delivery that it may have."""
        self.killed_before_settling = False
        original = Delivery._settle_sent

        def settle(delivery, published):
            if self.killed_before_settling:
                self.killed_before_settling = False
                raise Killed
            return original(delivery, published)

        for delivery in Delivery.objects.due().in_order():
            taken = Delivery.objects.claim(delivery.job_id)
            if taken:
                with mock.patch.object(Delivery, "_settle_sent", settle), suppress(Killed):
                    taken.send()
                return

    @rule()
    def claim_and_die(self):
        for delivery in Delivery.objects.due():
            Delivery.objects.claim(delivery.job_id)

    @rule(minutes=st.sampled_from([1, 5, 20, 150]))
    def sweep(self, minutes):
        self.passes(minutes=minutes)
        Delivery.objects.sweep()

    @rule(times=st.integers(1, 6), read=st.sampled_from(sorted(READS)), lag=st.integers(0, 60))
    def look(self, times=1, read="shown", lag=60):
        """Whatever is in doubt is looked up, as often as its time comes."""
        for number in range(times):
            self.read, self.lag = (read, lag) if number == 0 else ("shown", 60)
            for delivery in Delivery.objects.looking():
                wait = delivery.next_look_at - timezone.now()
                self.passes(seconds=max(0, wait.total_seconds()) + 0.001)
                taken = Delivery.objects.take_look(delivery.job_id)
                if taken:
                    taken.look()

    def release(self):
        self.sweep(minutes=5)

    @rule()
    def take_for_gone(self):
        """Whoever is sending, and also where that is wrong."""
        with mock.patch("publishing.models.deliveries.is_gone", return_value=True):
            Delivery.objects.release_left_behind()

    @rule(verb=st.sampled_from(["cancel", "retry", "send_again", "drop"]))
    def a_person_decides(self, verb):
        self.person(verb)

    @rule()
    def lose_the_queue(self):
        OrmQ.objects.all().delete()

    @rule(went_back=st.booleans())
    def after_a_silence(self, went_back):
        doubt_overdue(went_back, None)

    @rule()
    def pause(self):
        self.channel.refresh_from_db()
        self.channel.pause()

    @rule()
    def come_back(self):
        connection = self.channel.connection
        connection.refresh_from_db()
        connection.take(connection.person, connection.grant())
        self.channel.refresh_from_db()
        self.channel.resume()

    @rule(often=st.integers(0, 5))
    def disconnect(self, often=0):
        if often == 0:
            self.channel.connection.refresh_from_db()
            self.channel.connection.disconnect()

    @invariant()
    def nothing_is_lost(self):
        for delivery in Delivery.objects.with_all():
            asks = delivery.state == UNCONFIRMED and (
                delivery.waiting_for == "person" or delivery.next_look_at
            )
            waits = delivery.waiting_for in ("paused", "reconnect", "held") and delivery.sentence
            comes = delivery.state == QUEUED and (delivery.next_attempt_at or waits)
            leased = delivery.state == SENDING and delivery.lease_until
            assert delivery.state in DONE or asks or comes or leased

    @invariant()
    def sent_means_there_and_nobody_elses(self):
        ours = {published.remote_id: text for published, text, _ in self.there}
        for delivery in self.some(SENT):
            assert ours[delivery.remote_id] == self.words[delivery.post_id]

    @invariant()
    def failed_means_not_there(self):
        for delivery in self.some(FAILED, CANCELED):
            landed = delivery.attempts.filter(outcome="sent").exists()
            assert not landed, "the network said yes and we do not"

    def everything_ends(self):
        """Once nothing fails any more, everything is settled or put to a person."""
        self.come_back()
        for _ in range(6):
            self.sweep(minutes=20)
            self.look(times=6)
            self.fate, self.meanwhile = "yes", []
            self.work(), self.work()
        left = [(d.state, d.waiting_for) for d in Delivery.objects.exclude(state__in=DONE)]
        assert set(left) <= {(UNCONFIRMED, "person"), (QUEUED, "held")}, left


@pytest.mark.django_db
def test_no_order_of_events_loses_or_doubles_a_post():
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=30,
            stateful_step_count=20,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # shrinking takes minutes, and the steps are printed anyway
            database=None,
        ),
    )
