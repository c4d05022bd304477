"""What every network promises (networks/base.py), held against each by the real libraries."""

from datetime import UTC, datetime, timedelta

import pytest

from social.networks import NETWORKS
from social.networks.base import Network
from social.networks.errors import AuthorizationLost, NetworkError, Rejected
from social.networks.shapes import Grant, Person
from social.reasons import Reason
from tests.environment import NETWORKS_URL

from .dancing import BAKERY, FB_ALICE, LIBRARY
from .stage import stage_of


def has_own(stage, method):
    """Whether this network does that at all."""
    return getattr(type(stage.network), method) is not getattr(Network, method)


# ── Asking ────────────────────────────────────────────────────────────────────────────────────
def test_it_says_who_a_token_belongs_to(stage):
    person = stage.network.person(stage.grant)
    assert person.remote_id == stage.remote_id
    assert person.name == "Alice Example"


def test_nothing_is_missing_when_all_was_granted(stage):
    assert stage.network.missing_permissions(stage.grant) == ()


def test_what_was_not_granted_is_missing_and_has_a_word(sandbox):
    lacking = Grant("any", scopes=("tweet.read", "users.read"))
    assert NETWORKS["x"].missing_permissions(lacking) == ("tweet.write", "offline.access")
    token = sandbox.token("facebook", FB_ALICE, scopes=["pages_show_list"])
    missing = NETWORKS["facebook"].missing_permissions(Grant(token["access_token"]))
    assert missing == ("pages_read_engagement", "pages_manage_posts")
    for name, lacks in (("x", ("tweet.write", "offline.access")), ("facebook", missing)):
        assert set(lacks) <= NETWORKS[name].permission_words.keys()


def test_places_say_what_they_lack_and_carry_their_own_token(stage):
    person = stage.network.person(stage.grant)
    places = {place.remote_id: place for place in stage.network.places(stage.grant, person)}
    assert places[stage.place_id].missing_permissions == ()
    assert stage.handle == places[stage.place_id].handle
    picture = places[stage.place_id].picture_url
    assert not picture or picture.startswith("http")
    if stage.network.offers_places:
        assert places[LIBRARY].missing_permissions == ("CREATE_CONTENT",)
        assert stage.token == places[stage.place_id].token != stage.grant.access


def test_all_pages_are_listed_also_page_by_page(sandbox, monkeypatch):
    stage = stage_of("facebook", sandbox)
    ask = stage.network._listed
    monkeypatch.setattr("facebook.GraphAPI.get_connections", one_at_a_time)
    assert len(ask(stage.grant, "id,name,access_token,tasks")) == 3


def one_at_a_time(graph, id, connection_name, **options):
    return graph.request(f"{graph.version}/{id}/{connection_name}", options | {"limit": 1})


def test_a_grant_is_renewed(stage):
    if not (stage.grant.refresh or stage.network.renews_on_refresh):
        pytest.skip("its tokens last")
    renewed = stage.network.renew(stage.grant)
    assert renewed.access and renewed.access != stage.grant.access
    assert renewed.expires_at > datetime.now(UTC) + timedelta(hours=1)
    assert renewed.scopes == tuple(sorted(stage.grant.scopes))
    assert stage.network.person(renewed).name == "Alice Example"


def test_a_refresh_token_works_once(sandbox):
    stage = stage_of("x", sandbox)
    stage.network.renew(stage.grant)
    with pytest.raises(AuthorizationLost) as lost:
        stage.network.renew(stage.grant)
    assert lost.value.reason == "token_dead"


def test_a_revoked_grant_is_dead(stage):
    if not has_own(stage, "revoke"):
        pytest.skip("it cannot be ended from here")
    stage.network.revoke(stage.grant)
    if stage.network.name == "bluesky":  # nothing is renewed; two hours later nothing works
        with pytest.raises(AuthorizationLost):
            stage.network.renew(stage.grant)
        stage.sandbox.change("expire_access", network="bluesky", user="alice.test")
    with pytest.raises(AuthorizationLost):
        stage.network.person(stage.grant)
    with pytest.raises(AuthorizationLost):
        stage.publish()


def test_an_outside_answer_of_any_shape_is_one_of_the_five_errors(stage):
    """Whatever a server says to a question, nobody above sees a KeyError."""
    questions = [
        lambda: stage.network.person(stage.grant),
        lambda: stage.network.places(stage.grant, Person("1", "Alice")),
    ]
    if has_own(stage, "renew"):
        questions.append(lambda: stage.network.renew(stage.grant))
    for body in ([], {}, {"data": None}, {"data": [1]}, {"error": "no"}, {"errors": None}, 7):
        for status in (200, 400, 401, 403, 500):
            action = {"status": status, "json": body}
            stage.sandbox.call("POST", "/faults", json={"action": action, "times": None})
            for question in questions:
                try:
                    question()
                except NetworkError as error:
                    assert error.reason in set(Reason)
            stage.sandbox.disarm()


# ── Publishing ────────────────────────────────────────────────────────────────────────────────
TEXTS = [
    "Hello, world!",
    "Hello & <b>hi</b> https://example.com/a",
    "1 < 2 && 3 > 2; &amp; stays &amp;, 100% of \"it\" + 'that' = a=b&c=d",
    "日本語のテキスト。 안녕하세요 🇩🇪 👩‍👩‍👧 é ü ß",
    "First line\n\nthird line\n\tindented",
    "https://example.com/a?b=1&c=%20#frag and https://example.org/ö",
]


@pytest.mark.parametrize("text", TEXTS)
def test_a_post_is_made_once_with_its_text_intact(stage, text):
    published = stage.publish(text)
    (made,) = stage.made
    assert (made["text"], made["id"]) == (text, published.remote_id)
    assert published.url.startswith(NETWORKS_URL)
    if has_own(stage, "find_link"):
        assert stage.network.find_link(published.url, stage.handle) == published


def test_a_text_of_any_accepted_length_is_accepted(stage):
    longest = "a" * stage.network.length("").limit
    assert stage.network.length(longest).fits
    stage.publish(longest)
    assert [row["text"] for row in stage.made] == [longest]


def test_the_end_of_what_is_accepted_is_where_length_says(sandbox):
    with pytest.raises(Rejected) as refused:
        stage_of("x", sandbox).publish("a" * 281)
    assert refused.value.reason == "too_long"
    assert not NETWORKS["x"].length("a" * 281).fits and not sandbox.truth()


@pytest.mark.parametrize(
    "link, found",
    [
        ("https://x.com/alice/status/1234567890123", "1234567890123"),
        ("  https://twitter.com/alice/status/1234567890123?s=20 ", "1234567890123"),
        ("https://x.com/i/web/status/1234567890123/photo/1", "1234567890123"),
        ("1234567890123", "1234567890123"),
        ("https://x.com/alice", None),
        ("12", None),
        ("", None),
    ],
)
def test_a_pasted_link_of_x(link, found):
    check_link("x", link, found)


@pytest.mark.parametrize(
    "link, found",
    [
        (f"https://www.facebook.com/{BAKERY}_77", f"{BAKERY}_77"),
        ("https://www.facebook.com/bakery/posts/1234567", "1234567"),
        ("https://www.facebook.com/bakery/posts/a-title/pfbid0abc", "pfbid0abc"),
        ("https://m.facebook.com/story.php?story_fbid=987654&id=61", "987654"),
        (f"{BAKERY}_77", f"{BAKERY}_77"),
        ("javascript:alert('/posts/1234567')", "1234567"),
        ("https://www.facebook.com/bakery", None),
        ("", None),
    ],
)
def test_a_pasted_link_of_facebook(link, found):
    check_link("facebook", link, found)


def check_link(name: str, link: str, found: str | None) -> None:
    if found is None:
        with pytest.raises(ValueError, match="not the link of a"):
            NETWORKS[name].find_link(link, "alice")
    else:
        published = NETWORKS[name].find_link(link, "alice")
        assert published.remote_id == found
        assert published.url.startswith(("http://", "https://"))


def test_a_link_that_the_network_names_is_only_taken_as_an_address(sandbox):
    body = {"id": f"{BAKERY}_9", "permalink_url": "javascript:alert(1)"}
    sandbox.call("POST", "/faults", json={"action": {"status": 200, "json": body}})
    assert stage_of("facebook", sandbox).publish().url.startswith(NETWORKS_URL)


# ── What a post on a Page shows ───────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "text, link",
    [
        ("Read https://example.com/a. And https://example.com/b", "https://example.com/a"),
        ("(https://example.com/a)", "https://example.com/a"),
        ("HTTP://Example.com", "HTTP://Example.com"),
        ("No address, example.com is none", ""),
    ],
)
def test_the_first_address_of_a_post_without_pictures_is_its_link(sandbox, text, link):
    stage = stage_of("facebook", sandbox)
    stage.publish(text)
    (made,) = sandbox.truth("facebook")
    assert (made["link"] or "") == link
