"""Homes: the servers of networks that live on many, and what each of them says of itself."""

from django.db import models
from django.utils import timezone

from social.networks.shapes import Server
from social.timing import delay

REREAD_SECONDS = 86_400  # between two readings of what a server allows


class HomeQuerySet(models.QuerySet["Home"]):
    def note(self, network: str, server: Server) -> "Home":
        """Store what this server says of itself now."""
        about = {"software": server.software[:60], "limits": dict(server.limits)}
        home, _ = self.update_or_create(
            network_name=network,
            address=server.address,
            defaults=about | {"read_at": timezone.now()},
        )
        return home

    def remember(self, network: str, address: str) -> None:
        """That accounts live on this server, of which nothing else may be known."""
        if address:
            self.get_or_create(network_name=network, address=address)

    def is_stale(self, network: str, address: str) -> bool:
        """Whether nobody has asked this server about itself for a day."""
        read = self.filter(network_name=network, address=address)
        return not read.filter(read_at__gt=timezone.now() - delay(REREAD_SECONDS)).exists()


class Home(models.Model):
    """A server that accounts of a network live on. What is tripped there is a CircuitBreaker whose
    scope names it."""

    network_name = models.CharField(max_length=20, db_column="network")
    address = models.CharField(max_length=255)  # the host name of its API
    software = models.CharField(max_length=60, blank=True)
    limits = models.JSONField(default=dict)  # as the server says them
    read_at = models.DateTimeField(null=True, blank=True)  # when it last said all that

    objects = HomeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network_name", "address"], name="home_once"),
        ]
        ordering = ["network_name", "address"]

    def __str__(self) -> str:
        return f"{self.network_name}@{self.address}"
