"""What the networks' lists have said in older and newer versions, and what they never should: read
without loss, and without a crash."""

from datetime import UTC, datetime

import pytest

from importing.reading.storing import store
from social.networks import NETWORKS
from social.networks.errors import Rejected
from social.networks.facebook import timeline as facebook_reading
from social.networks.shapes import Item
from social.networks.x import timeline as x_reading
from tests.publishing.factories import x_channel

from .factories import timeline_of

FULL = {
    "id": "1848800000000000001",
    "text": "Rye &amp; spelt https://t.co/abc https://t.co/pic #Bread",
    "edit_history_tweet_ids": ["1848700000000000001", "1848800000000000001"],
    "author_id": "7",
    "created_at": "2024-10-22T18:30:00.000Z",
    "public_metrics": {"like_count": 4, "retweet_count": 2, "reply_count": 1, "quote_count": 0,
                       "bookmark_count": 0, "impression_count": 90},
    "entities": {
        "urls": [
            {"start": 12, "end": 28, "url": "https://t.co/abc", "expanded_url": "https://e.org/?a=1",
             "display_url": "e.org", "unwound_url": "https://e.org/long"},
            {"url": "https://t.co/pic", "expanded_url": "https://x.com/a/status/1/photo/1",
             "media_key": "3_1"},
        ],
        "hashtags": [{"start": 1, "end": 2, "tag": "Bread"}],
        "mentions": [{"username": "bob", "id": "2"}],
    },
    "referenced_tweets": [{"type": "replied_to", "id": "5"}],
    "something_new": {"deep": [1, 2]},
}  # fmt: skip
META = {"result_count": 1, "newest_id": "1", "oldest_id": "1", "next_token": "7140dibd"}


def url(handle, remote_id):
    return f"https://x.com/{handle}/status/{remote_id}" if remote_id else f"https://x.com/{handle}"


def read_x(answer, kind="post"):
    return x_reading.read_page(kind, answer, url, "alice")


def test_a_full_post():
    page = read_x({"data": [FULL], "meta": META, "includes": {"users": []}, "x_new": 1})
    assert (page.mark, page.read) == ("7140dibd", 1)
    [item] = page.items
    assert item.text == "Rye & spelt https://e.org/?a=1  #Bread"
    assert item.first_id == "1848700000000000001" and item.remote_id == FULL["id"]
    assert item.url == "https://x.com/alice/status/1848800000000000001"
    assert (item.likes, item.reposts, item.replies, item.views) == (4, 2, 1, 90)
    assert item.created_at == datetime(2024, 10, 22, 18, 30, tzinfo=UTC)
    assert item.entities == {
        "hashtags": ["Bread"],
        "mentions": ["bob"],
        "urls": ["https://e.org/long"],
        "pictures": 1,
        "reply_to": "5",
    }


def without(*names, **more):
    return {name: value for name, value in FULL.items() if name not in names} | more


@pytest.mark.parametrize(
    "row",
    [
        {"id": "1848800000000000001", "text": "Old and bare."},
        {"id": 1848800000000000001, "text": "An id that is a number."},
        without("entities", "public_metrics", "created_at", "edit_history_tweet_ids"),
        without(edit_history_tweet_ids=None, edit_history_post_ids=["1848800000000000001"]),
        without(public_metrics=None, entities=None, referenced_tweets=None, note_tweet=None),
        without(public_metrics={"like_count": None, "retweet_count": "3"}),
        without(entities={"urls": [{"url": "https://t.co/abc"}, None, {"expanded_url": 3}]}),
        without(entities=[], public_metrics=[], referenced_tweets={}, edit_history_tweet_ids="1"),
        without(created_at="yesterday"),
        without(text=None),
        without(text=""),
        without("text", note_tweet={"text": "The whole of it", "entities": {"urls": []}}),
        without(author_id=7, lang="qme", withheld={"copyright": True, "country_codes": ["XX"]}),
    ],
)
def test_less_and_more_than_that_is_read(row):
    [item] = read_x({"data": [row], "meta": META}).items
    assert item.remote_id == "1848800000000000001"
    assert item.created_at.year == 2024  # its id holds it, should nothing else say so


def test_newer_answers_name_an_edited_post_by_another_word():
    row = without("edit_history_tweet_ids", edit_history_post_ids=["1848800000000000001", "99"])
    assert read_x({"data": [row], "meta": META}).items[0].first_id == "99"


def test_a_long_post_is_read_whole():
    note = {"text": "All of it, to the end https://t.co/abc", "entities": FULL["entities"]}
    [item] = read_x({"data": [without(note_tweet=note)], "meta": META}).items
    assert item.text == "All of it, to the end https://e.org/?a=1"


def test_what_others_wrote_is_not_theirs():
    row = without(referenced_tweets=[{"type": "retweeted", "id": "5"}])
    page = read_x({"data": [row, FULL], "meta": META})
    assert len(page.items) == 1 and page.read == 2


def test_errors_beside_what_could_be_given():
    errors = [{"title": "Not Found Error", "resource_type": "user", "detail": "Could not find"}]
    page = read_x({"data": [FULL, None, "odd", {"text": "no id"}], "errors": errors, "meta": META})
    assert len(page.items) == 1 and page.mark == "7140dibd"


@pytest.mark.parametrize(
    "answer",
    [
        {"meta": {"result_count": 0}},
        {"meta": {"result_count": 0}, "data": None, "errors": None},
        {"meta": {}},
    ],
)
def test_no_data_is_an_empty_page(answer):
    assert read_x(answer) == x_reading.Page(())


def test_an_empty_page_may_have_a_next_one():
    errors = [{"title": "Authorization Error", "detail": "not visible to you"}]
    page = read_x({"meta": {"result_count": 3, "next_token": "7140next"}, "errors": errors})
    assert page.items == () and page.mark == "7140next"


def test_so_may_the_last_one():
    """Posts that nobody may see any more; a refusal has no `meta`."""
    errors = [
        {"title": "Not Found Error", "detail": "Could not find tweet", "resource_type": "tweet"}
    ]
    page = read_x({"meta": {"result_count": 3}, "errors": errors})
    assert (page.items, page.mark) == ((), "")
    with pytest.raises(Rejected, match="not_found"):
        read_x({"meta": None, "errors": errors})


def test_a_refusal_that_comes_with_a_yes():
    errors = [{"title": "Forbidden", "detail": "User has been suspended: [7]."}]
    with pytest.raises(Rejected, match="suspended"):
        read_x({"errors": errors})


@pytest.mark.parametrize("answer", [{}, [], None, "<html>", {"meta": {"result_count": 3}}])
def test_what_is_no_page_is_no_empty_page_either(answer):
    with pytest.raises(ValueError):
        read_x(answer)


def test_whose_it_is_stands_beside_it():
    includes = {"users": [{"id": "7", "name": "Daily Bread", "username": "daily_bread"}, None]}
    [item] = read_x({"data": [FULL], "includes": includes, "meta": META}, "like").items
    assert (item.author_name, item.author_handle) == ("Daily Bread", "daily_bread")
    assert item.url.startswith("https://x.com/daily_bread/")
    stranger = without(author_id="8")
    [item] = read_x({"data": [stranger], "includes": includes, "meta": META}, "like").items
    assert item.url == "https://x.com/i/status/1848800000000000001"


@pytest.mark.parametrize("kind, whose", [("like", ""), ("home", ""), ("post", "alice")])
def test_what_does_not_say_whose_it_is_is_not_taken_for_ones_own(kind, whose):
    [item] = read_x({"data": [FULL], "meta": META}, kind).items
    assert item.author_handle == whose
    assert item.url == f"https://x.com/{whose or 'i'}/status/1848800000000000001"


def test_people():
    rows = [{"id": "7", "name": "Bob", "username": "bob", "description": "Planes."}, {"id": 8}]
    bob, bare = read_x({"data": rows, "meta": META}, "friend").items
    assert (bob.text, bob.url, bob.entities) == ("Bob", "https://x.com/bob", {"about": "Planes."})
    assert bare.remote_id == "8" and bare.text == ""


# ── Facebook ──────────────────────────────────────────────────────────────────────────────────
POST = {
    "id": "61_9",
    "message": "Seed swap https://garden.example.org/seeds. #Garden &amp; more",
    "created_time": "2026-11-21T23:50:33+0000",
    "permalink_url": "https://www.facebook.com/61/posts/9",
    "reactions": {"data": [], "summary": {"total_count": 12}},
    "comments": {"data": [], "summary": {"total_count": 3}},
    "shares": {"count": 2},
    "attachments": {"data": [{"media_type": "photo"},
                             {"media_type": "link", "unshimmed_url": "https://e.org/"}]},
}  # fmt: skip


def read_page(answer, kind="post"):
    return facebook_reading.read_page(kind, answer, lambda id: f"https://facebook.com/{id}")


def test_a_pages_post():
    paging = {"cursors": {"before": "a", "after": "b"}, "next": "https://graph.facebook.com/…"}
    page = read_page({"data": [POST], "paging": paging})
    [item] = page.items
    assert (page.mark, item.likes, item.reposts, item.replies, item.views) == ("b", 12, 2, 3, None)
    assert item.url == "https://www.facebook.com/61/posts/9"
    assert item.entities == {
        "hashtags": ["Garden"],
        "urls": ["https://garden.example.org/seeds", "https://e.org/"],
        "pictures": 1,
    }


@pytest.mark.parametrize(
    "row",
    [
        {"id": "61_9"},
        {"id": "61_9", "story": "Alice's Bakery updated their cover photo."},
        POST | {"reactions": None, "comments": {}, "shares": None, "attachments": {"data": None}},
        POST | {"permalink_url": "javascript:alert(1)", "created_time": "once"},
        POST | {"likes": {"summary": {"total_count": 5}}, "from": "somebody", "new_field": [1]},
    ],
)
def test_less_and_more_of_a_pages_post(row):
    [item] = read_page({"data": [row]}).items
    assert item.remote_id == "61_9" and item.url.startswith("https://")


def test_what_facebook_keeps_to_itself_is_said():
    page = read_page(
        {"data": [{"id": "1", "name": "Bob"}], "summary": {"total_count": 9}}, "friend"
    )
    assert (page.total, page.visibility_note, page.items[0].text) == (9, "friends_hidden", "Bob")


@pytest.mark.parametrize("answer", [{}, [], None, {"data": None}, {"data": {}}])
def test_what_is_no_list_is_no_empty_list(answer):
    with pytest.raises(ValueError):
        read_page(answer)


# ── Hostile ───────────────────────────────────────────────────────────────────────────────────
def test_whatever_a_stranger_writes_is_stored_as_text(alice):
    timeline = timeline_of(x_channel(alice))
    text = "<script>alert(1)</script> \x00 \ud800 " + "a" * 90_000
    evil = Item(
        "1",
        text=text,
        url="javascript:alert(1)",
        author_name="\x00" * 300 + "B" * 300,
        entities={"hashtags": ["\x00\ud800" * 10] * 1000, "\x00": {"deep": "\x00"}},
    )
    assert store(timeline, [evil]).added == 1
    item = timeline.items.get()
    assert item.text.startswith("<script>alert(1)</script>  ? a") and len(item.text) < 66_000
    assert item.url == "" and len(item.author_name) == 200
    assert len(item.entities["hashtags"]) == 100


def test_the_longest_post_is_stored_whole(alice):
    longest = "é" * max(network.length("").limit for network in NETWORKS.values())
    timeline = timeline_of(x_channel(alice))
    store(timeline, [Item("1", longest)])
    assert timeline.items.get().text == longest


def test_what_an_answer_leaves_out_is_not_forgotten(alice):
    timeline = timeline_of(x_channel(alice))
    assert store(timeline, [Item("1", "One", likes=3, reposts=2, views=9)]).added == 1
    assert store(timeline, [Item("1", "One", likes=4)]).updated == 1
    item = timeline.items.get()
    assert (item.likes, item.reposts, item.views, item.reactions) == (4, 2, 9, 6)
    twice = [Item("2", "Newer", former_ids=("1",)), Item("1", "Older")]
    assert store(timeline, twice).updated == 1
    assert timeline.items.get().text == "Newer"
