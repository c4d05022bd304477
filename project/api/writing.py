"""What a program wrote, as the composer's own form would have sent it: so everything is checked by
what checks a person's."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext

from publishing.media.composer import ComposerMedia
from publishing.models import Media
from publishing.planning.fields import Fields, fields_in
from publishing.posts.forms import CLOCK_FORMAT, PostForm
from publishing.posts.times import clock_in
from social.models import Channel
from social.networks import NETWORKS

from .models import ApiToken
from .problems import Problem, error_at, invalid, of_form, of_validation


def as_sent(words: Mapping[str, Any], zone: str) -> QueryDict:
    """The fields of a composer that say `words` (as in `schemas.Words`)."""
    sent = QueryDict(mutable=True)
    sent["text"] = words["text"]
    for network, text in words["texts"].items():
        sent[f"text_{network}"] = text
    for network, chosen in words["extras"].items():
        for name, value in chosen.items():
            sent[f"extra_{network}_{name}"] = value
    sent.setlist("channels", [str(pk) for pk in words["channels"]])
    sent.setlist("media", [str(picture["id"]) for picture in words["media"]])
    for picture in words["media"]:
        if picture.get("alt") is not None:
            sent[f"alt_{picture['id']}"] = picture["alt"]
    for name, value in time_fields(words["at"], zone).items():
        sent[name] = value
    return sent


def time_fields(at: datetime | str | None, zone: str) -> dict[str, str]:
    """As a page says a time that is known to the moment: the clock, and what it stands for."""
    if at is None:
        return {"when": "now"}
    if isinstance(at, str):  # "next": the next free time
        return {"when": at}
    clock = clock_in(zone, at)
    shown = f"{clock:{CLOCK_FORMAT}}" if clock and clock.year >= 1000 else at.isoformat()
    return {"when": "later", "at": shown, "zone": zone, "moment": at.isoformat()}


# ── What the composer would leave out without a word ──────────────────────────────────────────
def check_named(user: User, words: Mapping[str, Any]) -> None:
    """A page offers only what there is; a program may name anything. Raises Problem."""
    errors = [*unknown_names(words), *unknown_pictures(user, words["media"])]
    if errors:
        raise invalid(errors)


def unknown_names(words: Mapping[str, Any]) -> Iterable[dict[str, str]]:
    for part in ("texts", "extras"):
        for name in words[part]:
            if name not in NETWORKS:
                sentence = gettext("There is no network {name}.").format(name=repr(name))
                yield error_at(f"/{part}", sentence, "unknown")
    for name, chosen in words["extras"].items():
        known = {extra.name for extra in NETWORKS[name].extras} if name in NETWORKS else chosen
        for extra in chosen:
            if extra not in known:
                sentence = gettext("{network} knows no {name}.")
                label = NETWORKS[name].label
                detail = sentence.format(network=label, name=repr(extra))
                yield error_at(f"/extras/{name}", detail, "unknown")


def unknown_pictures(user: User, pictures: Iterable[Mapping[str, Any]]) -> Iterable[dict[str, str]]:
    ids = [picture["id"] for picture in pictures]
    known = set(
        Media.objects.of(user).filter(public_id__in=ids).values_list("public_id", flat=True)
    )
    for number, id in enumerate(ids):
        if UUID(str(id)) not in known:
            sentence = gettext("A picture is not kept here any more. Add it again.")
            yield error_at(f"/media/{number}", sentence, code="media_gone")
    if len(set(ids)) < len(ids):
        yield error_at("/media", gettext("Name each picture once."), "twice")


def check_places(token: ApiToken, channels: Iterable[Any]) -> None:
    """Raises Problem where this token publishes nothing."""
    if not all(token.may_publish_to(channel) for channel in channels):
        raise Problem("channel")


def own_channels(user: User, channels: Iterable[UUID]) -> None:
    """Raises Problem for what is no channel of theirs."""
    wanted = set(channels)
    known = set(Channel.objects.of(user).filter(pk__in=wanted).values_list("pk", flat=True))
    if wanted - known:
        sentence = gettext("One of the channels is not yours any more. Choose again.")
        raise invalid([error_at("/channels", sentence, "invalid_choice")])


# ── Forms ─────────────────────────────────────────────────────────────────────────────────────
def composer(user: User, zone: str, sent: QueryDict) -> PostForm:
    """A composer that is filled in so. Raises Problem with every one of its sentences."""
    form = PostForm(user, zone, sent, pictures=ComposerMedia.sent(user, sent))
    networks = {channel.network for channel in form.choosable}
    form.add_own_texts(networks, has_some=True)
    if not form.is_valid():
        raise of_form(form)
    return form


def draft_fields(sent: QueryDict) -> Fields:
    """Raises Problem for what no draft can keep."""
    try:
        return fields_in(sent)
    except ValidationError as error:
        raise of_validation(error) from error


def changed(written: dict[str, Any], change: dict[str, Any]) -> dict[str, Any]:
    """What a draft says, as it goes out, with what is to be otherwise."""
    at = written["at"]
    kept = written | {"at": datetime.fromisoformat(at) if at else None}
    kept["media"] = [{"id": UUID(row["id"]), "alt": row["alt"]} for row in written["media"]]
    return kept | change
