"""allauth's side of connecting: networks are linked to whoever is signed in, and nothing else."""

from typing import Any, NoReturn

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthAction, AuthProcess
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext

from social.models import Connection
from social.networks import NETWORKS
from social.networks.base import Network
from social.networks.http import SIGN_IN_DEADLINE, prepare
from social.networks.shapes import Grant, Person

from .connect import AlreadyConnected, connect

# Of the answers about a code, a person, a token to be checked: one of these is in each.
ANSWER_KEYS = {"access_token", "id", "is_valid"}


class LinkOnlyAdapter(DefaultSocialAccountAdapter):
    """Networks are linked to a signed-in person and never a way to sign in: whoever manages a
    brand's account would own everything else here."""

    def get_requests_session(self) -> Any:
        session = prepare(super().get_requests_session(), deadline=SIGN_IN_DEADLINE)
        session.hooks["response"].append(check_answer)
        return session

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        if sociallogin.state.get("process") != "connect" or not request.user.is_authenticated:
            raise ImmediateHttpResponse(forbidden())
        account = sociallogin.account
        network = network_of(account.provider)
        if Connection.objects.held_by_another(request.user, network.name, account.uid):
            refuse(request, AlreadyConnected(network))

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return reverse("channels:list")


def ask_for(request: HttpRequest, network: Network, permission: str, next_url: str) -> HttpResponse:
    """Send a person to the network once more, to allow this too; also what was refused before."""
    if network.has_form:
        return redirect("channels:connect", network.name)
    provider = get_adapter().get_provider(request, network.provider)
    return provider.redirect(
        request,
        process=AuthProcess.CONNECT,
        next_url=next_url,
        scope=[*provider.get_scope(), permission],
        auth_params=provider.get_auth_params_from_request(request, AuthAction.REREQUEST),
    )


def check_answer(response: requests.Response, *args: Any, **kwargs: Any) -> None:
    """Raise InvalidJSONError for an answer that allauth would stumble over: it takes what it needs
    without looking, and an odd one is an error of the network's, with a page that says so."""
    if response.ok:
        answer = response.json()
        fields = answer.get("data", answer) if isinstance(answer, dict) else None
        if not (isinstance(fields, dict) and ANSWER_KEYS & fields.keys()):
            raise requests.exceptions.InvalidJSONError("the answer lacks what was asked for")


def refuse(request: HttpRequest, error: AlreadyConnected) -> NoReturn:
    """End a login at the network on the channels page, which says why. Raises
    ImmediateHttpResponse."""
    messages.error(request, str(error))
    raise ImmediateHttpResponse(redirect("channels:list"))


def forbidden() -> HttpResponse:
    return HttpResponseForbidden(
        gettext("Networks are connected from your channels page, after signing in."), "text/plain"
    )


def network_of(provider: str) -> Network:
    """Return the network that allauth knows as `provider`."""
    return next(network for network in NETWORKS.values() if network.provider == provider)


def connect_login(user: User, login: SocialLogin) -> Connection:
    """Make the connection of a login that allauth has just finished. Raises AlreadyConnected."""
    network = network_of(login.account.provider)
    data = login.account.extra_data
    person = Person(
        remote_id=login.account.uid,
        name=data.get("name") or login.account.uid,
        handle=data.get("username") or "",
        picture_url=data.get("profile_image_url") or "",
        longest=network.longest(data),
    )
    grant = Grant(
        access=login.token.token,
        refresh=login.token.token_secret or "",
        expires_at=login.token.expires_at,
        scopes=tuple(data.get("granted_scopes") or ()),
    )
    return connect(user, network, person, grant)
