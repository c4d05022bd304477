"""Reading a place's own timeline, by the real libraries: whole, bounded, and honest about it."""

import time
from datetime import UTC, datetime, timedelta

import pytest
import requests

from social.networks import shapes
from social.networks.errors import (
    AuthorizationLost,
    NetworkError,
    RateLimited,
    Rejected,
    TemporaryError,
)
from social.sandbox.core.presets import OUTAGE
from social.sandbox.facebook.refusals import graph
from social.sandbox.x.presets import too_many
from social.sandbox.x.refusals import credits_gone, problem

from .stage import stage_of

TEXT = "Read me: https://example.com/a?b=1&c=2 & <b>bold</b> “Café” 🎉"
MINUTE = timedelta(minutes=1)
READ = r"/2/users/\d+/tweets$|/published_posts$|\.listRecords$|/statuses$"


def recent(stage, minutes=30, grant=None):
    since = datetime.now(UTC) - timedelta(minutes=minutes)
    return stage.network.recent(stage.place_id, stage.handle, grant or stage.place_grant, since)


def by_hand(stage, text, **more):
    account = "alice" if stage.network.name == "x" else stage.place_id
    asked = {"network": stage.network.name, "account": account, "text": text, **more}
    return stage.sandbox.call("POST", "/posts", json=asked)


def test_it_works(stage):
    published = stage.publish(TEXT)
    read = recent(stage)
    found = read.posts[0]
    assert (found.remote_id, found.url) == (published.remote_id, published.url)
    assert found.text == TEXT
    assert abs(found.created_at - datetime.now(UTC)) < timedelta(seconds=5)
    assert (found.former_ids, found.edited, read.complete) == ((), False, True)


def test_newest_first_and_nothing_from_before(stage):
    hour_ago = (datetime.now(UTC) - timedelta(hours=2)).isoformat()
    by_hand(stage, "Too old.", created_at=hour_ago)
    first, second = stage.publish("First."), stage.publish("Second.")
    found = recent(stage).posts
    assert [post.remote_id for post in found] == [second.remote_id, first.remote_id]
    assert "Too old." in {post.text for post in recent(stage, minutes=121).posts}


def test_an_empty_timeline_is_empty_and_whole(stage):
    read = recent(stage, minutes=0)
    assert (read.posts, read.complete) == ((), True)


def test_a_machine_that_slept_knows_all_the_same_what_time_it_is_there(stage, monkeypatch):
    recent(stage)
    before, clock = stage.network.server_time(stage.grant.home), time.clock_gettime
    monkeypatch.setattr(time, "clock_gettime", lambda which: clock(which) + 3600)
    assert (
        timedelta(0)
        <= stage.network.server_time(stage.grant.home) - before - timedelta(hours=1)
        < 59 * MINUTE
    )


def test_page_by_page_and_not_for_ever(stage, monkeypatch):
    # Bluesky's lists end with an empty page.
    most, more = (20, 9) if stage.network.name == "bluesky" else (15, 4)
    monkeypatch.setattr("social.networks.recent.READ_MOST", most)
    for module in (
        "recent",
        "x.network",
        "facebook.network",
        "bluesky.network",
        "mastodon.network",
    ):
        monkeypatch.setattr(f"social.networks.{module}.READ_PAGE", 5)
    for number in range(12):
        by_hand(stage, f"Number {number}.")
    read = recent(stage)
    assert len(read.posts) == 12 and read.complete
    for number in range(more):
        by_hand(stage, f"One more, {number}.")
    read = recent(stage)
    assert len(read.posts) == most and not read.complete
    assert shapes.READ_MOST == 500


def test_it_says_what_time_it_is_there(stage):
    stage.sandbox.clock(advance=3600)
    ahead = recent(stage).at - datetime.now(UTC)
    assert timedelta(minutes=59) < ahead < timedelta(minutes=61)


def test_a_post_that_was_edited_says_so(stage):
    published = stage.publish("Hello.")
    stage.sandbox.clock(advance=10)
    stage.sandbox.call("POST", "/posts", json={"edit": published.remote_id, "text": "Hi."})
    found = recent(stage).posts[0]
    is_told = stage.network.name != "bluesky"  # where nobody can see it
    assert (found.text, found.edited) == ("Hi.", is_told)
    former = (published.remote_id,) if stage.network.name == "x" else ()
    assert found.former_ids == former


def test_a_long_post_is_read_to_its_end(sandbox):
    stage = stage_of("x", sandbox)
    text = "Word & word https://example.com/long. " * 20 + "The end."
    by_hand(stage, text)
    assert recent(stage).posts[0].text == text


def test_answers_to_others_are_not_posts(sandbox):
    stage = stage_of("x", sandbox)
    first = stage.publish("Hello.")
    headers = {"Authorization": f"Bearer {stage.token}"}
    asked = {"text": "Hello.", "reply": {"in_reply_to_tweet_id": first.remote_id}}

    requests.post(
        f"{sandbox.url}/x-api/2/tweets",
        json=asked | {"text": "An answer."},
        headers=headers,
        timeout=5,
    )
    assert [post.remote_id for post in recent(stage).posts] == [first.remote_id]


# ── What goes wrong is one of the five ────────────────────────────────────────────────────────
HTML = {"status": 503, "body": OUTAGE, "headers": {"Content-Type": "text/html"}}
FAULTS = {
    "x": [
        (too_many({"x-rate-limit-remaining": "0", "x-rate-limit-reset": "+900"}), RateLimited),
        (credits_gone(), RateLimited),
        (problem(401, "Unauthorized", "Unauthorized"), AuthorizationLost),
        (problem(403, "Forbidden", "Your token lacks the scope: tweet.read"), AuthorizationLost),
        (problem(404, "Not Found", "no such user"), Rejected),
        ({"status": 200, "json": {}}, TemporaryError),
        ({"status": 200, "json": {"errors": [{"title": "Oops"}]}}, TemporaryError),
        ({"status": 200, "json": {"data": [{"id": "1"}], "meta": {}}}, TemporaryError),
    ],
    "facebook": [
        (graph(4, "(#4) Application request limit reached"), RateLimited),
        (graph(32, "(#32) Page request limit reached"), RateLimited),
        (graph(190, "Error validating access token", 463), AuthorizationLost),
        (graph(10, "(#10) No permission", None, 403), AuthorizationLost),
        (graph(100, "Unsupported get request", 33), Rejected),
        (graph(1, "An unknown error has occurred.", 99, 500), TemporaryError),
        ({"status": 200, "json": {}}, TemporaryError),
        ({"status": 200, "json": {"success": True}}, TemporaryError),
    ],
}
ON_THE_WIRE = [HTML, {"close": True}, {"reset": True}, {"status": 200, "body": ""}]
CASES = [(name, *case) for name, cases in FAULTS.items() for case in cases]
CASES += [(name, action, TemporaryError) for name in FAULTS for action in ON_THE_WIRE]


@pytest.mark.parametrize(("name", "action", "kind"), CASES)
def test_a_read_that_fails_never_looks_like_an_empty_timeline(name, action, kind, sandbox):
    stage = stage_of(name, sandbox)
    stage.publish("It is there.")
    fault = {"match": {"method": "GET", "path_regex": READ}, "action": action}
    sandbox.call("POST", "/faults", json=fault)
    with pytest.raises(NetworkError) as raised:
        recent(stage)
    assert type(raised.value) is kind


LONG_AGO = "2026-01-01T00:00:00.000Z"
LACKS = {"title": "Not Found Error", "detail": "Could not find tweet.", "resource_type": "tweet"}


@pytest.mark.parametrize("rows", [[], [{"id": "9", "text": "Another", "created_at": LONG_AGO}]])
def test_what_x_could_not_give_may_be_there(rows, sandbox):
    """Errors alone are no timeline, and beside posts they hide some."""
    stage = stage_of("x", sandbox)
    said = {"errors": [LACKS], "meta": {"result_count": len(rows)}}
    answer = {"status": 200, "json": said | ({"data": rows} if rows else {})}
    fault = {"match": {"method": "GET", "path_regex": READ}, "action": answer}
    sandbox.call("POST", "/faults", json=fault)
    if rows:
        assert not recent(stage).complete
    else:
        with pytest.raises(TemporaryError):
            recent(stage)


def test_more_that_graph_does_not_lead_to_may_be_there(sandbox):
    stage = stage_of("facebook", sandbox)
    answer = {"data": [], "paging": {"next": "https://graph.facebook.com/61/published_posts"}}
    fault = {
        "match": {"method": "GET", "path_regex": READ},
        "action": {"status": 200, "json": answer},
    }
    sandbox.call("POST", "/faults", json=fault)
    assert not recent(stage).complete


@pytest.mark.parametrize("action", [{"truncate": True}, {"garbage": True}])
def test_an_answer_that_breaks_off_is_no_timeline(action, stage):
    stage.publish("It is there.")
    fault = {"match": {"method": "GET", "path_regex": READ}, "action": action, "phase": "after"}
    stage.sandbox.call("POST", "/faults", json=fault)
    with pytest.raises(TemporaryError):
        recent(stage)


def test_a_limit_says_until_when(sandbox):
    stage = stage_of("x", sandbox)
    sandbox.change("bucket", endpoint="GET /2/users/:id/tweets", limit=1)
    recent(stage)
    with pytest.raises(RateLimited) as limited:
        recent(stage)
    assert limited.value.until > datetime.now(UTC)


def test_what_is_not_visible_yet_is_not_shown(stage):
    if stage.network.finds_by_key:
        pytest.skip("its server shows it at once")
    stage.sandbox.change("visibility_lag", ms=60_000)
    stage.publish("Soon.")
    assert not recent(stage).posts
    stage.sandbox.clock(advance=61)
    assert recent(stage).posts
