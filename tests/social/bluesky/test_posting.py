"""A post at Bluesky: made once for its key whatever comes between, whole, and found by its key."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest

from social.networks.bluesky import keys
from social.networks.errors import OutcomeUnknown, Rejected, TemporaryError
from social.networks.shapes import Held, Outgoing, Picture

from ..stage import Stage, stage_of

AT = datetime(2026, 11, 30, 12, 0, 0, 123456, tzinfo=UTC)
PNG = b"\x89PNG\r\n\x1a\n and some pixels"


@pytest.fixture
def bluesky(sandbox) -> Stage:
    return stage_of("bluesky", sandbox)


def post(text: str = "Once", key: str = "", **more) -> Outgoing:
    return Outgoing(text, key=key or keys.key_of(uuid.uuid4(), AT), at=AT, **more)


def put(stage: Stage, outgoing: Outgoing):
    return stage.network.publish(stage.place_id, stage.handle, outgoing, stage.grant)


def find(stage: Stage, outgoing: Outgoing):
    return stage.network.find(stage.place_id, outgoing, stage.grant)


# ── Keys ──────────────────────────────────────────────────────────────────────────────────────
def test_keys_are_derived_near_their_time_and_apart():
    job = uuid.uuid4()
    assert keys.key_of(job, AT) == keys.key_of(job, AT)
    many = {keys.key_of(uuid.uuid4(), AT) for _ in range(5_000)}
    assert len(many) == 5_000 and all(keys.KEY.fullmatch(key) for key in many)
    earlier, later = AT - timedelta(seconds=2), AT + timedelta(seconds=2)
    assert keys.key_of(job, earlier) < min(many) and max(many) < keys.key_of(job, later)


# ── Once ──────────────────────────────────────────────────────────────────────────────────────
def test_the_same_request_makes_no_second_post(bluesky):
    outgoing = post()
    assert find(bluesky, outgoing) is None
    first = put(bluesky, outgoing)
    assert put(bluesky, outgoing) == first == find(bluesky, outgoing)
    assert len(bluesky.made) == 1


def test_other_words_under_its_key_never_edit_it(bluesky):
    outgoing = post()
    put(bluesky, outgoing)
    with pytest.raises(Rejected) as refused:
        put(bluesky, post("Others", key=outgoing.key))
    assert refused.value.reason == "duplicate"
    (made,) = bluesky.made
    assert (made["text"], made["edited"]) == ("Once", False)


@pytest.mark.parametrize("preset", ["cut.after", "500.after", "201.garbage", "200.no_uri"])
def test_what_landed_unheard_is_found_and_repeated_without_harm(bluesky, sandbox, preset):
    outgoing = post()
    sandbox.arm(f"bsky.{preset}")
    with pytest.raises(OutcomeUnknown):
        put(bluesky, outgoing)
    assert find(bluesky, outgoing) == put(bluesky, outgoing)
    assert len(bluesky.made) == 1


def test_who_cannot_be_asked_has_not_said_that_nothing_is_there(bluesky, sandbox):
    sandbox.arm("bsky.look.503")
    with pytest.raises(TemporaryError):
        find(bluesky, post())


# ── What is in it ─────────────────────────────────────────────────────────────────────────────
def test_a_record_says_what_a_person_chose(bluesky):
    put(bluesky, post("Grüße @bob.test #bread", extras={"language": "de", "label": "nudity"}))
    record = bluesky.made[0]["record"]
    assert record["createdAt"] == "2026-11-30T12:00:00.123Z"
    assert record["langs"] == ["de"]
    assert record["labels"]["values"] == [{"val": "nudity"}]
    assert [it["features"][0]["$type"].partition("#")[2] for it in record["facets"]] == [
        "mention",
        "tag",
    ]


def test_what_was_not_chosen_is_left_out(bluesky):
    put(bluesky, post("Plain"))
    assert bluesky.made[0]["record"].keys() == {"$type", "text", "createdAt"}


def test_who_cannot_be_looked_up_is_a_word(bluesky, sandbox):
    match = {"path_regex": "resolveHandle"}
    sandbox.call("POST", "/faults", json={"match": match, "action": {"status": 503}})
    put(bluesky, post("Hello @bob.test"))
    assert "facets" not in bluesky.made[0]["record"]


def test_pictures_keep_their_words_and_their_shape(bluesky):
    picture = Picture(PNG, "image/png", "A loaf", 1200, 800)
    uploaded = bluesky.network.upload(bluesky.place_id, bluesky.grant, picture, 10)
    again = bluesky.network.upload(bluesky.place_id, bluesky.grant, picture, 10)
    assert (uploaded.remote_id, uploaded.about) == (again.remote_id, again.about)
    held = (Held(uploaded.remote_id, "A loaf", uploaded.about),)
    put(bluesky, post("", pictures=held))
    (media,) = bluesky.made[0]["media"]
    assert (media["alt_text"], media["size"]) == ("A loaf", len(PNG))
    assert media["aspect_ratio"] == {"width": 1200, "height": 800}


def test_a_forgotten_picture_is_uploaded_anew(bluesky, sandbox):
    picture = Picture(PNG, "image/png")
    uploaded = bluesky.network.upload(bluesky.place_id, bluesky.grant, picture, 10)
    sandbox.change("drop_blobs")
    with pytest.raises(TemporaryError) as failed:
        put(bluesky, post("", pictures=(Held(uploaded.remote_id, "", uploaded.about),)))
    assert failed.value.reason == "media_failed"


def test_limits_are_of_the_account_or_of_our_address(bluesky, sandbox):
    for preset, of_all in (("address", True), ("hour", False), ("day", False)):
        sandbox.arm(f"bsky.429.{preset}")
        with pytest.raises(Exception) as refused:
            put(bluesky, post())
        (limit,) = refused.value.limits
        assert limit.of_all is of_all
        assert limit.until > datetime.now(UTC)
