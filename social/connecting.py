"""How a grant becomes a connection: the one door, for allauth's signals and for the command."""

from typing import Any, NoReturn

import requests
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthAction, AuthProcess
from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import redirect
from django.urls import reverse

from .models import Connection
from .networks import NETWORKS
from .networks.base import Network
from .networks.http import SIGN_IN_DEADLINE, prepare
from .networks.shapes import Grant, Person

EXPECTED = {"access_token", "id", "is_valid"}  # of a code, a person, a token to be checked


class Taken(Exception):
    """Somebody else here has connected this account."""

    def __init__(self, network: Network) -> None:
        super().__init__(f"This {network.label} account is connected by somebody else here.")


def connect(user: Any, network: Network, person: Person, grant: Grant) -> Connection:
    """Store `user`'s grant, new or again, and look around. Raises Taken."""
    try:
        with transaction.atomic():
            rows = Connection.objects.select_for_update(no_key=True)
            connection = rows.filter(
                user=user, network_name=network.name, remote_id=person.remote_id
            ).first()
            connection = connection or Connection(user=user, network_name=network.name)
            connection.take(person, grant)
    except IntegrityError as error:
        raise Taken(network) from error
    return connection


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
            raise ImmediateHttpResponse(_forbidden())
        account = sociallogin.account
        network = network_of(account.provider)
        if Connection.objects.held_by_another(request.user, network.name, account.uid):
            refuse(request, Taken(network))

    def get_connect_redirect_url(self, request: HttpRequest, socialaccount: Any) -> str:
        return reverse("channels:list")


def ask_for(request: HttpRequest, network: Network, permission: str, next_url: str) -> HttpResponse:
    """Send a person to the network once more, to allow this too; also what was refused before."""
    provider = get_adapter().get_provider(request, network.provider)
    return provider.redirect(
        request,
        process=AuthProcess.CONNECT,
        next_url=next_url,
        scope=[*provider.get_scope(), permission],
        auth_params=provider.get_auth_params_from_request(request, AuthAction.REREQUEST),
    )


def check_answer(response: requests.Response, *args: Any, **kwargs: Any) -> None:
    """allauth takes what it needs from an answer without looking; an odd one is an error of the
    network's, with a page that says so, and not one of ours."""
    if response.ok:
        answer = response.json()
        found = answer.get("data", answer) if isinstance(answer, dict) else None
        if not (isinstance(found, dict) and EXPECTED & found.keys()):
            raise requests.exceptions.InvalidJSONError("the answer lacks what was asked for")


def refuse(request: HttpRequest, taken: Taken) -> NoReturn:
    messages.error(request, str(taken))
    raise ImmediateHttpResponse(redirect("channels:list"))


def _forbidden() -> HttpResponse:
    return HttpResponseForbidden(
        "Networks are connected from your channels page, after signing in.", "text/plain"
    )


def network_of(provider: str) -> Network:
    """By allauth's id for it."""
    return next(network for network in NETWORKS.values() if network.provider == provider)


def connect_login(user: Any, login: SocialLogin) -> Connection:
    """The connection behind a login that allauth has just finished."""
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
