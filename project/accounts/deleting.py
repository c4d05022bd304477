"""Ending an account: the grants first, then what waits, then the person."""

import uuid

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import ProtectedError

from importing.models import Interest, Statistics, Suggestion, Timeline
from importing.wiping import wipe
from project.api.models import ApiToken
from project.feeds.models import Feed
from project.webhooks.models import Webhook
from publishing.models import (
    BulkAct,
    CalendarFeed,
    ChannelGroup,
    Delivery,
    Draft,
    Media,
    Notice,
    PostingTime,
    Snippet,
    Tag,
)

from .models import OutgoingMail, Profile


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
    UserSession.objects.filter(user=user).delete()


def erase(user: User) -> None:
    OutgoingMail.objects.filter(to__in=addresses(user)).delete()
    Media.objects.of(user).delete()  # pictures are no evidence
    Draft.objects.of(user).delete()  # nor is what was never said
    wipe(Timeline.objects.of(user))  # nor is what was read back
    for kept in (
        Interest,
        Statistics,
        Suggestion,
        Snippet,
        ChannelGroup,
        BulkAct,
        CalendarFeed,
        Tag,
        PostingTime,
        Webhook,
        Feed,
        ApiToken,
    ):
        kept.objects.filter(user=user).delete()
    try:
        with transaction.atomic():
            get_user_model().objects.get(pk=user.pk).delete()
    except ProtectedError:
        scrub(user)


def addresses(user: User) -> list[str]:
    known = EmailAddress.objects.filter(user=user).values_list("email", flat=True)
    return [user.email, *known]


def scrub(user: User) -> None:
    """Take from the row what says who it was; evidence hangs on it, so it stays."""
    EmailAddress.objects.filter(user=user).delete()
    SocialAccount.objects.filter(user=user).delete()
    Profile.objects.filter(user=user).delete()
    Notice.objects.of(user).delete()
    user.groups.clear()
    user.user_permissions.clear()
    user.username, user.email = f"deleted-{uuid.uuid4().hex}", ""
    user.first_name = user.last_name = ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    user.set_unusable_password()
    user.save()
