"""Every named fault: what the client sees, and whether the post exists all the same."""

import time

import facebook
import pytest
import requests
import tweepy

from tests.publishing.deliveries.fault_table import SEEN
from tests.sandbox import PRESETS
from tests.social.test_token_endpoints import SEEN as SEEN_OF_TOKENS

from .clients import BAKERY, FB_CLIENT, PATIENCE

GiveUp = requests.exceptions.ReadTimeout

Cut = requests.exceptions.ConnectionError

Broken = requests.exceptions.JSONDecodeError

Partial = requests.exceptions.ChunkedEncodingError

SHORT, HANG = 0.3, 1.5  # what the client waits, and what is longer than that

X = {
    # preset: (what is raised, whether the post was made)
    "x.429.window": (tweepy.TooManyRequests, False),
    "x.429.day": (tweepy.TooManyRequests, False),
    "x.429.month": (tweepy.TooManyRequests, False),
    "x.429.no_reset": (tweepy.TooManyRequests, False),
    "x.402": (tweepy.HTTPException, False),
    "x.401.expired": (tweepy.Unauthorized, False),
    "x.401.revoked": (tweepy.Unauthorized, False),
    "x.403.duplicate": (tweepy.Forbidden, False),
    "x.403.duplicate.after": (tweepy.Forbidden, True),
    "x.403.policy": (tweepy.Forbidden, False),
    **{f"x.403{it}": (tweepy.Forbidden, "after" in it) for it in ("", ".after")},
    **{f"x.403.right{it}": (tweepy.Forbidden, "after" in it) for it in ("", ".after")},
    **{f"x.404{it}": (tweepy.NotFound, "after" in it) for it in ("", ".after")},
    "x.503.before": (tweepy.TwitterServerError, False),
    "x.503.after": (tweepy.TwitterServerError, True),
    "x.503.html": (tweepy.TwitterServerError, False),
    "x.503.html.after": (tweepy.TwitterServerError, True),
    "x.500.list": (AttributeError, False),
    "x.500.list.after": (AttributeError, True),
    "x.403.html.after": (tweepy.Forbidden, True),
    "x.408.after": (tweepy.HTTPException, True),
    "x.499.after": (tweepy.HTTPException, True),
    "x.timeout.before": (GiveUp, False),
    "x.timeout.after": (GiveUp, True),
    "x.cut.before": (Cut, False),
    "x.cut.after": (Cut, True),
    "x.reset.before": (Cut, False),
    "x.reset.after": (Cut, True),
    "x.201.garbage": (Broken, True),
    "x.201.truncated": (Partial, True),
    "x.hang": (GiveUp, False),
}

FACEBOOK = {
    # preset: (what is raised, code, subcode, whether the post was made)
    "fb.1.before": (facebook.GraphAPIError, 1, 99, False),
    "fb.1.after": (facebook.GraphAPIError, 1, 99, True),
    "fb.2.before": (facebook.GraphAPIError, 2, None, False),
    "fb.2.after": (facebook.GraphAPIError, 2, None, True),
    **{
        f"fb.{name}{side}": (facebook.GraphAPIError, code, subcode, bool(side))
        for name, code, subcode in [("100.33", 100, 33), ("190.role", 190, 492)]
        + [(str(code), code, None) for code in (3, 283, 803)]
        for side in ("", ".after")
    },
    "fb.10.after": (facebook.GraphAPIError, 10, None, True),
    "fb.200.after": (facebook.GraphAPIError, 200, None, True),
    "fb.4": (facebook.GraphAPIError, 4, None, False),
    "fb.17": (facebook.GraphAPIError, 17, None, False),
    "fb.32": (facebook.GraphAPIError, 32, None, False),
    "fb.341": (facebook.GraphAPIError, 341, None, False),
    "fb.613": (facebook.GraphAPIError, 613, None, False),
    "fb.80001": (facebook.GraphAPIError, 80001, None, False),
    "fb.368": (facebook.GraphAPIError, 368, 1390008, False),
    "fb.4.after": (facebook.GraphAPIError, 4, None, True),
    "fb.17.after": (facebook.GraphAPIError, 17, None, True),
    "fb.32.after": (facebook.GraphAPIError, 32, None, True),
    "fb.341.after": (facebook.GraphAPIError, 341, None, True),
    "fb.613.after": (facebook.GraphAPIError, 613, None, True),
    "fb.80001.after": (facebook.GraphAPIError, 80001, None, True),
    "fb.368.after": (facebook.GraphAPIError, 368, 1390008, True),
    "fb.3001.after": (facebook.GraphAPIError, 3001, None, True),
    "fb.10": (facebook.GraphAPIError, 10, None, False),
    "fb.200": (facebook.GraphAPIError, 200, None, False),
    "fb.100": (facebook.GraphAPIError, 100, None, False),
    "fb.506": (facebook.GraphAPIError, 506, 1455006, False),
    "fb.506.after": (facebook.GraphAPIError, 506, 1455006, True),
    "fb.1609005": (facebook.GraphAPIError, 1609005, None, False),
    "fb.1609008": (facebook.GraphAPIError, 1609008, None, False),
    "fb.190.458": (facebook.GraphAPIError, 190, 458, False),
    "fb.190.459": (facebook.GraphAPIError, 190, 459, False),
    "fb.190.460": (facebook.GraphAPIError, 190, 460, False),
    "fb.190.463": (facebook.GraphAPIError, 190, 463, False),
    "fb.190.467": (facebook.GraphAPIError, 190, 467, False),
    "fb.190.492": (facebook.GraphAPIError, 190, 492, False),
    "fb.html": (facebook.GraphAPIError, None, None, False),
    "fb.html.after": (facebook.GraphAPIError, None, None, True),
    "fb.500.noerror": (facebook.GraphAPIError, None, None, False),
    "fb.500.noerror.after": (facebook.GraphAPIError, None, None, True),
    "fb.502.empty": (facebook.GraphAPIError, None, None, False),
    "fb.502.empty.after": (facebook.GraphAPIError, None, None, True),
    "fb.no_content_type": (facebook.GraphAPIError, None, None, True),
    "fb.timeout.before": (GiveUp, None, None, False),
    "fb.timeout.after": (GiveUp, None, None, True),
    "fb.cut.before": (Cut, None, None, False),
    "fb.cut.after": (Cut, None, None, True),
    "fb.reset.before": (Cut, None, None, False),
    "fb.reset.after": (Cut, None, None, True),
    "fb.201.garbage": (Broken, None, None, True),
    "fb.201.truncated": (Partial, None, None, True),
    "fb.hang": (GiveUp, None, None, False),
}

ELSEWHERE = {  # and those of TLS in test_tls, refusals in publishing/test_faults
    "x.201.no_data",
    "x.late",
    "x.drip",
    "x.drip.headers",
    "fb.late",
    "fb.drip",
    "slow",
    *(f"{network}.lists.circle" for network in ("x", "fb", "bsky", "mast")),
    *(name for name in PRESETS if name.startswith(("bsky.", "mast."))),  # tests/social/…
    *(f"oauth.{it}" for it in ("deny", "code_expired", "token_503", "refresh_reuse", "hang")),
}


def tweet(client):
    return client.create_tweet(text="hello", user_auth=False)


def post(page):
    return page.put_object(BAKERY, "feed", message="hello")


def arm(sandbox, preset):
    lasting = preset.endswith((".hang", ".timeout.before", ".timeout.after"))
    return sandbox.arm(preset, **({"seconds": HANG} if lasting else {}))


def test_every_preset_is_tested(sandbox):
    listed = sandbox.get("/presets")["presets"]
    of_others = ("tls.", "comment.")  # those of comments are in publishing/comments
    in_the_clear = {it["preset"] for it in listed if not it["preset"].startswith(of_others)}
    assert in_the_clear == (
        X.keys() | FACEBOOK.keys() | ELSEWHERE | SEEN.keys() | SEEN_OF_TOKENS.keys()
    )
    assert all(preset["description"] for preset in listed)


@pytest.mark.parametrize("preset", X)
def test_x(sandbox, preset):
    raised, made = X[preset]
    client = sandbox.tweepy()
    arm(sandbox, preset)
    sandbox.patience = SHORT if raised is GiveUp else sandbox.patience
    with pytest.raises(raised) as caught:
        tweet(client)
    if raised is GiveUp:
        assert caught.type is GiveUp
    if raised is Partial:
        assert not issubclass(caught.type, Cut)
    assert len(sandbox.made("x")) == made
    sandbox.patience = PATIENCE
    if preset not in ("x.401.expired", "x.401.revoked", "x.hang") and not made:
        assert tweet(client).data["id"]  # once only: the next try is served


@pytest.mark.parametrize("preset", FACEBOOK)
def test_facebook(sandbox, preset):
    raised, code, subcode, made = FACEBOOK[preset]
    page = sandbox.page()
    arm(sandbox, preset)
    sandbox.patience = SHORT if raised is GiveUp else sandbox.patience
    with pytest.raises(raised) as caught:
        post(page)
    if raised is facebook.GraphAPIError:
        assert caught.value.code == code
        result = caught.value.result
        error = result.get("error", {}) if isinstance(result, dict) else {}
        assert (error.get("error_subcode") if code else None) == subcode
    assert len(sandbox.made("facebook")) == made
    sandbox.patience = PATIENCE
    if not preset.startswith(("fb.190", "fb.hang")) and not made:
        assert post(page)["id"]


def test_resets_of_429(sandbox):
    client = sandbox.tweepy()
    expected = {"window": 900, "day": 900, "month": None, "no_reset": None}
    for name, seconds in expected.items():
        sandbox.arm(f"x.429.{name}")
        with pytest.raises(tweepy.TooManyRequests) as caught:
            tweet(client)
        reset = caught.value.reset_time
        assert (reset is None) == (seconds is None)
        if reset:
            assert abs(reset - time.time() - seconds) < 5
    body = caught.value.response.json()
    assert body == {
        "title": "Too Many Requests",
        "detail": "Too Many Requests",
        "type": "about:blank",
        "status": 429,
    }


def test_402_and_month_bodies(sandbox):
    client = sandbox.tweepy()
    sandbox.arm("x.402")
    with pytest.raises(tweepy.HTTPException) as caught:
        tweet(client)
    assert type(caught.value) is tweepy.HTTPException
    assert caught.value.response.status_code == 402
    assert caught.value.response.json()["title"] == "CreditsDepleted"
    sandbox.arm("x.429.month")
    with pytest.raises(tweepy.TooManyRequests) as caught:
        tweet(client)
    assert caught.value.response.json()["title"] == "UsageCapExceeded"
    assert caught.value.response.headers["x-rate-limit-remaining"] == "39999"


def test_expired_can_be_refreshed_and_revoked_cannot(sandbox):
    for preset, status in (("x.401.expired", 200), ("x.401.revoked", 400)):
        tokens = sandbox.x_token()
        sandbox.arm(preset)
        client = sandbox.tweepy(tokens["access_token"])
        for _ in range(2):  # the token is really dead, not just once
            with pytest.raises(tweepy.Unauthorized):
                tweet(client)
        data = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        auth = ("sandbox-x-client", "sandbox-x-secret")
        url = "https://api.x.com/2/oauth2/token"
        assert sandbox.session().post(url, auth=auth, data=data).status_code == status


def test_a_dead_facebook_token_stays_dead_until_the_next_login(sandbox):
    page = sandbox.page()
    sandbox.arm("fb.190.460")
    for _ in range(2):
        with pytest.raises(facebook.GraphAPIError):
            post(page)
    assert post(sandbox.page())["id"]


def test_201_without_data(sandbox):
    sandbox.arm("x.201.no_data")
    assert tweet(sandbox.tweepy()).data is None
    assert len(sandbox.made("x")) == 1


def test_late_is_made_after_the_client_gave_up(sandbox):
    client, page = sandbox.tweepy(), sandbox.page()
    sandbox.arm("x.late", seconds=0.8)
    sandbox.arm("fb.late", seconds=0.8)
    sandbox.patience = SHORT
    with pytest.raises(GiveUp):
        tweet(client)
    assert sandbox.made("x") == []
    with pytest.raises(GiveUp):
        post(page)
    deadline = time.monotonic() + 3
    while not (sandbox.made("x") and sandbox.made("facebook")):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("preset", ["x.drip", "x.drip.headers", "fb.drip"])
def test_drip_outlives_a_read_timeout(sandbox, preset):
    network = "facebook" if preset.startswith("fb") else "x"
    made = sandbox.page() if network == "facebook" else sandbox.tweepy()
    sandbox.arm(preset, seconds=0.9)
    sandbox.patience = 0.5
    start = time.monotonic()
    (post if network == "facebook" else tweet)(made)
    assert time.monotonic() - start > 0.7  # no single read took long; together they did
    assert len(sandbox.made(network)) == 1


def test_slow(sandbox):
    client = sandbox.tweepy()
    sandbox.arm("slow", seconds=0.2)
    for _ in range(2):
        start = time.monotonic()
        client.get_me(user_auth=False)
        assert time.monotonic() - start >= 0.2


def test_oauth_hang(sandbox):
    graph = sandbox.graph()
    sandbox.arm("oauth.hang", seconds=HANG)
    sandbox.patience = SHORT
    url = "https://api.x.com/2/oauth2/token"
    with pytest.raises(GiveUp):
        sandbox.session().post(url, data={})
    with pytest.raises(GiveUp):
        graph.extend_access_token(*FB_CLIENT)
