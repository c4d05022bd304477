"""The networks in words, for pages that speak of all of them."""

from collections.abc import Iterable
from urllib.parse import urlencode

from allauth.socialaccount.templatetags.socialaccount import provider_login_url
from django import template
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from social.models import Channel
from social.networks import NETWORKS
from social.networks.base import Network
from social.words import Words

register = template.Library()


@register.simple_tag
def all_networks() -> list[Network]:
    return list(NETWORKS.values())


@register.simple_tag
def network_labels(link: str = "and") -> str:
    """All of them in a list, by a key of LISTS."""
    return in_words([network.label for network in NETWORKS.values()], link)


@register.simple_tag
def your_places(link: str = "and") -> str:
    """The same of the places where one posts there: "your … account"."""
    return in_words([network.your_places for network in NETWORKS.values()], link)


@register.simple_tag
def a_place_of_each() -> str:
    """ "a … account and to a …": where an example goes."""
    return gettext(" and to ").join(str(network.a_place) for network in NETWORKS.values())


@register.simple_tag
def channel_labels(channels: Iterable[Channel]) -> SafeString:
    """All of them, each with its network."""
    rows = ((channel.name, channel.network.label) for channel in channels)
    return format_html_join(", ", "<bdi>{}</bdi> ({})", rows)


@register.simple_tag(takes_context=True)
def connect_url(
    context: template.Context, network: Network, action: str = "", home: str = ""
) -> str:
    """Where one connects an account there: by a form (POST) of allauth's, with its word for how to
    ask, or a page of ours (GET), for that server; empty where pages offer no such way."""
    if network.has_form:
        query = f"?{urlencode({'home': home})}" if home else ""
        return reverse("channels:connect", args=[network.name]) + query
    if not network.provider:
        return ""
    asked = {"process": "connect", "next": "/channels/"} | ({"action": action} if action else {})
    return provider_login_url(context, network.provider, **asked)


LISTS = {"and": _("{first} and {last}"), "or": _("{first} or {last}")}


def in_words(names: Iterable[Words], link: str) -> str:
    *first, last = map(str, names)
    return LISTS[link].format(first=", ".join(first), last=last) if first else last
