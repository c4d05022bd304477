"""What workers do for this room: each job takes one id and calls one method of its row."""

import logging

from .demo import connect_demo_person
from .models import Connection
from .networks.errors import AuthorizationLost, NetworkError

logger = logging.getLogger(__name__)


def refresh_connection(connection_id: str) -> None:
    connection = Connection.objects.connected().filter(pk=connection_id).first()
    if connection is None:
        return
    try:
        connection.refresh()
    except AuthorizationLost:
        return  # remembered on the row
    except NetworkError as error:
        logger.warning("could not look around for connection %s: %s", connection_id, error)
        connection.note_hitch(error)


def revoke_connection(connection_id: str) -> None:
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is not None:
        connection.revoke()


def connect_demo(user_id: int) -> None:
    connect_demo_person(user_id)
