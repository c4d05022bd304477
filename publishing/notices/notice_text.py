"""What a notice says, in a page and in a mail. Why something failed is said in the words of
`social.networks.messages`."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from publishing.posts.contents import excerpt
from publishing.posts.times import clock, zone_of
from social.models.circuit_breaker import CREDITS
from social.networks import NETWORKS
from social.networks.messages import sentence as sentence_of
from social.reasons import Reason

from .kinds import CONNECTION_LOST, FAILED_COMMENT, PLACED_ANEW, PLACES, STOPPED, WEBHOOK_OFF

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
    user: User
    post: Any
    connection: Any
    connection_id: Any

    @property
    def deliveries(self) -> list[Any]: ...


def notice_text(notice: NoticeFacts) -> NoticeText:
    """What to say of it."""
    return NOTICE_TEXTS[notice.kind](notice)


# ── About a post ──────────────────────────────────────────────────────────────────────────────
def failed(notice: NoticeFacts) -> NoticeText:
    title = gettext("Not sent to {place}").format(place=where(notice, notice.deliveries))
    return about_post(notice, title, ("failed", gettext("Failed")))


def asked(notice: NoticeFacts) -> NoticeText:
    title = gettext("Did it reach {place}?").format(place=where(notice, notice.deliveries))
    return about_post(notice, title, ("unconfirmed", gettext("Waiting for you")))


def held(notice: NoticeFacts) -> NoticeText:
    title = gettext("Too late for {place}?").format(place=where(notice, notice.deliveries))
    return about_post(notice, title, ("waiting", gettext("Held")))


def comment_failed(notice: NoticeFacts) -> NoticeText:
    place = where(notice, notice.deliveries)
    title = gettext("The first comment is not there at {place}").format(place=place)
    text = about_post(notice, title, ("failed", gettext("Comment failed")))
    whys = [row.comment.sentence for row in notice.deliveries]
    return replace(text, why=whys[0] if whys else "")


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
        sentence = gettext("{name} on {network}")
        return sentence.format(name=channel.name, network=channel.network.label)
    count, total = len(rows) or notice.count, len(notice.post.deliveries.all())
    sentence = ngettext("{count} of its {total} channel", "{count} of its {total} channels", total)
    return sentence.format(count=count, total=total)


def words(post: Any, rows: list[Any]) -> str:
    """Which post it is."""
    return excerpt(post.text or (rows[0].content if rows else ""))


# ── About a connection ────────────────────────────────────────────────────────────────────────
def lost(notice: NoticeFacts) -> NoticeText:
    label, name = notice.connection.network.label, notice.connection.name
    title = gettext("{network} needs reconnecting: {name}").format(network=label, name=name)
    return about_connection(notice, title, sentence_of(notice.reason, label))


def places(notice: NoticeFacts) -> NoticeText:
    names = [channel.name for channel in notice.connection.chosen if channel.blocked_reason]
    first, more = ", ".join(names[:PLACES_NAMED]), len(names) - PLACES_NAMED
    title = gettext("Needs reconnecting: {names}").format(names=first)
    if more > 0:
        sentence = ngettext(
            "Needs reconnecting: {names}, {count} more",
            "Needs reconnecting: {names}, {count} more",
            more,
        )
        title = sentence.format(names=first, count=more)
    elif not names:
        title = gettext("Needs reconnecting: a channel")
    why = sentence_of(notice.reason, notice.connection.network.label)
    return about_connection(notice, title, why)


def stopped(notice: NoticeFacts) -> NoticeText:
    connection, count = notice.connection, notice.count
    sentence = ngettext(
        "{count} post will not go out: {name} is disconnected",
        "{count} posts will not go out: {name} is disconnected",
        count,
    )
    if connection.is_connected:
        sentence = ngettext(
            "{count} post will not go out at {name}: you stopped using a {place} of it",
            "{count} posts will not go out at {name}: you stopped using a {place} of it",
            count,
        )
    title = sentence.format(count=count, name=connection.name, place=connection.network.place_word)
    why = gettext(
        "The first was meant for {time}. You can bring back what is still to come."
    ).format(time=clock(notice.due_at, zone_of(notice.user)))
    chip = ("canceled", gettext("Canceled"))
    return NoticeText(title, why, reverse("channels:list"), chip)


def placed_anew(notice: NoticeFacts) -> NoticeText:
    sentence = ngettext(
        "{count} post has another posting time: {name} could not post at the first",
        "{count} posts have other posting times: {name} could not post at the first",
        notice.count,
    )
    title = sentence.format(count=notice.count, name=notice.connection.name)
    why = gettext("In their order, the first at {time}.").format(
        time=clock(notice.due_at, zone_of(notice.user))
    )
    return NoticeText(title, why, reverse("queue:queue"), ("queued", gettext("Queued")))


def about_connection(notice: NoticeFacts, title: str, why: str) -> NoticeText:
    """The text of a notice about a connection."""
    url = f"{reverse('channels:list')}#connection-{notice.connection_id}"
    return NoticeText(
        title, f"{why} {waiting(notice)}".strip(), url, ("failed", gettext("Needs reconnecting"))
    )


def waiting(notice: NoticeFacts) -> str:
    """How many posts wait for it, and for when the first was meant."""
    count = notice.count
    if not count:
        return ""
    if not notice.due_at or notice.due_at <= timezone.now():
        sentence = ngettext("{count} post waits for it.", "{count} posts wait for it.", count)
        return sentence.format(count=count)
    sentence = ngettext(
        "{count} post waits for it, meant for {time}.",
        "{count} posts wait for it, the first meant for {time}.",
        count,
    )
    return sentence.format(count=count, time=clock(notice.due_at, zone_of(notice.user)))


# ── About a webhook ───────────────────────────────────────────────────────────────────────────
def webhook_off(notice: NoticeFacts) -> NoticeText:
    webhook_id = notice.key.partition(":")[2]  # the key names which it is
    title = gettext("A webhook was switched off: nothing got through")
    why = gettext("For five days its address gave nothing but failures. What is pending is kept.")
    url = reverse("webhooks:webhook", args=[webhook_id])
    return NoticeText(title, why, url, ("failed", gettext("Switched off")))


# ── For whoever runs the instance ─────────────────────────────────────────────────────────────
def credits_used_up(notice: NoticeFacts) -> NoticeText:
    home = notice.key.partition("@")[2]  # the key names what is tripped
    label = NETWORKS[notice.network_name].label_at(home)
    why = f"{sentence_of(notice.reason, label)} {waiting(notice)}".strip()
    url = f"{reverse('admin:publishing_delivery_changelist')}?waiting_for=credits"
    title = CLOSED_TITLES.get(notice.reason, _("Credits at {network} are used up"))
    chip = ("waiting", gettext("Credits"))
    return NoticeText(title.format(network=label), why, url, chip)


CLOSED_TITLES = {
    Reason.APP_REFUSED: _("{network} does not accept this server's app"),
    Reason.MONTH_LIMIT: _("The limit of this month at {network} is used up"),
}


NOTICE_TEXTS: dict[str, Callable[[NoticeFacts], NoticeText]] = {
    "failed": failed,
    "asked": asked,
    "held": held,
    FAILED_COMMENT: comment_failed,
    CONNECTION_LOST: lost,
    PLACES: places,
    STOPPED: stopped,
    PLACED_ANEW: placed_anew,
    WEBHOOK_OFF: webhook_off,
    CREDITS: credits_used_up,
}
