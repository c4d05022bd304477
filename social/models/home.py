"""Homes: the servers of networks that live on many, and what each of them says that it is."""

from django.db import models
from django.utils import timezone

from social.networks.shapes import App
from social.sealing import UnreadableToken, seal, unseal


def sealed_for(network: str, address: str) -> str:
    """What the secret of our app there is bound to."""
    return f"home:{network}@{address}:client_secret"


class HomeQuerySet(models.QuerySet["Home"]):
    def note(self, network: str, address: str, software: str) -> "Home":
        """Store what this server says that it runs."""
        told = {"software": software[:60], "read_at": timezone.now()}
        home, _ = self.update_or_create(network_name=network, address=address, defaults=told)
        return home

    def keep_app(self, network: str, address: str, app: App) -> None:
        """Our app there, sealed; one for each address that people come back to, the last one."""
        sealed = seal(app.client_secret, sealed_for(network, address))
        known = {"client_id": app.client_id, "client_secret_sealed": sealed}
        known["client_callback"] = app.callback
        self.update_or_create(network_name=network, address=address, defaults=known)

    def forget_app(self, network: str, address: str) -> None:
        """That server does not know it any more."""
        known = self.filter(network_name=network, address=address)
        known.update(client_id="", client_secret_sealed="", client_callback="")

    def software_of(self, network: str, address: str) -> str:
        """What it runs, as it last said; empty where nobody knows."""
        known = self.filter(network_name=network, address=address)
        return known.values_list("software", flat=True).first() or ""

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
    # Our app there, where people are asked on its own page.
    client_id = models.CharField(max_length=255, blank=True)
    client_secret_sealed = models.TextField(blank=True)
    client_callback = models.CharField(max_length=500, blank=True)

    objects = HomeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["network_name", "address"], name="home_once"),
        ]
        ordering = ["network_name", "address"]

    def __str__(self) -> str:
        return f"{self.network_name}@{self.address}"

    def app(self, callback: str) -> App | None:
        """Our app there, from which people come back to `callback`; None where there is none, or it
        cannot be read."""
        if not self.client_id or self.client_callback != callback:
            return None
        try:
            bound_to = sealed_for(self.network_name, self.address)
            return App(self.client_id, unseal(self.client_secret_sealed, bound_to), callback)
        except UnreadableToken:
            return None
