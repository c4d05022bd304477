"""How a grant becomes a connection: the one door, for allauth's signals and for the command."""

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from social.models import Connection, Home
from social.networks.base import Network
from social.networks.shapes import Grant, Person

from .refresh import ask_and_store


class AlreadyConnected(Exception):
    """Somebody else here has connected this account."""

    def __init__(self, network: Network) -> None:
        sentence = gettext("This {network} account is connected by somebody else here.")
        super().__init__(sentence.format(network=network.label))


def connect(user: User, network: Network, person: Person, grant: Grant) -> Connection:
    """Store `user`'s grant, new or again, and refresh it. Raises AlreadyConnected."""
    try:
        with transaction.atomic():
            rows = Connection.objects.select_for_update(no_key=True)
            connection = rows.filter(
                user=user, network_name=network.name, remote_id=person.remote_id
            ).first()
            connection = connection or Connection(user=user, network_name=network.name)
            accept_grant(connection, person, grant)
            Home.objects.remember(network.name, grant.home)
    except IntegrityError as error:
        raise AlreadyConnected(network) from error
    return connection


def accept_grant(connection: Connection, person: Person, grant: Grant) -> None:
    """Store the new grant of `connection` and refresh it: at once where that takes no call to the
    network, else in a job. The caller holds the row."""
    connection.take(person, grant)
    if connection.network.offers_places:
        connection.refresh_later()
    else:
        ask_and_store(connection)
