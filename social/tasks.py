"""What workers do for this room: each job takes one id and calls what is done with its row."""

import logging

from .connections.checking import check_ahead, renew_ahead, try_ahead
from .connections.probe import probe_tripped
from .connections.refresh import refresh_in_turn
from .connections.tokens import revoke
from .demo import connect_demo_person
from .models import Connection
from .networks.errors import AuthorizationLost, NetworkError

logger = logging.getLogger(__name__)


def refresh_connection(connection_id: str) -> None:
    connection = Connection.objects.connected().filter(pk=connection_id).first()
    if connection is None:
        return
    try:
        refresh_in_turn(connection)
    except AuthorizationLost:
        return  # remembered on the row
    except NetworkError as error:
        logger.warning("could not refresh connection %s: %s", connection_id, error)
        connection.note_error(error)


def renew_connection(connection_id: str) -> None:
    try_ahead(renew_ahead, connection_id)


def check_connection(connection_id: str) -> None:
    try_ahead(check_ahead, connection_id)


def renew_ending() -> None:
    Connection.objects.renew_ending_later()
    Connection.objects.take_up_forgotten()


def revoke_connection(connection_id: str) -> None:
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is not None:
        revoke(connection)


def probe_networks() -> None:
    probe_tripped()


look_at_closed = probe_networks  # as releases before 0.2 have queued it


def connect_demo(user_id: int) -> None:
    connect_demo_person(user_id)
