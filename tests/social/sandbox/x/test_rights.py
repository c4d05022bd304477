"""What X refuses: lengths, policies, scopes, limits, and media one by one."""

import pytest
import tweepy

from tests.social.sandbox.clients import ALICE

from .test_api import BOB, create


def test_duplicates(sandbox):
    client = sandbox.tweepy()
    create(client, "same https://example.com/a")
    with pytest.raises(tweepy.Forbidden) as caught:
        create(client, " same  https://example.com/a ")
    assert caught.value.response.json() == {
        "detail": "You are not allowed to create a Tweet with duplicate content.",
        "type": "about:blank",
        "title": "Forbidden",
        "status": 403,
    }
    create(sandbox.tweepy(sandbox.x_token("bob")["access_token"]), "same https://example.com/a")
    sandbox.post("/clock", advance_s=86401)
    create(sandbox.tweepy(), "same https://example.com/a")
    sandbox.state("duplicates", network="x", on=False)
    create(sandbox.tweepy(), "same https://example.com/a")
    assert len(sandbox.made("x", account="alice")) == 3


def test_length(sandbox):
    client = sandbox.tweepy()
    create(client, "a" * 280)
    for text in ("a" * 281, "語" * 141, "👨‍👩‍👧‍👦" * 141):
        with pytest.raises(tweepy.BadRequest, match="too long"):
            create(client, text)
    create(client, "👨‍👩‍👧‍👦" * 140)
    create(client, "語" * 140)
    create(client, "b" * 256 + " https://example.com/" + "x" * 400)
    with pytest.raises(tweepy.BadRequest):
        create(client, "  ")
    long = "words & " * 100
    paula = sandbox.tweepy(sandbox.x_token("paula")["access_token"])
    create(paula, long)
    me = paula.get_me(user_auth=False).data.id
    (tweet,) = paula.get_users_tweets(me, tweet_fields=["note_tweet"]).data
    assert tweet.text.endswith("…") and len(tweet.text.replace("&amp;", "&")) <= 280
    assert tweet.data["note_tweet"]["text"] == long.strip().replace("&", "&amp;")


def test_policy(sandbox):
    client = sandbox.tweepy()
    with pytest.raises(tweepy.Forbidden, match="cashtag"):
        create(client, "$AAPL and $MSFT")
    (bobs, *_) = client.get_users_tweets(BOB).data
    with pytest.raises(tweepy.Forbidden):
        create(client, "hi", quote_tweet_id=bobs.id)
    with pytest.raises(tweepy.Forbidden):
        create(client, "hi", in_reply_to_tweet_id=bobs.id)
    bob = sandbox.tweepy(sandbox.x_token("bob")["access_token"])
    called = create(bob, "What does @alice say?")
    create(client, "This.", in_reply_to_tweet_id=called["id"])


def test_schema_is_closed(sandbox):
    client = sandbox.tweepy()
    with pytest.raises(tweepy.BadRequest):
        client.request("POST", "/2/tweets", json={"text": "x", "idempotency_key": "1"})
    session, token = sandbox.session(), sandbox.x_token()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    form = session.post("https://api.x.com/2/tweets", headers=headers, data={"text": "x"})
    assert form.status_code == 400
    asked = "GET", "/2/users/me"
    assert client.request(*asked, params={"surprise": "1"}).ok  # passed over, as by X
    sandbox.state("words", strict=True)
    with pytest.raises(tweepy.BadRequest):
        client.request(*asked, params={"surprise": "1"})


def test_scopes_and_app_only(sandbox):
    reader = sandbox.tweepy(sandbox.x_token(scopes=["tweet.read", "users.read"])["access_token"])
    with pytest.raises(tweepy.Forbidden):
        create(reader)
    with pytest.raises(tweepy.Forbidden):
        reader.get_users_following(ALICE)
    app = sandbox.tweepy(sandbox.post("/tokens", network="x", kind="app")["access_token"])
    assert len(app.get_users_tweets(ALICE).data) == 3
    with pytest.raises(tweepy.Forbidden) as caught:
        app.get_me(user_auth=False)
    assert caught.value.response.json()["title"] == "Unsupported Authentication"


def test_rate_limits(sandbox):
    client = sandbox.tweepy()
    response = client.request("GET", "/2/users/me")
    assert response.headers["x-rate-limit-limit"] == "75"
    assert response.headers["x-rate-limit-remaining"] == "74"
    sandbox.state("bucket", endpoint="POST /2/tweets", limit=2, window=900)
    create(client, "1")
    create(client, "2")
    with pytest.raises(tweepy.TooManyRequests) as caught:
        create(client, "3")
    headers = caught.value.response.headers
    assert headers["x-rate-limit-remaining"] == "0" and caught.value.reset_time
    assert headers["x-app-limit-24hour-remaining"] == "9998"
    fresh = sandbox.tweepy()  # another token of the same person: the same window
    with pytest.raises(tweepy.TooManyRequests):
        create(fresh, "3")
    sandbox.post("/clock", advance_s=901)
    create(fresh, "3")


def test_state_faults(sandbox):
    client = sandbox.tweepy()
    sandbox.state("suspend", user="alice")
    with pytest.raises(tweepy.Forbidden, match="suspended"):
        create(client)
    sandbox.state("suspend", user="alice", on=False)
    sandbox.state("credits", credits=0)
    with pytest.raises(tweepy.HTTPException) as caught:
        create(client)
    assert caught.value.response.status_code == 402
    sandbox.state("credits", credits=None)
    sandbox.state("drop_scope", user="alice", scope="tweet.write", network="x")
    with pytest.raises(tweepy.Forbidden):
        create(client)
    sandbox.state("expire_access", user="alice")
    with pytest.raises(tweepy.Unauthorized):
        client.get_me(user_auth=False)


def test_revoke_and_kill_refresh(sandbox):
    sandbox.state("revoke", user="alice", network="x")
    tokens = sandbox.x_token()
    assert sandbox.state("kill_refresh", user="alice")["killed"] == 1
    data = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    auth = ("sandbox-x-client", "sandbox-x-secret")
    response = sandbox.session().post("https://api.x.com/2/oauth2/token", auth=auth, data=data)
    assert response.status_code == 400
