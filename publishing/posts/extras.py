"""What more a person chooses for a post at one network: the same code for all that have such."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django import forms
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from social.networks.base import Network
from social.networks.shapes import Extra

from .characters import check_characters

Extras = Mapping[str, Mapping[str, str]]  # network → name → value
PREFIX = "extra_"  # of a field: extra_<network>_<name>
EXTRA_CHARACTERS = 500  # of a line of text


def tidy_extras(extras: Extras | None) -> dict[str, dict[str, str]]:
    """Without what is empty, in the order of their names."""
    tidied = {
        network: {name: value.strip() for name, value in sorted(chosen.items()) if value.strip()}
        for network, chosen in (extras or {}).items()
    }
    return {network: chosen for network, chosen in tidied.items() if chosen}


def check_extras(network: Network, chosen: Mapping[str, str], text: str) -> Iterator[str]:
    """What is wrong with what was `chosen` for `text` at this network, in sentences. Raises
    ValidationError for characters that no network takes."""
    known = {extra.name: extra for extra in network.extras}
    for name, value in chosen.items():
        extra = known.get(name)
        if extra is None:
            sentence = gettext("{network} knows no {name}.")
            yield sentence.format(network=network.label, name=repr(name[:40]))
        elif extra.choices and value not in dict(extra.choices_for(text)):
            sentence = gettext("{extra} at {network}: choose one of what it offers.")
            yield sentence.format(extra=extra.label, network=network.label)
        elif len(value) > EXTRA_CHARACTERS:
            sentence = gettext("{extra} may have {count} characters.")
            yield sentence.format(extra=extra.label, count=EXTRA_CHARACTERS)
    check_characters("".join(chosen.values()))


def extras_in(fields: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """`extra_<network>_<name>` of a form or a request, by the network's name."""
    found: dict[str, dict[str, str]] = {}
    for field, value in fields.items():
        network, _, name = field.removeprefix(PREFIX).partition("_")
        if field.startswith(PREFIX) and name:
            found.setdefault(network, {})[name] = str(value or "")
    return found


def as_fields(network: str, chosen: Mapping[str, str]) -> dict[str, str]:
    """What was chosen for `network` as fields of a form."""
    return {f"{PREFIX}{network}_{name}": value for name, value in chosen.items()}


def fields_of(network: Network, text: str = "") -> dict[str, forms.Field]:
    """Fields to choose the extras of `network` for `text`."""
    return {
        f"{PREFIX}{network.name}_{extra.name}": field_of(extra, text) for extra in network.extras
    }


def field_of(extra: Extra, text: str) -> forms.Field:
    """A field to choose `extra`: an odd value is told by publishing, which says it better."""
    field = forms.CharField(
        label=str(extra.label),
        required=False,
        help_text=str(extra.help),
        initial=extra.default,
    )
    if extra.choices:
        field.widget = forms.Select(choices=extra.choices_for(text))
    return field


def choices_anew(
    networks: Iterable[Network], fields: Mapping[str, Any], text: str, own: Mapping[str, str]
) -> Iterator[SafeString]:
    """Those of the `fields` of a page whose choices depend on its words, as they are by now: what
    cannot be chosen any more is not."""
    for network in networks:
        words = own.get(network.name) or text
        for extra in network.extras:
            name = f"{PREFIX}{network.name}_{extra.name}"
            if extra.choices_in and name in fields:
                attributes = {"id": f"id_{name}", "hx-swap-oob": "true"}
                yield field_of(extra, words).widget.render(name, fields[name], attributes)


def in_words(network: Network, chosen: Mapping[str, str]) -> list[tuple[str, str]]:
    """(label, word) of what was chosen, as far as the network still knows it."""
    return [
        (str(extra.label), extra.word(chosen[extra.name]))
        for extra in network.extras
        if extra.name in chosen
    ]


def with_extras(networks: Iterable[Network]) -> list[Network]:
    """Those of `networks` that have any, by their labels."""
    return sorted((n for n in networks if n.extras), key=lambda network: network.label)
