"""Somebody who answers each question about a post with a link to another person's."""

from contextlib import suppress
from random import Random

from django.db import InterfaceError, OperationalError, connection

from publishing.deliveries.confirm import confirm
from publishing.models import Delivery
from publishing.states import SENT

AT_A_TIME = 5
RECENT = 50  # posts of others to choose from


class Claimant:
    """The checker says what came of it: a delivery that believes such a claim is WRONG."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.claims = self.turned_away = 0
        self.asked: set[int] = set()  # deliveries; each is claimed once

    def claim(self) -> None:
        """Name another's post for each delivery that waits for its person's answer."""
        try:
            for delivery in self.questions():
                self.answer(delivery)
        except (OperationalError, InterfaceError):  # the database is being hurt
            with suppress(OperationalError, InterfaceError):
                connection.close()

    def questions(self) -> list[Delivery]:
        asked = Delivery.objects.with_all().unconfirmed().filter(waiting_for="person")
        return list(asked.exclude(pk__in=self.asked)[:AT_A_TIME])

    def answer(self, delivery: Delivery) -> None:
        live = Delivery.objects.filter(state=SENT, network_name=delivery.network_name)
        others = live.exclude(account=delivery.account).order_by("-id")
        links = list(others.values_list("remote_url", flat=True)[:RECENT])
        if not links:
            return
        self.asked.add(delivery.pk)
        try:
            self.claims += confirm(delivery, self.random.choice(links))
        except ValueError:
            self.turned_away += 1

    def says(self) -> str:
        return f"{self.claims} links to others' posts claimed, {self.turned_away} turned away"
