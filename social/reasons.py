"""Why something waits, failed, is doubted or is missing: every reason that a row, a page or JSON
can name, and the sentence that a person reads of it."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Reason(StrEnum):
    """A word, which stands in rows and JSON and stays as it is, and its sentence: what happened
    and, where there is something to do, what to do. `{network}` is the network's label. Raw answers
    of a network are for staff and never stand here."""

    template: str

    def __new__(cls, word: str, template: str = "") -> "Reason":
        reason = str.__new__(cls, word)
        reason._value_ = word
        reason.template = template
        return reason

    # temporary: tried again by itself
    UNREACHABLE = "unreachable", _("{network} could not be reached.")
    TOO_SLOW_HERE = "too_slow_here", _("This server was too busy to send in time; nothing left.")
    MEDIA_FAILED = "media_failed", _("{network} did not take the picture; nothing was posted.")
    MEDIA_SLOW = (
        "media_slow",
        _("{network} took too long to take the pictures; nothing was posted."),
    )
    WORKER_GONE = "worker_gone", _("The worker stopped before anything was sent.")
    # rate limits: tried again by itself
    RATE_LIMIT = "rate_limit", _("{network} is limiting us.")
    DAY_LIMIT = "day_limit", _("{network}'s limit for today is used up.")
    MONTH_LIMIT = (
        "month_limit",
        _("{network}'s limit for this month is used up; the operator of this server can raise it."),
    )
    CREDITS = (
        "credits",
        _("This server's credits at {network} are used up; its operator must add some."),
    )
    APP_REFUSED = (
        "app_refused",
        _("{network} does not accept this server's app; its operator must settle that there."),
    )
    AUTOMATED = (
        "automated",
        _("{network} took this for the work of a robot and blocks the account for a while."),
    )
    SLOW_DOWN = "slow_down", _("{network} says we post too fast and blocks us for a while.")
    # authorization: the person connects again
    TOKEN_DEAD = "token_dead", _("{network} no longer accepts this connection. Reconnect it.")
    APP_REMOVED = "app_removed", _("This server's app was removed at {network}. Reconnect it.")
    PASSWORD_CHANGED = "password_changed", _("The password at {network} was changed. Reconnect it.")
    CHECKPOINT = (
        "checkpoint",
        _("{network} wants you to sign in there and confirm your account; then reconnect."),
    )
    PAGE_ROLE = (
        "page_role",
        _("You no longer have a role on this Page that may post. Ask for it and reconnect."),
    )
    NOT_TICKED = (
        "not_ticked",
        _("This Page was not ticked in {network}'s own window. Reconnect and tick it."),
    )
    PERMISSION_MISSING = (
        "permission_missing",
        _("The permission to post was not granted. Reconnect and grant it."),
    )
    TOKEN_UNREADABLE = (
        "token_unreadable",
        _("The stored key of this connection cannot be read. Reconnect it."),
    )
    # rejected: the person changes something
    # the network has the same words already
    DUPLICATE = (
        "duplicate",
        _("{network} refused it: the same text was posted there recently. Change the text."),
    )
    TOO_LONG = "too_long", _("The text is too long for {network}. Shorten it.")
    EMPTY = "empty", _("{network} does not take an empty post. Write something.")
    POLICY = "policy", _("{network} refused this post by its own rules. Change the text.")
    FORBIDDEN = "forbidden", _("{network} does not allow this account to post that.")
    CASHTAGS = (
        "cashtags",
        _("{network} takes one cashtag (as $AAPL) in a post. Take the others out."),
    )
    BAD_LINK = "bad_link", _("{network} could not read the link in the post. Change the link.")
    BAD_REQUEST = "bad_request", _("{network} did not accept the post. Change the text.")
    MEDIA_REFUSED = "media_refused", _("{network} refused a picture. Use another one.")
    ALT_REFUSED = (
        "alt_refused",
        _("{network} refused the description of a picture. Change the description."),
    )
    MEDIA_PERMISSION = (
        "media_permission",
        _("The permission to post pictures was not granted. Reconnect {network}, then try again."),
    )
    COMMENT_PERMISSION = (
        "comment_permission",
        _("The permission to comment was not granted. Allow it at {network}, then try again."),
    )
    # by a request that had made it, asked once more
    DELETED_THERE = (
        "deleted_there",
        _("It was posted, and was deleted at {network} before we heard of it."),
    )
    POST_GONE = "post_gone", _("{network} does not show the post any more.")
    MEDIA_GONE = "media_gone", _("The pictures are not kept here any more. Publish it anew.")
    HOME_UNKNOWN = "home_unknown", _("That is not the address of a {network} server.")
    SIGN_IN_REFUSED = (
        "sign_in_refused",
        _("{network} did not accept that. Look at what you typed."),
    )
    APP_FORGOTTEN = (
        "app_forgotten",
        _("{network} did not know this server's app any more. Connect it again."),
    )
    MAIN_PASSWORD = (
        "main_password",
        _(
            "That is the main password of the account. Make an app password at {network}, and "
            "type that."
        ),
    )
    SUSPENDED = "suspended", _("{network} has suspended this account. Settle it there first.")
    NOT_FOUND = "not_found", _("{network} says this place does not exist any more.")
    # unknown
    NO_ANSWER = "no_answer", _("{network} did not answer, so it may or may not be there.")
    CUT_OFF = (
        "cut_off",
        _("The connection to {network} broke while sending, so it may or may not be there."),
    )
    SERVER_ERROR = (
        "server_error",
        _("{network} reported an error of its own, so it may or may not be there."),
    )
    ODD_ANSWER = (
        "odd_answer",
        _("{network}'s answer could not be read, so it may or may not be there."),
    )
    LIMIT_IN_DOUBT = (
        "limit_in_doubt",
        _("{network} said that it limits us; it may have taken the post all the same."),
    )
    SLOW_DOWN_IN_DOUBT = (
        "slow_down_in_doubt",
        _("{network} said that we post too fast; it may have taken the post all the same."),
    )
    PERMISSION_IN_DOUBT = (
        "permission_in_doubt",
        _(
            "{network} refused it for want of a permission; it may have taken the post "
            "all the same."
        ),
    )
    NOT_FOUND_IN_DOUBT = (
        "not_found_in_doubt",
        _(
            "{network} said that this place does not exist; it may have taken the post "
            "all the same."
        ),
    )
    FORBIDDEN_IN_DOUBT = (
        "forbidden_in_doubt",
        _(
            "{network} said that this account may not post that; it may have taken "
            "the post all the same."
        ),
    )
    # refused as a duplicate, maybe of an earlier attempt
    DUPLICATE_SEEN = (
        "duplicate_seen",
        _("{network} says the same text is there already, so the earlier try may have landed."),
    )
    # the same of a first one: maybe of itself
    DUPLICATE_AT_ONCE = (
        "duplicate_at_once",
        _("{network} says the same text is there already, which may be this very post."),
    )
    # our worker was, and has not said how it ended
    INTERRUPTED = (
        "interrupted",
        _("The worker stopped while sending, so it may or may not be there."),
    )
    # nobody ran here: no attempt of ours speaks of it
    AWAY = "away", _("This server was away when it was due, so it may be there already.")
    # looked up, and a person is needed
    SEVERAL_THERE = "several_there", _("{network} shows more than one post that could be this one.")
    WORDLESS_THERE = (
        "wordless_there",
        _("{network} shows a post without words from that moment; it may be this one."),
    )
    EARLIER_THERE = (
        "earlier_there",
        _(
            "{network} shows the same text from before we sent it, so it may or may not be "
            "this one."
        ),
    )
    CHANGED_THERE = (
        "changed_there",
        _(
            "{network} shows a post from that moment whose text was changed, so it may or "
            "may not be this one."
        ),
    )
    TOO_MANY_THERE = (
        "too_many_there",
        _("It may or may not be there: {network} shows too many posts since then to look through."),
    )
    ABSENT_AGAIN = (
        "absent_again",
        _("It was tried again and again without a clear answer, and {network} does not show it."),
    )
    DUPLICATE_UNSEEN = (
        "duplicate_unseen",
        _("{network} says the same text is there already, but does not show it."),
    )
    CANNOT_LOOK_PERMISSION = (
        "cannot_look_permission",
        _(
            "It may or may not be there, and we lack the permission to read at "
            "{network}. Reconnect and grant it: then we look before anything goes again."
        ),
    )
    CANNOT_LOOK_TOKEN = (
        "cannot_look_token",
        _(
            "It may or may not be there: {network} no longer accepts this "
            "connection, so we cannot look. Reconnect it: then we look before anything goes again."
        ),
    )
    CANNOT_LOOK_CREDITS = (
        "cannot_look_credits",
        _(
            "It may or may not be there: this server's credits or limit at "
            "{network} are used up, so we cannot look."
        ),
    )
    CANNOT_LOOK_REFUSED = (
        "cannot_look_refused",
        _("It may or may not be there: {network} does not let us look."),
    )
    CANNOT_LOOK_AWAY = (
        "cannot_look_away",
        _("It may or may not be there: {network} did not let us look for too long."),
    )
    CHANNEL_GONE_IN_DOUBT = (
        "channel_gone_in_doubt",
        _("It may or may not be there: this channel was disconnected before we could look."),
    )
    # a person says that it is there
    # a person named a post, and the network is asked about it
    CLAIMED = (
        "claimed",
        _("You named a post; it counts once {network} says that this account wrote it."),
    )
    CLAIM_NOT_THERE = (
        "claim_not_there",
        _("{network} shows this account no post at the link that you gave."),
    )
    CLAIM_OF_ANOTHER = (
        "claim_of_another",
        _("{network} says that somebody else wrote the post that you named."),
    )
    # the network does not say who wrote it
    CLAIM_UNSAID = "claim_unsaid", _("{network} does not say who wrote the post that you named.")
    CLAIM_TAKEN = "claim_taken", _("The post that you named already belongs to another delivery.")
    CLAIM_OF_OTHERS_WORDS = (
        "claim_of_others_words",
        _("The post that you named has the words of another delivery, which may have made it."),
    )
    ABSENT = "absent", _("We looked, and {network} does not have it, so it goes out again.")
    FOUND = "found", _("{network} did not say so, but it is there: we looked.")
    # read back
    ANSWER_TOO_LONG = "answer_too_long", _("{network}'s answer was too long to be read.")
    MARK_EXPIRED = (
        "mark_expired",
        _("{network} lost the place at which we were reading, so we begin anew."),
    )
    IMPORT_LIMIT = (
        "import_limit",
        _("The rest is read another day: what this server reads a day is used up."),
    )
    IMPORT_FAULT = (
        "import_fault",
        _("Something went wrong here while reading from {network}; it is tried again."),
    )
    MAY_NOT_READ = "may_not_read", _("The permission to read this at {network} was not granted.")
    READING_REFUSED = "reading_refused", _("{network} does not let this account read that.")
    QUESTION_REFUSED = (
        "question_refused",
        _("{network} did not accept our question; it is asked again another day."),
    )
    # ours
    LATE = "late", _("This is more than two hours late, so it was held. Send it now or drop it.")
    # with its channel, and it may come back so
    CHANNEL_GONE = "channel_gone", _("This channel was disconnected.")
    # its user said it anew, in another post
    ANEW = "anew", _("It was published anew with other words.")
    PAUSED = "paused", _("This channel is paused.")
    # by whoever runs this server
    NETWORK_PAUSED = (
        "network_paused",
        _("The operator of this server has paused posting to {network}."),
    )
    # a pause or a lost connection outlasted its posting time
    PLACED_ANEW = (
        "placed_anew",
        _("Its posting time passed while nothing could go out here: it has the next free one."),
    )
    RECONNECT = "reconnect", _("The connection to {network} needs to be made again.")
    ACCOUNT_BUSY = "turn", _("Another post to the same account goes first.")
    # by its user, who did not know whether it is there
    DROPPED = "dropped", _("You dropped it without knowing whether it is there.")
    # another delivery has the post that was made for this one
    TAKEN = "taken", _("{network} named a post that already belongs to another delivery.")


CANNOT_LOOK = "cannot_look"  # how the reasons begin for which nobody could verify
