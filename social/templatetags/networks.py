"""The networks in words, for pages that speak of all of them."""

from urllib.parse import urlencode

from allauth.socialaccount.templatetags.socialaccount import provider_login_url
from django import template
from django.urls import reverse

from social.networks import NETWORKS
from social.networks.base import Network

register = template.Library()


@register.simple_tag
def all_networks() -> list[Network]:
    return list(NETWORKS.values())


@register.simple_tag
def network_labels(link: str = "and") -> str:
    """All of them, with `link` between the last two."""
    return in_words([network.label for network in NETWORKS.values()], link)


@register.simple_tag
def your_places(link: str = "and") -> str:
    """The same of the places where one posts there: "your … account"."""
    return in_words([network.your_places for network in NETWORKS.values()], link)


@register.simple_tag(takes_context=True)
def connect_url(
    context: template.Context, network: Network, action: str = "", home: str = ""
) -> str:
    """Where one connects an account there: by a form (POST) of allauth's, with its word for how to
    ask, or a page of ours (GET), for that server; empty where pages offer no such way."""
    if network.sign_in == "form":
        query = f"?{urlencode({'home': home})}" if home else ""
        return reverse("channels:connect", args=[network.name]) + query
    if not network.provider:
        return ""
    asked = {"process": "connect", "next": "/channels/"} | ({"action": action} if action else {})
    return provider_login_url(context, network.provider, **asked)


def in_words(names: list[str], link: str) -> str:
    *first, last = names
    return f"{', '.join(first)} {link} {last}" if first else last
