"""Signing in at networks that allauth does not know: by one form of ours. What is typed there goes
to the network once; only the tokens that it gives are stored. Where people name a server that asks
them on a page of its own, they go on to it, and come back with a code (OAuth 2, RFC 7636)."""

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from allauth.core import ratelimit
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from social.people import signed_in

from .connections.connect import AlreadyConnected, connect
from .models import Connection, Home
from .networks import NETWORKS
from .networks.base import Network
from .networks.errors import NetworkError, Rejected
from .networks.homes import host_named, sandbox_home
from .networks.messages import sentence
from .networks.shapes import App, Grant
from .reasons import Reason
from .sealing import UnreadableToken, seal, unseal

LONGEST_TYPED = 1000  # characters
BEGUN = "social.sign_in"  # in the session: what is asked at a server just now
BY_ACCOUNT = "account"  # in an address, in place of a server: the account says which it is
BEGUN_SECONDS = 600  # for which a person may think there
AS_TYPED = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


class SignInForm(forms.Form):
    """What a network asks a person for."""

    def __init__(self, network: Network, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if network.asks_home:
            self.fields["home"] = forms.CharField(
                label=_("Server"),
                help_text=str(network.home_help),
                max_length=LONGEST_TYPED,
                widget=forms.TextInput({**AS_TYPED, "inputmode": "url"}),
            )
        for asked in network.sign_in_fields:
            secret = forms.PasswordInput({"autocomplete": "off"})
            self.fields[asked.name] = forms.CharField(
                label=str(asked.label),
                help_text=str(asked.help),
                max_length=LONGEST_TYPED,
                strip=not asked.is_secret,
                required=not asked.may_be_empty(),
                widget=secret if asked.is_secret else forms.TextInput(AS_TYPED),
            )


@login_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def connect_by_form(request: HttpRequest, network: str) -> HttpResponse:
    """The page that signs a person in there. Tries are counted: they all come from our address, and
    who guesses passwords would have it locked out for everybody."""
    there = NETWORKS.get(network)
    if there is None or not there.has_form:
        raise Http404
    if not ratelimit.consume(request, action="connect"):
        return ratelimit.respond_429(request)
    home = request.GET.get("home", "") or (sandbox_home() if there.signs_in_there else "")
    form = SignInForm(there, request.POST or None, initial={"home": home})
    if request.method == "POST" and form.is_valid() and (answer := sent_on(request, there, form)):
        return answer
    context = {"network": there, "form": form}
    page = render(request, "social/sign_in.html", context, status=400 if form.errors else 200)
    if there.signs_in_there or there.may_send_on:  # the answer leads to whatever server is meant
        page._csp_update = {"form-action": "https:"}  # type: ignore[attr-defined]
    return page


def sent_on(request: HttpRequest, network: Network, form: SignInForm) -> HttpResponse | None:
    """Where the person goes from here, signed in or asked by their server; None where the form says
    why not."""
    answers = form.cleaned_data
    try:
        if network.signs_in_there:
            return redirect(begin(request, network, host_named(answers["home"])))
        if network.may_send_on and network.sends_on(answers):
            return redirect(begin_by_account(request, network, answers))
        sign_in(signed_in(request), network, answers)
    except AlreadyConnected as error:
        form.add_error(None, str(error))
    except NetworkError as error:
        is_home = network.asks_home and error.reason == Reason.HOME_UNKNOWN
        label = network.label if is_home else network.label_at(answers.get("home", ""))
        form.add_error("home" if is_home else None, sentence(error.reason, label))
    else:
        return connected(request, network)
    return None


def connected(request: HttpRequest, network: Network) -> HttpResponse:
    messages.success(request, gettext("{network} is connected.").format(network=network.label))
    return redirect("channels:list")


def sign_in(user: User, network: Network, answers: Mapping[str, str]) -> Connection:
    """Connect `user` by what they typed. The network is asked first: nothing is stored unless it
    says yes. Raises the five errors and AlreadyConnected."""
    home, software = "", ""
    if network.asks_home:
        home, software = network.home_behind(host_named(answers["home"]))
    grant = network.grant_for(answers, home)
    connection = connect(user, network, network.person(grant), grant)
    if home:
        Home.objects.note(network.name, home, software)
    return connection


# ── On a page of their server ─────────────────────────────────────────────────────────────────
def begin(request: HttpRequest, network: Network, host: str) -> str:
    """The address of the page that asks the person, of our app at that server, which is made where
    there is none. Raises the five errors."""
    home, software = network.home_behind(host)
    row = Home.objects.note(network.name, home, software)
    back = reverse("channels:callback", args=[network.name, home])
    callback = request.build_absolute_uri(back)
    app = row.app(callback)
    if app is None:
        app = network.register(home, software, callback)
        Home.objects.keep_app(network.name, home, app)
    state, challenge = keep_begun(request, network, home)
    return network.authorize_url(home, software, app, state, challenge)


def keep_begun(request: HttpRequest, network: Network, home: str) -> tuple[str, str]:
    """Keep in the session that a person is sent on; a state, and the challenge of a verifier."""
    state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
    until = timezone.now() + timedelta(seconds=BEGUN_SECONDS)
    begun = {"network": network.name, "home": home, "state": state, "verifier": verifier}
    request.session[BEGUN] = begun | {"until": until.isoformat()}
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest())
    return state, challenge.rstrip(b"=").decode()


# ── On a page of their account's server, which reads who we are ───────────────────────────────
def begin_by_account(request: HttpRequest, network: Network, answers: Mapping[str, str]) -> str:
    """The address of the page that asks the person. What must stay secret until they are back is
    sealed. Raises the five errors."""
    state, challenge = keep_begun(request, network, BY_ACCOUNT)
    sent_on = network.send_on(answers, app_by_document(network), state, challenge)
    sealed = seal(json.dumps(dict(sent_on.kept)), f"sign-in:{state}")
    request.session[BEGUN] = request.session[BEGUN] | {"kept": sealed}
    return sent_on.address


def app_by_document(network: Network) -> App:
    """Our app as any server may read it: its id is the address of a document of ours."""
    paths = (
        reverse("channels:document", args=[network.name]),
        reverse("channels:callback", args=[network.name, BY_ACCOUNT]),
    )
    origin = settings.PUBLIC_URL.removesuffix(settings.PUBLIC_PATH)
    document, callback = (f"{origin}{path}" for path in paths)
    return App(document, "", callback)


@require_GET
def app_document(request: HttpRequest, network: str) -> HttpResponse:
    """What servers read of us, whoever asks; there is nothing secret in it."""
    there = NETWORKS.get(network)
    if there is None or not there.may_send_on:
        raise Http404
    return JsonResponse(there.document_of(app_by_document(there)))


def grant_for_return(request: HttpRequest, network: Network, begun: Mapping[str, str]) -> Grant:
    """The tokens for what a person brings back. Raises the five errors."""
    try:
        kept = json.loads(unseal(begun["kept"], f"sign-in:{begun['state']}"))
    except UnreadableToken as error:
        raise Rejected(Reason.SIGN_IN_REFUSED, str(error)) from error
    app = app_by_document(network)
    return network.grant_for_return(request.GET.dict(), kept, app, begun["verifier"])


@login_required
@never_cache
@require_GET
def connect_by_code(request: HttpRequest, network: str, home: str) -> HttpResponse:
    """Where that server sends the person back to. Each has an address of its own here: else one
    could send a person on to another, and be given the code that they bring from there."""
    there = NETWORKS.get(network)
    if there is None or not (there.signs_in_there or there.may_send_on):
        raise Http404
    begun = request.session.pop(BEGUN, None)
    if not is_ours(begun, there, home, request.GET.get("state", "")):
        said = gettext("That was not begun here, or too long ago. Connect {network} again.")
        messages.error(request, said.format(network=there.label))
    elif not request.GET.get("code"):
        said = gettext("{network} was not connected: it was not allowed there.")
        at = "" if "kept" in begun else begun["home"]
        messages.error(request, said.format(network=there.label_at(at)))
    else:
        return finish(request, there, begun)
    return redirect("channels:list")


def is_ours(begun: Any, network: Network, home: str, state: str) -> bool:
    """Whether a person comes back from where we have sent them, in this session and in time."""
    if not isinstance(begun, dict) or (begun["network"], begun["home"]) != (network.name, home):
        return False
    is_same = secrets.compare_digest(begun["state"].encode(), state.encode())
    return is_same and timezone.now().isoformat() < begun["until"]


def grant_for_code(request: HttpRequest, network: Network, begun: Mapping[str, str]) -> Grant:
    """The tokens for the code that a person brings from the server that they named. Raises the five
    errors."""
    home, callback = begun["home"], request.build_absolute_uri(request.path)
    row = Home.objects.filter(network_name=network.name, address=home).first()
    app = row.app(callback) if row else None
    if app is None:
        raise Rejected(Reason.APP_REFUSED, "our app there is not known here any more")
    return network.grant_for_code(home, app, request.GET["code"], begun["verifier"])


def finish(request: HttpRequest, network: Network, begun: Mapping[str, str]) -> HttpResponse:
    """Connect by the code that they bring; a page says what came of it."""
    is_by_account = "kept" in begun
    home = "" if is_by_account else begun["home"]
    try:
        if is_by_account:
            grant = grant_for_return(request, network, begun)
        else:
            grant = grant_for_code(request, network, begun)
        connect(signed_in(request), network, network.person(grant), grant)
    except AlreadyConnected as error:
        messages.error(request, str(error))
    except NetworkError as error:
        reason = error.reason
        if reason == Reason.APP_REFUSED and home:  # it is made anew at the next try
            Home.objects.forget_app(network.name, home)
            reason = Reason.APP_FORGOTTEN
        messages.error(request, sentence(reason, network.label_at(home)))
    else:
        return connected(request, network)
    return redirect("channels:list")
