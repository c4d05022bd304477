"""The OAuth flows of both networks, as a browser and a client library walk them."""

import base64
import hashlib
from urllib.parse import parse_qs, urlsplit

import pytest
import tweepy
from requests_oauthlib import OAuth2Session

from .clients import ALICE, FACEBOOK_CALLBACK, FB_ALICE, FB_CLIENT, X_CALLBACK, X_CLIENT

VERIFIER = "v" * 128

X_SCOPE = "tweet.read tweet.write users.read offline.access like.read follows.read media.write"

FB_SCOPE = "pages_show_list,pages_read_engagement,pages_manage_posts"

X_TOKEN = "https://api.x.com/2/oauth2/token"


def x_query(**more):
    digest = hashlib.sha256(VERIFIER.encode()).digest()
    query = {
        "client_id": X_CLIENT[0],
        "redirect_uri": X_CALLBACK,
        "scope": X_SCOPE,
        "response_type": "code",
        "state": "s1",
        "code_challenge_method": "S256",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
    }
    return query | more


def fb_query(**more):
    query = {"client_id": FB_CLIENT[0], "redirect_uri": FACEBOOK_CALLBACK, "scope": FB_SCOPE}
    return query | {"response_type": "code", "state": "s1"} | more


def returned(response):
    assert response.status_code == 302, response.text
    query = parse_qs(urlsplit(response.headers["Location"]).query)
    return {name: values[0] for name, values in query.items()}


def x_authorize(sandbox, method="get", data=None, **more):
    url = f"{sandbox.url}/x/i/oauth2/authorize"
    call = getattr(sandbox.http, method)
    return call(url, params=x_query(**more), data=data, allow_redirects=False, timeout=5)


def fb_authorize(sandbox, method="get", data=None, **more):
    url = f"{sandbox.url}/fb/v25.0/dialog/oauth"
    call = getattr(sandbox.http, method)
    return call(url, params=fb_query(**more), data=data, allow_redirects=False, timeout=5)


def x_code(sandbox, **more):
    response = x_authorize(sandbox, sandbox_user="alice", sandbox_auto=1, **more)
    return returned(response)["code"]


def exchange(sandbox, code, **more):
    data = {"grant_type": "authorization_code", "code": code, "redirect_uri": X_CALLBACK}
    data |= {"code_verifier": VERIFIER} | more
    return sandbox.session().post(X_TOKEN, auth=X_CLIENT, data=data)


def refresh(sandbox, token):
    data = {"grant_type": "refresh_token", "refresh_token": token}
    return sandbox.session().post(X_TOKEN, auth=X_CLIENT, data=data)


def fb_exchange(sandbox, code, **more):
    query = {"client_id": FB_CLIENT[0], "client_secret": FB_CLIENT[1], "code": code}
    query |= {"redirect_uri": FACEBOOK_CALLBACK, "grant_type": "authorization_code"} | more
    return sandbox.session().get(
        "https://graph.facebook.com/v25.0/oauth/access_token", params=query
    )


def test_x_page_is_shown_and_clicked(sandbox):
    page = x_authorize(sandbox)
    assert page.status_code == 200 and "Sandbox" in page.text and "Authorize" in page.text
    assert "Set-Cookie" not in page.headers
    data = {"sandbox_user": ALICE, "do": "allow"}
    answer = returned(x_authorize(sandbox, "post", data))
    assert answer["state"] == "s1"
    tokens = exchange(sandbox, answer["code"]).json()
    assert tokens["token_type"] == "bearer" and tokens["expires_in"] == 7200
    assert set(tokens["scope"].split()) == set(X_SCOPE.split())
    assert sandbox.tweepy(tokens["access_token"]).get_me(user_auth=False).data.username == "alice"


def test_x_cancel(sandbox):
    data = {"sandbox_user": ALICE, "do": "cancel"}
    answer = returned(x_authorize(sandbox, "post", data))
    assert answer == {"error": "access_denied", "state": "s1"}


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "other"},
        {"redirect_uri": X_CALLBACK.rstrip("/")},
        {"response_type": "token"},
        {"state": ""},
        {"state": "s" * 501},
        {"code_challenge": ""},
        {"code_challenge_method": "S512"},
        {"scope": "tweet.read everything"},
        {"scope": ""},
    ],
    ids=str,
)
def test_x_refuses_a_wrong_request_without_sending_anybody_anywhere(sandbox, wrong):
    response = x_authorize(sandbox, sandbox_user="alice", sandbox_auto=1, **wrong)
    assert response.status_code == 400 and "Location" not in response.headers


def test_x_code_is_single_use_and_lives_30_seconds(sandbox):
    code = x_code(sandbox)
    assert exchange(sandbox, code).status_code == 200
    again = exchange(sandbox, code)
    assert again.status_code == 400
    text = "Value passed for the authorization code was invalid."
    assert again.json() == {"error": "invalid_request", "error_description": text}
    late = x_code(sandbox)
    sandbox.post("/clock", advance_s=31)
    assert exchange(sandbox, late).status_code == 400


def test_x_code_needs_its_verifier_and_its_address(sandbox):
    wrong = exchange(sandbox, x_code(sandbox), code_verifier="w" * 128)
    assert "code verifier did not match" in wrong.json()["error_description"]
    assert exchange(sandbox, x_code(sandbox), redirect_uri="http://else/").status_code == 400


def test_x_token_endpoint_wants_the_client(sandbox):
    data = {"grant_type": "authorization_code", "code": x_code(sandbox)}
    for auth in (None, ("sandbox-x-client", "wrong")):
        response = sandbox.session().post(X_TOKEN, auth=auth, data=data)
        assert response.status_code == 401
        assert response.json()["error"] == "unauthorized_client"


def test_x_refresh_rotates_and_refuses_reuse(sandbox):
    first = exchange(sandbox, x_code(sandbox)).json()
    second = refresh(sandbox, first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    reused = refresh(sandbox, first["refresh_token"])
    assert reused.status_code == 400
    assert reused.json()["error_description"] == "Value passed for the token was invalid."
    assert refresh(sandbox, second["refresh_token"]).status_code == 200


def test_x_no_refresh_token_without_offline_access(sandbox):
    code = x_code(sandbox, scope="tweet.read users.read")
    assert "refresh_token" not in exchange(sandbox, code).json()


def test_x_refresh_by_requests_oauthlib(sandbox):
    tokens = exchange(sandbox, x_code(sandbox)).json()
    session = OAuth2Session(X_CLIENT[0], token=tokens, scope=X_SCOPE.split())
    session.adapters = sandbox.session().adapters
    fresh = session.refresh_token(X_TOKEN, auth=X_CLIENT)
    assert fresh["refresh_token"] != tokens["refresh_token"]


def test_x_tweepy_oauth2_user_handler(sandbox, monkeypatch):
    handler = tweepy.OAuth2UserHandler(
        client_id=X_CLIENT[0],
        client_secret=X_CLIENT[1],
        redirect_uri=X_CALLBACK,
        scope=X_SCOPE.split(),
    )
    handler.adapters = sandbox.session().adapters
    query = urlsplit(handler.get_authorization_url()).query
    url = f"{sandbox.url}/x/i/oauth2/authorize?{query}&sandbox_user=bob&sandbox_auto=1"
    back = sandbox.http.get(url, allow_redirects=False).headers["Location"]
    tokens = handler.fetch_token(back.replace("http://", "https://"))
    assert sandbox.tweepy(tokens["access_token"]).get_me(user_auth=False).data.username == "bob"


def test_x_revoke_kills_the_pair(sandbox):
    tokens = exchange(sandbox, x_code(sandbox)).json()
    url = "https://api.x.com/2/oauth2/revoke"
    data = {"token": tokens["access_token"]}
    assert sandbox.session().post(url, auth=X_CLIENT, data=data).json() == {"revoked": True}
    with pytest.raises(tweepy.Unauthorized):
        sandbox.tweepy(tokens["access_token"]).get_me(user_auth=False)
    assert refresh(sandbox, tokens["refresh_token"]).status_code == 400


def test_x_access_token_expires(sandbox):
    client = sandbox.tweepy()
    sandbox.post("/clock", advance_s=7201)
    with pytest.raises(tweepy.Unauthorized):
        client.get_me(user_auth=False)


def test_deny_preset(sandbox):
    sandbox.arm("oauth.deny", times=2)
    assert returned(x_authorize(sandbox))["error"] == "access_denied"
    assert returned(fb_authorize(sandbox))["error"] == "access_denied"
    assert x_authorize(sandbox).status_code == 200


def test_code_expired_preset(sandbox):
    sandbox.arm("oauth.code_expired", times=2)
    assert exchange(sandbox, x_code(sandbox)).status_code == 400
    code = returned(fb_authorize(sandbox, sandbox_user=FB_ALICE, sandbox_auto=1))["code"]
    assert fb_exchange(sandbox, code).json()["error"]["code"] == 100


def test_token_503_preset(sandbox):
    sandbox.arm("oauth.token_503")
    code = x_code(sandbox)
    assert exchange(sandbox, code).status_code == 503
    assert exchange(sandbox, code).status_code == 200


def test_refresh_reuse_preset(sandbox):
    token = sandbox.x_token()["refresh_token"]
    sandbox.arm("oauth.refresh_reuse")
    assert exchange(sandbox, x_code(sandbox)).status_code == 200  # not a refresh: not meant
    assert refresh(sandbox, token).status_code == 400
    assert refresh(sandbox, token).status_code == 400  # it is really spent
