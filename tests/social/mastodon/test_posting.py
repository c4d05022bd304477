"""A post at a server that speaks Mastodon's API: what leaves, which of the five errors each answer
is, and what its keys are good for."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from social.networks.errors import (
    AuthorizationLost,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    TemporaryError,
)
from social.networks.mastodon import refusals
from social.networks.mastodon.errors import answer_of
from social.networks.refusals import first_that_fits
from social.networks.shapes import Held, Outgoing, Picture
from tests.sandbox import PRESETS

from ..stage import Stage, stage_of
from ..test_network_faults import WIRE_FAULTS
from ..test_refusals import answers, response_of

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n and some pixels"
UNKNOWN = (OutcomeUnknown, "server_error")
FAULTS = {
    "429": (RateLimited, "rate_limit"),
    "401.token": (AuthorizationLost, "token_dead"),
    "401.revoked": (AuthorizationLost, "token_dead"),
    "403.scope": (AuthorizationLost, "permission_missing"),
    "403.disabled": (AuthorizationLost, "checkpoint"),
    "403.suspended": (Rejected, "suspended"),
    "403": (Rejected, "forbidden"),
    "404": (Rejected, "deleted_there"),
    "422.long": (Rejected, "too_long"),
    "400.long": (Rejected, "too_long"),
    "422.media": (Rejected, "duplicate"),
    "422.processing": (TemporaryError, "media_slow"),
    "422.file": (Rejected, "media_refused"),
    "422.blank": (Rejected, "empty"),
    "422": (Rejected, "bad_request"),
    **{
        f"{name}{side}": UNKNOWN for name in ("500", "502", "503") for side in (".before", ".after")
    },
    **{f"503.html{side}": UNKNOWN for side in ("", ".after")},
    **dict.fromkeys(
        ("409", "409.after", "400.after", "499.after", "200.no_id"), (OutcomeUnknown, "odd_answer")
    ),
    **{name: what for name, what in WIRE_FAULTS.items() if name != "hang"},
}


@pytest.fixture
def mastodon(sandbox) -> Stage:
    return stage_of("mastodon", sandbox)


def put(stage: Stage, outgoing: Outgoing):
    return stage.network.publish(stage.place_id, stage.handle, outgoing, stage.grant)


def upload(stage: Stage, patience: float = 5):
    return stage.network.upload(
        stage.place_id, stage.grant, Picture(PNG, "image/png", "Rye"), patience
    )


# ── What each answer means ────────────────────────────────────────────────────────────────────
def test_each_fault_is_the_error_that_decides_rightly(mastodon, sandbox):
    creating = {
        name.removeprefix("mast.")
        for name, it in PRESETS.items()
        if name.startswith("mast.") and it.match.get("path_regex") == "^/api/v1/statuses$"
    }
    assert creating - {"late", "drip", "hang"} == FAULTS.keys()
    for name, (kind, reason) in FAULTS.items():
        sandbox.reset()
        stage = stage_of("mastodon", sandbox)
        sandbox.arm(f"mast.{name}", **({"seconds": 1} if name.startswith("timeout") else {}))
        with pytest.raises(kind) as caught:
            stage.publish("Said once")
        assert (type(caught.value), caught.value.reason) == (kind, reason), name
        landed = ".after" in name or name in ("200.no_id", "201.garbage", "201.truncated")
        assert len(stage.made) == landed, name


def test_every_row_can_be_met_and_says_who_says_so():
    told = [*answers("mast."), (401, {"error": "invalid_client"})]
    met = [
        first_that_fits(refusals.SIGN_IN, answer_of(response_of(*answer))) for answer in told
    ] + [first_that_fits(refusals.REFUSALS, answer_of(response_of(*answer))) for answer in told]
    assert [row for row in refusals.SIGN_IN if row not in met] == []
    assert all(row.source for row in refusals.SIGN_IN)


def test_when_a_limit_ends_is_a_date_there(mastodon, sandbox):
    ends = datetime.now(UTC) + timedelta(minutes=5)
    stated = {ends.isoformat(): ends, "soon": None, "1795000000000": None, "²": None, "": None}
    for text, until in stated.items():
        headers = {"X-RateLimit-Reset": text}
        action = {"status": 429, "json": {"error": "Too many requests"}, "headers": headers}
        sandbox.call("POST", "/faults", json={"action": action})
        with pytest.raises(RateLimited) as limited:
            mastodon.publish()
        assert limited.value.until == until


def test_words_of_ours_decide_nothing(mastodon, sandbox):
    for text in ("My scope is suspended, they say", "The media was not found", "A token, a record"):
        body = {"error": f"Validation failed: {text}"}
        sandbox.call("POST", "/faults", json={"action": {"status": 422, "json": body}})
        with pytest.raises(Rejected) as refused:
            mastodon.publish(text)
        assert refused.value.reason == "bad_request"


# ── Keys ──────────────────────────────────────────────────────────────────────────────────────
def test_a_key_is_of_a_delivery_and_of_what_it_says(mastodon):
    key, job = mastodon.network.key, uuid.uuid4()
    assert key(job, AT, "a") == key(job, AT, "a") != key(job, AT, "b")
    assert key(job, AT, "a") != key(uuid.uuid4(), AT, "a")


def test_only_who_keeps_keys_is_asked_again(mastodon):
    for name in ("mastodon", "pleroma", "akkoma"):
        assert (
            timedelta(0) < mastodon.network.repeats_for("green.example", name) < timedelta(hours=1)
        )
    for name in ("gotosocial", "pixelfed", "takahe", "", "Mastodon!"):
        assert mastodon.network.repeats_for("green.example", name) == timedelta(0)


def test_the_same_request_makes_no_second_post_where_keys_are_kept(mastodon, sandbox):
    outgoing = Outgoing("Once", key="k")
    assert put(mastodon, outgoing) == put(mastodon, outgoing)
    assert len(mastodon.made) == 1
    sandbox.change("server_software", name="gotosocial")
    put(mastodon, outgoing)
    assert len(mastodon.made) == 2


# ── What is in it ─────────────────────────────────────────────────────────────────────────────
def test_what_was_not_chosen_is_as_the_account_says(mastodon, sandbox):
    mastodon.publish("Plain")
    (sent,) = (it for it in sandbox.journal() if it["path"] == "/api/v1/statuses")
    assert sent["body"] == {"status": "Plain"} and sent["user_agent"].startswith("Fanfare (+http")


def test_a_picture_is_waited_for(mastodon, sandbox, settings):
    settings.TIME_SCALE = 0.5
    sandbox.change("slow_media", seconds=0.3)
    uploaded = upload(mastodon)
    put(mastodon, Outgoing("", pictures=(Held(uploaded.remote_id, "Rye"),)))
    (media,) = mastodon.made[0]["media"]
    assert (media["alt_text"], media["size"]) == ("Rye", len(PNG))
    with pytest.raises(Rejected) as used:  # that post is there already: it is looked for
        put(mastodon, Outgoing("", pictures=(Held(uploaded.remote_id, "Rye"),)))
    assert used.value.reason == "duplicate"
    sandbox.change("slow_media", seconds=60)
    with pytest.raises(TemporaryError) as slow:
        upload(mastodon, patience=1)
    assert slow.value.reason == "media_slow"


def test_a_picture_that_is_not_taken_is_named(mastodon, sandbox):
    sandbox.change("slow_media", seconds=0, fails=True)
    with pytest.raises(Rejected) as failed:
        upload(mastodon)
    sandbox.arm("mast.upload.422")
    with pytest.raises(Rejected) as refused:
        upload(mastodon)
    assert failed.value.reason == refused.value.reason == "media_refused"
    sandbox.change("drop_scope", scope="write:media", user="alice", network="mastodon")
    with pytest.raises(Rejected) as missing:
        upload(mastodon)
    assert missing.value.reason == "media_permission"


def test_a_server_without_the_second_way_is_asked_the_first(mastodon, sandbox):
    sandbox.change("server_software", name="pixelfed")
    uploaded = upload(mastodon)
    put(mastodon, Outgoing("Rye", pictures=(Held(uploaded.remote_id),)))
    assert len(mastodon.made) == 1


# ── Read back ─────────────────────────────────────────────────────────────────────────────────
def test_the_words_are_whole_also_where_they_are_shown_cut(mastodon):
    text = (
        "Hi @bob@meadow.test & @carol@green.example: https://example.com/"
        + "a/" * 40
        + " #rye\n\nBye"
    )
    published = mastodon.publish(text)
    recent = mastodon.network.recent(
        mastodon.place_id, mastodon.handle, mastodon.grant, AT - timedelta(days=365)
    )
    assert recent.posts[0].text == text
    assert mastodon.network.post(published.remote_id, "", "", mastodon.grant).text == text
    page = mastodon.network.timeline("post", mastodon.place_id, mastodon.handle, mastodon.grant)
    item = page.items[0]
    assert item.text == text.replace("@bob@meadow.test", "@bob")
    assert item.entities["hashtags"] == ["rye"] and item.entities["urls"] == [text.split()[4]]
    assert item.entities["mentions"] == ["bob", "carol@green.example"]


def test_only_what_a_link_header_says_leads_on(mastodon, sandbox):
    sandbox.call("POST", "/reset", json={"fixture": "large"})
    stage, marks, seen = stage_of("mastodon", sandbox), [""], []
    for _ in range(7):
        page = stage.network.timeline("friend", stage.place_id, "", stage.grant, mark=marks[-1])
        seen += [item.remote_id for item in page.items]
        marks.append(page.mark)
    assert len(seen) == len(set(seen)) == 505 and marks[-1] == ""
    sandbox.change("forget_marks", network="mastodon")
    with pytest.raises(Rejected) as expired:
        stage.network.timeline("friend", stage.place_id, "", stage.grant, mark=marks[1])
    assert expired.value.reason == "mark_expired"


def test_what_may_not_be_read_costs_no_connection(mastodon, sandbox):
    sandbox.change("drop_scope", scope="read:favourites", user="alice", network="mastodon")
    with pytest.raises(Rejected) as refused:
        mastodon.network.timeline("like", mastodon.place_id, "", mastodon.grant)
    assert refused.value.reason == "may_not_read"


def test_posts_of_other_servers_are_not_asked_for_there(mastodon):
    network = mastodon.network
    for link, named in (
        ("https://green.example/@ada/1", "1@green.example"),
        ("https://green.example/@ada/statuses/01KB", "01KB@green.example"),
        ("https://green.example/notice/Ab-1", "Ab-1@green.example"),
        ("https://green.example/p/ada/77?x=y", "77@green.example"),
    ):
        assert network.find_link(link, "a@b.c").remote_id == named
        assert network.post(named, "", "", mastodon.grant) is None
    for link in ("https://green.example/@ada", "1", "", "javascript:alert(1)"):
        with pytest.raises(ValueError, match="not the link of a post"):
            network.find_link(link, "a@b.c")
