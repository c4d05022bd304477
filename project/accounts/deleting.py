"""Ending an account: the grants first, then what waits, then the person."""

import uuid
from collections.abc import Iterator

from allauth.account.models import EmailAddress
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import CASCADE, Model, ProtectedError

from importing.models import Timeline
from importing.wiping import wipe
from publishing.models import Delivery

from .models import OutgoingMail

# Models of others that keep what their rows say of somebody who is gone: what an operator did
# stays on record, as in our own log.
KEPT_RECORDS = ("admin.LogEntry",)


def delete_account(user: User) -> None:
    """Delete `user`, all or nothing. Posts and connections are evidence and stay, without a
    name."""
    with transaction.atomic():
        disconnect_all(user)
        cancel_queued(user)
        end_sessions(user)
        erase(user)


def is_last_superuser(user: User) -> bool:
    others = get_user_model().objects.filter(is_superuser=True, is_active=True).exclude(pk=user.pk)
    return user.is_superuser and not others.exists()


def disconnect_all(user: User) -> None:
    for connection in user.connections.connected():
        connection.disconnect()


def cancel_queued(user: User) -> None:
    """Cancel what is queued. Disconnecting does so too; this is for channels that were disconnected
    before."""
    for delivery in Delivery.objects.of(user).queued():
        delivery.cancel()


def end_sessions(user: User) -> None:
    for session in Session.objects.iterator():
        if session.get_decoded().get("_auth_user_id") == str(user.pk):
            session.delete()


def erase(user: User) -> None:
    """Delete every row of theirs that is no evidence. Its column says which are: `on_delete` of
    what belongs to a person is CASCADE, and PROTECT where it stays."""
    OutgoingMail.objects.filter(to__in=addresses(user)).delete()
    wipe(Timeline.objects.of(user))  # by itself: there may be a million items
    for model, column in erased_models():
        model._base_manager.filter(**{column: user}).delete()
    try:
        with transaction.atomic():
            get_user_model().objects.get(pk=user.pk).delete()
    except ProtectedError:
        scrub(user)


def erased_models() -> Iterator[tuple[type[Model], str]]:
    """(model, the column that says whose a row is) of all whose rows go with their person."""
    for model in apps.get_models():
        for field in model._meta.fields:
            on_delete = getattr(field.remote_field, "on_delete", None)
            is_theirs = field.related_model is User and on_delete is CASCADE
            if is_theirs and model._meta.label not in KEPT_RECORDS:
                yield model, field.name


def addresses(user: User) -> list[str]:
    known = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    return [user.email, *known]


def scrub(user: User) -> None:
    """Take from the row what says who it was; evidence hangs on it, so it stays."""
    user.groups.clear()
    user.user_permissions.clear()
    user.username, user.email = f"deleted-{uuid.uuid4().hex}", ""
    user.first_name = user.last_name = ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    user.set_unusable_password()
    user.save()
