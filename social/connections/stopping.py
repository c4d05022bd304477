"""Before a place is used no more, and if its person thinks again. What is lost and what comes back
is other rooms' business: they are asked, and answer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.dispatch import Signal

from social.models import Channel

# What would not go out there any more (channels=…)? Receivers answer with a Stake.
stop_asked = Signal()
# What was canceled when this one was stopped (channel=…) and could still go? Answers: a Stake.
return_asked = Signal()
# It is used again (channel=…): receivers bring back what was canceled then, and answer with how
# many came back and how many did not.
channel_returned = Signal()


@dataclass(frozen=True)
class Stake:
    """Posts that go out, or not: how many, and the first of them as (words, address, time)."""

    posts: int = 0
    first: tuple[tuple[str, str, datetime], ...] = ()

    @property
    def more(self) -> int:
        return self.posts - len(self.first)


def at_stake(channels: Iterable[Channel]) -> Stake:
    """What would not go out any more if these were stopped."""
    return answered(stop_asked.send(Channel, channels=list(channels)))


def to_return(channel: Channel) -> Stake:
    """What could come back if this one is used again."""
    return answered(return_asked.send(Channel, channel=channel)) if channel.stopped_at else Stake()


def answered(answers: list[tuple[Any, Any]]) -> Stake:
    """The first receiver's answer that says something."""
    return next((stake for _, stake in answers if stake), Stake())


def bring_back(channel: Channel) -> tuple[int, int]:
    """Use `channel` again, with what was canceled when it was stopped. How many posts came back,
    and how many did not."""
    channel.take_back()
    for _, answer in channel_returned.send(Channel, channel=channel):
        if isinstance(answer, tuple):
            back, lost = answer
            return back, lost
    return 0, 0
