"""What each row of a table would become, and what is wrong with it, by the composer's own form."""

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.functional import cached_property
from django.utils.translation import gettext

from publishing.models import Draft, Post, PostingTime, Tag
from publishing.planning.fields import Fields, fields_in
from publishing.posts.composing import FIRST_CHANNELS
from publishing.posts.forms import PostForm
from social.models import Channel
from social.networks import NETWORKS

from .reading import TEXT_SUFFIX, Line, Table

NAMESPACE = uuid.UUID("5e0b6c1e-7f0d-4c79-9d0b-7b7b5b1a2c11")  # of the keys of rows


class KnownChannels(forms.Field):
    """Of channels that were read once, those that are named: a query for each row would take longer
    than all the rest."""

    def __init__(self, channels: Iterable[Channel]) -> None:
        super().__init__(required=False)
        self.by_id = {str(channel.pk): channel for channel in channels}

    def clean(self, value: Any) -> list[Channel]:
        return [self.by_id[pk] for pk in value or () if pk in self.by_id]


class RowForm(PostForm):
    """The composer's form, filled in by a row."""

    def __init__(self, user: Any, zone: str, sent: QueryDict, channels: Any) -> None:
        super().__init__(user, zone, sent, choosable=channels)
        known = KnownChannels(channels)
        known.widget = self.fields["channels"].widget
        self.fields["channels"] = known


@dataclass
class Row:
    """One of them."""

    number: int
    key: uuid.UUID  # of its draft, or of its submit: the same for the same row of the same file
    form: RowForm
    problems: list[str] = field(default_factory=list)
    is_known: bool = False  # it was made before
    is_timeless: bool = False  # the next free time is meant

    @property
    def text(self) -> str:
        return next(filter(None, [self.form["text"].value(), *self.form.written().values()]), "")

    @property
    def clock(self) -> str:
        """When it goes out, as it was written."""
        return str(self.form["at"].value() or "").replace("T", " ")

    @property
    def fields(self) -> Fields:
        return fields_in(self.form.data)

    @property
    def is_ready(self) -> bool:
        return not self.problems and not self.is_known


class TableRows:
    """The rows of a table for one person, whose clock hangs in `zone`."""

    def __init__(self, user: Any, zone: str, table: Table) -> None:
        self.user, self.zone, self.table = user, zone, table

    @cached_property
    def channels(self) -> QuerySet[Channel]:
        return Channel.objects.of(self.user)

    @cached_property
    def tags(self) -> dict[str, Tag]:
        return {tag.name.casefold(): tag for tag in Tag.objects.of(self.user)}

    @cached_property
    def has_posting_times(self) -> bool:
        return PostingTime.objects.of(self.user).switched_on().exists()

    @cached_property
    def rows(self) -> list[Row]:
        rows = [self.row_of(line) for line in self.table.lines]
        keys = [row.key for row in rows]
        drafts = Draft.objects.of(self.user).filter(public_id__in=keys)
        posts = Post.objects.of(self.user).filter(submit_key__in=keys)
        known = {*drafts.values_list("public_id", flat=True)}
        known |= {key for key in posts.values_list("submit_key", flat=True) if key}
        for row in rows:
            row.is_known = row.key in known
        return rows

    def row_of(self, line: Line) -> Row:
        problems: list[str] = []
        if line.is_too_long:
            problems.append(gettext("It has more cells than there are columns."))
        sent = self.sent_by(line.cells, problems)
        form = RowForm(self.user, self.zone, sent, self.channels)
        errors = chain(*form.errors.as_data().values())
        is_named = bool(problems)  # what is missing was said by its name
        for error in errors:
            if error.code != "no_channel" or not is_named:
                problems += error.messages
        key = uuid.uuid5(NAMESPACE, f"{self.user.pk} {self.table.digest} {line.number}")
        return Row(line.number, key, form, problems, is_timeless=not sent.get("at"))

    def sent_by(self, cells: Mapping[str, str], problems: list[str]) -> QueryDict:
        """What a composer would send that says this."""
        sent = QueryDict(mutable=True)
        sent["text"] = cells.get("text", "").strip()
        self.add_own_texts(sent, cells, problems)
        at = cells.get("at", "").strip()
        without = "next" if self.has_posting_times else "now"
        sent["when"], sent["zone"] = ("later" if at else without), self.zone
        if at:
            sent["at"] = at.replace(" ", "T", 1)
        sent.setlist("channels", self.channel_ids(cells.get("channels", ""), problems))
        sent.setlist("tags", self.tag_ids(cells.get("tags", ""), problems))
        return sent

    def add_own_texts(self, sent: QueryDict, cells: Mapping[str, str], problems: list[str]) -> None:
        """Who posts to one network has one text in the composer."""
        networks = {channel.network_name for channel in self.channels}
        for name, network in NETWORKS.items():
            own = cells.get(f"{name}{TEXT_SUFFIX}", "").strip()
            if own and name in networks:
                sent[f"text_{name}" if len(networks) > 1 else "text"] = own
            elif own:
                sentence = gettext("It has words for {network}, where you have no channel.")
                problems.append(sentence.format(network=network.label))

    def channel_ids(self, cell: str, problems: list[str]) -> list[str]:
        """Those that are named; all of a few where none is."""
        names = names_in(cell)
        if not names:
            few = self.channels if len(self.channels) <= FIRST_CHANNELS else []
            return [str(channel.pk) for channel in few]
        chosen: dict[str, None] = {}
        for name in names:
            matching = [channel for channel in self.channels if is_called(channel, name)]
            if not matching:
                problems.append(gettext("There is no channel “{name}”.").format(name=name[:60]))
            elif len(matching) > 1 and name.casefold() not in NETWORKS:
                sentence = gettext("“{name}” could be several channels: write network:handle.")
                problems.append(sentence.format(name=name[:60]))
            chosen |= {str(channel.pk): None for channel in matching}
        return list(chosen)

    def tag_ids(self, cell: str, problems: list[str]) -> list[str]:
        known = [(name, self.tags.get(name.casefold())) for name in names_in(cell)]
        sentence = gettext("You have no tag “{name}”.")
        problems += [sentence.format(name=name[:60]) for name, tag in known if tag is None]
        return [str(tag.public_id) for _, tag in known if tag]


def names_in(cell: str) -> list[str]:
    parts = cell.replace("\n", ";").replace("|", ";").split(";")
    return list(filter(None, map(str.strip, parts)))


def is_called(channel: Channel, name: str) -> bool:
    """Names are compared as people write them."""
    names = {channel.name, channel.handle, f"@{channel.handle}", channel.network.label}
    return channel.answers_to(name) or name.casefold() in {known.casefold() for known in names}
