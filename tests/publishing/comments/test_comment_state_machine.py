"""The whole life of a first comment, in any order: never two of it, and never lost for good. The
network is a script; the rows and their statements are the real ones."""

import os
from datetime import timedelta
from unittest import mock

import pytest
from django.contrib.auth import get_user_model
from django.db import connection, transaction
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from publishing.comments import sending
from publishing.deliveries.claims import take
from publishing.models import Comment, Delivery
from social.networks import NETWORKS
from social.networks.errors import (
    AuthorizationLost,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TemporaryError,
)
from social.networks.shapes import Found, Published, Recent
from tests.publishing.deliveries.clock import Clock
from tests.publishing.factories import finish_send, page_channel, publish

EXAMPLES = int(os.environ.get("COMMENT_EXAMPLES", "30"))
SEED = int(os.environ.get("SEED", "0" if connection.vendor == "sqlite" else "1"))
LAG_SECONDS = 300  # at most, until what was made is shown
REFUSED = AuthorizationLost("permission_missing")
FATES = {  # what the network does, and what it says
    "made": (True, None),
    "made, no answer": (True, OutcomeUnknown("no_answer")),
    "not made, no answer": (False, OutcomeUnknown("no_answer")),
    "made, refused all the same": (True, OutcomeUnknown("permission_in_doubt", refusal=REFUSED)),
    "refused in doubt": (False, OutcomeUnknown("permission_in_doubt", refusal=REFUSED)),
    "refused": (False, Rejected("bad_request")),
    "limited": (False, RateLimited("rate_limit")),
    "away": (False, TemporaryError("unreachable")),
}
KILLS = ("", "", "", "before", "after")
PAUSES = st.sampled_from([0, 0, 0, 10, 70, 300, 1000])  # seconds that a worker is frozen


class Killed(BaseException):
    """The worker is gone: nothing is caught."""


class CommentMachine(RuleBasedStateMachine):
    channel = None  # set once, outside of the examples

    def __init__(self):
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.clock, network = Clock(), NETWORKS["facebook"]
        self.there, self.lag, self.read = [], 0, "shown"
        self.fate, self.killed, self.pauses, self.is_allowed = "made", "", [0, 0, 0], True
        self.begun = self.clock.theirs()
        self.patches = [
            self.clock.patch,
            mock.patch.object(network, "comment", self.comment),
            mock.patch.object(network, "comments", self.comments),
            mock.patch.object(network, "permits", lambda *asked: self.is_allowed),
            mock.patch.object(network, "server_time", lambda home="": self.clock.theirs()),
        ]
        for patch in self.patches:
            patch.start()
        delivery = publish(self.channel, "Rye.", extras={"facebook": {"comment": "More."}})
        assert take(delivery)
        finish_send(delivery, Published("6_7", "https://facebook.example/6_7"))
        self.pk = Comment.objects.get(delivery=delivery).pk

    def teardown(self):
        try:
            self.play_to_the_end()
        finally:
            for patch in self.patches:
                patch.stop()
            transaction.set_rollback(True)
            self.around.__exit__(None, None, None)

    @property
    def row(self) -> Comment:
        return Comment.objects.with_all().get(pk=self.pk)

    # ── The network ───────────────────────────────────────────────────────────────────────────
    def comments(self, *asked):
        begun = self.clock.theirs()  # of its window, at the latest
        self.pause(0)
        self.begun = begun
        if self.read == "away":
            raise TemporaryError("unreachable")
        now = self.clock.theirs()
        shown = [
            Found(number, "", "More.", at, author_id=self.channel.remote_id)
            for number, at, seen_from in self.there
            if seen_from <= now
        ]
        others = (Found("9", "", "More.", now, author_id="somebody"),)
        return Recent((*others, *shown), self.read != "in part", now)

    def comment(self, *asked):
        fate, killed, lag, begun = self.fate, self.killed, self.lag, self.begun
        self.pause(1)
        if self.clock.theirs() - begun > timedelta(seconds=sending.COMMENT_WINDOW_SECONDS):
            raise TemporaryError("unreachable")  # no byte leaves after its window
        is_made, says = FATES[fate]
        if killed == "before":
            raise Killed
        if is_made:
            now = self.clock.theirs()
            self.there.append((f"8{len(self.there)}", now, now + timedelta(seconds=lag)))
        number = self.there[-1][0] if is_made else ""
        self.pause(2)
        if killed == "after":
            raise Killed
        if says is not None:
            raise says
        return number

    def pause(self, which: int) -> None:
        """This worker is frozen, and others go on."""
        seconds, self.pauses[which] = self.pauses[which], 0
        if seconds:
            self.clock.passes(seconds=seconds)
            self.sweep()
            self.work()

    # ── What happens ──────────────────────────────────────────────────────────────────────────
    def work(self) -> None:
        comment = sending.claim(self.pk)
        if comment is not None:
            try:
                sending.Commenter(comment).run()
            except Killed:
                pass

    @rule(
        fate=st.sampled_from([*FATES]),
        killed=st.sampled_from(KILLS),
        lag=st.sampled_from([0, 0, 20, LAG_SECONDS]),
        pauses=st.tuples(PAUSES, PAUSES, PAUSES),
    )
    def a_worker_comes(self, fate, killed, lag, pauses):
        self.fate, self.killed, self.lag, self.pauses = fate, killed, lag, list(pauses)
        self.work()
        self.killed, self.pauses = "", [0, 0, 0]

    @rule(seconds=st.sampled_from([1, 6, 20, 90, 250, 700]))
    def time_passes(self, seconds):
        self.clock.passes(seconds=seconds)

    @rule()
    def sweep(self):
        sending.sweep(Comment.objects.unfinished())

    @rule()
    def its_person_tries_again(self):
        self.row.retry()

    @rule(read=st.sampled_from(["shown", "shown", "away", "in part"]))
    def reading_changes(self, read):
        self.read = read

    @rule(is_allowed=st.booleans())
    def the_permission_changes(self, is_allowed):
        self.is_allowed = is_allowed

    @rule(is_paused=st.booleans())
    def the_channel_is_paused_or_not(self, is_paused):
        channel = self.row.delivery.channel
        channel.pause() if is_paused else channel.resume()

    # ── What must hold ────────────────────────────────────────────────────────────────────────
    @invariant()
    def it_is_there_once_at_most(self):
        assert len(self.there) <= 1, self.there
        if self.row.state == "sent":
            assert self.row.remote_id == self.there[0][0]
        assert Delivery.objects.get(pk=self.row.delivery_id).state == "sent"

    def play_to_the_end(self) -> None:
        self.fate, self.killed, self.lag, self.pauses = "made", "", 0, [0, 0, 0]
        self.read, self.is_allowed = "shown", True
        self.row.delivery.channel.resume()
        for _ in range(60):
            if self.row.state == "sent":
                break
            self.clock.passes(minutes=5)
            self.sweep()
            self.work()
            self.row.retry()
        assert self.row.state == "sent" and len(self.there) == 1, (self.row, self.there)


@pytest.mark.django_db
def test_no_order_of_events_loses_or_doubles_a_comment():
    CommentMachine.channel = page_channel(get_user_model().objects.create_user("machine"))
    run_state_machine_as_test(
        seed(SEED)(CommentMachine),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],  # as for deliveries
            database=None,
        ),
    )
