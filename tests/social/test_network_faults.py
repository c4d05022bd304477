"""Every named fault, on every network: which of the five errors it is, and why."""

from datetime import UTC, datetime, timedelta

import pytest

from social.networks.errors import (
    AuthorizationLost,
    NetworkError,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TemporaryError,
)
from social.networks.messages import sentence
from social.reasons import Reason
from tests.publishing.deliveries.fault_table import SEEN

from .dancing import BAKERY
from .stage import stage_of

SHORT = {"seconds": 1}
BROKEN = (OutcomeUnknown, "server_error")
X_FAULTS = {
    "x.429.window": (RateLimited, "rate_limit"),
    "x.429.day": (RateLimited, "day_limit"),
    "x.429.month": (RateLimited, "month_limit"),
    "x.429.no_reset": (RateLimited, "rate_limit"),
    "x.402": (RateLimited, "credits"),
    "x.401.expired": (AuthorizationLost, "token_dead"),
    "x.401.revoked": (AuthorizationLost, "token_dead"),
    "x.403.duplicate": (Rejected, "duplicate"),
    "x.403.duplicate.after": (Rejected, "duplicate"),
    "x.403.policy": (Rejected, "forbidden"),
    **{f"x.503.{it}": BROKEN for it in ("html", "html.after", "before", "after")},
    **{f"x.500.list{it}": BROKEN for it in ("", ".after")},
    "x.403.html.after": (OutcomeUnknown, "odd_answer"),
    "x.408.after": (OutcomeUnknown, "odd_answer"),
    "x.499.after": (OutcomeUnknown, "odd_answer"),
    "x.201.no_data": (OutcomeUnknown, "odd_answer"),
}
LIMITS, LIMIT = (4, 17, 32, 341, 613, 80001), (OutcomeUnknown, "limit_in_doubt")
FACEBOOK_FAULTS = {
    **{f"fb.{code}.before": BROKEN for code in (1, 2)},
    "fb.html": (OutcomeUnknown, "server_error"),
    "fb.500.noerror": (OutcomeUnknown, "server_error"),
    "fb.502.empty": (OutcomeUnknown, "server_error"),
    **{f"fb.{code}": LIMIT for code in LIMITS},
    **{f"fb.{code}.after": LIMIT for code in LIMITS},
    "fb.368": (OutcomeUnknown, "slow_down_in_doubt"),
    "fb.368.after": (OutcomeUnknown, "slow_down_in_doubt"),
    "fb.100": (Rejected, "bad_request"),
    "fb.506": (Rejected, "duplicate"),
    "fb.506.after": (Rejected, "duplicate"),
    "fb.1609005": (Rejected, "bad_link"),
    "fb.1609008": (Rejected, "bad_link"),
    "fb.190.458": (AuthorizationLost, "app_removed"),
    "fb.190.459": (AuthorizationLost, "checkpoint"),
    "fb.190.460": (AuthorizationLost, "password_changed"),
    "fb.190.463": (AuthorizationLost, "token_dead"),
    "fb.190.467": (AuthorizationLost, "token_dead"),
    "fb.190.492": (OutcomeUnknown, "permission_in_doubt"),
    **{f"fb.{code}.after": BROKEN for code in (1, 2, 3001)},
    "fb.html.after": (OutcomeUnknown, "server_error"),
    "fb.500.noerror.after": (OutcomeUnknown, "server_error"),
    "fb.502.empty.after": (OutcomeUnknown, "server_error"),
    "fb.no_content_type": (OutcomeUnknown, "server_error"),
}
WIRE_FAULTS = {
    "timeout.before": (OutcomeUnknown, "cut_off"),
    "timeout.after": (OutcomeUnknown, "cut_off"),
    "cut.before": (OutcomeUnknown, "cut_off"),
    "cut.after": (OutcomeUnknown, "cut_off"),
    "reset.before": (OutcomeUnknown, "cut_off"),
    "reset.after": (OutcomeUnknown, "cut_off"),
    "201.garbage": (OutcomeUnknown, "odd_answer"),
    "201.truncated": (OutcomeUnknown, "cut_off"),
    "hang": (OutcomeUnknown, "cut_off"),
}
SAFE = {"late": None, "drip": None, "drip.headers": None}  # see test_http.py
DOUBTED = {
    "permission_in_doubt": "fb.3 fb.10 fb.200 fb.283 fb.190.role x.403.right",
    "not_found_in_doubt": "fb.100.33 fb.803 x.404",
    "forbidden_in_doubt": "x.403",
}
EVERY_FAULT = {
    **{
        f"{name}{side}": (OutcomeUnknown, reason)
        for reason, names in DOUBTED.items()
        for name in names.split()
        for side in ("", ".after")
    },
    **X_FAULTS,
    **FACEBOOK_FAULTS,
    **{f"{prefix}.{name}": what for prefix in ("x", "fb") for name, what in WIRE_FAULTS.items()},
}


@pytest.mark.parametrize("preset", EVERY_FAULT)
def test_each_fault_is_the_error_that_decides_rightly(sandbox, preset):
    kind, reason = EVERY_FAULT[preset]
    stage = stage_of("x" if preset.startswith("x.") else "facebook", sandbox)
    hangs = preset.endswith(("timeout.before", "timeout.after", "hang"))
    sandbox.arm(preset, **(SHORT if hangs else {}))
    with pytest.raises(NetworkError) as caught:
        stage.publish("Said once")
    assert (type(caught.value), caught.value.reason) == (kind, reason)
    assert stage.token not in str(caught.value) and reason in set(Reason)
    accepted = ".after" in preset or preset.endswith(("no_data", "garbage", "truncated", "_type"))
    assert len(stage.made) == accepted  # never twice, whatever was answered


def test_a_network_that_cannot_be_reached_is_tried_later(stage, settings):
    for name in settings.NETWORK_HOMES.values():
        setattr(settings, name, "http://127.0.0.1:1")
    with pytest.raises(TemporaryError) as temporary:
        stage.publish("Said once")
    assert temporary.value.reason == "unreachable" and not stage.made


def test_no_preset_is_forgotten(sandbox):
    listed = {row["preset"] for row in sandbox.call("GET", "/presets")["presets"]}
    ours = {name for name in listed if name.startswith(("x.", "fb."))}
    slow = {f"{prefix}.{name}" for prefix in ("x", "fb") for name in SAFE}
    lists = {"x.lists.circle", "fb.lists.circle"}  # see test_circles.py
    assert ours - slow - lists - SEEN.keys() <= EVERY_FAULT.keys() <= ours


def test_when_a_limit_ends_is_the_latest_of_the_exhausted_ones(sandbox):
    stage = stage_of("x", sandbox)
    for preset, least in (("x.429.window", 800), ("x.429.day", 86_000)):
        sandbox.arm(preset)
        with pytest.raises(RateLimited) as limited:
            stage.publish()
        left = (limited.value.until - datetime.now(UTC)).total_seconds()
        assert least < left < least + 1000


@pytest.mark.parametrize("reset", ["99999999999999999999", "-5", "soon", "²", "4102444800", ""])
def test_an_absurd_end_of_a_limit_neither_crashes_nor_parks_for_years(sandbox, reset):
    headers = {"x-rate-limit-remaining": "0", "x-rate-limit-reset": reset}
    action = {"status": 429, "json": {"title": "Too Many Requests"}, "headers": headers}
    sandbox.call("POST", "/faults", json={"action": action})
    with pytest.raises(RateLimited) as limited:
        stage_of("x", sandbox).publish()
    until = limited.value.until
    assert until is None or until < datetime.now(UTC) + timedelta(days=2)


@pytest.mark.parametrize(
    "status, body, kind",
    [
        (429, [], RateLimited),
        (401, {"errors": None}, AuthorizationLost),
        (402, ["no credits"], RateLimited),
        (403, {"errors": None}, OutcomeUnknown),
        (400, {"errors": [{"message": "no"}]}, Rejected),
        (404, {"title": "Not Found Error"}, OutcomeUnknown),
    ],
)
def test_a_body_that_tweepy_stumbles_over_still_counts_by_its_status(sandbox, status, body, kind):
    answer(sandbox, {"status": status, "json": body})
    with pytest.raises(kind):
        stage_of("x", sandbox).publish()


def answer(sandbox, action, phase="before"):
    sandbox.call("POST", "/faults", json={"action": action, "phase": phase})


# ── A no that nobody who knows has said ───────────────────────────────────────────────────────
PROBLEM = {"title": "Forbidden", "detail": "Forbidden", "type": "about:blank"}
PAGE = {"body": "<html>no</html>", "headers": {"Content-Type": "text/html"}}


@pytest.mark.parametrize("status", [408, 409, 410, 425, 451, 499])
@pytest.mark.parametrize("body", [{"json": PROBLEM}, PAGE, {"body": ""}])
def test_a_status_that_x_does_not_refuse_with_leaves_it_open(sandbox, status, body):
    check_open("x", sandbox, {"status": status, **body})


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 429])
@pytest.mark.parametrize("body", [PAGE, {"body": ""}, {"body": '{"title": '}])
def test_what_did_not_come_from_xs_api_leaves_it_open(sandbox, status, body):
    check_open("x", sandbox, {"status": status, **body})


def test_a_limit_of_xs_own_needs_no_body(sandbox):
    answer(sandbox, {"status": 429, "body": "", "headers": {"x-rate-limit-limit": "100"}})
    with pytest.raises(RateLimited):
        stage_of("x", sandbox).publish()


@pytest.mark.parametrize("code", [7, 3001, 99999, "4", "190", 100.0, True, None, [100], {}])
@pytest.mark.parametrize("status", [400, 403, 500])
def test_a_code_of_facebook_that_we_do_not_know_leaves_it_open(sandbox, code, status):
    said = {"message": "No.", "type": "OAuthException", "code": code, "error_subcode": [33]}
    check_open("facebook", sandbox, {"status": status, "json": {"error": said}})


@pytest.mark.parametrize("status", [200, 500, 503])
def test_a_bad_parameter_is_a_refusal_with_a_4xx_only(sandbox, status):
    said = {"message": "(#100) Invalid parameter", "code": 100, "error_subcode": 33}
    check_open("facebook", sandbox, {"status": status, "json": {"error": said}})


@pytest.mark.parametrize("status", [400, 408, 499])
def test_an_answer_of_facebook_that_breaks_its_library_leaves_it_open(sandbox, status):
    check_open("facebook", sandbox, {"status": status, "body": "{", "headers": JSON})


JSON = {"Content-Type": "application/json"}


def check_open(network, sandbox, action):
    stage = stage_of(network, sandbox)
    answer(sandbox, action, "after")
    with pytest.raises(OutcomeUnknown) as unknown:
        stage.publish("Said once")
    assert unknown.value.reason in ("odd_answer", "server_error")
    assert len(stage.made) == 1


@pytest.mark.parametrize("code", [102, 190, 2500])
def test_what_facebook_says_of_the_token_counts_whatever_the_status(sandbox, code):
    for status in (400, 403, 500):
        answer(sandbox, {"status": status, "json": {"error": {"message": "No.", "code": code}}})
        with pytest.raises(AuthorizationLost):
            stage_of("facebook", sandbox).publish()


@pytest.mark.parametrize("code", [3, 10, 200, 299])
def test_what_facebook_says_of_our_rights_is_doubted_whatever_the_status(sandbox, code):
    for status in (400, 403, 500):
        answer(sandbox, {"status": status, "json": {"error": {"message": "No.", "code": code}}})
        with pytest.raises(OutcomeUnknown) as doubted:
            stage_of("facebook", sandbox).publish()
        refusal = doubted.value.refusal
        assert type(refusal) is AuthorizationLost and refusal.place_only


@pytest.mark.parametrize("detail", ["more than one cashtag", "quote posts", "Replies are only"])
def test_a_no_of_x_that_names_its_reason_is_no_doubt(sandbox, detail):
    answer(sandbox, {"status": 403, "json": {"title": "Forbidden", "detail": detail}})
    with pytest.raises(Rejected):
        stage_of("x", sandbox).publish()


@pytest.mark.parametrize("code", [506, 1609005])
def test_what_facebook_refuses_stays_refused_whatever_the_status(sandbox, code):
    for status in (400, 500):
        answer(sandbox, {"status": status, "json": {"error": {"message": "No.", "code": code}}})
        with pytest.raises(Rejected):
            stage_of("facebook", sandbox).publish()


@pytest.mark.parametrize(
    "code, reason", [(4, "rate_limit"), (80014, "rate_limit"), (368, "slow_down")]
)
def test_a_limit_to_a_question_is_only_a_limit(sandbox, code, reason):
    stage = stage_of("facebook", sandbox)
    answer(sandbox, {"status": 403, "json": {"error": {"message": "No.", "code": code}}})
    with pytest.raises(RateLimited) as limited:
        stage.network.person(stage.grant)
    assert limited.value.reason == reason


@pytest.mark.parametrize("status", [307, 308, 302, 301, 303])
def test_a_redirect_is_never_followed(stage, status):
    """Followed, the same create would go out again; refused as sent nowhere, too."""
    home = "x-api/2/tweets" if stage.network.name == "x" else f"fb-graph/v25.0/{BAKERY}/feed"
    headers = {"Location": f"{stage.sandbox.url}/{home}"}
    fault = {"phase": "after", "action": {"status": status, "headers": headers}}
    stage.sandbox.call("POST", "/faults", json=fault)
    with pytest.raises(OutcomeUnknown):
        stage.publish("Said once")
    assert len(stage.made) == 1


# ── The app's own calls ───────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "answer, kind",
    [
        ({"status": 401, "json": {"error": "unauthorized_client"}}, RateLimited),
        ({"status": 400, "json": {"error": "invalid_client"}}, RateLimited),
        ({"status": 403, "json": {"title": "Forbidden"}}, TemporaryError),
        ({"status": 404, "body": ""}, TemporaryError),
        ({"status": 200, "json": []}, TemporaryError),
        ({"status": 200, "json": {}}, TemporaryError),
        ({"status": 503, "body": "<html>"}, TemporaryError),
        ({"status": 429, "json": {"title": "Too Many Requests"}}, RateLimited),
        ({"close": True}, TemporaryError),
        ({"status": 400, "json": {"error": "invalid_request"}}, AuthorizationLost),
    ],
)
def test_only_a_refused_refresh_token_ends_a_grant(sandbox, answer, kind):
    """Trouble with the token endpoint, or with the app's own keys, disconnects nobody."""
    stage = stage_of("x", sandbox)
    sandbox.call("POST", "/faults", json={"action": answer})
    with pytest.raises(kind) as caught:
        stage.network.renew(stage.grant)
    assert type(caught.value) is kind
    assert "may or may not be there" not in sentence(caught.value.reason, "X")
