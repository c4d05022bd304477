"""The kinds of notices, and which of them waits for an answer."""

from publishing.states import FAILED, QUEUED, UNCONFIRMED
from social.models.circuit_breaker import CREDITS

# About a post: (state, waiting_for) of the deliveries that a notice is about.
TROUBLE = {
    "failed": (FAILED, ""),
    "asked": (UNCONFIRMED, "person"),
    "held": (QUEUED, "held"),
}
FAILED_COMMENT = "comment"  # about a post that is there, whose first comment is not
ABOUT_POSTS = (*TROUBLE, FAILED_COMMENT)
# About a connection: the grant itself, or only places behind it.
CONNECTION_LOST, PLACES = "lost", "places"
STOPPED = "stopped"  # its user stopped using it, and posts will not go out
PLACED_ANEW = "moved"  # posts have other posting times, because it could not post at theirs
WEBHOOK_OFF = "webhook"  # it was switched off because nothing got through

# Of used-up credits whoever runs the instance is told: the word is the circuit breaker's.
NOTICE_KINDS = (
    *ABOUT_POSTS, CONNECTION_LOST, PLACES, STOPPED, PLACED_ANEW, WEBHOOK_OFF, CREDITS
)  # fmt: skip
QUESTIONS = ("asked", "held", CONNECTION_LOST, PLACES)


def is_trouble(state: str, waiting_for: str) -> bool:
    """Whether the user of a delivery is told that it stands like this."""
    return (state, waiting_for) in TROUBLE.values()
