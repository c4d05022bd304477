"""What a notice says, in a page and in a mail. Why something failed is said in the words of
`social.networks.messages`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone

from publishing.posts.contents import excerpt
from publishing.posts.times import clock, zone_of
from publishing.reasons import Reason
from social.networks import NETWORKS
from social.networks.messages import sentence

from .kinds import CREDITS, LOST, PLACES, STOPPED

PLACES_NAMED = 3


@dataclass(frozen=True)
class NoticeText:
    """A notice in words."""

    title: str
    why: str
    url: str
    chip: tuple[str, str]  # (style, word)
    excerpt: str = ""


class NoticeFacts(Protocol):
    """What a notice knows of its cause."""

    kind: Any
    key: Any
    reason: Any
    count: Any
    due_at: Any
    network_name: Any
    user: Any
    post: Any
    connection: Any
    connection_id: Any

    @property
    def deliveries(self) -> list[Any]: ...


def notice_text(notice: NoticeFacts) -> NoticeText:
    """What to say of it."""
    return TEXTS[notice.kind](notice)


# ── About a post ──────────────────────────────────────────────────────────────────────────────
def failed(notice: NoticeFacts) -> NoticeText:
    rows = notice.deliveries
    return about_post(notice, f"Not sent to {where(notice, rows)}", ("failed", "Failed"))


def asked(notice: NoticeFacts) -> NoticeText:
    title = f"Did it reach {where(notice, notice.deliveries)}?"
    return about_post(notice, title, ("unconfirmed", "Unconfirmed"))


def held(notice: NoticeFacts) -> NoticeText:
    title = f"Too late for {where(notice, notice.deliveries)}?"
    return about_post(notice, title, ("waiting", "Held"))


def about_post(notice: NoticeFacts, title: str, chip: tuple[str, str]) -> NoticeText:
    """The text of a notice about a post."""
    rows = notice.deliveries
    url = notice.post.get_absolute_url()
    if len(rows) == 1:
        url = f"{url}#job-{rows[0].job_id}"
    why = rows[0].sentence if rows else ""
    if len(rows) > 1:
        why = f"{rows[0].channel.name}: {why}"
    return NoticeText(title, why, url, chip, words(notice.post, rows))


def where(notice: NoticeFacts, rows: list[Any]) -> str:
    """The channel that it is about, or how many."""
    if len(rows) == 1:
        channel = rows[0].channel
        return f"{channel.name} on {channel.network.label}"
    return f"{len(rows) or notice.count} of its {len(notice.post.deliveries.all())} channels"


def words(post: Any, rows: list[Any]) -> str:
    """Which post it is."""
    return excerpt(post.text or (rows[0].content if rows else ""))


# ── About a connection ────────────────────────────────────────────────────────────────────────
def lost(notice: NoticeFacts) -> NoticeText:
    label = notice.connection.network.label
    title = f"{label} needs reconnecting: {notice.connection.name}"
    return about_connection(notice, title, sentence(notice.reason, label))


def places(notice: NoticeFacts) -> NoticeText:
    channels = [c for c in notice.connection.chosen if c.blocked_reason]
    names = [channel.name for channel in channels[:PLACES_NAMED]]
    if len(channels) > PLACES_NAMED:
        names.append(f"{len(channels) - PLACES_NAMED} more")
    why = sentence(notice.reason, notice.connection.network.label)
    return about_connection(notice, f"Cut off: {', '.join(names) or 'a channel'}", why)


def stopped(notice: NoticeFacts) -> NoticeText:
    count = notice.count
    title = f"{count} post{pluralize(count)} will not go out at {notice.connection.name}"
    title = f"{title}: you stopped using a {notice.connection.network.place_word} of it"
    if not notice.connection.is_connected:
        title = f"{count} post{pluralize(count)} will not go out: {notice.connection.name} "
        title += "is disconnected"
    first = f"The first was meant for {clock(notice.due_at, zone_of(notice.user))}."
    why = f"{first} You can bring back what is still to come."
    return NoticeText(title, why, reverse("channels:list"), ("canceled", "Canceled"))


def about_connection(notice: NoticeFacts, title: str, why: str) -> NoticeText:
    """The text of a notice about a connection."""
    url = f"{reverse('channels:list')}#connection-{notice.connection_id}"
    return NoticeText(title, f"{why} {waiting(notice)}".strip(), url, ("failed", "Cut off"))


def waiting(notice: NoticeFacts) -> str:
    """How many posts wait for it, and for when the first was meant."""
    count = notice.count
    if not count:
        return ""
    waits = f"{count} post{pluralize(count)} wait{pluralize(count, 's,')} for it"
    if notice.due_at and notice.due_at > timezone.now():
        first = "the first " if count > 1 else ""
        return f"{waits}, {first}meant for {clock(notice.due_at, zone_of(notice.user))}."
    return f"{waits}."


# ── For whoever runs the instance ─────────────────────────────────────────────────────────────
def credits_used_up(notice: NoticeFacts) -> NoticeText:
    home = notice.key.partition("@")[2]  # the key names what is tripped
    label = NETWORKS[notice.network_name].label_at(home)
    why = f"{sentence(notice.reason, label)} {waiting(notice)}".strip()
    url = f"{reverse('admin:publishing_delivery_changelist')}?waiting_for=credits"
    title = CLOSED_TITLES.get(notice.reason, "Credits at {} are used up").format(label)
    return NoticeText(title, why, url, ("waiting", "Credits"))


CLOSED_TITLES = {
    Reason.APP_REFUSED: "{} does not accept this server's app",
    Reason.MONTH_LIMIT: "The limit of this month at {} is used up",
}


TEXTS: dict[str, Callable[[NoticeFacts], NoticeText]] = {
    "failed": failed,
    "asked": asked,
    "held": held,
    LOST: lost,
    PLACES: places,
    STOPPED: stopped,
    CREDITS: credits_used_up,
}
