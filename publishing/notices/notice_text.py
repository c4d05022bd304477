"""What a notice says, in a page and in a mail. Why something failed is said in the words of
messages.py."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.template.defaultfilters import pluralize
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator

from publishing.deliveries.wording import clock
from publishing.posts.times import zone_of
from social.networks import NETWORKS
from social.networks.messages import sentence

from .kinds import CREDITS, LOST, PLACES, STOPPED

if TYPE_CHECKING:
    from publishing.models import Notice

EXCERPT = 90  # characters of a post that say which one it is
A_FEW = 3  # names


@dataclass(frozen=True)
class Said:
    title: str
    why: str
    url: str
    chip: tuple[str, str]  # (style, word)
    excerpt: str = ""


def said(notice: "Notice") -> Said:
    return SAYING[notice.kind](notice)


# ── About a post ──────────────────────────────────────────────────────────────────────────────
def failed(notice: "Notice") -> Said:
    rows = notice.deliveries
    return about_post(notice, f"Not sent to {where(notice, rows)}", ("failed", "Failed"))


def asked(notice: "Notice") -> Said:
    title = f"Did it reach {where(notice, notice.deliveries)}?"
    return about_post(notice, title, ("unconfirmed", "Unconfirmed"))


def held(notice: "Notice") -> Said:
    title = f"Too late for {where(notice, notice.deliveries)}?"
    return about_post(notice, title, ("waiting", "Held"))


def about_post(notice: "Notice", title: str, chip: tuple[str, str]) -> Said:
    rows = notice.deliveries
    url = notice.post.get_absolute_url()
    if len(rows) == 1:
        url = f"{url}#job-{rows[0].job_id}"
    why = rows[0].sentence if rows else ""
    if len(rows) > 1:
        why = f"{rows[0].channel.name}: {why}"
    return Said(title, why, url, chip, excerpt(notice.post, rows))


def where(notice: "Notice", rows: list[Any]) -> str:
    if len(rows) == 1:
        channel = rows[0].channel
        return f"{channel.name} on {channel.network.label}"
    return f"{len(rows) or notice.count} of its {len(notice.post.deliveries.all())} channels"


def excerpt(post: Any, rows: list[Any]) -> str:
    text = post.text or (rows[0].content if rows else "")
    return Truncator(" ".join(text.split())).chars(EXCERPT)


# ── About a connection ────────────────────────────────────────────────────────────────────────
def lost(notice: "Notice") -> Said:
    label = notice.connection.network.label
    title = f"{label} needs reconnecting: {notice.connection.name}"
    return about_connection(notice, title, sentence(notice.reason, label))


def places(notice: "Notice") -> Said:
    channels = [c for c in notice.connection.chosen if c.trouble]
    names = [channel.name for channel in channels[:A_FEW]]
    if len(channels) > A_FEW:
        names.append(f"{len(channels) - A_FEW} more")
    why = sentence(notice.reason, notice.connection.network.label)
    return about_connection(notice, f"Cut off: {', '.join(names) or 'a channel'}", why)


def stopped(notice: "Notice") -> Said:
    many = notice.count
    title = f"{many} post{pluralize(many)} will not go out at {notice.connection.name}"
    title = f"{title}: you stopped using a {notice.connection.network.place_word} of it"
    if not notice.connection.is_connected:
        title = f"{many} post{pluralize(many)} will not go out: {notice.connection.name} "
        title += "is disconnected"
    first = f"The first was meant for {clock(notice.due_at, zone_of(notice.user))}."
    why = f"{first} You can bring back what is still to come."
    return Said(title, why, reverse("channels:list"), ("canceled", "Canceled"))


def about_connection(notice: "Notice", title: str, why: str) -> Said:
    url = f"{reverse('channels:list')}#connection-{notice.connection_id}"
    return Said(title, f"{why} {waiting(notice)}".strip(), url, ("failed", "Cut off"))


def waiting(notice: "Notice") -> str:
    many = notice.count
    if not many:
        return ""
    said = f"{many} post{pluralize(many)} wait{pluralize(many, 's,')} for it"
    if notice.due_at and notice.due_at > timezone.now():
        first = "the first " if many > 1 else ""
        return f"{said}, {first}meant for {clock(notice.due_at, zone_of(notice.user))}."
    return f"{said}."


# ── For whoever runs the instance ─────────────────────────────────────────────────────────────
def credits_used_up(notice: "Notice") -> Said:
    label = NETWORKS[notice.network_name].label
    why = f"{sentence(notice.reason, label)} {waiting(notice)}".strip()
    url = f"{reverse('admin:publishing_delivery_changelist')}?waiting_for=credits"
    title = CLOSED_TITLES.get(notice.reason, "Credits at {} are used up").format(label)
    return Said(title, why, url, ("waiting", "Credits"))


CLOSED_TITLES = {
    "app_refused": "{} does not accept this server's app",
    "month_limit": "The limit of this month at {} is used up",
}


SAYING: dict[str, Callable[["Notice"], Said]] = {
    "failed": failed,
    "asked": asked,
    "held": held,
    LOST: lost,
    PLACES: places,
    STOPPED: stopped,
    CREDITS: credits_used_up,
}
