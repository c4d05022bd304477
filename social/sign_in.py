"""Signing in at networks that have no page of their own for it: by one form of ours. What is typed
there goes to the network once; only the tokens that it gives are stored."""

from collections.abc import Mapping
from typing import Any

from allauth.core import ratelimit
from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from social.people import signed_in

from .connections.connect import AlreadyConnected, connect
from .models import Connection, Home
from .networks import NETWORKS
from .networks.base import Network
from .networks.errors import NetworkError
from .networks.homes import host_named
from .networks.messages import sentence
from .reasons import Reason

LONGEST_TYPED = 1000  # characters
AS_TYPED = {"autocapitalize": "none", "autocorrect": "off", "spellcheck": "false"}


class SignInForm(forms.Form):
    """What a network asks a person for."""

    def __init__(self, network: Network, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if network.asks_home:
            self.fields["home"] = forms.CharField(
                label=_("Server"),
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
    if there is None or not there.sign_in_fields:
        raise Http404
    if not ratelimit.consume(request, action="connect"):
        return ratelimit.respond_429(request)
    form = SignInForm(there, request.POST or None, initial={"home": request.GET.get("home", "")})
    user = signed_in(request)
    if request.method == "POST" and form.is_valid() and try_sign_in(user, there, form):
        connected = gettext("{network} is connected.").format(network=there.label)
        messages.success(request, connected)
        return redirect("channels:list")
    context = {"network": there, "form": form}
    return render(request, "social/sign_in.html", context, status=400 if form.errors else 200)


def try_sign_in(user: User, network: Network, form: SignInForm) -> bool:
    """Whether the person is connected now; else the form says why not."""
    answers = form.cleaned_data
    try:
        sign_in(user, network, answers)
    except AlreadyConnected as error:
        form.add_error(None, str(error))
    except NetworkError as error:
        is_home = network.asks_home and error.reason == Reason.HOME_UNKNOWN
        label = network.label if is_home else network.label_at(answers.get("home", ""))
        form.add_error("home" if is_home else None, sentence(error.reason, label))
    return not form.errors


def sign_in(user: User, network: Network, answers: Mapping[str, str]) -> Connection:
    """Connect `user` by what they typed. The network is asked first: nothing is stored unless it
    says yes. Raises the five errors and AlreadyConnected."""
    home = host_named(answers["home"]) if network.asks_home else ""
    software = network.software_at(home) if home else ""
    grant = network.grant_for(answers, home)
    connection = connect(user, network, network.person(grant), grant)
    if home:
        Home.objects.note(network.name, home, software)
    return connection
