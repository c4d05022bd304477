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
from social.networks.messages import SENTENCES

from .dancing import BAKERY
from .stage import stage_of

SHORT = {"seconds": 1}


X_FAULTS = {
    "x.429.window": (RateLimited, "rate_limit"),
    "x.429.day": (RateLimited, "day_limit"),
    "x.429.month": (RateLimited, "month_limit"),
    "x.429.no_reset": (RateLimited, "rate_limit"),
    "x.402": (RateLimited, "credits"),
    "x.401.expired": (AuthorizationLost, "token_dead"),
    "x.401.revoked": (AuthorizationLost, "token_dead"),
    "x.403.duplicate": (Rejected, "duplicate"),
    "x.403.policy": (Rejected, "forbidden"),
    "x.503.html": (OutcomeUnknown, "server_error"),
    "x.500.list": (OutcomeUnknown, "server_error"),
    "x.503.before": (OutcomeUnknown, "server_error"),
    "x.503.after": (OutcomeUnknown, "server_error"),
    "x.503.html.after": (OutcomeUnknown, "server_error"),
    "x.500.list.after": (OutcomeUnknown, "server_error"),
    "x.201.no_data": (OutcomeUnknown, "odd_answer"),
}
FACEBOOK_FAULTS = {
    "fb.1.before": (OutcomeUnknown, "server_error"),
    "fb.2.before": (OutcomeUnknown, "server_error"),
    "fb.html": (OutcomeUnknown, "server_error"),
    "fb.500.noerror": (OutcomeUnknown, "server_error"),
    "fb.502.empty": (OutcomeUnknown, "server_error"),
    "fb.4": (RateLimited, "rate_limit"),
    "fb.17": (RateLimited, "rate_limit"),
    "fb.32": (RateLimited, "rate_limit"),
    "fb.341": (RateLimited, "rate_limit"),
    "fb.613": (RateLimited, "rate_limit"),
    "fb.80001": (RateLimited, "rate_limit"),
    "fb.368": (RateLimited, "slow_down"),
    "fb.10": (AuthorizationLost, "permission_missing"),
    "fb.200": (AuthorizationLost, "permission_missing"),
    "fb.100": (Rejected, "bad_request"),
    "fb.506": (Rejected, "duplicate"),
    "fb.1609005": (Rejected, "bad_link"),
    "fb.190.458": (AuthorizationLost, "app_removed"),
    "fb.190.459": (AuthorizationLost, "checkpoint"),
    "fb.190.460": (AuthorizationLost, "password_changed"),
    "fb.190.463": (AuthorizationLost, "token_dead"),
    "fb.190.467": (AuthorizationLost, "token_dead"),
    "fb.190.492": (AuthorizationLost, "page_role"),
    "fb.1.after": (OutcomeUnknown, "server_error"),
    "fb.2.after": (OutcomeUnknown, "server_error"),
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
EVERY_FAULT = {
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
    assert stage.token not in str(caught.value) and reason in SENTENCES
    accepted = ".after" in preset or preset.endswith(("no_data", "garbage", "truncated", "_type"))
    assert len(stage.made) == accepted  # never twice, whatever was answered


def test_a_network_that_cannot_be_reached_is_tried_later(stage, settings):
    settings.X_API_URL = settings.FACEBOOK_GRAPH_URL = "http://127.0.0.1:1"
    with pytest.raises(TemporaryError) as temporary:
        stage.publish("Said once")
    assert temporary.value.reason == "unreachable" and not stage.made


def test_no_preset_is_forgotten(sandbox):
    listed = {row["preset"] for row in sandbox.call("GET", "/presets")["presets"]}
    ours = {name for name in listed if name.startswith(("x.", "fb."))}
    slow = {f"{prefix}.{name}" for prefix in ("x", "fb") for name in SAFE}
    assert ours - slow == EVERY_FAULT.keys()


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
        (403, {"errors": None}, Rejected),
    ],
)
def test_a_body_that_tweepy_stumbles_over_still_counts_by_its_status(sandbox, status, body, kind):
    sandbox.call("POST", "/faults", json={"action": {"status": status, "json": body}})
    with pytest.raises(kind):
        stage_of("x", sandbox).publish()


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
        ({"status": 401, "json": {"error": "unauthorized_client"}}, TemporaryError),
        ({"status": 400, "json": {"error": "invalid_client"}}, TemporaryError),
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
    assert "may or may not be there" not in SENTENCES[caught.value.reason]
