"""Sentences about networks for people, as they are shown."""

from django.utils.translation import gettext_lazy as _

from social.reasons import Reason


def sentence(reason: str, network: str) -> str:
    """The sentence for `reason`, the word of a Reason; empty for none. Raises ValueError for what
    is none."""
    return Reason(reason).template.format(network=network) if reason else ""


VISIBILITY_NOTES = {
    "friends_hidden": _(
        "{network} shows only those friends who use this app too; there are {total} in all."
    ),
    "friends_hidden_all": _("{network} shows only those friends who use this app too."),
    "reels_hidden": _("{network} does not list reels, so they are not read."),
    "history_ends": _("{network} shows no more than the latest {total} posts."),
}


def visibility_sentence(note: str, network: str, total: int | None) -> str:
    """What the network does not give, in one sentence; empty when it gives all."""
    if note == "friends_hidden" and total is None:
        note = "friends_hidden_all"
    if not note:
        return ""
    return VISIBILITY_NOTES[note].format(network=network, total=f"{total or 0:,}")
