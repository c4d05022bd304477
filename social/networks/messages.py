"""Every sentence that a failure can show a person. `{network}` is the network's label.

One sentence each: what happened and, where there is something to do, what to do. Raw answers of a
network are for staff and never stand here.
"""

SENTENCES = {
    # temporary: tried again by itself
    "unreachable": "{network} could not be reached.",
    "too_slow_here": "This server was too busy to send in time; nothing left.",
    "media_failed": "{network} did not take the picture; nothing was posted.",
    "media_slow": "{network} took too long to take the pictures; nothing was posted.",
    "worker_gone": "The worker stopped before anything was sent.",
    # rate limits: tried again by itself
    "rate_limit": "{network} is limiting us.",
    "day_limit": "{network}'s limit for today is used up.",
    "month_limit": "{network}'s limit for this month is used up; the operator of this server can "
    "raise it.",
    "credits": "This server's credits at {network} are used up; its operator must add some.",
    "app_refused": "{network} does not accept this server's app; its operator must settle that "
    "there.",
    "automated": "{network} took this for the work of a robot and blocks the account for a while.",
    "slow_down": "{network} says we post too fast and blocks us for a while.",
    # authorization: the person connects again
    "token_dead": "{network} no longer accepts this connection. Reconnect it.",
    "app_removed": "This server's app was removed at {network}. Reconnect it.",
    "password_changed": "The password at {network} was changed. Reconnect it.",
    "checkpoint": "{network} wants you to sign in there and confirm your account; then reconnect.",
    "page_role": "You no longer have a role on this Page that may post. Ask for it and reconnect.",
    "not_ticked": "This Page was not ticked in {network}'s own window. Reconnect and tick it.",
    "permission_missing": "The permission to post was not granted. Reconnect and grant it.",
    "token_unreadable": "The stored key of this connection cannot be read. Reconnect it.",
    # rejected: the person changes something
    "duplicate": "{network} refused it: the same text was posted there recently. Change the text.",
    "too_long": "The text is too long for {network}. Shorten it.",
    "empty": "{network} does not take an empty post. Write something.",
    "policy": "{network} refused this post by its own rules. Change the text.",
    "forbidden": "{network} does not allow this account to post that.",
    "cashtags": "{network} takes one cashtag (as $AAPL) in a post. Take the others out.",
    "bad_link": "{network} could not read the link in the post. Change the link.",
    "bad_request": "{network} did not accept the post. Change the text.",
    "media_refused": "{network} refused a picture. Use another one.",
    "alt_refused": "{network} refused the description of a picture. Change the description.",
    "media_permission": "The permission to post pictures was not granted. Reconnect {network}, "
    "then try again.",
    "media_gone": "The pictures are not kept here any more. Publish it anew.",
    "home_unknown": "That is not the address of a {network} server.",
    "sign_in_refused": "{network} did not accept that. Look at what you typed.",
    "suspended": "{network} has suspended this account. Settle it there first.",
    "not_found": "{network} says this place does not exist any more.",
    # unknown
    "no_answer": "{network} did not answer, so it may or may not be there.",
    "cut_off": "The connection to {network} broke while sending, so it may or may not be there.",
    "server_error": "{network} reported an error of its own, so it may or may not be there.",
    "odd_answer": "{network}'s answer could not be read, so it may or may not be there.",
    "limit_in_doubt": "{network} said that it limits us; it may have taken the post all the same.",
    "slow_down_in_doubt": "{network} said that we post too fast; it may have taken the post all "
    "the same.",
    "permission_in_doubt": "{network} refused it for want of a permission; it may have taken the "
    "post all the same.",
    "not_found_in_doubt": "{network} said that this place does not exist; it may have taken the "
    "post all the same.",
    "forbidden_in_doubt": "{network} said that this account may not post that; it may have taken "
    "the post all the same.",
    "duplicate_seen": "{network} says the same text is there already, so the earlier try may have "
    "landed.",
    "duplicate_at_once": "{network} says the same text is there already, which may be this very "
    "post.",
    "interrupted": "The worker stopped while sending, so it may or may not be there.",
    "away": "This server was away when it was due, so it may be there already.",
    # looked up, and a person is needed
    "several_there": "{network} shows more than one post that could be this one.",
    "wordless_there": "{network} shows a post without words from that moment; it may be this one.",
    "earlier_there": "{network} shows the same text from before we sent it, so it may or may not "
    "be this one.",
    "changed_there": "{network} shows a post from that moment whose text was changed, so it may or "
    "may not be this one.",
    "too_many_there": "It may or may not be there: {network} shows too many posts since then to "
    "look through.",
    "absent_again": "It was tried again and again without a clear answer, and {network} does not "
    "show it.",
    "duplicate_unseen": "{network} says the same text is there already, but does not show it.",
    "cannot_look_permission": "It may or may not be there, and we lack the permission to read at "
    "{network}. Reconnect and grant it: then we look before anything goes again.",
    "cannot_look_token": "It may or may not be there: {network} no longer accepts this "
    "connection, so we cannot look. Reconnect it: then we look before anything goes again.",
    "cannot_look_credits": "It may or may not be there: this server's credits or limit at "
    "{network} are used up, so we cannot look.",
    "cannot_look_refused": "It may or may not be there: {network} does not let us look.",
    "cannot_look_away": "It may or may not be there: {network} did not let us look for too long.",
    "channel_gone_in_doubt": "It may or may not be there: this channel was disconnected before we "
    "could look.",
    # a person says that it is there
    "claimed": "You named a post; it counts once {network} says that this account wrote it.",
    "claim_not_there": "{network} shows this account no post at the link that you gave.",
    "claim_of_another": "{network} says that somebody else wrote the post that you named.",
    "claim_unsaid": "{network} does not say who wrote the post that you named.",
    "claim_taken": "The post that you named already belongs to another delivery.",
    "claim_of_others_words": "The post that you named has the words of another delivery, which may "
    "have made it.",
    "absent": "We looked, and {network} does not have it, so it goes out again.",
    "found": "{network} did not say so, but it is there: we looked.",
    # read back
    "answer_too_long": "{network}'s answer was too long to be read.",
    "mark_expired": "{network} lost the place at which we were reading, so we begin anew.",
    "import_limit": "The rest is read another day: what this server reads a day is used up.",
    "import_fault": "Something went wrong here while reading from {network}; it is tried again.",
    "may_not_read": "The permission to read this at {network} was not granted.",
    "reading_refused": "{network} does not let this account read that.",
    "question_refused": "{network} did not accept our question; it is asked again another day.",
    # ours
    "late": "This is more than two hours late, so it was held. Send it now or drop it.",
    "channel_gone": "This channel was disconnected.",
    "anew": "It was published anew with other words.",
    "paused": "This channel is paused.",
    "network_paused": "The operator of this server has paused posting to {network}.",
    "reconnect": "The connection to {network} needs to be made again.",
    "turn": "Another post to the same account goes first.",
    "dropped": "You dropped it without knowing whether it is there.",
    "taken": "{network} named a post that already belongs to another delivery.",
}


def sentence(reason: str, network: str) -> str:
    """The sentence for `reason`, a key of SENTENCES."""
    return SENTENCES[reason].format(network=network) if reason else ""


VISIBILITY_NOTES = {
    "friends_hidden": "{network} shows only those friends who use this app too; there are {total} "
    "in all.",
    "friends_hidden_all": "{network} shows only those friends who use this app too.",
    "reels_hidden": "{network} does not list reels, so they are not read.",
    "history_ends": "{network} shows no more than the latest {total} posts.",
}


def visibility_sentence(note: str, network: str, total: int | None) -> str:
    """What the network does not give, in one sentence; empty when it gives all."""
    if note == "friends_hidden" and total is None:
        note = "friends_hidden_all"
    if not note:
        return ""
    return VISIBILITY_NOTES[note].format(network=network, total=f"{total or 0:,}")
