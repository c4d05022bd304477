"""The token to ask a network with: renewed by one worker at a time, and ended at the network."""

import logging
import time
from datetime import timedelta

from social.models import Channel, Connection, still_needed
from social.networks.errors import AuthorizationLost, NetworkError, TemporaryError
from social.networks.shapes import Grant
from social.reasons import Reason
from social.sealing import UnreadableToken, unseal
from social.timing import from_now, scaled, sleep

RENEW_BEFORE = timedelta(minutes=5)  # so that a token lasts through a send
RENEWAL_WAIT_SECONDS = 10  # that one worker waits for another one's renewal
RENEWAL_POLL_SECONDS = 0.2
STILL_NEEDED_DELAY_SECONDS = 10  # until it is asked again whether a grant may be ended
logger = logging.getLogger(__name__)


def channel_grant(channel: Channel) -> Grant:
    """What to post to `channel` with, renewed when needed. Raises the errors of `fresh_grant`, and
    AuthorizationLost where the place has no token of its own that we can read."""
    if not channel.network.places_have_tokens:
        return fresh_grant(channel.connection)
    try:
        token = unseal(channel.token_sealed, f"channel:{channel.id}")
    except UnreadableToken as error:
        raise AuthorizationLost(Reason.TOKEN_UNREADABLE, str(error)) from error
    if not token:
        raise AuthorizationLost(Reason.PAGE_ROLE, "it has no token of its own", place_only=True)
    return Grant(token, home=channel.home)


def fresh_grant(connection: Connection, ahead: timedelta = RENEW_BEFORE) -> Grant:
    """The grant of `connection`, renewed first when it ends within `ahead`.

    Raises TemporaryError (somebody else is renewing, or the network is away) and
    AuthorizationLost (nothing to renew it with).
    """
    if not connection.ends_within(ahead) or not connection.refresh_sealed:
        return connection.grant()
    if not connection.claim_renewal():
        return await_renewal(connection, ahead)
    try:
        connection.refresh_from_db()
        if connection.ends_within(ahead):
            renewed = connection.network.renew(connection.grant())
            if not connection.keep_renewed(renewed):
                connection.refresh_from_db()
    except AuthorizationLost as error:
        connection.mark_lost(error.reason)
        raise
    finally:
        connection.release_renewal()
    return connection.grant()


def await_renewal(connection: Connection, ahead: timedelta) -> Grant:
    """The grant that another worker is renewing. Raises TemporaryError when that takes long."""
    patience = time.monotonic() + scaled(RENEWAL_WAIT_SECONDS)
    while time.monotonic() < patience:
        sleep(RENEWAL_POLL_SECONDS)
        connection.refresh_from_db()
        if not connection.ends_within(ahead):
            return connection.grant()
    raise TemporaryError(Reason.UNREACHABLE, "another worker's renewal of this grant takes long")


def revoke(connection: Connection) -> None:
    """End the grant at the network, as far as it lets us, and wipe the tokens here. Nothing happens
    to what is connected; while something is being sent with it, it is done later."""
    if connection.is_connected or not connection.access_sealed:
        return
    if any(needed for _, needed in still_needed.send(Connection, connection=connection)):
        connection.revoke_later(after=from_now(STILL_NEEDED_DELAY_SECONDS))
        return
    network = connection.network
    try:
        network.revoke(connection.grant())
    except NetworkError as error:
        # Wiped all the same: without its tokens nothing here can use the grant.
        logger.warning("could not revoke %s at %s: %s", connection.id, network.label, error)
    connection.wipe()
