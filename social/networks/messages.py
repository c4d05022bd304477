"""Every sentence that a failure can show a person. `{network}` is the network's label.

One sentence each: what happened and, where there is something to do, what to do. Raw answers of a
network are for staff and never stand here.
"""

from django.utils.translation import gettext_lazy as _

SENTENCES = {
    # temporary: tried again by itself
    "unreachable": _("{network} could not be reached."),
    "too_slow_here": _("This server was too busy to send in time; nothing left."),
    "media_failed": _("{network} did not take the picture; nothing was posted."),
    "media_slow": _("{network} took too long to take the pictures; nothing was posted."),
    "worker_gone": _("The worker stopped before anything was sent."),
    # rate limits: tried again by itself
    "rate_limit": _("{network} is limiting us."),
    "day_limit": _("{network}'s limit for today is used up."),
    "month_limit": _(
        "{network}'s limit for this month is used up; the operator of this server can raise it."
    ),
    "credits": _("This server's credits at {network} are used up; its operator must add some."),
    "app_refused": _(
        "{network} does not accept this server's app; its operator must settle that there."
    ),
    "automated": _(
        "{network} took this for the work of a robot and blocks the account for a while."
    ),
    "slow_down": _("{network} says we post too fast and blocks us for a while."),
    # authorization: the person connects again
    "token_dead": _("{network} no longer accepts this connection. Reconnect it."),
    "app_removed": _("This server's app was removed at {network}. Reconnect it."),
    "password_changed": _("The password at {network} was changed. Reconnect it."),
    "checkpoint": _(
        "{network} wants you to sign in there and confirm your account; then reconnect."
    ),
    "page_role": _(
        "You no longer have a role on this Page that may post. Ask for it and reconnect."
    ),
    "not_ticked": _("This Page was not ticked in {network}'s own window. Reconnect and tick it."),
    "permission_missing": _("The permission to post was not granted. Reconnect and grant it."),
    "token_unreadable": _("The stored key of this connection cannot be read. Reconnect it."),
    # rejected: the person changes something
    "duplicate": _(
        "{network} refused it: the same text was posted there recently. Change the text."
    ),
    "too_long": _("The text is too long for {network}. Shorten it."),
    "empty": _("{network} does not take an empty post. Write something."),
    "policy": _("{network} refused this post by its own rules. Change the text."),
    "forbidden": _("{network} does not allow this account to post that."),
    "cashtags": _("{network} takes one cashtag (as $AAPL) in a post. Take the others out."),
    "bad_link": _("{network} could not read the link in the post. Change the link."),
    "bad_request": _("{network} did not accept the post. Change the text."),
    "media_refused": _("{network} refused a picture. Use another one."),
    "alt_refused": _("{network} refused the description of a picture. Change the description."),
    "media_permission": _(
        "The permission to post pictures was not granted. Reconnect {network}, then try again."
    ),
    "media_gone": _("The pictures are not kept here any more. Publish it anew."),
    "suspended": _("{network} has suspended this account. Settle it there first."),
    "not_found": _("{network} says this place does not exist any more."),
    # unknown
    "no_answer": _("{network} did not answer, so it may or may not be there."),
    "cut_off": _("The connection to {network} broke while sending, so it may or may not be there."),
    "server_error": _("{network} reported an error of its own, so it may or may not be there."),
    "odd_answer": _("{network}'s answer could not be read, so it may or may not be there."),
    "limit_in_doubt": _(
        "{network} said that it limits us; it may have taken the post all the same."
    ),
    "slow_down_in_doubt": _(
        "{network} said that we post too fast; it may have taken the post all the same."
    ),
    "permission_in_doubt": _(
        "{network} refused it for want of a permission; it may have taken the post all the same."
    ),
    "not_found_in_doubt": _(
        "{network} said that this place does not exist; it may have taken the post all the same."
    ),
    "forbidden_in_doubt": _(
        "{network} said that this account may not post that; it may have taken "
        "the post all the same."
    ),
    "duplicate_seen": _(
        "{network} says the same text is there already, so the earlier try may have landed."
    ),
    "duplicate_at_once": _(
        "{network} says the same text is there already, which may be this very post."
    ),
    "interrupted": _("The worker stopped while sending, so it may or may not be there."),
    "away": _("This server was away when it was due, so it may be there already."),
    # looked up, and a person is needed
    "several_there": _("{network} shows more than one post that could be this one."),
    "wordless_there": _(
        "{network} shows a post without words from that moment; it may be this one."
    ),
    "earlier_there": _(
        "{network} shows the same text from before we sent it, so it may or may not be this one."
    ),
    "changed_there": _(
        "{network} shows a post from that moment whose text was changed, so it may or "
        "may not be this one."
    ),
    "too_many_there": _(
        "It may or may not be there: {network} shows too many posts since then to look through."
    ),
    "absent_again": _(
        "It was tried again and again without a clear answer, and {network} does not show it."
    ),
    "duplicate_unseen": _("{network} says the same text is there already, but does not show it."),
    "cannot_look_permission": _(
        "It may or may not be there, and we lack the permission to read at "
        "{network}. Reconnect and grant it: then we look before anything goes again."
    ),
    "cannot_look_token": _(
        "It may or may not be there: {network} no longer accepts this "
        "connection, so we cannot look. Reconnect it: then we look before anything goes again."
    ),
    "cannot_look_credits": _(
        "It may or may not be there: this server's credits or limit at "
        "{network} are used up, so we cannot look."
    ),
    "cannot_look_refused": _("It may or may not be there: {network} does not let us look."),
    "cannot_look_away": _(
        "It may or may not be there: {network} did not let us look for too long."
    ),
    "channel_gone_in_doubt": _(
        "It may or may not be there: this channel was disconnected before we could look."
    ),
    # a person says that it is there
    "claimed": _("You named a post; it counts once {network} says that this account wrote it."),
    "claim_not_there": _("{network} shows this account no post at the link that you gave."),
    "claim_of_another": _("{network} says that somebody else wrote the post that you named."),
    "claim_unsaid": _("{network} does not say who wrote the post that you named."),
    "claim_taken": _("The post that you named already belongs to another delivery."),
    "claim_of_others_words": _(
        "The post that you named has the words of another delivery, which may have made it."
    ),
    "absent": _("We looked, and {network} does not have it, so it goes out again."),
    "found": _("{network} did not say so, but it is there: we looked."),
    # read back
    "answer_too_long": _("{network}'s answer was too long to be read."),
    "mark_expired": _("{network} lost the place at which we were reading, so we begin anew."),
    "import_limit": _("The rest is read another day: what this server reads a day is used up."),
    "import_fault": _("Something went wrong here while reading from {network}; it is tried again."),
    "may_not_read": _("The permission to read this at {network} was not granted."),
    "reading_refused": _("{network} does not let this account read that."),
    "question_refused": _("{network} did not accept our question; it is asked again another day."),
    # ours
    "late": _("This is more than two hours late, so it was held. Send it now or drop it."),
    "channel_gone": _("This channel was disconnected."),
    "anew": _("It was published anew with other words."),
    "paused": _("This channel is paused."),
    "network_paused": _("The operator of this server has paused posting to {network}."),
    "reconnect": _("The connection to {network} needs to be made again."),
    "turn": _("Another post to the same account goes first."),
    "dropped": _("You dropped it without knowing whether it is there."),
    "taken": _("{network} named a post that already belongs to another delivery."),
}


def sentence(reason: str, network: str) -> str:
    """The sentence for `reason`, a key of SENTENCES."""
    return SENTENCES[reason].format(network=network) if reason else ""


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
