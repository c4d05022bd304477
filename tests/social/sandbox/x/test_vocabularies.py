"""X as its own description has it (OpenAPI 2.167): what it takes, and the shape of what it says."""

import base64

import pytest
import tweepy

from tests.sandbox import PRESETS
from tests.social.sandbox.clients import ALICE

from .test_api import BOB, PNG, create

X_COM = "https://api.x.com/2/problems/"


@pytest.fixture
def new(sandbox):
    sandbox.state("words", words="new", strict=True)
    return sandbox.tweepy()


def refused(client, method, path, **said):
    with pytest.raises(tweepy.HTTPException) as caught:
        client.request(method, path, **said)
    return caught.value.response


def test_who_wrote_a_post_is_an_expansion_and_no_field(new):
    path = f"/2/users/{ALICE}/tweets"
    for name in ("author_id", "referenced_posts", "edit_history_post_ids", "note_tweet"):
        answer = refused(new, "GET", path, params={"post.fields": f"{name},created_at"})
        assert answer.json()["parameter"] == "post.fields" and answer.json()["value"] == name
    asked = {"post.fields": "created_at,note_post", "expansions": "author_id,referenced_posts"}
    said = new.request("GET", path, params=asked).json()
    assert {post["author_id"] for post in said["data"]} == {ALICE}
    assert said["includes"]["users"][0]["id"] == ALICE


def test_old_words_are_refused_by_their_values_too(sandbox):
    sandbox.state("words", words="old", strict=True)
    path = f"/2/users/{ALICE}/tweets"
    for name, value in (("tweet.fields", "note_post"), ("expansions", "referenced_posts")):
        answer = refused(sandbox.tweepy(), "GET", path, params={name: value})
        assert f"`{name}` query parameter value [{value}]" in answer.text


def test_problems_are_as_described(new):
    answer = refused(new, "GET", f"/2/users/{ALICE}/tweets", params={"max_results": 4})
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    said = answer.json()
    assert (said["type"], said["title"]) == (f"{X_COM}invalid-request", "Invalid Request")
    assert (said["parameter"], said["value"], "errors" in said) == ("max_results", "4", False)
    said = refused(new, "GET", "/2/tweets/1").json()
    assert (said["type"], said["resource_type"]) == (f"{X_COM}resource-not-found", "tweet")
    said = refused(new, "GET", f"/2/users/{BOB}/liked_tweets").json()
    assert said["type"] == f"{X_COM}not-authorized-for-resource"
    assert (said["resource_type"], said["resource_id"]) == ("user", BOB)


@pytest.mark.parametrize("name", ["x.404.resource", "x.403.unavailable"])
def test_problems_about_something_say_what_it_is(name):
    assert PRESETS[name].action["json"]["resource_type"] == "post"


def test_marks_of_pages_are_as_long_as_xs(sandbox):
    page = sandbox.tweepy().get_users_following(ALICE, max_results=1)
    assert len(page.meta["next_token"]) >= 16
    assert (
        sandbox.tweepy()
        .get_users_following(ALICE, max_results=1, pagination_token=page.meta["next_token"])
        .data
    )


# ── What is created ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "body",
    [
        {"media": {"media_ids": ["1"], "alt_text": "A loaf"}},
        {"reply": {"in_reply_to_tweet_id": "1", "quote": True}},
        {"poll": {"options": ["a", "b"], "duration_minutes": 5, "title": "Which?"}},
        {"reply_settings": "everyone"},
    ],
)
def test_nothing_unknown_is_taken_inside_either(sandbox, body):
    assert refused(sandbox.tweepy(), "POST", "/2/tweets", json={"text": "Hi"} | body).ok is False
    assert sandbox.made("x") == []


def test_an_upload_says_for_what_it_is_and_nothing_unknown(sandbox):
    client, media = sandbox.tweepy(), base64.b64encode(PNG).decode()
    refused(client, "POST", "/2/media/upload", json={"media": media})
    more = {"media": media, "media_category": "tweet_image", "media_type": "image/png"}
    refused(client, "POST", "/2/media/upload", json=more)
    refused(client, "POST", "/2/media/metadata", json={"media_id": "1"})


def test_an_upload_needs_one_right_alone(sandbox):
    token = sandbox.x_token(scopes=["media.write"])["access_token"]
    client, media = sandbox.tweepy(token), base64.b64encode(PNG).decode()
    said = {"media": media, "media_category": "tweet_image"}
    assert client.request("POST", "/2/media/upload", json=said).json()["data"]["id"]
    with pytest.raises(tweepy.Forbidden):
        create(client)


def test_an_upload_that_failed_does_not_say_why(sandbox):
    sandbox.state("media_processing", fails=True)
    media = base64.b64encode(PNG).decode()
    said = {"media": media, "media_category": "tweet_image"}
    held = sandbox.tweepy().request("POST", "/2/media/upload", json=said).json()["data"]
    assert held["processing_info"] == {"state": "failed"}
