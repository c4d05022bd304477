"""Would a post go through? Found out ahead of time, by reading, while its person can still act."""

import logging
from collections.abc import Callable

from django.utils import timezone

from social.models import Connection
from social.models.connection import RENEW_AHEAD
from social.networks.errors import AuthorizationLost, NetworkError, Rejected
from social.reasons import Reason

from .refresh import refresh
from .tokens import fresh_grant

WEEKLY_SECONDS = 7 * 86400  # between two checks of what is seldom posted to
PERSONAL_REFUSALS = (Reason.SUSPENDED,)  # refusals that no other post would escape
logger = logging.getLogger(__name__)


def renew_one(connection_id: str) -> None:
    """`renew_ahead` for a job, of a connection that works."""
    try_ahead(renew_ahead, connection_id)


def check_one(connection_id: str) -> None:
    """`check_ahead` for a job, of a connection that works."""
    try_ahead(check_ahead, connection_id)


def try_ahead(act: Callable[[Connection], None], connection_id: str) -> None:
    """The timetable comes again: what fails for now is only noted."""
    connection = Connection.objects.working().filter(pk=connection_id).first()
    if connection is None:
        return
    try:
        act(connection)
    except AuthorizationLost:
        return  # remembered on the row
    except NetworkError as error:
        logger.warning("ahead of time, nothing came of connection %s: %s", connection_id, error)


def renew_ahead(connection: Connection) -> None:
    """Renew a token that ends soon. Who this is there by now is asked once a week: a subscription
    changes how long posts may be. Raises the five errors; a lost authorization is remembered
    first."""
    fresh_grant(connection, RENEW_AHEAD)
    is_renewed_otherwise = connection.network.renews_on_refresh
    if not is_renewed_otherwise and connection.row().unchecked(WEEKLY_SECONDS).exists():
        check_ahead(connection)


def check_ahead(connection: Connection) -> None:
    """Read what a post will need: the token, the role on each Page, the permissions. Raises the
    five errors; what its person must know is remembered first. Where somebody is refreshing it or
    has just done so, that will do."""
    if not connection.claim_refresh():
        return
    try:
        if not connection.network.offers_places:  # else listing them asks with the token
            ask_who(connection)
        refresh(connection)
    except AuthorizationLost as error:
        connection.mark_lost(error.reason)
        raise
    except Rejected as error:
        if error.reason in PERSONAL_REFUSALS:
            connection.mark_lost(error.reason)
        raise
    finally:
        connection.release_refresh()
    if connection.network.to_post in connection.missing_permissions:
        connection.mark_lost(Reason.PERMISSION_MISSING)


def ask_who(connection: Connection) -> None:
    """Read who this is there by now, and store it. A refused access token may only have ended
    early, as when posting. Raises the five errors."""
    begun = timezone.now()
    try:
        person = connection.network.person(fresh_grant(connection))
    except AuthorizationLost as error:
        if error.reason != Reason.TOKEN_DEAD or not connection.may_be_renewed(since=begun):
            raise
        person = connection.network.person(fresh_grant(connection))
    connection.note_person(person)
