"""The make-believe server against what PDS 0.4.217 and 0.5.35 answered to the same calls."""

from typing import Any

import pytest
import requests

from social.sandbox.core.graphemes import graphemes
from tests.sandbox import Sandbox

ALICE, POST = "did:plc:alicealicealicealicealic", "app.bsky.feed.post"
KEY = "3l6oveex3ii2l"
AT = "2026-11-30T12:00:00.000Z"
CREATED = {"uri", "cid", "commit", "validationStatus"}


class Server:
    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.sign_in("alice.test", "alic-aaaa-bbbb-cccc")

    def sign_in(self, identifier: str, password: str) -> requests.Response:
        given = {"identifier": identifier, "password": password}
        answer = self.call("POST", "com.atproto.server.createSession", token="", json=given)
        if answer.ok:
            self.session = answer.json()
            self.access, self.refresh = self.session["accessJwt"], self.session["refreshJwt"]
        return answer

    def call(self, verb: str, name: str, token: str | None = None, **sent: Any) -> Any:
        token = self.access if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= sent.pop("headers", {})
        url = f"{self.sandbox.url}/xrpc/{name}"
        return requests.request(verb, url, headers=headers, timeout=5, **sent)

    def write(self, what: str, text: str = "Hello", key: str = KEY, **more: Any) -> Any:
        record = {"$type": POST, "text": text, "createdAt": AT, **more.pop("record", {})}
        given = {"repo": ALICE, "collection": POST, "rkey": key, "record": record, **more}
        return self.call("POST", f"com.atproto.repo.{what}Record", json=given)

    def get(self, key: str = KEY) -> Any:
        asked = {"repo": ALICE, "collection": POST, "rkey": key}
        return self.call("GET", "com.atproto.repo.getRecord", token="", params=asked)

    def delete(self, key: str = KEY) -> Any:
        given = {"repo": ALICE, "collection": POST, "rkey": key}
        return self.call("POST", "com.atproto.repo.deleteRecord", json=given)


@pytest.fixture
def server(sandbox):
    return Server(sandbox)


def said(answer: requests.Response) -> tuple[int, str]:
    return answer.status_code, answer.json().get("error", "")


# ── Records ───────────────────────────────────────────────────────────────────────────────────
def test_create_answers_its_own_repetition_with_an_error_that_looks_like_any(server):
    first = server.write("create")
    assert first.status_code == 200 and first.json().keys() == CREATED
    assert said(server.write("create")) == (500, "InternalServerError")
    assert said(server.write("create", "Others")) == (500, "InternalServerError")


def test_put_again_does_nothing_and_without_swap_it_edits(server):
    first = server.write("put", swapRecord=None).json()
    again = server.write("put", swapRecord=None).json()
    assert first.keys() == CREATED and again == {"uri": first["uri"], "cid": first["cid"]}
    assert said(server.write("put", "Others", swapRecord=None)) == (400, "InvalidSwap")
    assert server.get().json()["value"]["text"] == "Hello"
    edited = server.write("put", "Others").json()
    assert edited.keys() == CREATED and edited["cid"] != first["cid"]
    assert server.get().json()["value"]["text"] == "Others"


def test_what_was_deleted_comes_back_by_the_same_put(server):
    server.write("put", swapRecord=None)
    assert server.delete().json().keys() == {"commit"} and server.delete().json() == {}
    assert said(server.get()) == (400, "RecordNotFound")
    assert server.write("put", swapRecord=None).json().keys() == CREATED
    assert server.get().status_code == 200


@pytest.mark.parametrize(
    "sent",
    [
        {"key": "no-tid"},
        {"text": "a" * 301},
        {"text": "👨‍👩‍👧‍👦" * 121},
        {"record": {"createdAt": "yesterday"}},
        {"record": {"langs": ["a", "b", "c", "d"]}},
        {"record": {"embed": {"$type": "app.bsky.embed.images", "images": [{}]}}},
    ],
)
def test_what_is_not_a_post_is_refused(server, sent):
    assert said(server.write("put", **sent)) == (400, "InvalidRequest")


def test_offsets_are_not_compared_with_the_text_and_no_words_are_words(server):
    feature = {"$type": "app.bsky.richtext.facet#tag", "tag": "x"}
    far = [{"index": {"byteStart": 5, "byteEnd": 5000}, "features": [feature]}]
    assert server.write("put", "", record={"facets": far}).ok


def test_a_picture_is_too_large_at_the_post_only(server, sandbox):
    data = b"\xff\xd8\xff" + bytes(1_000_000)
    sent = {"data": data, "headers": {"Content-Type": "image/jpeg"}}
    blob = server.call("POST", "com.atproto.repo.uploadBlob", **sent).json()["blob"]
    image = {"image": blob, "alt": ""}
    embed = {"$type": "app.bsky.embed.images", "images": [image]}
    assert said(server.write("put", record={"embed": embed})) == (400, "InvalidRequest")
    sandbox.change("picture_limit", bytes=2_000_000)
    assert server.write("put", record={"embed": embed}).ok
    unknown = {**blob, "ref": {"$link": "bafkreinothere"}}
    embed = {"$type": "app.bsky.embed.images", "images": [{"image": unknown, "alt": ""}]}
    assert said(server.write("put", key="3l6oveex3ii2m", record={"embed": embed})) == (
        400,
        "BlobNotFound",
    )


# ── Sessions ──────────────────────────────────────────────────────────────────────────────────
def test_a_refresh_token_is_answered_alike_again_and_access_outlives_signing_out(server):
    name = "com.atproto.server.refreshSession"
    first = server.call("POST", name, token=server.refresh).json()
    second = server.call("POST", name, token=server.refresh).json()
    assert first["refreshJwt"] == second["refreshJwt"]
    assert server.call("POST", "com.atproto.server.deleteSession", token=server.refresh).ok
    assert said(server.call("POST", name, token=server.refresh)) == (400, "ExpiredToken")
    assert server.call("GET", "com.atproto.server.getSession").json()["did"] == ALICE


def test_bad_tokens_are_no_401(server):
    name = "com.atproto.server.getSession"
    assert said(server.call("GET", name, token="nonsense")) == (400, "InvalidToken")
    assert said(server.call("GET", name, token=server.refresh)) == (400, "InvalidToken")
    assert said(server.call("GET", name, token="")) == (401, "AuthMissing")


def test_the_31st_sign_in_is_one_too_many(server):
    answers = [server.sign_in("bob.test", "wrong") for _ in range(31)]
    assert {said(answer) for answer in answers[:30]} == {(401, "AuthenticationRequired")}
    assert said(answers[30]) == (429, "RateLimitExceeded")
    assert answers[30].headers["RateLimit-Policy"] == "30;w=300"
    assert server.sign_in("alice.test", "alic-aaaa-bbbb-cccc").ok


def test_an_account_is_in_the_directory(server):
    document = requests.get(f"{server.sandbox.url}/{ALICE}", timeout=5).json()
    assert document["service"][0]["serviceEndpoint"] == server.sandbox.url
    assert requests.get(f"{server.sandbox.url}/did:plc:nobody", timeout=5).status_code == 404
    assert said(server.call("GET", "com.atproto.server.nothing")) == (400, "InvalidRequest")


@pytest.mark.parametrize(
    "text, count",
    [
        ("", 0),
        ("e\u0301", 1),
        ("👨‍👩‍👧‍👦👍🏽", 2),
        ("🇩🇪🇫🇷🇩", 3),
        ("\r\n\n", 2),
        ("각\u1100\u1161", 2),
    ],
)
def test_graphemes_are_counted_as_people_do(text, count):
    assert graphemes(text) == count
