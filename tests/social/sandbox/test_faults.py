"""How faults are matched, counted, armed and disarmed."""

import datetime
import io
import time

import facebook
import pytest
import requests
import tweepy

from .clients import BAKERY
from .test_presets import SHORT, GiveUp, tweet


def test_late_does_not_reach_across_a_reset(sandbox):
    client = sandbox.tweepy()
    sandbox.arm("x.late", seconds=0.8)
    sandbox.patience = SHORT
    with pytest.raises(GiveUp):
        tweet(client)
    sandbox.post("/reset")
    sandbox.x_token()
    time.sleep(0.5)
    assert sandbox.made("x") == []


def test_photo_creates_are_creates(sandbox):
    page = sandbox.page()
    sandbox.arm("fb.2.after")
    png = io.BytesIO(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(facebook.GraphAPIError):
        page.put_photo(png, album_path=f"{BAKERY}/photos", message="x")
    assert len(sandbox.made("facebook")) == 1


def test_a_hanging_client_blocks_nobody(sandbox):
    client = sandbox.tweepy()
    sandbox.arm("x.hang", seconds=10)
    for _ in range(3):
        with pytest.raises(requests.exceptions.ReadTimeout):
            client.session.post("https://api.x.com/2/tweets", json={"text": "x"}, timeout=(1, 0.05))
        start = time.monotonic()
        client.get_me(user_auth=False)
        assert time.monotonic() - start < 5


def test_after_waits_for_an_accepted_post(sandbox):
    client = sandbox.tweepy()
    sandbox.arm("x.503.after")
    with pytest.raises(tweepy.BadRequest):  # refused: the fault stays armed
        client.create_tweet(text=" ", user_auth=False)
    with pytest.raises(tweepy.TwitterServerError):
        tweet(client)
    assert sandbox.get("/faults")["faults"] == []


def test_skip_times_match_and_own_faults(sandbox):
    client = sandbox.tweepy()
    fault = {
        "match": {"network": "x", "method": "POST", "path_regex": "^/2/tweets$"},
        "skip": 1,
        "times": 2,
        "action": {"status": 418, "body": "tea", "headers": {"X-Tea": "+60"}},
    }
    fault["match"]["text_contains"] = "tea"
    sandbox.post("/faults", **fault)
    texts = {"a": True, "tea 1": True, "tea 2": False, "b": True, "tea 3": False, "tea 4": True}
    for text, served in texts.items():
        if served:
            client.create_tweet(text=text, user_auth=False)
            continue
        with pytest.raises(tweepy.HTTPException) as caught:
            client.create_tweet(text=text, user_auth=False)
        assert caught.value.response.text == "tea"
        assert abs(int(caught.value.response.headers["X-Tea"]) - time.time() - 60) < 5


def test_faults_of_one_token_leave_the_others_alone(sandbox):
    alice, bob = sandbox.x_token()["access_token"], sandbox.x_token("bob")["access_token"]
    sandbox.arm("x.503.before", match={"token": alice})
    assert alice not in str(sandbox.get("/faults"))
    tweet(sandbox.tweepy(bob))
    with pytest.raises(tweepy.TwitterServerError):
        tweet(sandbox.tweepy(alice))


def test_arming_and_disarming(sandbox):
    first = sandbox.arm("x.503.after", times=2)
    assert (first["preset"], first["phase"], first["left"]) == ("x.503.after", "after", 2)
    sandbox.arm("fb.4")
    sandbox.post("/faults", faults=[{"preset": "slow"}, {"preset": "x.402"}])
    assert len(sandbox.get("/faults")["faults"]) == 4
    url = f"{sandbox.url}/_sandbox/faults"
    assert sandbox.http.delete(f"{url}/{first['id']}").json() == {"disarmed": 1}
    assert sandbox.http.delete(url, params={"preset": "fb.4"}).json() == {"disarmed": 1}
    assert sandbox.http.delete(url).json() == {"disarmed": 2}
    assert sandbox.get("/faults") == {"faults": []}


def test_times_null_is_for_ever(sandbox):
    client = sandbox.tweepy()
    sandbox.arm("x.503.before", times=None)
    for _ in range(3):
        with pytest.raises(tweepy.TwitterServerError):
            tweet(client)
    assert sandbox.get("/faults")["faults"][0]["left"] is None


def test_rate_reset_follows_the_virtual_clock(sandbox):
    sandbox.post("/clock", advance_s=10_000)
    client = sandbox.tweepy()
    sandbox.arm("x.429.window")
    with pytest.raises(tweepy.TooManyRequests) as caught:
        tweet(client)
    ahead = datetime.datetime.fromtimestamp(caught.value.reset_time) - datetime.datetime.now()
    assert abs(ahead.total_seconds() - 10_900) < 5
