"""The calls to the Graph, through the unmodified facebook-sdk."""

import io
import json
import time
from urllib.parse import urlsplit

import facebook
import pytest

from tests.social.sandbox.clients import BAKERY, FB_ALICE, GARDEN, LIBRARY

BICYCLES = "610000000000004"  # of somebody else

PNG = b"\x89PNG\r\n\x1a\n" + b"\r\n--\r\n" + bytes(range(256))


def refused(call, *args, **kwargs):
    with pytest.raises(facebook.GraphAPIError) as caught:
        call(*args, **kwargs)
    return caught.value


def subcode(error):
    return error.result["error"].get("error_subcode")


def test_publish_and_read_back(sandbox):
    page = sandbox.page()
    fields = "id,permalink_url,created_time"
    link = "https://example.com/a?b=1"
    made = page.put_object(
        BAKERY, "feed", message="Hellö ", link=link, published="true", fields=fields
    )
    assert made["id"].startswith(f"{BAKERY}_") and made["permalink_url"].startswith(sandbox.url)
    assert made["created_time"].endswith("+0000")
    (truth,) = sandbox.made("facebook", account=BAKERY)
    assert (truth["id"], truth["text"], truth["message"]) == (made["id"], "Hellö ", "Hellö")
    fields = "id,message,created_time,attachments{url,unshimmed_url}"
    posts = page.get_connections(BAKERY, "published_posts", fields=fields, limit=25)["data"]
    assert posts[0]["id"] == made["id"] and posts[0]["message"] == "Hellö"
    (attachment,) = posts[0]["attachments"]["data"]
    assert set(attachment) == {"url", "unshimmed_url"} and attachment["unshimmed_url"] == link
    assert page.delete_object(made["id"]) == {"success": True}
    error = refused(page.get_object, made["id"])
    assert (error.code, subcode(error)) == (100, 33)


def test_accounts(sandbox):
    graph = sandbox.graph()
    fields = "id,name,access_token,tasks,username,picture{url}"
    pages = graph.get_connections("me", "accounts", fields=fields, limit=100)["data"]
    pages = {page["id"]: page for page in pages}
    assert pages[LIBRARY]["tasks"] == ["ANALYZE"]
    assert "CREATE_CONTENT" in pages[BAKERY]["tasks"]
    assert "username" not in pages[GARDEN] and pages[BAKERY]["username"] == "alicesbakery"
    url = pages[BAKERY]["picture"]["data"]["url"]
    assert set(pages[BAKERY]["picture"]["data"]) == {"url"}
    assert sandbox.http.get(url).headers["Content-Type"] == "image/svg+xml"


def test_paging_goes_through_the_real_host_with_the_token(sandbox):
    page = sandbox.page()
    for number in range(7):
        page.put_object(BAKERY, "feed", message=f"n{number}")
    first = page.get_connections(BAKERY, "published_posts", limit=3)
    following = urlsplit(first["paging"]["next"])
    assert following.netloc == "graph.facebook.com" and "access_token=" in following.query
    every = list(page.get_all_connections(BAKERY, "published_posts", limit=3))
    texts = [post["message"] for post in every]
    assert texts[:7] == [f"n{number}" for number in reversed(range(7))]
    assert len(texts) == len(set(texts)) == 9


def test_feed_also_has_visitors(sandbox):
    page = sandbox.page()
    feed = page.get_connections(BAKERY, "feed", fields="id,from")["data"]
    posts = page.get_connections(BAKERY, "posts", fields="id,from")["data"]
    assert {p["from"]["name"] for p in feed} == {"Alice's Bakery", "Charlie O'Neil"}
    assert {p["from"]["name"] for p in posts} == {"Alice's Bakery"}


def test_since_and_until(sandbox):
    page = sandbox.page()
    start = int(time.time()) - 1
    page.put_object(BAKERY, "feed", message="now")
    recent = page.get_connections(BAKERY, "published_posts", since=start)["data"]
    assert [post["message"] for post in recent] == ["now"]
    older = page.get_connections(BAKERY, "published_posts", until=start)["data"]
    assert len(older) == 2


def test_empty_post_and_unreachable_link(sandbox):
    page = sandbox.page()
    assert refused(page.put_object, BAKERY, "feed", message="  ").code == 100
    error = refused(page.put_object, BAKERY, "feed", link="https://nowhere.invalid/x")
    assert error.code == 1609005
    error = refused(page.put_object, BAKERY, "feed", link="https://www.facebook.com/alicesbakery")
    assert error.code == 1609008


def test_repeat_of_the_previous_post_only(sandbox):
    page = sandbox.page()
    page.put_object(BAKERY, "feed", message="again")
    assert refused(page.put_object, BAKERY, "feed", message="again").code == 506
    page.put_object(BAKERY, "feed", message="between")
    page.put_object(BAKERY, "feed", message="again")
    sandbox.state("duplicates", network="facebook", on=False)
    page.put_object(BAKERY, "feed", message="again")
    assert len(sandbox.made("facebook", text="again")) == 3


def test_photo(sandbox):
    page = sandbox.page()
    made = page.put_photo(io.BytesIO(PNG), album_path=f"{BAKERY}/photos", message="look")
    assert made["post_id"].startswith(f"{BAKERY}_")
    (truth,) = sandbox.made("facebook")
    assert truth["media"][0]["size"] == len(PNG)
    assert sandbox.http.get(sandbox.url + truth["media"][0]["path"]).content == PNG
    post = page.get_object(made["post_id"], fields="message,attachments,full_picture")
    assert post["attachments"]["data"][0]["media_type"] == "photo"
    error = refused(page.put_photo, io.BytesIO(b"text"), album_path=f"{BAKERY}/photos")
    assert error.code == 100


def test_several_photos(sandbox):
    page = sandbox.page()
    ids = []
    for _ in range(2):
        made = page.put_photo(
            io.BytesIO(PNG), album_path=f"{BAKERY}/photos", published="false", message=""
        )
        assert "post_id" not in made
        ids.append(made["id"])
    assert sandbox.made("facebook") == []
    media = json.dumps([{"media_fbid": id} for id in ids])
    page.put_object(BAKERY, "feed", message="two", attached_media=media)
    (truth,) = sandbox.made("facebook")
    assert len(truth["media"]) == 2
    error = refused(page.put_object, BAKERY, "feed", message="x", attached_media="media_fbid")
    assert error.code == 100


def test_scheduled_by_facebook(sandbox):
    page = sandbox.page()
    soon = int(time.time()) + 60
    more = {"message": "later", "published": "false"}
    assert refused(page.put_object, BAKERY, "feed", scheduled_publish_time=soon, **more).code == 100
    page.put_object(BAKERY, "feed", scheduled_publish_time=soon + 3600, **more)
    scheduled = page.get_connections(BAKERY, "scheduled_posts", fields="scheduled_publish_time")
    assert scheduled["data"][0]["scheduled_publish_time"] == soon + 3600
    assert sandbox.get("/posts", network="facebook", origin="api")["posts"] == []
    sandbox.post("/clock", advance_s=3700)
    (visible,) = sandbox.get("/posts", network="facebook", origin="api")["posts"]
    assert visible["message"] == "later" and visible["published"]


def test_two_phase_publish(sandbox):
    page = sandbox.page()
    id = page.put_object(BAKERY, "feed", message="draft", published="false")["id"]
    assert page.get_object(id, fields="is_published")["is_published"] is False
    posts = page.get_connections(BAKERY, "published_posts")["data"]
    assert id not in [post["id"] for post in posts]
    for _ in range(2):  # repeating it is harmless
        assert page.request(f"v25.0/{id}", post_args={"is_published": "true"}, method="POST")
    assert page.get_object(id, fields="is_published")["is_published"] is True
    assert page.get_connections(BAKERY, "published_posts")["data"][0]["id"] == id


def test_edit_message(sandbox):
    page = sandbox.page()
    id = page.put_object(BAKERY, "feed", message="one")["id"]
    page.request(f"v25.0/{id}", post_args={"message": "two"}, method="POST")
    assert page.get_object(id)["message"] == "two"


def test_me_likes_friends_feed(sandbox):
    graph = sandbox.graph()
    assert graph.get_connections("me", "likes")["data"] == []
    scopes = ["user_likes", "user_friends", "user_posts"]
    sandbox.fb_token("bob", scopes=scopes)
    graph = sandbox.graph(sandbox.fb_token(scopes=scopes)["access_token"])
    assert len(graph.get_connections("me", "likes")["data"]) == 2
    friends = graph.get_connections("me", "friends")
    assert friends["data"][0]["name"] == "Bob Builder-Smith"
    assert friends["summary"]["total_count"] == 1
    assert graph.get_connections("me", "feed")["data"] == []


@pytest.mark.parametrize(
    ("asked", "served"), [("v25.0", "v25.0"), ("v9.0", "v21.0"), ("v99.0", "v21.0")]
)
def test_versions(sandbox, asked, served):
    graph = sandbox.graph()
    graph.version = asked
    assert graph.get_object("me")["id"] == FB_ALICE
    assert graph.last.headers["facebook-api-version"] == served


def test_visibility_lag(sandbox):
    page = sandbox.page()
    sandbox.state("visibility_lag", network="facebook", ms=60_000)
    id = page.put_object(BAKERY, "feed", message="soon")["id"]
    assert page.get_object(id)["message"] == "soon"
    listed = page.get_connections(BAKERY, "published_posts")["data"]
    assert id not in [post["id"] for post in listed]
    sandbox.post("/clock", advance_s=61)
    listed = page.get_connections(BAKERY, "published_posts")["data"]
    assert listed[0]["id"] == id


def test_what_is_hidden_from_filters_for_dates(sandbox):
    page = sandbox.page()
    sandbox.state("hide", network="facebook", seconds=60)
    id = page.put_object(BAKERY, "feed", message="hidden")["id"]
    sandbox.state("hide", network="facebook", share=0)
    listed = page.get_connections(BAKERY, "published_posts")["data"]
    assert listed[0]["id"] == id
    since = {"since": 1}
    assert id not in [
        post["id"] for post in page.get_connections(BAKERY, "published_posts", **since)["data"]
    ]
    sandbox.post("/clock", advance_s=61)
    assert page.get_connections(BAKERY, "published_posts", **since)["data"][0]["id"] == id


def test_other_pages_posts_by_their_ids(sandbox):
    asked = {"network": "facebook", "account": BICYCLES, "text": "Bob's."}
    id = sandbox.post("/posts", **asked)["id"]
    page = sandbox.page()
    with pytest.raises(facebook.GraphAPIError) as refused:
        page.get_object(id, fields="id,from")
    assert refused.value.code == 10
    sandbox.state("public_content")
    assert page.get_object(id, fields="id,from")["from"]["id"] == BICYCLES
