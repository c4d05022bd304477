"""What a draft keeps: the composer's own fields as a page had them, checked for nothing but that a
database can hold them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext

from publishing.media.media import PICTURES_PER_POST
from publishing.posts.characters import check_characters
from publishing.posts.contents import excerpt, tidy, tidy_texts
from publishing.posts.extras import PREFIX
from social.networks import NETWORKS

Fields = dict[str, list[str]]  # name → its values, in the order of the page
DRAFT_CHARACTERS = 500_000  # of all names and values; a post with a thousand channels fits
SINGLE_FIELDS = ("text", "when", "at", "zone", "moment", "slot", "again")
OWN_TEXT = re.compile(r"text_(\w+)")
EXTRA = re.compile(rf"{PREFIX}([^_\W]+)_\w+")


class DraftTooLong(ValidationError):
    """More letters than a draft may have."""


def fields_in(sent: Mapping[str, Any]) -> Fields:
    """The fields of a composer among what a page `sent`. Raises ValidationError with one sentence
    for what no database holds; DraftTooLong is one."""
    assert isinstance(sent, MultiValueDict)
    kept = {name: [lines(sent.get(name, ""))] for name in sent if is_single(name)}
    kept["channels"] = list(dict.fromkeys(sent.getlist("channels")))
    kept["media"] = picture_ids(sent.getlist("media"))
    tags = list(dict.fromkeys(filter(None, map(as_id, sent.getlist("tags")))))
    if tags or "had_tags" in sent:  # that none is ticked any more is something, too
        kept["tags"] = tags
    alts = {f"alt_{id}" for id in kept["media"]}
    kept |= {name: [lines(sent.get(name, ""))] for name in sent if name in alts}
    if sum(len(name) + sum(map(len, values)) for name, values in kept.items()) > DRAFT_CHARACTERS:
        sentence = gettext("A draft may have {most:,} characters.")
        raise DraftTooLong(sentence.format(most=DRAFT_CHARACTERS), code="too_long")
    check_characters("".join(part for name in kept for part in (name, *kept[name])))
    return kept


def is_single(name: str) -> bool:
    if name in SINGLE_FIELDS:
        return True
    named = OWN_TEXT.fullmatch(name) or EXTRA.fullmatch(name)
    return named is not None and named[1] in NETWORKS


def lines(text: str) -> str:
    """As a text area has them: a form sends CRLF."""
    return text.replace("\r\n", "\n")


def picture_ids(ids: list[str]) -> list[str]:
    """As many as a post may have, written as a page writes them."""
    return list(dict.fromkeys(filter(None, map(as_id, ids))))[:PICTURES_PER_POST]


def as_id(text: str) -> str:
    try:
        return str(UUID(text))
    except ValueError:
        return ""


def as_sent(fields: Mapping[str, list[str]]) -> QueryDict:
    """The same as a page would send it."""
    sent = QueryDict(mutable=True)
    for name, values in fields.items():
        sent.setlist(name, values)
    return sent


def texts_of(fields: Mapping[str, list[str]]) -> dict[str, str]:
    """The words for all ("text") and those for single networks, by their fields."""
    named = {"text": fields.get("text", [""])[0]}
    return named | {name: fields[name][0] for name in sorted(fields) if OWN_TEXT.fullmatch(name)}


def has_content(fields: Mapping[str, list[str]]) -> bool:
    """Whether somebody wrote anything, or added a picture. What is only chosen is nothing yet."""
    if fields.get("media") or any(map(str.strip, texts_of(fields).values())):
        return True
    return any(value.strip() for value in free_extras(fields))


def free_extras(fields: Mapping[str, list[str]]) -> Iterator[str]:
    """What was written, not chosen, for a single network beside its text."""
    for network in NETWORKS.values():
        for extra in network.extras:
            if not extra.choices:
                yield from fields.get(f"{PREFIX}{network.name}_{extra.name}", ())


def words_of(fields: Mapping[str, list[str]]) -> tuple[object, ...]:
    """What would be said: equal for two that differ in nothing a reader could see."""
    texts = texts_of(fields)
    own = tidy_texts({name: text for name, text in texts.items() if name != "text"})
    alts = [tidy(fields.get(f"alt_{id}", [""])[0]) for id in fields.get("media", ())]
    return tidy(texts["text"]), own, list(fields.get("media", ())), alts, list(free_extras(fields))


def excerpt_of(fields: Mapping[str, list[str]]) -> str:
    """Its beginning on one line; empty where there are pictures only."""
    return excerpt(next(filter(str.strip, texts_of(fields).values()), ""))
