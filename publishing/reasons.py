"""Why a delivery stands where it stands, as far as this room decides it or decides by it."""

from enum import StrEnum


class Reason(StrEnum):
    """The words stand in rows and JSON and stay as they are. Each is a key of the table of
    sentences in `social.networks.messages`, which holds those that only networks give as well."""

    # Provably not sent: tried again.
    UNREACHABLE = "unreachable"
    WORKER_GONE = "worker_gone"
    TOO_SLOW_HERE = "too_slow_here"
    MEDIA_FAILED = "media_failed"
    MEDIA_SLOW = "media_slow"
    # Closed, for everybody or for an account.
    APP_REFUSED = "app_refused"
    MONTH_LIMIT = "month_limit"
    # It waits. Some are words of `waiting_for` as well.
    ACCOUNT_BUSY = "turn"  # another one goes first to the same account
    LATE = "late"
    PAUSED = "paused"
    NETWORK_PAUSED = "network_paused"  # by whoever runs this server
    RECONNECT = "reconnect"
    # The connection.
    TOKEN_DEAD = "token_dead"  # noqa: S105  a word
    TOKEN_UNREADABLE = "token_unreadable"  # noqa: S105  a word
    PERMISSION_MISSING = "permission_missing"
    # Refused.
    TOO_LONG = "too_long"
    EMPTY = "empty"
    MEDIA_GONE = "media_gone"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    DUPLICATE = "duplicate"  # the network has the same words already
    # It may be there: why to doubt.
    NO_ANSWER = "no_answer"
    CUT_OFF = "cut_off"
    SERVER_ERROR = "server_error"
    INTERRUPTED = "interrupted"  # our worker was, and has not said how it ended
    AWAY = "away"  # nobody ran here: no attempt of ours speaks of it
    DUPLICATE_SEEN = "duplicate_seen"  # refused as a duplicate, maybe of an earlier attempt
    DUPLICATE_AT_ONCE = "duplicate_at_once"  # the same of a first one: maybe of itself
    LIMIT_IN_DOUBT = "limit_in_doubt"
    SLOW_DOWN_IN_DOUBT = "slow_down_in_doubt"
    PERMISSION_IN_DOUBT = "permission_in_doubt"
    NOT_FOUND_IN_DOUBT = "not_found_in_doubt"
    FORBIDDEN_IN_DOUBT = "forbidden_in_doubt"
    CLAIMED = "claimed"  # a person named a post, and the network is asked about it
    # What a verification made of it.
    FOUND = "found"
    ABSENT = "absent"
    # It may be there, and its user is asked.
    TAKEN = "taken"  # another delivery has the post that was made for this one
    SEVERAL_THERE = "several_there"
    WORDLESS_THERE = "wordless_there"
    EARLIER_THERE = "earlier_there"
    CHANGED_THERE = "changed_there"
    TOO_MANY_THERE = "too_many_there"
    ABSENT_AGAIN = "absent_again"
    DUPLICATE_UNSEEN = "duplicate_unseen"
    CHANNEL_GONE_IN_DOUBT = "channel_gone_in_doubt"
    CANNOT_LOOK_TOKEN = "cannot_look_token"  # noqa: S105  a word
    CANNOT_LOOK_PERMISSION = "cannot_look_permission"
    CANNOT_LOOK_REFUSED = "cannot_look_refused"
    CANNOT_LOOK_CREDITS = "cannot_look_credits"
    CANNOT_LOOK_AWAY = "cannot_look_away"
    CLAIM_NOT_THERE = "claim_not_there"
    CLAIM_OF_ANOTHER = "claim_of_another"
    CLAIM_OF_OTHERS_WORDS = "claim_of_others_words"
    CLAIM_TAKEN = "claim_taken"
    CLAIM_UNSAID = "claim_unsaid"  # the network does not say who wrote it
    # Canceled.
    CHANNEL_GONE = "channel_gone"  # with its channel, and it may come back so
    ANEW = "anew"  # its user said it anew, in another post
    DROPPED = "dropped"  # by its user, who did not know whether it is there


CANNOT_LOOK = "cannot_look"  # how the reasons begin for which nobody could verify
