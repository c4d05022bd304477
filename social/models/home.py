"""Homes: the servers of networks that live on many, and what each of them says that it is."""

from django.db import models
from django.utils import timezone


class HomeQuerySet(models.QuerySet["Home"]):
    def note(self, network: str, address: str, software: str) -> "Home":
        """Store what this server says that it runs."""
        told = {"software": software[:60], "read_at": timezone.now()}
        home, _ = self.update_or_create(network_name=network, address=address, defaults=told)
        return home

    def remember(self, network: str, address: str) -> None:
        """That accounts live on this server, of which nothing else may be known."""
        if address:
            self.get_or_create(network_name=network, address=address)


class Home(models.Model):
    """A server that accounts of a network live on. What is tripped there is a CircuitBreaker whose
    scope names it."""

    network_name = models.CharField(max_length=20, db_column="network")
    address = models.CharField(max_length=255)  # the host name of its API
    software = models.CharField(max_length=60, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)  # when it last said so

    objects = HomeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network_name", "address"], name="home_once"),
        ]
        ordering = ["network_name", "address"]

    def __str__(self) -> str:
        return f"{self.network_name}@{self.address}"
