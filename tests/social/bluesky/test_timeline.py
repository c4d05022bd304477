"""What is read back of Bluesky."""

from datetime import UTC, datetime, timedelta

import pytest

from social.networks.bluesky import timeline
from social.networks.errors import Rejected

from ..dancing import BSKY_ALICE
from ..stage import stage_of


@pytest.fixture
def bluesky(sandbox):
    return stage_of("bluesky", sandbox)


def read(stage, kind, size=2):
    items, mark = [], ""
    while True:
        page = stage.network.timeline(
            kind, stage.place_id, stage.handle, stage.grant, mark=mark, size=size
        )
        items += page.items
        if not (mark := page.mark):
            return items


@pytest.mark.parametrize("kind, count", [("post", 3), ("like", 2), ("friend", 5), ("home", 10)])
def test_each_kind_is_read_to_its_end(bluesky, kind, count):
    items = read(bluesky, kind)
    assert len(items) == len({item.remote_id for item in items}) == count
    assert all(item.text and item.author_handle and item.url for item in items)


def test_a_post_shows_what_is_in_it(bluesky):
    bluesky.publish("Look: https://example.com/a #bread @bob.test")
    newest = read(bluesky, "post")[0]
    assert newest.author_id == BSKY_ALICE
    assert newest.entities == {
        "hashtags": ["bread"],
        "mentions": ["bob.test"],
        "urls": ["https://example.com/a"],
    }


def test_a_server_that_knows_no_appview_lists_its_own(bluesky, sandbox):
    sandbox.change("appview", on=False)
    items = read(bluesky, "post")
    assert len(items) == 3 and {item.likes for item in items} == {None}
    with pytest.raises(Rejected) as refused:
        read(bluesky, "like")
    assert refused.value.reason == "reading_refused"


def test_what_was_just_posted_is_there_before_any_list_shows_it(bluesky, sandbox):
    sandbox.change("visibility_lag", ms=60_000, network="bluesky")
    made = bluesky.publish("New")
    assert "New" not in {item.text for item in read(bluesky, "post")}
    since = datetime.now(UTC) - timedelta(minutes=1)
    recent = bluesky.network.recent(bluesky.place_id, bluesky.handle, bluesky.grant, since)
    assert [post.remote_id for post in recent.posts] == [made.remote_id] and recent.complete
    assert bluesky.network.is_there(made.remote_id, bluesky.grant)


def test_a_forgotten_mark_is_said(bluesky, sandbox):
    page = bluesky.network.timeline("post", bluesky.place_id, bluesky.handle, bluesky.grant, size=1)
    sandbox.change("forget_marks", network="bluesky")
    with pytest.raises(Rejected) as refused:
        bluesky.network.timeline(
            "post", bluesky.place_id, bluesky.handle, bluesky.grant, mark=page.mark
        )
    assert refused.value.reason == "mark_expired"


def test_whose_a_post_is_says_the_network(bluesky, sandbox):
    row = sandbox.call(
        "POST", "/posts", json={"network": "bluesky", "account": "bob.test", "text": "Mine"}
    )
    for link in (row["id"], row["id"].replace(row["author_id"], "bob.test")):
        found = bluesky.network.post(link, bluesky.place_id, bluesky.handle, bluesky.grant)
        assert (found.remote_id, found.author_id) == (row["id"], row["author_id"])
    gone = row["id"][:-3] + "222"
    assert bluesky.network.post(gone, bluesky.place_id, bluesky.handle, bluesky.grant) is None


@pytest.mark.parametrize(
    "link, whose",
    [
        ("https://bsky.app/profile/alice.test/post/3l6oveex3ii2l?x=1", "alice.test"),
        (f"https://bsky.app/profile/{BSKY_ALICE}/post/3l6oveex3ii2l", BSKY_ALICE),
        (f"at://{BSKY_ALICE}/app.bsky.feed.post/3l6oveex3ii2l", BSKY_ALICE),
        ("https://bsky.app/profile/alice.test", None),
        ("javascript:alert('/profile/x/post/3l6oveex3ii2l')", None),
        ("", None),
    ],
)
def test_a_pasted_link(bluesky, link, whose):
    if whose is None:
        with pytest.raises(ValueError, match="not the link of a"):
            bluesky.network.find_link(link, "alice.test")
    else:
        named = bluesky.network.find_link(link, "alice.test")
        assert named.remote_id == f"at://{whose}/app.bsky.feed.post/3l6oveex3ii2l"


@pytest.mark.parametrize(
    "view",
    [
        {},
        {"uri": 7},
        {"uri": "at://x/app.bsky.feed.like/1"},
        {"uri": "at://did:plc:x/app.bsky.feed.post/3", "record": {"text": 7, "facets": [1, {}]}},
        {"uri": "at://did:plc:x/app.bsky.feed.post/3", "author": 7, "record": {"embed": []}},
    ],
)
def test_odd_posts_are_passed_over_or_read_as_far_as_they_go(view):
    answer = {"feed": [{"post": view}, 7, {"post": 7}], "cursor": 9}
    page = timeline.read_page("home", answer, BSKY_ALICE, lambda account, key: "")
    assert len(page.items) in (0, 1) and page.mark == ""
