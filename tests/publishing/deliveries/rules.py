"""What people, workers and clocks do to deliveries: the rules of machine.py."""

from contextlib import suppress
from datetime import timedelta
from unittest import mock

from django.db import connection, transaction
from django.utils import timezone
from django_q.models import OrmQ
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from publishing.deliveries.claims import claim
from publishing.deliveries.confirm import confirm
from publishing.deliveries.follow import follow_opened
from publishing.deliveries.instance import mark_overdue_unconfirmed
from publishing.deliveries.send import Sender
from publishing.deliveries.settle import release_left_behind
from publishing.deliveries.sweep import sweep
from publishing.deliveries.verify import Verifier, claim_verification
from publishing.models import Delivery, Post
from publishing.posts.stopping import undo_cancel
from publishing.states import CANCELED, FAILED, QUEUED, UNCONFIRMED
from social.connections.connect import accept_grant
from social.models import Channel, CircuitBreaker
from social.models.circuit_breaker import forget_known_breakers
from social.networks.shapes import Found
from tests.publishing.deliveries.script import FATES, READS, Killed

PERSON = ("send_again", "drop", "cancel", "retry")
WHILE_SENDING = ["release", "take_for_gone", "work", "disconnect", "pause", "look", *PERSON]
WHILE = st.lists(st.sampled_from(WHILE_SENDING), max_size=3)
IN_LINE = "state = 'queued' AND next_attempt_at <= %s ORDER BY due_at, id"
IN_DOUBT = "next_verification_at IS NOT NULL ORDER BY id"


def ask(sql, *given):
    """By hand: the ORM would take longer than all that is tried here."""
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall()


def deliveries(condition, *given):
    """Their job ids."""
    given = [connection.ops.adapt_datetimefield_value(one) for one in given]
    found = ask(f"SELECT job_id FROM publishing_delivery WHERE {condition}", *given)
    return [str(job_id) for (job_id,) in found]


class People:
    @rule(later=st.booleans())
    @precondition(lambda self: len(self.words) < 2 and not self.is_disconnected)
    def publish(self, later):
        number, self.written = self.written, self.written + 1
        words = f"Number {number}, written once."
        at = timezone.now() + timedelta(hours=1) if later else None
        Post.objects.publish(self.user, words, [self.channel], at)
        self.words[number], self.landed[number], self.allowed[number] = words, 0, 0

    @property
    def channel_now(self):
        return Channel.objects.select_related("connection").get(pk=self.channel.pk)

    @rule(which=st.integers(0, 1), hours=st.integers(0, 1))
    @precondition(lambda self: self.words)
    def edit(self, which, hours):
        number = list(self.words)[which % len(self.words)]
        if self.backup and not hours:
            return  # what is moved ahead in a time that gets lost: known, and not to be seen
        words = f"{self.words[number]} And once more."[:200]
        at = timezone.now() + timedelta(hours=hours) if hours else None
        post = Post.objects.get(text=self.words[number])
        if post.edit(words, at, "UTC"):
            self.words[number] = words

    @rule(verb=st.sampled_from([*PERSON, "retry_held"]))
    def person(self, verb):
        states = {"retry": FAILED, "cancel": QUEUED, "retry_held": QUEUED}.get(verb, UNCONFIRMED)
        rows = Delivery.objects.with_all().filter(state=states).order_by("-id")
        if verb == "retry_held":
            verb, rows = "retry", rows.filter(waiting_for="held")
        for delivery in rows[:1]:
            number = next(n for n, words in self.words.items() if words == delivery.post.text)
            if getattr(delivery, verb)() and (verb == "send_again" or self.was_restored):
                self.allowed[number] = self.landed[number]
                self.permitted.add(number)

    @rule()
    def undo_cancel(self):
        rows = Delivery.objects.with_all().filter(state=CANCELED).order_by("-finished_at")
        for delivery in rows[:1]:
            number = next(n for n, words in self.words.items() if words == delivery.post.text)
            back, _ = undo_cancel(delivery.post, delivery.finished_at)
            if back and self.was_restored:
                self.allowed[number] = self.landed[number]
                self.permitted.add(number)

    @rule(whose=st.sampled_from(["mine", "of a stranger", "nobody's", "of another of mine"]))
    def claim(self, whose):
        """Somebody says that it is there, and names their own post, or any other."""
        rows = Delivery.objects.with_all().filter(state=UNCONFIRMED).order_by("-id")
        for delivery in rows[:1]:
            named = self.named(whose, delivery.post.text)
            with suppress(ValueError):
                confirm(delivery, named)

    def named(self, whose, words):
        """The id of a post of that kind, where there is one."""
        mine = [it for it, text, _ in self.there if (text == words) == (whose == "mine")]
        if whose == "of a stranger":
            post = Found("77777", "https://x.example/77777", words, timezone.now())
            self.of_others[post.remote_id] = post
            return post.remote_id
        return mine[-1].remote_id if mine and whose != "nobody's" else "99999"

    @rule(hides=st.booleans())
    def filters_hide(self, hides):
        """What is made from now on is not shown to who asks for a date."""
        self.hides = hides

    @rule()
    def pause(self):
        self.channel_now.pause()

    @rule()
    def operator_pauses(self):
        CircuitBreaker.objects.pause("x", None)

    @rule()
    def come_back(self):
        """Everything that waits for a person is settled."""
        connection = self.channel_now.connection
        accept_grant(connection, connection.person, connection.grant())
        self.channel_now.resume()
        self.is_disconnected = False
        for breaker in CircuitBreaker.objects.tripped().of_networks():
            if CircuitBreaker.objects.reset(breaker.scope, breaker.kind):
                follow_opened(breaker.pk)

    @rule(often=st.integers(0, 5))
    def disconnect(self, often=0):
        if often == 0:
            self.channel_now.connection.disconnect()
            self.is_disconnected = True


class Workers:
    @rule(fate=st.sampled_from(sorted(FATES)), meanwhile=WHILE)
    def send(self, fate, meanwhile):
        # Killed in that one moment of an answer that comes late, too: found out by the next claim.
        self.fate, self.meanwhile = fate, [] if fate == "killed before settling" else meanwhile
        self.work()

    def work(self):
        """One worker and the first delivery that it may have."""
        for job_id in deliveries(IN_LINE, timezone.now()):
            if taken := claim(job_id):
                self.finish(taken)
                return

    def finish(self, taken):
        self.dies = False
        try:
            Sender(taken).send()
        except Killed:
            self.has_heard = False  # whoever comes after it
        self.fate = "yes"

    @rule()
    def claim_and_die(self):
        for job_id in deliveries(IN_LINE, timezone.now()):
            claim(job_id)

    @rule(minutes=st.sampled_from([1, 5, 20]))
    def freeze(self, minutes):
        """A worker stands still after its claim and goes on when others have settled it."""
        for job_id in deliveries(IN_LINE, timezone.now())[:1]:
            if taken := claim(job_id):
                self.sweep(minutes)
                self.finish(taken)

    @rule()
    def wake_for_nothing(self):
        """Jobs come twice, late, and for what is over."""
        for job_id in deliveries("state <> 'sent'"):
            for _ in range(2):
                if taken := claim(job_id):
                    self.finish(taken)
                if verifying := claim_verification(job_id):
                    Verifier(verifying).verify()

    @rule()
    def lose_the_queue(self):
        OrmQ.objects.all().delete()

    @rule(minutes=st.sampled_from([1, 5, 20, 150]))
    def sweep(self, minutes):
        self.clock.passes(minutes=minutes)
        sweep()

    def release(self):
        self.sweep(minutes=5)

    @rule()
    def take_for_gone(self):
        """Whoever is sending, and also where that is wrong."""
        with mock.patch("publishing.deliveries.settle.is_gone", return_value=True):
            release_left_behind(Delivery.objects.all())

    @rule(times=st.integers(1, 6), read=st.sampled_from(sorted(READS)), lag=st.integers(0, 60))
    def look(self, times=1, read="shown", lag=60):
        """Whatever is in doubt is looked up, as often as its time comes."""
        for number in range(times):
            self.read, self.lag = (read, lag) if number == 0 else ("shown", 60)
            for job_id in deliveries(IN_DOUBT):
                delivery = Delivery.objects.get(job_id=job_id)
                if delivery.is_verifying:
                    wait = delivery.next_verification_at - timezone.now()
                    self.clock.passes(seconds=max(0, wait.total_seconds()) + 0.001)
                if taken := claim_verification(job_id):
                    Verifier(taken).verify()


class Times:
    @rule()
    def after_a_silence(self):
        mark_overdue_unconfirmed(False, None)

    @rule(minutes=st.sampled_from([-50, 0, 50]))
    def clock_is_set(self, minutes):
        if minutes:
            self.backup = None  # not in one example: what is overdue would be anybody's guess
        self.clock.is_set(minutes=minutes)

    @rule()
    @precondition(lambda self: not self.clock.wrong_by)
    def back_up(self):
        self.backup = transaction.savepoint(), dict(self.words)

    @rule()
    @precondition(lambda self: self.backup)
    def restore(self):
        """An older copy of the database is put back; the networks keep what they have."""
        savepoint, words = self.backup
        transaction.savepoint_rollback(savepoint)
        self.words, self.was_restored = dict(words), True
        forget_known_breakers()
        mark_overdue_unconfirmed(True, None)
