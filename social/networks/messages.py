"""What a network does not show, in a sentence each. `{network}` is the network's label."""

from django.utils.translation import gettext_lazy as _

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
