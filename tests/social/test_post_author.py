"""One post by what a link names: there, and this account's own, by the word of its network."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

from social.networks.base import Network
from social.networks.errors import AuthorizationLost, RateLimited, TemporaryError
from social.networks.shapes import Held, Outgoing
from social.sandbox.facebook.refusals import graph
from tests.pictures import drawn

from .dancing import BOB, BSKY_BOB, GARDEN, HOST, MAST_BOB
from .stage import stage_of
from .test_recent_posts_read import recent

TEXT = "Whose is it?"
# How the sandbox is told who somebody else is, and what the network calls them.
OTHERS = {
    "x": ("bob", BOB),
    "facebook": (GARDEN, GARDEN),
    "bluesky": ("bob.test", BSKY_BOB),
    "mastodon": ("bob", f"{MAST_BOB}@{HOST}"),
}
NOWHERE = {
    "x": "1234567890123",
    "bluesky": f"at://{BSKY_BOB}/app.bsky.feed.post/3l6oveex3ii2l",
    "mastodon": f"1234567890123@{HOST}",
}
ONE = r"/2/tweets/\d+$|/\d+_\d+$"


def asked(stage, link):
    if type(stage.network).find_link is Network.find_link:
        pytest.skip("its links name nothing that it can be asked for")
    named = stage.network.find_link(link, stage.handle).remote_id
    return stage.network.post(named, stage.place_id, stage.handle, stage.place_grant)


def of_others(stage):
    account = OTHERS[stage.network.name][0]
    asked = {"network": stage.network.name, "account": account, "text": TEXT}
    return stage.sandbox.call("POST", "/posts", json=asked)


def test_it_works(stage):
    published = stage.publish(TEXT)
    for link in (published.url, published.remote_id):
        found = asked(stage, link)
        assert (found.remote_id, found.url, found.text) == (*vars(published).values(), TEXT)
        assert found.author_id == stage.place_id


def test_somebody_elses_is_somebody_elses(stage):
    stage.sandbox.change("public_content")
    found = asked(stage, of_others(stage)["id"])
    assert found.author_id == OTHERS[stage.network.name][1]


def test_what_the_network_does_not_show_is_nothing(stage):
    """Facebook says that a permission is missing, which is about that Page and not about ours."""
    hidden = NOWHERE.get(stage.network.name) or of_others(stage)["id"]
    assert asked(stage, hidden) is None
    gone = stage.publish(TEXT)
    stage.sandbox.call("POST", "/posts", json={"delete": gone.remote_id})
    assert asked(stage, gone.remote_id) is None


def test_without_the_permission_to_read_nothing_is_said_of_a_post(sandbox):
    stage = stage_of("facebook", sandbox)
    published = stage.publish(TEXT)
    sandbox.change("drop_scope", scope="pages_read_engagement", user="100000000000001")
    with pytest.raises(AuthorizationLost) as lost:
        asked(stage, published.url)
    assert lost.value.reason == "permission_missing"


@pytest.mark.parametrize(
    "action, kind",
    [
        ({"status": 429, "json": {"title": "Too Many Requests"}}, RateLimited),
        ({"status": 503, "json": {}}, TemporaryError),
        ({"status": 200, "json": []}, TemporaryError),
        ({"status": 200, "json": {"data": {}}}, TemporaryError),
        ({"reset": True}, TemporaryError),
    ],
)
def test_what_goes_wrong_is_no_answer(sandbox, action, kind):
    stage = stage_of("x", sandbox)
    published = stage.publish(TEXT)
    fault = {"match": {"method": "GET", "path_regex": ONE}, "action": action}
    sandbox.call("POST", "/faults", json=fault)
    with pytest.raises(kind):
        asked(stage, published.url)


def test_a_page_that_is_limited_gives_no_answer(sandbox):
    stage = stage_of("facebook", sandbox)
    published = stage.publish(TEXT)
    action = graph(32, "(#32) Page request limit reached")
    fault = {"match": {"method": "GET", "path_regex": ONE}, "action": action}
    sandbox.call("POST", "/faults", json=fault)
    with pytest.raises(RateLimited):
        asked(stage, published.url)


def test_what_one_only_passed_on_is_not_ones_own(sandbox):
    stage = stage_of("x", sandbox)
    row = {"id": "1234567890123", "text": TEXT, "author_id": stage.place_id}
    row |= {"referenced_tweets": [{"type": "retweeted", "id": "1"}]}
    action = {"status": 200, "json": {"data": row}}
    sandbox.call("POST", "/faults", json={"action": action})
    assert asked(stage, row["id"]) is None


# ── Permalinks of every shape ─────────────────────────────────────────────────────────────────
SHAPES = [
    "https://www.facebook.com/{page}_{number}",
    "https://www.facebook.com/{page}/posts/{number}",
    "https://m.facebook.com/{page}/posts/{number}/?comment_id=1_2",
    "https://www.facebook.com/alicesbakery/posts/a-title/{number}",
    "https://m.facebook.com/story.php?story_fbid={number}&id={page}",
    "https://web.facebook.com/permalink.php?id={page}&story_fbid={number}#x",
    "https://www.facebook.com/alicesbakery/photos/a.5/{number}/?type=3",
    "https://www.facebook.com/alicesbakery/videos/{number}/",
    "https://www.facebook.com/reel/{number}",
    "https://www.facebook.com/watch/?v={number}",
    "https://www.facebook.com/media/set/?set=pcb.{number}&type=3",
    "https://www.facebook.com/photo/?fbid=77777&set=pcb.{number}",
    "{number}",
]


@pytest.mark.parametrize("shape", SHAPES)
def test_every_shape_of_a_link_leads_to_the_post(shape, sandbox):
    stage = stage_of("facebook", sandbox)
    published = stage.publish(TEXT)
    page, _, number = published.remote_id.partition("_")
    found = asked(stage, shape.format(page=page, number=number))
    assert (found.remote_id, found.author_id) == (published.remote_id, stage.place_id)


@pytest.mark.parametrize("style", ["id", "posts", "story", "pfbid"])
def test_the_links_that_facebook_gives_lead_back(style, sandbox):
    stage = stage_of("facebook", sandbox)
    sandbox.change("permalinks", **{"as": style})
    published = stage.publish(TEXT)
    assert asked(stage, published.url).remote_id == published.remote_id
    other = stage.publish("Another one.")
    assert asked(stage, other.url).remote_id == other.remote_id
    stage.sandbox.call("POST", "/posts", json={"delete": other.remote_id})
    assert asked(stage, other.url) is None


def test_a_picture_knows_its_post(sandbox):
    stage = stage_of("facebook", sandbox)
    data = {"access_token": stage.token, "published": "false"}
    files = {"source": ("picture.png", drawn(), "image/png")}
    url = f"{sandbox.url}/fb-graph/v25.0/{stage.place_id}/photos"
    photo = requests.post(url, data=data, files=files, timeout=5).json()["id"]
    published = stage.network.publish(
        stage.place_id, "", Outgoing(TEXT, (Held(photo),)), stage.place_grant
    )
    for link in (f"https://www.facebook.com/photo/?fbid={photo}&set=a.1", photo):
        assert asked(stage, link).remote_id == published.remote_id


@pytest.mark.parametrize(
    "link", ["https://www.facebook.com/share/p/1AbCdEf/", "https://fb.watch/aBc_123/"]
)
def test_a_link_that_hides_its_post_is_told_apart(link, sandbox):
    with pytest.raises(ValueError, match="not the link of a Facebook post itself: open it"):
        stage_of("facebook", sandbox).network.find_link(link, "")


@pytest.mark.parametrize(
    "link", ["9" * 20, f"https://x.com/a/status/{'9' * 200}", "x/status/\uff11\uff12"]
)
def test_no_number_of_x_is_longer_than_x_writes_them(link, sandbox):
    with pytest.raises(ValueError, match="not the link of a"):
        stage_of("x", sandbox).network.find_link(link, "")


# ── Filters that hide ─────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("seconds", [60, None])
def test_what_a_filter_hides_is_seen_from_the_top(seconds, stage):
    if type(stage.network).latest is Network.latest:
        pytest.skip("it is asked without a date")
    stage.sandbox.change("hide", seconds=seconds)
    published = stage.publish(TEXT)
    stage.sandbox.change("hide", share=0)
    read = recent(stage)
    assert not read.posts and read.complete
    since = datetime.now(UTC) - timedelta(minutes=30)
    whose = (stage.place_id, stage.handle, stage.place_grant)
    latest = stage.network.latest(*whose, since, read.read)
    assert [post.remote_id for post in latest.posts] == [published.remote_id] and latest.complete
    assert [it.remote_id for it in read.with_more(latest).posts] == [published.remote_id]
    stage.sandbox.clock(advance=61)
    assert bool(recent(stage).posts) == bool(seconds)


def test_at_x_no_more_is_read_from_the_top_than_it_takes(sandbox):
    stage = stage_of("x", sandbox)
    old = (datetime.now(UTC) - timedelta(hours=3)).isoformat()
    many = [
        {"network": "x", "account": "alice", "text": f"Old {number}.", "created_at": old}
        for number in range(40)
    ]
    sandbox.call("POST", "/posts", json={"posts": many})
    for number in range(3):
        stage.publish(f"New {number}.")
    since = datetime.now(UTC) - timedelta(hours=1)
    latest = stage.network.latest(stage.place_id, stage.handle, stage.place_grant, since, 3)
    assert len(latest.posts) >= 3 and (latest.read, latest.complete) == (8, True)


def test_who_wrote_it_is_said_of_each_post_of_a_timeline(stage):
    stage.publish(TEXT)
    assert {post.author_id for post in recent(stage).posts} == {stage.place_id}
