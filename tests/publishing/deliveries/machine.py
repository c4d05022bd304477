"""Everything that people, workers, networks, clocks and crashes can do to deliveries, in any order.

The network is a script, for this is about the state machine and not about the wire; the rows, the
statements and the jobs are the real ones. One transaction an example, which is rolled back.
"""

import re
from datetime import timedelta
from unittest import mock

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant

from publishing.deliveries import settle
from publishing.models import Delivery
from publishing.states import CANCELED, DONE, FAILED, QUEUED, SENDING, SENT, UNCONFIRMED
from social.models.circuit_breaker import forget_known_breakers
from social.networks import NETWORKS
from social.networks.shapes import Published
from tests.publishing.deliveries.clock import Clock
from tests.publishing.deliveries.rules import PERSON, People, Times, Workers, ask
from tests.publishing.deliveries.script import FATES, FindingScript, KeepingScript, Killed, Script

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
    (UNCONFIRMED, FAILED),  # a late no
    (UNCONFIRMED, CANCELED),
    (FAILED, QUEUED),
    (FAILED, SENT),  # a late yes
    (CANCELED, SENT),  # a late yes
    (CANCELED, QUEUED),  # undone by whoever canceled it
}
ROWS = """SELECT d.remote_id, p.text, d.state, d.waiting_for, d.reason, d.next_attempt_at,
    d.next_verification_at, d.lease_until, EXISTS (SELECT 1 FROM publishing_attempt a
    WHERE a.delivery_id = d.id AND a.outcome = 'sent')
    FROM publishing_delivery d JOIN publishing_post p ON p.id = d.post_id"""
AT_MOST = 120  # rounds of five minutes: what waits for credits may wait for four hours


class Machine(People, Workers, Times, RuleBasedStateMachine):
    user = channel = None  # set once, outside of the examples
    script, keys_kept = Script, timedelta(0)

    def __init__(self):
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.clock = Clock()
        self.patches = [
            self.clock.patch,
            mock.patch.dict(NETWORKS, {"x": self.script(self)}),
            mock.patch.object(Delivery, "move", self.watched(Delivery.move)),
            mock.patch.object(settle, "settle_sent", self.dying(settle.settle_sent)),
        ]
        for patch in self.patches:
            patch.start()
        self.to_the_end, self.was_restored, self.backup = False, False, None
        self.is_disconnected, self.permitted = False, set()
        self.words, self.landed, self.allowed, self.written = {}, {}, {}, 0
        self.fate, self.meanwhile, self.ids, self.lag = "yes", [], 1000, 0
        self.read, self.there, self.has_heard, self.dies = "shown", [], False, False
        self.hides, self.hidden, self.of_others = False, set(), {}
        self.by_key = {}  # what was made under a key, and when
        forget_known_breakers()

    @initialize(to_the_end=st.integers(0, 4))
    def begin(self, to_the_end):
        """One example in five is played until nothing moves any more: that takes the longest."""
        self.to_the_end = to_the_end == 0
        self.publish(later=False)

    def teardown(self):
        try:
            if self.to_the_end:
                self.everything_ends()
        finally:
            for patch in reversed(self.patches):
                patch.stop()
            transaction.set_rollback(True)
            self.around.__exit__(None, None, None)
            forget_known_breakers()

    def watched(self, original):
        def move(delivery, states, to, *args, **fields):
            [[was]] = ask("SELECT state FROM publishing_delivery WHERE id = %s", delivery.pk)
            moved = original(delivery, states, to, *args, **fields)
            assert not moved or (was, to) in ARROWS, f"{was} → {to}"
            return moved

        return move

    def dying(self, original):
        def settle_or_die(delivery, published, attempt=None):
            if self.dies:  # after the one was saved by itself
                self.dies = False
                attempt.close_sent(published)
                raise Killed
            return original(delivery, published, attempt)

        return settle_or_die

    # ── The network ───────────────────────────────────────────────────────────────────────────
    def asked_to_create(self, text, key=""):
        """The one moment that counts."""
        number = int(re.match(r"Number (\d+),", text)[1])
        assert text == self.words[number], "not what its person wrote"
        is_first = self.landed[number] <= self.allowed[number]
        assert is_first or self.known(key), "a second create, unasked"
        error, lands = FATES[fate := self.fate]
        meanwhile, self.meanwhile, self.fate = self.meanwhile, [], "yes"
        self.permitted.discard(number)
        if meanwhile:
            self.sweep(minutes=5)
        for what in meanwhile:
            self.person(what) if what in PERSON else getattr(self, what)()
        published = (self.known(key) or self.land(number, text, key)) if lands else None
        if number in self.permitted:  # said while this one was still on its way
            self.allowed[number] = self.landed[number]
        if fate.startswith("killed while sending"):
            raise Killed
        self.has_heard = True
        if error:
            raise error
        self.dies = fate == "killed before settling"
        return published

    def known(self, key):
        """What was made under this key, while that is known."""
        published, at = self.by_key.get(key, (None, None))
        return published if published and self.clock.theirs() - at < self.keys_kept else None

    def land(self, number, text, key):
        """Shown on the timeline up to a minute later."""
        self.ids += 1
        self.landed[number] += 1
        published = Published(str(self.ids), f"https://x.example/{self.ids}")
        if self.hides:  # from whoever asks for posts since a date
            self.hidden.add(published.remote_id)
        self.there.append((published, text, self.clock.theirs()))
        if key:
            self.by_key[key] = published, self.clock.theirs()
        return published

    # ── What holds at any time ────────────────────────────────────────────────────────────────
    @invariant()
    def nothing_is_lost_and_no_word_is_wrong(self):
        ours = {published.remote_id: text for published, text, _ in self.there}
        for remote_id, words, state, *why, said_yes in ask(ROWS):
            assert state in DONE or is_going_on(state, *why), (state, *why)
            assert state != SENT or ours.get(remote_id) == words, "linked to another's"
            assert not (said_yes and state in (FAILED, CANCELED)), "there, and we do not say so"
            if (state, why[1]) == (FAILED, "duplicate") and not self.was_restored:
                assert words not in ours.values(), "there, and said to be another's"

    def everything_ends(self):
        """Once nothing fails any more, everything is settled or put to a person."""
        self.clock.is_set()
        self.come_back()
        self.fate, self.meanwhile = "yes", []
        for _ in range(AT_MOST):
            left = [why for _, _, *why, _ in ask(ROWS) if not is_over(*why)]
            if not left:
                return
            if SENDING in [state for state, *_ in left]:
                self.sweep(minutes=5)
            self.look()
            self.clock.passes(minutes=5)
            self.work()
        raise AssertionError(left)


class FindingMachine(Machine):
    """Over a network that finds posts by their keys."""

    script, keys_kept = FindingScript, timedelta.max


class KeepingMachine(Machine):
    """Over a network that keeps keys for an hour."""

    script, keys_kept = KeepingScript, timedelta(hours=1)


def is_over(state, waiting_for, *why):
    return state in DONE or waiting_for in ("person", "held")


def is_going_on(state, waiting_for, reason, next_attempt_at, next_verification_at, lease_until):
    if state == UNCONFIRMED:
        return waiting_for == "person" or next_verification_at
    if state == SENDING:
        return lease_until
    return next_attempt_at or (waiting_for in ("paused", "reconnect", "held") and reason)
