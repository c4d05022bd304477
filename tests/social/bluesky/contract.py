"""`make contract`: one table of calls, made to our make-believe Bluesky and to a real server of
theirs (PDS). Statuses, the names of errors, and the names that we read must be the same."""

import base64
import hashlib
import json
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import requests

from social.networks.bluesky.keys import key_at
from tests.environment import free_port

from .. import contracts
from ..contracts import Outcome, Row, compare, started
from . import real_run
from .real_server import HANDLE, MAIN_PASSWORD, RealServer, real_server

POST = "app.bsky.feed.post"
AT = datetime.now(UTC)
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
# Of answers, what `social/networks/bluesky` reads, but `didDoc`: a server leaves that out where the
# directory keeps it waiting.
READ = {
    *("uri", "cid", "commit", "value", "records", "cursor", "blob", "did", "handle"),
    *("accessJwt", "refreshJwt", "active", "service", "alsoKnownAs", "error"),
}
# The real one (0.4.217): what it was seen to do otherwise, and why ours does not.
DEVIATIONS = {
    "what is no JSON": "its name for it is that of the library; we send JSON",
    "too many at once": "a fault of its own, where the lexicon is broken; nobody asks for it",
}


class Server:
    """One that speaks atproto, signed in by an app password."""

    def __init__(self, base: str, directory: str, password: str) -> None:
        self.base, self.directory, self.password = base, directory, password
        self.session: dict[str, Any] = {}

    def ask(self, verb: str, name: str, token: str | None = None, **sent: Any) -> requests.Response:
        token = self.session.get("accessJwt", "") if token is None else token
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        headers |= sent.pop("headers", {})
        url = f"{self.base}/xrpc/{name}"
        return requests.request(verb, url, headers=headers, timeout=30, **sent)

    def sign_in(self, password: str) -> requests.Response:
        given = {"identifier": HANDLE, "password": password}
        return self.ask("POST", "com.atproto.server.createSession", "", json=given)

    def write(self, key: str, text: str = "Rye", verb: str = "put", **more: Any) -> Any:
        record = {"$type": POST, "text": text, "createdAt": AT.isoformat()}
        record |= more.pop("record", {})
        given = {"repo": self.session["did"], "collection": POST, "rkey": key, "record": record}
        return self.ask("POST", f"com.atproto.repo.{verb}Record", json=given | more)

    def get(self, key: str) -> requests.Response:
        asked = {"repo": self.session["did"], "collection": POST, "rkey": key}
        return self.ask("GET", "com.atproto.repo.getRecord", "", params=asked)


def outcome(answer: requests.Response, fact: Any = None) -> Outcome:
    """Of a refusal its name counts: by it errors are told apart."""
    if not answer.ok and fact is None:
        fact = answer.json().get("error")
    return contracts.outcome(answer, READ, fact)


def cid_of(data: bytes) -> str:
    """The name of a blob (CID 1, raw, SHA-256) that holds this."""
    digest = b"\x01\x55\x12\x20" + hashlib.sha256(data).digest()
    return "b" + base64.b32encode(digest).decode().rstrip("=").lower()


def key(number: int) -> str:
    return key_at(AT + timedelta(seconds=number))


def claims(token: str) -> dict[str, Any]:
    body = token.split(".")[1]
    return dict(json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))))


def table(server: Server) -> Iterator[Row]:
    """(call, what came of it) each, in their order."""
    yield from signing_in(server)
    yield from putting(server)
    yield from creating(server)
    yield from refused_records(server)
    yield from pictures_and_cards(server)
    yield from reading(server)
    yield from signing_out(server)


def signing_in(server: Server) -> Iterator[Row]:
    yield "a wrong password", outcome(server.sign_in("wron-gggg-gggg-gggg"))
    main = server.sign_in(MAIN_PASSWORD)
    yield "the main password", outcome(main, claims(main.json()["accessJwt"])["scope"])
    first = server.sign_in(server.password)
    server.session = first.json()
    claimed = claims(server.session["accessJwt"])
    yield "an app password", outcome(first, (claimed["scope"], claimed["exp"] - claimed["iat"]))
    name = "com.atproto.server.getSession"
    yield "who it is", outcome(server.ask("GET", name))
    yield "without a token", outcome(server.ask("GET", name, ""))
    yield "with nonsense", outcome(server.ask("GET", name, "nonsense"))
    yield "with a refresh token", outcome(server.ask("GET", name, server.session["refreshJwt"]))
    name, old = "com.atproto.server.refreshSession", server.session["refreshJwt"]
    new, again = (server.ask("POST", name, old).json() for _ in range(2))
    same = claims(new["refreshJwt"])["jti"] == claims(again["refreshJwt"])["jti"]
    yield "a renewal, twice", (200, [], same)
    named = {"handle": HANDLE}
    resolved = server.ask("GET", "com.atproto.identity.resolveHandle", "", params=named)
    yield "a handle", outcome(resolved, resolved.json()["did"] == server.session["did"])
    nobody = {"handle": "nobody.test"}
    asked = server.ask("GET", "com.atproto.identity.resolveHandle", "", params=nobody)
    yield "nobody's handle", outcome(asked)
    document = requests.get(f"{server.directory}/{server.session['did']}", timeout=30)
    services = [row["id"] for row in document.json()["service"]]
    yield "the directory", contracts.outcome(document, READ, services)
    yield "no such method", outcome(server.ask("GET", "com.atproto.server.nothing"))


def putting(server: Server) -> Iterator[Row]:
    first = server.write(key(1), swapRecord=None)
    yield "a put", outcome(first, sorted(first.json()["commit"]))
    again = server.write(key(1), swapRecord=None)
    yield "the same put", outcome(again, again.json()["cid"] == first.json()["cid"])
    yield "other words", outcome(server.write(key(1), "Other", swapRecord=None))
    there = server.get(key(1))
    yield "what is there", outcome(there, there.json()["value"])
    yield "what is not there", outcome(server.get(key(2)))
    edited = server.write(key(1), "Edited")
    yield "without a swap it edits", outcome(edited, server.get(key(1)).json()["value"]["text"])
    cid = edited.json()["cid"]
    yield "with its own cid", outcome(server.write(key(1), swapRecord=cid), True)
    yield "with another's", outcome(server.write(key(1), "More", swapRecord=cid))
    gone = {"repo": server.session["did"], "collection": POST, "rkey": key(1)}
    for name in ("deleting it", "deleting nothing"):
        yield name, outcome(server.ask("POST", "com.atproto.repo.deleteRecord", json=gone))
    yield "a deleted one", outcome(server.get(key(1)))
    late = server.write(key(1), swapRecord=None)
    yield "put again it is there again", outcome(late, server.get(key(1)).status_code)
    other = {"repo": "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"}
    yield "in a repository of others", outcome(server.write(key(3), swapRecord=None, **other))
    yield (
        "without a token a put",
        outcome(server.ask("POST", "com.atproto.repo.putRecord", "", json=gone)),
    )
    yield (
        "what is no JSON",
        outcome(server.ask("POST", "com.atproto.repo.putRecord", data=b"{", headers=JSON)),
    )


JSON = {"Content-Type": "application/json"}


def creating(server: Server) -> Iterator[Row]:
    yield "created", outcome(server.write(key(4), verb="create"), True)
    yield "created twice", outcome(server.write(key(4), verb="create"))


def refused_records(server: Server) -> Iterator[Row]:
    """What is and what is not a post."""
    family, far = "👨‍👩‍👧‍👦", {"byteStart": 5, "byteEnd": 5000}
    feature = {"$type": "app.bsky.richtext.facet#tag", "tag": "x"}
    labels = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": "nudity"}]}
    tried: dict[str, dict[str, Any]] = {
        "300 letters": {"text": "a" * 300},
        "301 letters": {"text": "a" * 301},
        "120 families": {"text": family * 120},
        "121 families": {"text": family * 121},
        "no words": {"text": ""},
        "no text": {"record": {"text": None}},
        "no time": {"record": {"createdAt": "yesterday"}},
        "four languages": {"record": {"langs": ["a", "b", "c", "d"]}},
        "far offsets": {"record": {"facets": [{"index": far, "features": [feature]}]}},
        "a label": {"record": {"labels": labels}},
        "a key that is none": {"key": "no-tid"},
    }
    for number, (name, more) in enumerate(tried.items()):
        answer = server.write(more.pop("key", key(10 + number)), swapRecord=None, **more)
        yield name, outcome(answer)


def pictures_and_cards(server: Server) -> Iterator[Row]:
    name, kind = "com.atproto.repo.uploadBlob", {"Content-Type": "image/png"}
    first = server.ask("POST", name, data=PNG, headers=kind)
    blob = first.json()["blob"]
    yield "a picture", outcome(first, sorted(blob))
    again = server.ask("POST", name, data=PNG, headers=kind)
    yield "the same picture", outcome(again, again.json()["blob"]["ref"] == blob["ref"])
    yield "an empty one", outcome(server.ask("POST", name, data=b"", headers=kind))
    large = server.ask("POST", name, data=PNG + bytes(1_000_000), headers=kind)
    yield "a large one", outcome(large)
    heavy = large.json()["blob"]
    unknown = blob | {"ref": {"$link": cid_of(b"never uploaded")}}
    image = {"image": blob, "alt": ""}
    tried = {
        "a post of it": [image],
        "without alt": [{"image": blob}],
        "five": [image] * 5,
        "a large one in a post": [{"image": heavy, "alt": ""}],
    }
    for number, (name, images) in enumerate(tried.items()):
        embed = {"$type": "app.bsky.embed.images", "images": images}
        answer = server.write(key(30 + number), record={"embed": embed}, swapRecord=None)
        yield name, outcome(answer)
    card = {"uri": "https://green.example/", "title": "Rye", "description": ""}
    cards: dict[str, dict[str, Any]] = {
        "a card": card,
        "a card with a picture": card | {"thumb": blob},
        "a card with a large picture": card | {"thumb": heavy},
        "a card with a picture that is not there": card | {"thumb": unknown},
        "a card without a description": {"uri": card["uri"], "title": "Rye"},
        "a card of no address": card | {"uri": "green"},
    }
    for number, (name, external) in enumerate(cards.items()):
        embed = {"$type": "app.bsky.embed.external", "external": external}
        answer = server.write(key(40 + number), record={"embed": embed}, swapRecord=None)
        yield name, outcome(answer)


def reading(server: Server) -> Iterator[Row]:
    asked = {"repo": server.session["did"], "collection": POST, "limit": 2}
    seen: list[str] = []
    for _ in range(2):
        page = server.ask("GET", "com.atproto.repo.listRecords", "", params=asked)
        rows = page.json()["records"]
        seen += [row["uri"] for row in rows]
        yield "a page of posts", outcome(page, (sorted(rows[0]), len(rows)))
        asked["cursor"] = page.json()["cursor"]
    yield "newest first", (200, [], seen == sorted(set(seen), reverse=True))
    many = server.ask("GET", "com.atproto.repo.listRecords", "", params=asked | {"limit": 101})
    yield "too many at once", outcome(many)
    nobody = asked | {"repo": "did:plc:aaaaaaaaaaaaaaaaaaaaaaaa"}
    yield "of nobody", outcome(server.ask("GET", "com.atproto.repo.listRecords", "", params=nobody))


def signing_out(server: Server) -> Iterator[Row]:
    refresh = server.session["refreshJwt"]
    yield "signing out", outcome(server.ask("POST", "com.atproto.server.deleteSession", refresh))
    yield "renewed then", outcome(server.ask("POST", "com.atproto.server.refreshSession", refresh))
    yield "access lives on", outcome(server.ask("GET", "com.atproto.server.getSession"), True)


def main() -> int:
    ours = free_port()
    here = f"http://127.0.0.1:{ours}"
    sandbox = [sys.executable, "-m", "social.sandbox", "--port", str(ours), "--fixture", "empty"]
    with tempfile.TemporaryDirectory() as data, started(sandbox, f"{here}/_sandbox"):
        with real_server(Path(data)) as real:
            made = table(Server(here, here, "alic-aaaa-bbbb-cccc"))
            wrong = compare(made, table(theirs(real)), DEVIATIONS)
    return bool(wrong) or real_run.main()


def theirs(real: RealServer) -> Server:
    return Server(real.base, real.directory, real.app_password)


if __name__ == "__main__":
    raise SystemExit(main())
