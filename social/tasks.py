"""What workers do for this room: each job takes one id and calls one method of its row."""

import logging

from .demo import connect_demo_person
from .models import Connection, open_what_answers
from .networks.errors import AuthorizationLost, NetworkError

logger = logging.getLogger(__name__)


def refresh_connection(connection_id: str) -> None:
    connection = Connection.objects.connected().filter(pk=connection_id).first()
    if connection is None:
        return
    try:
        connection.refresh_in_turn()
    except AuthorizationLost:
        return  # remembered on the row
    except NetworkError as error:
        logger.warning("could not look around for connection %s: %s", connection_id, error)
        connection.note_hitch(error)


def renew_connection(connection_id: str) -> None:
    Connection.objects.working().renew_one(connection_id)


def check_connection(connection_id: str) -> None:
    Connection.objects.working().check_one(connection_id)


def renew_ending() -> None:
    Connection.objects.renew_ending_later()
    Connection.objects.take_up_forgotten()


def revoke_connection(connection_id: str) -> None:
    connection = Connection.objects.filter(pk=connection_id).first()
    if connection is not None:
        connection.revoke()


def look_at_closed() -> None:
    open_what_answers()


def connect_demo(user_id: int) -> None:
    connect_demo_person(user_id)
