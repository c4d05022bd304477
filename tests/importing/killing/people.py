"""Whose timelines are read: they post, edit, press "import now", and connect again what is lost."""

import threading
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import requests
from django.contrib.auth import get_user_model
from django.db import connection

from importing.models import ImportRun, Timeline
from tests.publishing.factories import page_channel, x_channel
from tests.sandbox import Sandbox

EVERY = (0.02, 0.15)  # seconds between two things that somebody does


@dataclass
class Somebody:
    sandbox: Sandbox
    network: str
    name: str  # of their account there
    account: str  # that they post as
    timeline: Timeline
    written: deque[str] = field(default_factory=lambda: deque(maxlen=5))  # ids, the newest

    def post(self, text: str) -> None:
        made = {"network": self.network, "account": self.account, "text": text}
        self.written.append(self.sandbox.call("POST", "/posts", json=made)["id"])

    def edit(self, which: int, text: str) -> None:
        if self.written:
            which %= len(self.written)
            change = {"edit": self.written[which], "text": text}
            self.written[which] = self.sandbox.call("POST", "/posts", json=change)["id"]

    def connect_again(self) -> None:
        """Killed between a renewal and writing it down, a worker takes the tokens with it."""
        row = Timeline.objects.with_all().get(pk=self.timeline.pk)
        if row.blocked_reason and self.network == "x":
            x_channel(row.user, told=self.sandbox.token(self.network, self.name))

    def shown(self) -> dict[str, str]:
        """What can be seen of theirs at the network: id → text, newest first."""
        rows = self.sandbox.truth(self.network, account=self.account, origin=None)
        author = self.timeline.owner.remote_id
        return {
            row["id"]: row["message"]
            for row in rows
            if row["visible"] and row["author_id"] == author
        }


def crowd(sandbox: Sandbox, number: int, posts: int) -> Iterator[Somebody]:
    """In turns at X and with a Page at Facebook, each with so many posts of earlier days."""
    for index in range(number):
        name = f"crowd{index:03d}"
        user = get_user_model().objects.create(username=name)
        if index % 2:
            network, who = "facebook", str(910000000000000 + index)
            account = str(710000000000000 + index)
            channel = page_channel(user, told=sandbox.token(network, who))
        else:
            network, who, account = "x", name, name
            channel = x_channel(user, told=sandbox.token(network, who))
        fill(sandbox, network, account, posts)
        timeline, _ = Timeline.objects.of_owner(channel, "post")
        timeline = Timeline.objects.with_all().get(pk=timeline.pk)
        yield Somebody(sandbox, network, who, account, timeline)


def fill(sandbox: Sandbox, network: str, account: str, posts: int) -> None:
    now, whose = datetime.now(UTC), {"network": network, "account": account}
    ages = ((number, timedelta(hours=posts - number)) for number in range(posts))
    made = [
        whose | {"text": f"Loaf {number}", "created_at": f"{now - age:%Y-%m-%dT%H:%M:%SZ}"}
        for number, age in ages
    ]
    sandbox.call("POST", "/posts", json={"posts": made})


class People(threading.Thread):
    """All of them, until they are told to stop."""

    def __init__(self, crowd: list[Somebody], seed: int) -> None:
        super().__init__(daemon=True)
        self.crowd, self.random, self.over = crowd, Random(seed), threading.Event()
        self.did: Counter[str] = Counter()

    def run(self) -> None:
        acts: dict[Any, int] = {self.post: 10, self.edit: 4, self.ask: 6, self.forget: 1}
        while not self.over.wait(self.random.uniform(*EVERY)):
            act = self.random.choices(*zip(*acts.items(), strict=True))[0]
            somebody = self.random.choice(self.crowd)
            try:
                act(somebody)
            except requests.RequestException:  # whether it was done nobody knows
                somebody.written.clear()
                self.did["unanswered"] += 1
            self.did[act.__name__] += 1
        connection.close()

    def post(self, somebody: Somebody) -> None:
        somebody.post(f"Fresh number {self.did['post']} & <b>more</b>")

    def edit(self, somebody: Somebody) -> None:
        somebody.edit(self.random.randrange(5), f"Edited, number {self.did['edit']}")

    def ask(self, somebody: Somebody) -> None:
        somebody.connect_again()
        ImportRun.objects.start(somebody.timeline, asked=True)

    def forget(self, somebody: Somebody) -> None:
        somebody.sandbox.change("forget_marks")

    def end(self) -> None:
        self.over.set()
        self.join()
