"""What a composer offers of the posting times that are free."""

import zlib
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from publishing.media.composer import as_uuid
from social.models import Channel

from .free_times import free_instants
from .instants import HORIZON

TIMES_OFFERED = 10
FIRST = "first"  # in place of a time: before all others, which move on


@dataclass(frozen=True)
class FreeTimes:
    """The next free ones, and which of them is chosen: "" is the first, whichever that is, and
    FIRST the place before all that is queued."""

    moments: list[datetime] = field(default_factory=list)
    chosen: str = ""
    channels_key: str = ""  # for which channels they are free

    @property
    def shown(self) -> str:
        """The first of them, as a page carries it."""
        return self.moments[0].isoformat() if self.moments else ""

    @property
    def choices(self) -> list[tuple[str, str, bool]]:
        """(value, words, whether it is chosen)"""
        if not self.moments:
            return []
        first, *others = [(moment.isoformat(), in_words(moment)) for moment in self.moments]
        put_first = (FIRST, gettext("Put first: the others move on"))
        choices = [("", first[1]), put_first, *others]
        return [(value, words, value == self.chosen) for value, words in choices]

    @property
    def going_out(self) -> str:
        """When what is written would go out; empty where that moves others first."""
        if self.chosen == FIRST:
            return ""
        return next((words for _, words, is_chosen in self.choices if is_chosen), "")


def free_times_for(
    user: Any,
    channels: Iterable[Channel],
    slot: Any = None,
    draft: Any = None,
    moving: Collection[int] = (),
) -> FreeTimes:
    """What is free at all of `channels` for the draft with the id `draft`. `slot` is what was
    chosen before, as a page or a draft has it, or a moment; where that is not free any more the
    first is."""
    channels, wanted = list(channels), as_moment(slot)
    find = partial(free_instants, user, channels, draft=as_uuid(str(draft)), moving=moving)
    moments = find(count=TIMES_OFFERED)
    if wanted and wanted not in moments:
        before = wanted - timedelta.resolution
        if find(after=before, count=1) == [wanted]:
            moments.append(wanted)  # a free place further on, that somebody came from
    is_first = wanted not in moments[1:]
    chosen = "" if wanted is None or is_first else wanted.isoformat()
    chosen = FIRST if slot == FIRST else chosen
    return FreeTimes(moments, chosen, key_of(channels))


def key_of(channels: Iterable[Channel]) -> str:
    """The same for the same channels."""
    return f"{zlib.crc32(repr(sorted(channel.pk for channel in channels)).encode()):x}"


def as_moment(slot: Any) -> datetime | None:
    """A moment within reach as a page has it, in UTC; None for anything else."""
    try:
        moment = slot if isinstance(slot, datetime) else datetime.fromisoformat(str(slot or ""))
        moment = moment.astimezone(timezone.get_fixed_timezone(0))
    except (ValueError, OverflowError):
        return None
    return moment if moment < timezone.now() + HORIZON else None


def in_words(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "D j M, H:i")
