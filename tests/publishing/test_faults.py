"""Every named fault of the sandbox: what the row says, what the person reads, what really is."""

import re
import time
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest
from django.utils import timezone

from publishing.models import Delivery
from publishing.reconciling import LOOKS
from social.models import open_what_answers
from social.sandbox.presets import AUTHORIZE, PRESETS

from .conftest import fresh, publish, time_passes

TEXT = "Hello, world!"
CREATE = re.compile(r"/2/tweets$|/\d+/(feed|photos)$")
TOO_LONG, QUICK = 4, 0.05  # seconds of a hang; the TIME_SCALE that makes us give up long before
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
AFTER = [name for name in SEEN if PRESETS[name].phase == "after"]
LATE = ["x.late", "fb.late"]


@pytest.fixture
def under(request, sandbox, settings, monkeypatch):
    """Publish under a fault, to the network that it is about; nobody looks it up meanwhile."""
    monkeypatch.setattr("publishing.reconciling.LOOKS", (400, *LOOKS))

    def publish_under(preset):
        channel = request.getfixturevalue("bakery" if preset.startswith("fb.") else "x")
        lasting = PRESETS[preset].action.keys() & {"hang_s", "drip_s", "delay_ms"}
        settings.TIME_SCALE = QUICK if lasting and preset != "slow" else 1
        if preset.startswith("oauth."):
            channel.connection.access_expires_at = timezone.now()  # to be renewed first
            channel.connection.save()
        seconds = 0.1 if preset == "slow" else TOO_LONG
        sandbox.arm(preset, **({"seconds": seconds} if lasting else {}))
        return publish(channel, TEXT)

    return publish_under


def creates(sandbox):
    """The requests to create a post that reached the networks."""
    return [e for e in sandbox.journal() if e["method"] == "POST" and CREATE.search(e["path"])]


def test_the_table_has_every_fault_of_a_create_or_a_token():
    acting = {name for name, preset in PRESETS.items() if preset.match is not AUTHORIZE}
    # Those of handshakes and of lists are tried in social/test_handshakes.py and test_circles.py.
    assert {name for name in acting if not re.match(r"tls\.|\w+\.lists\.", name)} == SEEN.keys()
    assert {name for name, seen in SEEN.items() if seen.made and seen.state != "sent"} == set(AFTER)


@pytest.mark.parametrize("preset", SEEN)
def test_fault(preset, under, sandbox, run_jobs, client_for, alice):
    seen, delivery = SEEN[preset], under(preset)
    run_jobs()
    told = client_for(alice).get(f"/status/{delivery.job_id}").json()
    delivery = fresh(delivery)

    assert (told["state"], told["waiting_for"]) == (seen.state, seen.waiting_for)
    assert (delivery.reason, told["attempts"]) == (seen.reason, seen.attempts)
    says = seen.says.format(network=delivery.channel.network.label)
    assert (told["reason"] or "").startswith(says)
    assert bool(told["reason"]) == bool(seen.says)
    assert (delivery.channel.state == "reconnect") == seen.trouble
    assert len(sandbox.truth(text=TEXT)) == seen.made
    assert delivery.attempts.count() == delivery.attempt


@pytest.mark.parametrize("preset", AFTER + LATE)
def test_what_is_there_is_found_and_never_sent_again(preset, under, sandbox, run_jobs):
    delivery = under(preset)
    run_jobs()
    wait_until_made(sandbox)
    for _ in range(3):
        time_passes(hours=5)
        Delivery.objects.sweep()
        run_jobs(until=timezone.now() + timedelta(days=1))

    assert fresh(delivery).state == "sent"
    assert len(creates(sandbox)) == 1
    assert [row["id"] for row in sandbox.truth(text=TEXT)] == [fresh(delivery).remote_id]


def wait_until_made(sandbox):
    deadline = time.monotonic() + 10
    while not sandbox.truth(text=TEXT):
        assert time.monotonic() < deadline
        time.sleep(0.05)


WAITED = {"x.429.window": 16, "x.402": 16, "oauth.token_503": 2}


@pytest.mark.parametrize(("preset", "minutes"), WAITED.items())
def test_what_was_put_off_goes_out_by_itself(preset, minutes, under, sandbox, run_jobs):
    delivery = under(preset)
    run_jobs()
    time_passes(minutes=minutes)
    open_what_answers()  # the timetable does that every minute
    run_jobs(until=timezone.now() + timedelta(minutes=1))
    time_passes(minutes=1)
    run_jobs()
    assert fresh(delivery).state == "sent"
    assert len(sandbox.truth(text=TEXT)) == 1


def test_what_was_put_off_until_tomorrow_is_asked_about_then(under, sandbox, run_jobs):
    delivery = under("x.429.day")
    run_jobs()
    time_passes(hours=24, minutes=1)
    run_jobs()
    assert fresh(delivery).waiting_for == "held"
    fresh(delivery).retry()
    run_jobs()
    assert fresh(delivery).state == "sent"


@pytest.mark.parametrize("preset", ["x.401.revoked", "fb.190.460"])
def test_what_waits_for_a_reconnection_goes_out_after_it(preset, under, sandbox, run_jobs):
    delivery = under(preset)
    run_jobs()
    sandbox.disarm()
    sandbox.change("give_role", page="alicesbakery", user="100000000000001")
    reconnect(delivery.channel, sandbox)
    run_jobs()
    assert fresh(delivery).state == "sent"
    assert fresh(delivery).channel.state == "works"


def reconnect(channel, sandbox):
    network, connection = channel.network_name, channel.connection
    told = sandbox.token(network, connection.remote_id)
    connection.refresh_from_db()
    grant = connection.grant()
    refresh = told.get("refresh_token", "")
    connection.take(connection.person, type(grant)(told["access_token"], refresh))


def test_a_network_that_cannot_be_reached_is_tried_six_times(x, settings, run_jobs):
    settings.X_API_URL = "http://127.0.0.1:9"  # nobody listens
    delivery = publish(x)
    for tries in range(1, 7):
        run_jobs()
        assert fresh(delivery).tries == tries
        time_passes(minutes=18)

    delivery = fresh(delivery)
    assert (delivery.state, delivery.reason, delivery.attempt) == ("failed", "unreachable", 6)
    assert "tried six times" in delivery.sentence


def test_a_lost_page_leaves_the_others_alone(bakery, x, under, run_jobs):
    under("fb.190.492")
    run_jobs()
    bakery.connection.refresh_from_db()
    assert not bakery.connection.trouble
    assert fresh(publish(x)).channel.state == "works"
