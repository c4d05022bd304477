"""X's two vocabularies, whichever it speaks, and what its answers leave out."""

from datetime import UTC, datetime, timedelta

import pytest

from social.networks.errors import Rejected
from social.networks.shapes import Grant, Outgoing
from social.networks.x import vocabularies as x_words

from ..dancing import ALICE
from ..stage import stage_of

PAULA = "1700000000000000004"
SINCE = timedelta(minutes=5)
LONG = "Long enough for a note. " * 20


@pytest.fixture(params=[("old", False), ("old", True), ("new", False), ("new", True)], ids=str)
def x(request, sandbox):
    words, is_strict = request.param
    x_words.refused.clear()
    stage = stage_of("x", sandbox)
    sandbox.change("words", words=words, strict=is_strict)
    yield stage
    x_words.refused.clear()


def recent(stage):
    return stage.network.recent(ALICE, "alice", stage.place_grant, datetime.now(UTC) - SINCE)


def test_all_of_a_long_post_is_read(x, sandbox):
    grant = Grant(sandbox.token("x", "paula")["access_token"])  # who may write so much
    made = x.network.publish(PAULA, "paula", Outgoing(LONG), grant)
    since = datetime.now(UTC) - SINCE
    (found,) = x.network.recent(PAULA, "paula", grant, since).posts
    assert found.text == LONG.strip() and found.remote_id == made.remote_id
    page = x.network.timeline("post", PAULA, "paula", grant)
    assert page.items[0].text == LONG.strip()


def test_who_wrote_a_post_is_said(x):
    made = x.publish("Whose is it?")
    found = x.network.post(made.remote_id, ALICE, "alice", x.place_grant)
    assert found.author_id == ALICE


def test_how_many_posts_there_are_is_read(x):
    before = x.network.extent("post", ALICE, x.place_grant)
    x.publish("One more")
    assert x.network.extent("post", ALICE, x.place_grant) == before + 1


def test_a_strict_one_is_asked_twice_once(x, sandbox):
    x.publish("Once")
    recent(x)
    before = len(sandbox.journal())
    recent(x)
    assert len(sandbox.journal()) == before + 1


def test_another_refusal_of_a_question_is_not_asked_again(sandbox):
    x_words.refused.clear()
    stage = stage_of("x", sandbox)
    with pytest.raises(Rejected):
        stage.network.timeline("post", ALICE, "alice", stage.place_grant, mark="nothing")
    assert len([e for e in sandbox.journal() if e["path"].endswith("/tweets")]) == 1


def test_a_row_without_its_time_is_of_the_time_in_its_id(sandbox):
    stage = stage_of("x", sandbox)
    old = "1460323737035677698"  # given on 2021-11-15
    row = {"id": old, "text": "Old", "author_id": ALICE}
    answer = {"data": [row], "meta": {"result_count": 1}}
    sandbox.call("POST", "/faults", json={"action": {"status": 200, "json": answer}})
    found = stage.network.recent(
        ALICE, "alice", stage.place_grant, datetime(2020, 1, 1, tzinfo=UTC)
    )
    assert [post.created_at.year for post in found.posts] == [2021]


def test_what_was_only_passed_on_is_nobodys_own(sandbox):
    stage = stage_of("x", sandbox)
    for name in ("referenced_tweets", "referenced_posts"):
        for kind in ("retweeted", "reposted"):
            row = {"id": "1460323737035677698", "text": "RT", name: [{"type": kind, "id": "1"}]}
            answer = {"data": [row], "meta": {"result_count": 1}}
            sandbox.call("POST", "/faults", json={"action": {"status": 200, "json": answer}})
            since = datetime(2020, 1, 1, tzinfo=UTC)
            assert not stage.network.recent(ALICE, "alice", stage.place_grant, since).posts


@pytest.mark.parametrize("words", ["old", "new"])
def test_a_strict_one_tells_answers_edits_and_whose_they_are(sandbox, words):
    """In the new words all three are expansions: asked for as fields they would be refused."""
    x_words.refused.clear()
    stage = stage_of("x", sandbox)
    sandbox.change("words", words=words, strict=True)
    made = stage.publish("What do you thinck?")
    edited = {"edit": made.remote_id, "text": "What do you think?"}
    newer = sandbox.call("POST", "/posts", json=edited)["id"]
    client, _ = stage.network._client(stage.place_grant)
    client.create_tweet(text="This.", in_reply_to_tweet_id=newer, user_auth=False)
    (found,) = recent(stage).posts
    assert (found.remote_id, found.author_id) == (newer, ALICE)
    assert found.former_ids == (made.remote_id,)
    answer, _ = stage.network.timeline("post", ALICE, "alice", stage.place_grant, size=5).items[:2]
    assert answer.entities["reply_to"] == newer
    x_words.refused.clear()
