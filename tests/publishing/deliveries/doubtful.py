"""Ambiguous outcomes by the thousand, each looked up, and what became of them held against what is
really there.

Half of the posts landed; timelines lag by up to a minute; one text in twenty is nearly another's of
the same account; people edit posts, and post beside them.
"""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.db.models import F
from django.utils import timezone
from django_q.models import OrmQ

from publishing.deliveries.claims import claim
from publishing.deliveries.send import Sender
from publishing.deliveries.verify import Verifier, claim_verification
from publishing.models import Attempt, Delivery, Post, Verification
from publishing.states import QUEUED, SENT, UNCONFIRMED
from social.connections.connect import accept_grant
from social.models import CircuitBreaker
from social.models.circuit_breaker import forget_known_breakers
from social.networks.shapes import Grant
from tests.publishing.factories import page_channel, x_channel
from tests.sandbox import Sandbox

WAVE = 400
ACCOUNTS = 10  # at each network
NEARLY = ("{}!", "{}.", "{}…", "the {}", "{} 2", "{}s")
MINUTE = 60
STEPS = (5, 15, 40, 240, 600, 300, 300)


class Doubtful:
    def __init__(self, sandbox: Sandbox, seed: int) -> None:
        self.sandbox, self.rng = sandbox, random.Random(seed)
        self.number, self.landed = 0, {}  # delivery → whether it landed
        self.count: Counter = Counter()
        self.why: Counter = Counter()
        self.wrong: list[str] = []
        sandbox.call("POST", "/reset", json={"fixture": "crowd"})
        self.channels = [self.account(n, name) for n in range(ACCOUNTS) for name in ("x", "fb")]
        self.texts: dict[str, list[str]] = {channel.account: [] for channel in self.channels}
        self.near: set[str] = set()

    def account(self, number: int, network: str):
        user = get_user_model().objects.create_user(f"doubtful-{network}-{number}")
        if network == "x":
            name = f"crowd{number:03}"
            return x_channel(user, name, told=self.sandbox.token("x", name))
        who, page = str(910000000000000 + number), str(710000000000000 + number)
        return page_channel(user, told=self.sandbox.token("facebook", who, pages=[page]))

    def says(self) -> str:
        counted = ", ".join(f"{number} {word}" for word, number in sorted(self.count.items()))
        asked = ", ".join(f"{number} {reason}" for reason, number in self.why.items())
        return f"{self.number}: {counted}; asked: {asked or 'none'}; {len(self.wrong)} wrong"

    def look_up(self, count: int, tell: Callable[[], None] = lambda: None) -> None:
        while self.number < count:
            for channel in self.channels:
                self.renew(channel)
            deliveries = [self.send() for _ in range(min(WAVE, count - self.number))]
            self.change_beside(deliveries)
            for seconds in STEPS:
                self.passes(seconds)
                self.open_everything()
                for delivery in Delivery.objects.verifying().filter(
                    next_verification_at__lte=timezone.now()
                ):
                    if taken := claim_verification(delivery.job_id):
                        Verifier(taken).verify()
            self.judge(deliveries)
            OrmQ.objects.all().delete()
            tell()

    def renew(self, channel) -> None:
        """Its tokens end while the sandbox's clock is moved on."""
        if channel.network_name == "x":
            told = self.sandbox.token("x", channel.handle)
            connection = channel.connection
            accept_grant(
                connection, connection.person, Grant(told["access_token"], told["refresh_token"])
            )

    def send(self) -> Delivery:
        channel, lands = self.rng.choice(self.channels), self.rng.random() < 0.5
        self.number += 1
        lag = self.rng.choice((0, self.rng.randrange(60_000)))
        self.sandbox.change("visibility_lag", ms=lag)
        self.sandbox.change("hide", share=0.1)
        prefix = "x" if channel.network_name == "x" else "fb"
        self.sandbox.arm(f"{prefix}.reset.{'after' if lands else 'before'}")
        self.open_everything()
        post = Post.objects.publish(channel.connection.user, self.words(channel), [channel])
        delivery = post.deliveries.get()
        Sender(claim(delivery.job_id)).send()
        self.landed[delivery.pk] = lands
        return delivery

    @staticmethod
    def open_everything() -> None:
        """So many cut calls are an outage; here they are the point."""
        if CircuitBreaker.objects.all().delete()[0]:
            forget_known_breakers()

    def words(self, channel) -> str:
        """Unlike all others, but one in twenty only just."""
        said = self.texts[channel.account]
        if said and self.rng.random() < 0.05:
            text = self.nearly(said[-1])
        else:
            link = self.rng.choice(("", " https://example.com/?a=1&b=2", " example.org/", " &amp;"))
            text = f"Loaf {self.number}, “café” & <b>more</b>{link}"
        said.append(text)
        return text

    def nearly(self, text: str) -> str:
        """Never the very words of another: whose post that is, nobody could tell."""
        choices = [it.format(text) for it in NEARLY]
        nearly = self.rng.choice([it for it in choices if it not in self.near])
        self.near.add(nearly)
        return nearly

    def change_beside(self, deliveries: list[Delivery]) -> None:
        """What people do meanwhile: here to the post, there to its like."""
        self.sandbox.change("visibility_lag", ms=0)
        for delivery in deliveries:
            chance = self.rng.random()
            if chance < 0.2:
                Post.objects.filter(pk=delivery.post_id).update(text="Changed meanwhile.")
            elif chance < 0.25:
                self.post_by_hand(delivery)
            elif chance < 0.26 and self.landed[delivery.pk]:
                self.edit_there(delivery)

    def post_by_hand(self, delivery: Delivery) -> None:
        account = delivery.channel.handle or delivery.channel.remote_id
        if delivery.network_name == "facebook":
            account = delivery.channel.remote_id
        text = self.nearly(self.sent(delivery))
        asked = {"network": delivery.network_name, "account": account, "text": text}
        self.sandbox.call("POST", "/posts", json=asked)

    def edit_there(self, delivery: Delivery) -> None:
        there = self.sandbox.truth(text=self.sent(delivery))
        self.sandbox.clock(advance=3)
        edit = {"edit": there[0]["id"], "text": f"{self.sent(delivery)} (edited)"}
        self.sandbox.call("POST", "/posts", json=edit)
        self.count["edited there"] += 1
        self.landed[delivery.pk] = None  # there, and not as it was sent

    @staticmethod
    def sent(delivery: Delivery) -> str:
        return delivery.attempts.get().text

    def passes(self, seconds: int) -> None:
        """For what is looked up, and at the networks."""
        self.sandbox.clock(advance=seconds)
        by, verifying = timedelta(seconds=seconds), Delivery.objects.verifying()
        rows = list(verifying.values_list("pk", flat=True))
        Attempt.objects.filter(delivery__in=rows).update(started_at=F("started_at") - by)
        Verification.objects.filter(delivery__in=rows).update(server_time=F("server_time"))
        verifying.update(
            next_verification_at=F("next_verification_at") - by, due_at=F("due_at") - by
        )

    def judge(self, deliveries: list[Delivery]) -> None:
        there: dict[str, set[str]] = {}
        for row in self.sandbox.truth(origin="api"):
            there.setdefault(row["text"], set()).add(row["id"])
        for delivery in Delivery.objects.filter(pk__in=[d.pk for d in deliveries]):
            self.judge_one(delivery, there.get(self.sent(delivery), set()))
            delivery.cancel(), delivery.drop()

    def judge_one(self, delivery: Delivery, ids: set[str]) -> None:
        landed = self.landed[delivery.pk]
        if delivery.state == SENT:
            self.count["found"] += 1
            if delivery.remote_id not in ids:
                self.wrong.append(f"wrong found: {delivery} {self.sent(delivery)!r}")
        elif delivery.state == QUEUED:
            self.count["absent"] += 1
            if landed is not False:
                self.wrong.append(f"wrong absent: {delivery} {self.sent(delivery)!r}")
        elif delivery.state == UNCONFIRMED and delivery.waiting_for == "person":
            self.count["asked"] += 1
            self.why[delivery.reason] += 1
        else:
            self.wrong.append(f"unsettled: {delivery} {delivery.state}")
