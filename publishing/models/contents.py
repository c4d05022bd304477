"""What may be in a post, and when it may go, in sentences for people."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone

from publishing.characters import check_characters
from social.models import Channel


def tidy(text: str) -> str:
    """As it is counted and sent: browsers send CRLF, networks trim."""
    return text.replace("\r\n", "\n").strip()


def tidy_texts(texts: Mapping[str, str] | None) -> dict[str, str]:
    return {name: said for name, text in (texts or {}).items() if (said := tidy(text))}


def check_owner(user: Any, channels: list[Channel]) -> None:
    """Raises ValidationError when a channel is somebody else's."""
    if any(channel.connection.user_id != user.pk for channel in channels):
        raise ValidationError("That channel is somebody else's.", code="not_yours")


def check_content(
    text: str, channels: list[Channel], texts: Mapping[str, str], pictures: int = 0
) -> None:
    """By each channel's own network. Raises ValidationError with one sentence for each problem."""
    if not channels:
        raise ValidationError("Choose at least one channel.", code="no_channel")
    networks = {channel.network for channel in channels}
    check_characters("".join([text, *texts.values()]))
    wordy = [n for n in networks if not (pictures and n.pictures_say_enough)]
    if not text and any(network.name not in texts for network in wordy):
        raise ValidationError("Write something first.", code="empty")
    problems = []
    for network in networks:
        said = texts.get(network.name) or text
        if pictures > network.pictures:
            problems.append(f"{network.label} takes at most {network.pictures} pictures a post.")
        length = network.length(said)
        if unwanted := network.unwanted(said):
            problems.append(f"{network.label} does not take the character {unwanted}.")
        if length.used > length.limit:
            problems.append(
                f"Too long for {network.label}: {length.used:,} of {length.limit:,} characters."
            )
    if problems:
        raise ValidationError([ValidationError(one, "too_long") for one in sorted(problems)])


def check_time(at: datetime | None) -> None:
    """Raises ValidationError when `at` is past, or farther away than anybody means."""
    now = timezone.now()
    if at is not None and at < now - timedelta(minutes=1):
        raise ValidationError("That time is past. Choose a later one.", code="past")
    if at is not None and at > now + timedelta(days=3 * 365):
        raise ValidationError("That is more than three years away.", code="far")
