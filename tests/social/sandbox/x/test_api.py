"""The calls to X, through the unmodified tweepy."""

import base64
import datetime

import pytest
import tweepy

from tests.social.sandbox.clients import ALICE

PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))

BOB = "1700000000000000002"


def create(client, text="hello", **more):
    return client.create_tweet(text=text, user_auth=False, **more).data


def upload(client, data=PNG):
    media = base64.b64encode(data).decode()
    json = {"media": media, "media_category": "tweet_image"}
    return client.request("POST", "/2/media/upload", json=json).json()["data"]


def test_create_read_delete(sandbox):
    client = sandbox.tweepy()
    made = create(client, "Héllo ✓")
    assert made["text"] == "Héllo ✓" and made["edit_history_tweet_ids"] == [made["id"]]
    (truth,) = sandbox.made("x", account="alice")
    assert (truth["id"], truth["text"], truth["visible"]) == (made["id"], "Héllo ✓", True)
    page = client.get_users_tweets(ALICE, tweet_fields=["created_at", "author_id"], max_results=5)
    assert page.data[0].id == int(made["id"]) and page.data[0].author_id == int(ALICE)
    assert page.meta["newest_id"] == made["id"] and page.meta["result_count"] == 4
    assert client.delete_tweet(made["id"], user_auth=False).data == {"deleted": True}
    assert sandbox.get("/posts", network="x", origin="api")["posts"] == []
    (truth,) = sandbox.made("x")
    assert truth["deleted"]


def test_text_is_stored_as_x_stores_it(sandbox):
    client = sandbox.tweepy()
    sent = "  Cafe\u0301 & <b>hi</b> https://example.com/a?b=1. And example.org too "
    made = create(client, sent)
    (tweet,) = client.get_users_tweets(ALICE, tweet_fields=["entities"], max_results=5).data[:1]
    first, second = tweet.entities["urls"]
    assert first["expanded_url"] == "https://example.com/a?b=1"
    assert first["display_url"] == "example.com/a?b=1"
    assert second["expanded_url"] == "http://example.org"
    for url in (first, second):
        assert url["url"].startswith("https://t.co/") and len(url["url"]) == 23
        assert tweet.text[url["start"] : url["end"]] == url["url"]
    expected = f"Café &amp; &lt;b&gt;hi&lt;/b&gt; {first['url']}. And {second['url']} too"
    assert tweet.text == made["text"] == expected
    (truth,) = sandbox.made("x")
    assert truth["text"] == sent


def test_me_and_fields(sandbox):
    me = sandbox.tweepy().get_me(user_auth=False, user_fields=["profile_image_url"]).data
    assert (me.id, me.name, me.username) == (int(ALICE), "Alice Example", "alice")
    picture = sandbox.http.get(me.profile_image_url)
    assert picture.headers["Content-Type"] == "image/svg+xml" and "AE" in picture.text
    assert sandbox.tweepy().get_me(user_auth=False, user_fields=["shoe_size"]).data


def test_home_liked_following(sandbox):
    client = sandbox.tweepy()
    home = client.get_home_timeline(user_auth=False, tweet_fields=["author_id"], max_results=100)
    assert len({tweet.author_id for tweet in home.data}) > 3
    assert len(client.get_liked_tweets(ALICE).data) == 3
    assert "bob" in [user.username for user in client.get_users_following(ALICE).data]
    with pytest.raises(tweepy.Forbidden):
        client.get_liked_tweets(BOB)


def test_empty_page_has_no_data(sandbox):
    sandbox.post("/reset", fixture="empty")
    response = sandbox.tweepy().get_users_tweets(ALICE)
    assert response.data is None and response.meta == {"result_count": 0}


def test_filters(sandbox):
    client = sandbox.tweepy()
    first = create(client, "first")
    second = create(client, "second")
    create(client, "reply", in_reply_to_tweet_id=second["id"])
    after = client.get_users_tweets(ALICE, since_id=first["id"]).data
    assert [tweet.text for tweet in after] == ["reply", "second"]
    posts = client.get_users_tweets(ALICE, since_id=first["id"], exclude=["replies"]).data
    assert [tweet.text for tweet in posts] == ["second"]
    start = datetime.datetime.now(datetime.UTC) - datetime.timedelta(minutes=5)
    assert len(client.get_users_tweets(ALICE, start_time=start).data) == 3
    older = client.get_users_tweets(ALICE, end_time=start, until_id=first["id"]).data
    assert len(older) == 3


@pytest.mark.parametrize("number", [4, 101])
def test_max_results(sandbox, number):
    with pytest.raises(tweepy.BadRequest):
        sandbox.tweepy().get_users_tweets(ALICE, max_results=number)


def test_paging_large(sandbox):
    sandbox.post("/reset", fixture="large")
    client = sandbox.tweepy()
    seen, token = [], None
    while True:
        page = client.get_users_tweets(ALICE, max_results=100, pagination_token=token)
        seen += [tweet.id for tweet in page.data]
        token = page.meta.get("next_token")
        if not token:
            break
    assert len(seen) == len(set(seen)) == 3200 and seen == sorted(seen, reverse=True)
    likes = list(tweepy.Paginator(client.get_liked_tweets, ALICE, max_results=100).flatten())
    assert len({tweet.id for tweet in likes}) == len(likes) == 500
    follows = client.get_users_following(ALICE, max_results=1000)
    assert len(follows.data) == 1000 and "next_token" not in follows.meta
    with pytest.raises(tweepy.BadRequest):
        client.get_users_tweets(ALICE, pagination_token="nonsense")


def test_media(sandbox):
    client = sandbox.tweepy()
    media = upload(client)
    assert media["media_key"] == f"3_{media['id']}" and media["size"] == len(PNG)
    alt = {"id": media["id"], "metadata": {"alt_text": {"text": "A loaf"}}}
    assert client.request("POST", "/2/media/metadata", json=alt).status_code == 200
    made = create(client, "look", media_ids=[media["id"]])
    assert made["text"].startswith("look https://t.co/")
    page = client.get_users_tweets(
        ALICE, expansions=["attachments.media_keys"], media_fields=["url", "alt_text"]
    )
    (shown,) = page.includes["media"]
    assert shown.alt_text == "A loaf" and sandbox.http.get(shown.url).content == PNG
    only = create(client, None, media_ids=[upload(client)["id"]])
    assert only["text"].startswith("https://t.co/")
    bob = sandbox.tweepy(sandbox.x_token("bob")["access_token"])
    with pytest.raises(tweepy.BadRequest):
        create(bob, "mine", media_ids=[media["id"]])
    with pytest.raises(tweepy.BadRequest):
        upload(client, b"")


def test_media_in_segments(sandbox):
    client = sandbox.tweepy()

    def call(path, **body):
        return client.request("POST", f"/2/media/upload/{path}", json=body).json()["data"]

    begin = {"media_type": "video/mp4", "total_bytes": 6, "media_category": "tweet_video"}
    id = call("initialize", **begin)["id"]
    for index, part in enumerate((b"abc", b"def")):
        call(f"{id}/append", segment_index=index, media=base64.b64encode(part).decode())
    assert call(f"{id}/finalize")["processing_info"]["state"] == "pending"
    with pytest.raises(tweepy.BadRequest):
        create(client, "film", media_ids=[id])
    sandbox.post("/clock", advance_s=3)
    query = {"command": "STATUS", "media_id": id}
    status = client.request("GET", "/2/media/upload", params=query).json()["data"]
    assert status["processing_info"]["state"] == "succeeded"
    create(client, "film", media_ids=[id])


def test_visibility_lag_does_not_hide_duplicates(sandbox):
    client = sandbox.tweepy()
    sandbox.state("visibility_lag", network="x", ms=60_000)
    create(client, "soon")
    assert "soon" not in [t.text for t in client.get_users_tweets(ALICE).data]
    with pytest.raises(tweepy.Forbidden):
        create(client, "soon")
    assert sandbox.get("/posts", network="x", origin="api")["posts"] == []
    assert len(sandbox.made("x")) == 1
    sandbox.post("/clock", advance_s=61)
    assert client.get_users_tweets(ALICE).data[0].text == "soon"


def test_edits_by_the_control_plane(sandbox):
    client = sandbox.tweepy()
    first = create(client, "before")
    newer = sandbox.post("/posts", edit=first["id"], text="after")
    (top, *_) = client.get_users_tweets(ALICE).data
    assert (top.id, top.text) == (int(newer["id"]), "after")
    assert top.edit_history_tweet_ids == [int(first["id"]), int(newer["id"])]


def test_search(sandbox):
    client = sandbox.tweepy()
    create(client, "a very odd phrase")
    found = client.search_recent_tweets('from:alice "odd phrase"')
    assert [tweet.text for tweet in found.data] == ["a very odd phrase"]


def test_anything_else_is_an_empty_404(sandbox):
    token = sandbox.x_token()["access_token"]
    headers = {"Authorization": f"Bearer {token}"}
    response = sandbox.session().get("https://api.x.com/2/nothing", headers=headers)
    assert (response.status_code, response.content) == (404, b"")
    assert "Content-Type" not in response.headers
