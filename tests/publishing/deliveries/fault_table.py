"""What is to be seen under every named fault of the sandbox: in the row, and by the person."""

from dataclasses import dataclass, replace

CHECKING = "Checking with {network}; next look "
UNSURE = f"so it may or may not be there. {CHECKING}"


@dataclass
class Seen:
    """What is to be seen after the first tries; `{network}` is the label."""

    state: str
    waiting_for: str | None
    reason: str
    says: str
    attempts: int = 1
    trouble: bool = False  # whether the channel asks to be reconnected
    made: bool = False  # whether the post exists


def unknown(reason: str, says: str, made: bool) -> Seen:
    return Seen("unconfirmed", None, reason, f"{says}, {UNSURE}", made=made)


def in_doubt(reason: str, says: str, made: bool = False) -> Seen:
    taken = "it may have taken the post all the same"
    return Seen("unconfirmed", None, reason, f"{says}; {taken}. {CHECKING}", made=made)


def doubted(reason: str, says: str, *presets: str, trouble: bool = False) -> dict[str, Seen]:
    """Refused, and made all the same or not: that looks alike."""
    seen = replace(in_doubt(reason, says), trouble=trouble)
    made = {f"{name}.after": replace(seen, made=True) for name in presets}
    return dict.fromkeys(presets, seen) | made


def there(made: bool) -> Seen:
    says = "{network} says the same text is there already, which may be this very post."
    return Seen("unconfirmed", None, "duplicate_at_once", f"{says} {CHECKING}", made=made)


def limited(reason: str, says: str, waiting_for: str = "rate_limit") -> Seen:
    return Seen("queued", waiting_for, reason, f"{says}; next try ")


def lost(reason: str, says: str, attempts: int = 1) -> Seen:
    return Seen("queued", "reconnect", reason, says, attempts, trouble=True)


def failed(reason: str, says: str) -> Seen:
    return Seen("failed", None, reason, says)


def silent(made: bool) -> Seen:
    return unknown("no_answer", "{network} did not answer", made)


def cut(made: bool) -> Seen:
    return unknown("cut_off", "The connection to {network} broke while sending", made)


def broken(made: bool) -> Seen:
    return unknown("server_error", "{network} reported an error of its own", made)


ODD = unknown("odd_answer", "{network}'s answer could not be read", made=True)
SENT = Seen("sent", None, "", "", made=True)
SENT_AT_ONCE_MORE = replace(SENT, attempts=2)  # its token was renewed
AWAY = Seen("queued", "backoff", "unreachable", "{network} could not be reached; next try ")
BUSY = limited("rate_limit", "{network} is limiting us")
DEAD = "{network} no longer accepts this connection. Reconnect it."
CREDITS = "This server's credits at {network} are used up; its operator must add some"
MONTH = "{network}'s limit for this month is used up; the operator of this server can raise it"
LIMITING = (4, 17, 32, 341, 613, 80001)
LIMITS, TOO_FAST = "{network} said that it limits us", "{network} said that we post too fast"
NO_RIGHT = "{network} refused it for want of a permission"
RIGHTS = ("fb.3", "fb.10", "fb.200", "fb.283", "fb.190.role", "fb.190.admin", "fb.190.page")
RIGHTS += ("fb.1.2853006", "x.403.right")
NO_APP = "{network} does not accept this server's app; its operator must settle that there"
ROBOT = "{network} took this for the work of a robot and blocks the account for a while"
DAY = "{network}'s limit for today is used up"
SUSPENDED = "{network} has suspended this account. Settle it there first."
LONG = "The text is too long for {network}. Shorten it."
LINK = "{network} could not read the link in the post. Change the link."
BAD = "{network} did not accept the post. Change the text."
CONFIRM = "{network} wants you to sign in there and confirm your account; then reconnect."
FORGOTTEN = Seen("queued", "backoff", "media_failed", "{network} did not take the picture; nothing")
NO_PLACE = "{network} said that this place does not exist"
MAY_NOT = "{network} said that this account may not post that"
ON_THE_WIRE = {
    **{f"timeout.{side}": silent(made=side == "after") for side in ("before", "after")},
    "hang": silent(made=False),
    "late": silent(made=False),  # not yet
    "drip": silent(made=True),
    **{f"cut.{side}": cut(made=side == "after") for side in ("before", "after")},
    **{f"reset.{side}": cut(made=side == "after") for side in ("before", "after")},
    "201.truncated": cut(made=True),
    "201.garbage": ODD,
}
SEEN = {
    "x.429.window": BUSY,
    "x.429.no_reset": BUSY,
    "x.429.retry_after": BUSY,
    "x.429.left": BUSY,
    "x.403.88": BUSY,
    **dict.fromkeys(("x.429.day", "x.403.185", "x.403.344"), limited("day_limit", DAY)),
    **dict.fromkeys(("x.403.226", "x.403.automated"), limited("automated", ROBOT)),
    "x.403.spend_cap": limited("credits", CREDITS, "credits"),
    "x.429.month": limited("month_limit", MONTH, "credits"),
    "x.402": limited("credits", CREDITS, "credits"),
    "x.401.expired": SENT_AT_ONCE_MORE,
    "x.401.revoked": lost("token_dead", DEAD, attempts=2),
    **dict.fromkeys(
        [
            *(f"x.403.{it}" for it in ("not_enrolled", "app_only", "oauth1", "416", "453")),
            *(f"fb.{it}" for it in ("100.proof", "200.blocked", "101")),
        ],
        limited("app_refused", NO_APP, "credits"),
    ),
    "x.403.scope": lost("permission_missing", "The permission to post was not granted."),
    **dict.fromkeys(("x.401.json", "x.403.32", "x.403.89"), SENT_AT_ONCE_MORE),
    "x.403.131": broken(made=False),
    "x.400.internal": broken(made=False),
    **dict.fromkeys(("x.403.326", "x.403.locked"), lost("checkpoint", CONFIRM)),
    **dict.fromkeys(("x.403.64", "x.403.suspended"), failed("suspended", SUSPENDED)),
    **dict.fromkeys(("x.403.186", "x.403.shorter"), failed("too_long", LONG)),
    **dict.fromkeys(("x.400.44", "fb.100.link", "fb.1500"), failed("bad_link", LINK)),
    "x.400.324": failed("media_refused", "{network} refused a picture. Use another one."),
    **dict.fromkeys(("x.400.325", "x.400.media", "fb.100.media"), FORGOTTEN),
    "x.403.cashtags": failed("cashtags", "{network} takes one cashtag (as $AAPL) in a post."),
    "x.403.quote": failed("forbidden", "{network} does not allow this account to post that."),
    **dict.fromkeys(("x.400", "x.400.code"), failed("bad_request", BAD)),
    "fb.368.content": failed("policy", "{network} refused this post by its own rules."),
    "fb.102": lost("token_dead", DEAD),
    "fb.190.464": lost("checkpoint", CONFIRM),
    **dict.fromkeys(("x.403.duplicate", "x.403.187"), there(made=False)),
    "x.403.duplicate.after": there(made=True),
    "x.403.policy": failed("forbidden", "{network} does not allow this account to post that."),
    **{f"x.503.{side}": broken(made=side == "after") for side in ("before", "after")},
    **{f"x.503.html{it}": broken(made=bool(it)) for it in ("", ".after")},
    **{f"x.500.list{it}": broken(made=bool(it)) for it in ("", ".after")},
    "x.403.html.after": ODD,
    "x.408.after": ODD,
    "x.499.after": ODD,
    "x.201.no_data": ODD,
    "x.drip.headers": silent(made=True),
    **{f"fb.1.{side}": broken(made=side == "after") for side in ("before", "after")},
    **{f"fb.2.{side}": broken(made=side == "after") for side in ("before", "after")},
    "fb.html": broken(made=False),
    "fb.html.after": broken(made=True),
    "fb.500.noerror": broken(made=False),
    "fb.500.noerror.after": broken(made=True),
    "fb.502.empty": broken(made=False),
    "fb.502.empty.after": broken(made=True),
    "fb.no_content_type": broken(made=True),
    **{f"fb.{code}": in_doubt("limit_in_doubt", LIMITS) for code in LIMITING},
    **{f"fb.{code}.after": in_doubt("limit_in_doubt", LIMITS, made=True) for code in LIMITING},
    "fb.368": in_doubt("slow_down_in_doubt", TOO_FAST),
    "fb.368.after": in_doubt("slow_down_in_doubt", TOO_FAST, made=True),
    "fb.3001.after": broken(made=True),
    **doubted("permission_in_doubt", NO_RIGHT, *RIGHTS, trouble=True),
    "fb.190.492": replace(in_doubt("permission_in_doubt", NO_RIGHT), trouble=True),
    **doubted("not_found_in_doubt", NO_PLACE, "fb.100.33", "fb.803", "x.404"),
    **dict.fromkeys(
        ("x.403.34", "x.404.resource", "x.403.unavailable"),
        in_doubt("not_found_in_doubt", NO_PLACE),
    ),
    "x.403.220": replace(in_doubt("permission_in_doubt", NO_RIGHT), trouble=True),
    **doubted("forbidden_in_doubt", MAY_NOT, "x.403"),
    "fb.100": failed("bad_request", BAD),
    "fb.506": there(made=False),
    "fb.506.after": there(made=True),
    "fb.1609005": failed("bad_link", LINK),
    "fb.1609008": failed("bad_link", LINK),
    "fb.190.458": lost("app_removed", "This server's app was removed at {network}."),
    "fb.190.459": lost("checkpoint", "{network} wants you to sign in there and confirm"),
    "fb.190.460": lost("password_changed", "The password at {network} was changed."),
    "fb.190.463": lost("token_dead", DEAD),
    "fb.190.467": lost("token_dead", DEAD),
    "oauth.code_expired": SENT,  # codes are for signing in; a renewal has none
    "oauth.token_503": AWAY,
    "oauth.hang": AWAY,
    "oauth.refresh_reuse": lost("token_dead", DEAD),
    "slow": SENT,
    **{f"x.{name}": seen for name, seen in ON_THE_WIRE.items()},
    **{f"fb.{name}": seen for name, seen in ON_THE_WIRE.items()},
}
