"""The tables of refusals: each row is met by a fault that a person can arm, and an answer is read
from what the network wrote and never from words of ours that it repeats."""

import json
from datetime import UTC, datetime, timedelta

import facebook
import pytest
import requests

from social.networks.bluesky import errors as bluesky_errors
from social.networks.bluesky import refusals as bluesky_refusals
from social.networks.errors import AuthorizationLost, RateLimited, Rejected, TemporaryError
from social.networks.facebook import errors as facebook_errors
from social.networks.facebook import refusals as facebook_refusals
from social.networks.messages import sentence
from social.networks.refusals import Means, first_that_fits
from social.networks.shapes import Picture
from social.networks.x import errors as x_errors
from social.networks.x import refusals as x_refusals
from social.reasons import Reason
from tests.sandbox import PRESETS

from .dancing import ALICE
from .stage import stage_of

GRAPH_TOKENS = {  # what the sandbox says once a fault has struck the token itself
    subcode: {"code": 190, "error_subcode": subcode, "message": "Error validating access token."}
    for subcode in (458, 459, 460, 463, 464, 467, 492)
}


def answers(prefix: str):
    """(status, body) of each preset that replaces an answer by JSON."""
    for preset in PRESETS.values():
        if preset.name.startswith(prefix) and isinstance(preset.action.get("json"), dict):
            yield preset.action["status"], preset.action["json"]


def response_of(status, body):
    response = requests.Response()
    response.status_code, response._content = status, json.dumps(body).encode()
    return response


def x_row(status, body):
    answer = x_errors.answer_of(response_of(status, body), body)
    return first_that_fits(x_refusals.REFUSALS, answer)


def in_words(body):
    """The same without codes, types and titles."""
    errors = [{"message": it.get("message", "")} for it in body.get("errors", [])]
    return {"title": "Forbidden", "detail": body.get("detail", ""), "errors": errors}


def facebook_row(status, said):
    error = facebook.GraphAPIError({"error": said})
    answer = facebook_errors.answer_of(error, said, status, None)
    return first_that_fits(facebook_refusals.REFUSALS, answer)


def test_every_row_of_x_can_be_met():
    told = [*answers("x.")]
    told += [(status, body | {"type": "about:blank"}) for status, body in told]  # by less
    told += [(status, in_words(body)) for status, body in told]  # by still less
    told += [(429, {"title": "Too Many Requests"}), (402, {"title": "No"}), (403, {"title": "No"})]
    met = [x_row(*answer) for answer in told]
    assert [row for row in x_refusals.REFUSALS if row not in met] == []


def test_every_row_of_facebook_can_be_met():
    told = answers(("fb.", "token.fb."))
    said = [(status, body["error"]) for status, body in told if "error" in body]
    said += [(400, answer) for answer in GRAPH_TOKENS.values()]
    said += [(400, {"code": 100, "message": "Object does not exist"})]  # by less
    said += [(500, {"code": 1, "message": "Please reduce the amount of data you're asking for"})]
    met = [facebook_row(*answer) for answer in said]
    assert [row for row in facebook_refusals.REFUSALS if row not in met] == []


def bluesky_row(status, body, rows):
    response = requests.Response()
    response.status_code = status
    return first_that_fits(rows, bluesky_errors.answer_of(response, body))


def test_every_row_of_bluesky_can_be_met():
    told = [*answers("bsky.")]
    told += [(400, {"error": name}) for name in ("ExpiredToken", "RecordNotFound")]
    told += [(400, {"error": "InvalidRequest", "message": "No service configured for app.bsky"})]
    met = [bluesky_row(*answer, bluesky_refusals.REFUSALS) for answer in told]
    assert [row for row in bluesky_refusals.REFUSALS if row not in met] == []
    told += [(401, {"error": "AuthFactorTokenRequired"})]
    met = [bluesky_row(*answer, bluesky_refusals.SIGN_IN) for answer in told]
    only = [row for row in bluesky_refusals.SIGN_IN if row not in bluesky_refusals.REFUSALS]
    assert [row for row in only if row not in met] == []


@pytest.mark.parametrize(
    "rows",
    [
        x_refusals.REFUSALS,
        x_refusals.TOKENS,
        facebook_refusals.REFUSALS,
        bluesky_refusals.SIGN_IN,
    ],
    ids=["x", "tokens of x", "facebook", "bluesky"],
)
def test_every_row_says_why_and_who_says_so(rows):
    for row in rows:
        assert row.source and row.reason in set(Reason)
        assert row.reason not in ("automated", "slow_down") or row.pause_seconds


# ── Our own words ─────────────────────────────────────────────────────────────────────────────
TELLING = [
    "Look through the telescope",
    "My scope and my permission are missing",
    "This account is suspended, they say",
    "You are not allowed to create a Tweet with duplicate content.",
    "The talk was too long",
    "Two cashtags and a quote",
    "Your media IDs are invalid.",
    "Authenticating with OAuth 2.0 Application-Only is forbidden",
    "this account is temporarily locked",
]


@pytest.mark.parametrize("text", TELLING)
@pytest.mark.parametrize("where", ["parameters", "value", "message"])
def test_what_x_repeats_of_a_post_decides_nothing(sandbox, text, where):
    error = {"message": f"$.text [{text}] is not valid" if where == "message" else "not valid"}
    error |= {"parameters": {"text": [text]}} if where == "parameters" else {}
    error |= {"value": text} if where == "value" else {}
    body = {"title": "Invalid Request", "detail": "One or more parameters was invalid."}
    body |= {"errors": [error], "type": "https://api.x.com/2/problems/invalid-request"}
    arm(sandbox, {"status": 400, "json": body})
    with pytest.raises(Rejected) as refused:
        stage_of("x", sandbox).publish(text)
    assert refused.value.reason == "bad_request"


@pytest.mark.parametrize(
    "text", ["I impersonate the administrator of the page", "API access blocked."]
)
def test_what_facebook_repeats_of_a_post_decides_nothing(sandbox, text):
    said = {"code": 100, "message": f"(#100) Invalid parameter: {text}", "error_user_msg": text}
    arm(sandbox, {"status": 400, "json": {"error": said}})
    with pytest.raises(Rejected) as refused:
        stage_of("facebook", sandbox).publish(text)
    assert refused.value.reason == "bad_request"


def test_a_refused_question_that_names_all_fields_cuts_nobody_off(sandbox):
    """X lists what it knows, and "scopes" is among it."""
    stage = stage_of("x", sandbox)
    sandbox.change("words", words="old", strict=True)
    with pytest.raises(Rejected) as refused:
        stage.network._get(
            stage.place_grant, f"/2/users/{ALICE}/tweets", {"tweet.fields": "shoe_size"}
        )
    assert "scopes" in refused.value.detail and refused.value.reason == "bad_request"


# ── Until when ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "headers, seconds",
    [
        ({"Retry-After": "600"}, 600),
        ({"x-rate-limit-remaining": "7", "x-rate-limit-reset": "+700"}, 700),
        ({"Retry-After": "30", "x-rate-limit-reset": "+700"}, 700),
        ({"Retry-After": "99999999"}, 25 * 3600),
        ({"Retry-After": "soon"}, None),
        ({}, None),
    ],
)
def test_x_says_in_several_ways_when_to_come_back(sandbox, headers, seconds):
    arm(sandbox, {"status": 429, "json": {"title": "Too Many Requests"}, "headers": headers})
    with pytest.raises(RateLimited) as limited:
        stage_of("x", sandbox).publish()
    assert limited.value.reason == "rate_limit"
    assert near(limited.value.until, seconds)


def near(until, seconds):
    if seconds is None:
        return until is None
    return abs(until - datetime.now(UTC) - timedelta(seconds=seconds)) < timedelta(seconds=20)


@pytest.mark.parametrize("status", [400, 402, 403, 429, 500])
def test_a_spend_cap_is_the_apps_whatever_the_status(sandbox, status):
    body = PRESETS["x.403.spend_cap"].action["json"]
    arm(sandbox, {"status": status, "json": body})
    with pytest.raises(RateLimited) as limited:
        stage_of("x", sandbox).publish()
    (limit,) = limited.value.limits
    assert limit.of_all and limit.needs_an_operator and limit.reason == "credits"
    assert limit.until.date() == (datetime.now(UTC) + timedelta(days=12)).date()


@pytest.mark.parametrize("date", ["yesterday", "", None, 7, "2026-01-01", "9999-12-31"])
def test_an_odd_end_of_a_cycle_neither_crashes_nor_closes_for_ever(sandbox, date):
    body = PRESETS["x.403.spend_cap"].action["json"] | {"reset_date": date}
    arm(sandbox, {"status": 403, "json": body})
    with pytest.raises(RateLimited) as limited:
        stage_of("x", sandbox).publish()
    until = limited.value.until
    assert until is None or until < datetime.now(UTC) + timedelta(days=33)


# ── The token endpoint ────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "status, body",  # and what test_network_faults.py has of a token endpoint
    [
        (400, ["oops"]),
        (400, {"title": "Invalid Request", "type": "about:blank", "status": 400}),
        (400, {"error": "temporarily_unavailable"}),
        (400, {"error": "server_error"}),
        (403, {"error": "invalid_grant"}),
    ],
)
def test_what_does_not_refuse_the_token_ends_no_grant(sandbox, status, body):
    stage = stage_of("x", sandbox)
    arm(sandbox, {"status": status, "json": body})
    with pytest.raises(TemporaryError):
        stage.network.renew(stage.grant)


@pytest.mark.parametrize("status, error", [(400, "invalid_grant"), (401, "invalid_grant")])
def test_a_refused_token_ends_it(sandbox, status, error):
    stage = stage_of("x", sandbox)
    arm(sandbox, {"status": status, "json": {"error": error}})
    with pytest.raises(AuthorizationLost):
        stage.network.renew(stage.grant)


@pytest.mark.parametrize("life", ["7200", "7200.0", 7200.0, None, "soon", [], {}, -1, "1e400"])
@pytest.mark.parametrize("scope", ["tweet.write", ["tweet.write"], None])
def test_odd_numbers_never_lose_a_new_pair(sandbox, life, scope):
    stage = stage_of("x", sandbox)
    said = {"access_token": "new", "refresh_token": "newer", "expires_in": life, "scope": scope}
    arm(sandbox, {"status": 200, "json": said})
    grant = stage.network.renew(stage.grant)
    assert (grant.access, grant.refresh) == ("new", "newer")
    assert grant.expires_at > datetime.now(UTC) + timedelta(hours=1)


# ── Pictures ──────────────────────────────────────────────────────────────────────────────────
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)


def upload(stage):
    return stage.network.upload(
        stage.place_id, stage.place_grant, Picture(PNG, "image/png", "A dog"), 10
    )


@pytest.mark.parametrize("status", [400, 403])
def test_a_refused_description_is_named_and_the_picture_stands(sandbox, status):
    stage = stage_of("x", sandbox)
    arm(sandbox, x_problem(status), path="/2/media/metadata$")
    with pytest.raises(Rejected) as refused:
        upload(stage)
    assert refused.value.reason == "alt_refused"
    assert "description" in sentence(Reason.ALT_REFUSED, "X")


@pytest.mark.parametrize("times, is_refused", [(1, False), (2, False), (9, True)])
def test_a_status_that_is_refused_once_is_asked_again(sandbox, settings, times, is_refused):
    settings.TIME_SCALE = 0.2
    stage = stage_of("x", sandbox)
    sandbox.change("media_processing", seconds=0.5)
    arm(sandbox, x_problem(400), path="/2/media/upload$", method="GET", times=times)
    if is_refused:
        with pytest.raises(Rejected):
            upload(stage)
    else:
        assert upload(stage).remote_id


def x_problem(status):
    kind = "https://api.x.com/2/problems/invalid-request"
    return {"status": status, "json": {"title": "Invalid Request", "detail": "No.", "type": kind}}


def arm(sandbox, action, path="", method="", times=1):
    match = ({"path_regex": path} if path else {}) | ({"method": method} if method else {})
    sandbox.call("POST", "/faults", json={"action": action, "match": match, "times": times})


def test_no_row_means_nothing():
    assert {row.means for row in (*x_refusals.REFUSALS, *facebook_refusals.REFUSALS)} == {*Means}
