"""allauth's signals, and only those: a finished login at a network becomes a connection."""

from typing import Any

from allauth.socialaccount.signals import social_account_added, social_account_updated
from django.dispatch import receiver
from django.http import HttpRequest

from social.people import signed_in

from .connections.adapter import connect_login, refuse
from .connections.connect import AlreadyConnected


@receiver([social_account_added, social_account_updated])
def connected(request: HttpRequest, sociallogin: Any, **kwargs: Any) -> None:
    # "updated" comes before allauth's own checks, also for a stranger at the owner's account.
    owner = request.user.is_authenticated and sociallogin.account.user_id == request.user.pk
    if owner and sociallogin.token and sociallogin.state.get("process") == "connect":
        try:
            connect_login(signed_in(request), sociallogin)
        except AlreadyConnected as error:  # somebody was faster: nothing of this login stays
            sociallogin.account.delete()
            refuse(request, error)
