"""Asking a network what a connection may do by now: which permissions it was given, and where it
may post to."""

from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from social.models import Channel, Connection, channel_changed
from social.networks.errors import AuthorizationLost
from social.networks.shapes import Place
from social.reasons import Reason

from .tokens import fresh_grant

PLACES_BY_ID_AT_MOST = 50  # places that are asked for one by one in one refresh


def refresh_in_turn(connection: Connection) -> None:
    """`refresh`, unless somebody else is at it or has just been: then later, if still wanted.
    Raises the five errors."""
    if not connection.claim_refresh():
        connection.postpone_refresh_later()
        return
    try:
        refresh(connection)
    finally:
        connection.release_refresh()


def refresh(connection: Connection) -> None:
    """Ask the network what was granted and which places there are, and store it. Raises the five
    errors; a lost authorization is remembered first."""
    try:
        grant = fresh_grant(connection)
        if connection.network.renews_on_refresh:
            # Page tokens live as long as the user token that they are listed with.
            connection.keep_renewed(connection.network.renew(grant))
        while not ask_and_store(connection):
            connection.refresh_from_db()
    except AuthorizationLost as error:
        connection.mark_lost(error.reason)
        raise


def ask_and_store(connection: Connection) -> bool:
    """Ask with the grant as it is. False when another grant took its place meanwhile. Raises the
    five errors."""
    network, grant = connection.network, connection.grant()
    missing, places = network.missing_permissions(grant), network.places(grant, connection.person)
    known = unlisted(connection, places)
    if len(known) > PLACES_BY_ID_AT_MOST:
        places.is_complete = False
    else:
        found = [network.place(remote_id, grant) for remote_id in known]
        places.extend(place for place in found if place is not None)
    return store_answer(connection, missing, places)


def unlisted(connection: Connection, places: list[Place]) -> list[str]:
    """The ids of what is posted to and the list leaves out. They are asked for one by one before
    they count as lost; where they are too many, nothing that is not listed does."""
    listed = {place.remote_id for place in places}
    rows = connection.channels.chosen().exclude(remote_id__in=listed).order_by("pk")
    return list(rows.values_list("remote_id", flat=True)[: PLACES_BY_ID_AT_MOST + 1])


def store_answer(connection: Connection, missing: Iterable[str], places: list[Place]) -> bool:
    """Store what a refresh found, unless it was disconnected meanwhile. False when it was connected
    anew, or renewed: what an older grant saw does not count any more."""
    is_complete = getattr(places, "is_complete", True)
    with transaction.atomic():
        row = connection.lock()
        if row is None or not row.is_connected:
            return True
        if row.access_sealed != connection.access_sealed:
            return False
        is_anew = row.checked_at is None
        connection.missing_permissions, connection.checked_at = list(missing), timezone.now()
        connection.blocked_reason = connection.last_error = ""
        connection.save(
            update_fields=["missing_permissions", "checked_at", "blocked_reason", "last_error"]
        )
        connection.announce_return(row.blocked_reason)
        offer(connection, places, is_anew, is_complete)
        return True


def offer(
    connection: Connection, places: list[Place], is_anew: bool = False, is_complete: bool = True
) -> None:
    """Store the places there are; where there is only ever one, it is chosen at once. `is_anew`
    says that its person connected it, or wished for this refresh. What a list that is not
    `is_complete` does not show stays as it was."""
    rows = connection.channels.select_for_update(no_key=True)  # people choose and pause meanwhile
    for place in places:
        channel = rows.filter(remote_id=place.remote_id).first()
        if channel is None:
            channel = Channel(connection=connection, network_name=connection.network_name)
        channel.take(place)
        if not connection.network.offers_places:
            channel.choose()
        channel_changed.send(Channel, channel=channel, is_anew=is_anew)
    if not is_complete:
        return
    gone = rows.exclude(remote_id__in=[place.remote_id for place in places])
    for channel in gone.chosen():
        channel.mark_lost(Reason.PAGE_ROLE)
    for channel in gone.offered():
        channel.stop()
