"""`make contract`: one table of calls, made to our make-believe Mastodon and to `mastodon-mock`,
which others have written. Statuses, and the names that we read, must be the same.

The mock comes from PyPI into an environment of its own, below .cache/. It is not Mastodon: what it
is known to do otherwise stands in DEVIATIONS.
"""

import base64
import hashlib
import re
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import requests

from tests.environment import free_port

from .. import contracts
from ..contracts import CACHE, ROOT, Outcome, Row, compare, started
from ..cutting_proxy import CuttingProxy

MOCK = "mastodon-mock==0.6.1"
PLACE = CACHE / "mastodon-mock"
CUT_POSTS = 20  # whose first answer is cut
CALLBACK, VERIFIER = "http://127.0.0.1:8000/callback/", "v" * 64
SCOPES = "read:accounts read:statuses read:favourites read:follows write:statuses write:media"
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
# Of answers, what `social/networks/mastodon` reads.
READ = {
    *("id", "url", "uri", "created_at", "content", "account", "media_attachments", "mentions"),
    *("username", "acct", "display_name", "statuses_count", "following_count", "text", "error"),
    *("access_token", "scope", "client_id", "client_secret", "configuration", "domain", "links"),
    *("software", "description", "edited_at", "in_reply_to_id", "spoiler_text", "visibility"),
}
# The mock: what it was seen to do, November 2026.
DEVIATIONS = {
    "the same key when that is deleted": "its own fault: 500, where Mastodon says 404",
}


class Server:
    """One that speaks Mastodon's API; `code_for` is how a person says yes there."""

    def __init__(self, base: str, code_for: Callable[[str], str]) -> None:
        self.base, self.code_for, self.token = base, code_for, ""

    def ask(self, verb: str, path: str, **sent: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        headers |= sent.pop("headers", {})
        options = {"allow_redirects": False, "timeout": 10, "headers": headers}
        return requests.request(verb, self.base + path, **options, **sent)


def outcome(answer: requests.Response, fact: Any = None) -> Outcome:
    return contracts.outcome(answer, READ, fact)


def table(server: Server) -> Iterator[Row]:
    """(call, what came of it) each, in their order."""
    yield "nodeinfo", outcome(server.ask("GET", "/.well-known/nodeinfo"))
    yield "instance", outcome(server.ask("GET", "/api/v2/instance"))
    yield "without a token", outcome(server.ask("GET", "/api/v1/accounts/verify_credentials"))
    app, signed_in = sign_in(server)
    yield "an app", outcome(app)
    yield "a token", outcome(signed_in, sorted(signed_in.json()["scope"].split()))
    server.token = signed_in.json()["access_token"]
    me = server.ask("GET", "/api/v1/accounts/verify_credentials")
    yield "who it is", outcome(me)
    yield from posting(server)
    picture = {"file": ("a.png", PNG, "image/png")}
    held = server.ask("POST", "/api/v2/media", files=picture, data={"description": "Rye"})
    yield "a picture", outcome(held, bool(held.json().get("url")))
    named = {"status": "Look", "media_ids": [held.json()["id"]]}
    shown = server.ask("POST", "/api/v1/statuses", json=named)
    yield "a post of it", outcome(shown, len(shown.json()["media_attachments"]))
    yield from reading(server, me.json()["id"])
    gone = app.json() | {"token": server.token}
    names = ("client_id", "client_secret", "token")
    yield (
        "revoking",
        outcome(server.ask("POST", "/oauth/revoke", data={it: gone[it] for it in names})),
    )
    yield "afterwards", outcome(server.ask("GET", "/api/v1/accounts/verify_credentials"))


def sign_in(server: Server) -> tuple[requests.Response, requests.Response]:
    asked = {"client_name": "Fanfare", "redirect_uris": CALLBACK, "scopes": SCOPES}
    app = server.ask("POST", "/api/v1/apps", data=asked)
    known = app.json()
    digest = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest())
    query = {
        **{"response_type": "code", "client_id": known["client_id"], "redirect_uri": CALLBACK},
        **{"scope": SCOPES, "state": "s", "code_challenge": digest.rstrip(b"=").decode()},
        "code_challenge_method": "S256",
    }
    url = requests.Request("GET", f"{server.base}/oauth/authorize", params=query).prepare().url
    form = {
        **{"grant_type": "authorization_code", "code": server.code_for(str(url))},
        **{"client_id": known["client_id"], "client_secret": known["client_secret"]},
        **{"redirect_uri": CALLBACK, "code_verifier": VERIFIER},
    }
    return app, server.ask("POST", "/oauth/token", data=form)


def posting(server: Server) -> Iterator[Row]:
    keyed = {"Idempotency-Key": f"key-{time.time()}"}
    say = {
        "status": "Rye #bread",
        "visibility": "unlisted",
        "language": "en",
        "spoiler_text": "Food",
    }
    first = server.ask("POST", "/api/v1/statuses", json=say, headers=keyed)
    made = first.json()
    yield "a post", outcome(first, (made["visibility"], made["spoiler_text"]))
    again = server.ask("POST", "/api/v1/statuses", json=say, headers=keyed)
    yield "the same key", outcome(again, again.json()["id"] == made["id"])
    other = server.ask("POST", "/api/v1/statuses", json=say | {"status": "Other"}, headers=keyed)
    yield "other words under it", outcome(other, other.json()["content"] == made["content"])
    yield "nothing at all", outcome(server.ask("POST", "/api/v1/statuses", json={"status": ""}))
    long = {"status": "a" * 501}
    yield "too long", outcome(server.ask("POST", "/api/v1/statuses", json=long))
    here = f"/api/v1/statuses/{made['id']}"
    yield "that post", outcome(server.ask("GET", here))
    source = server.ask("GET", f"{here}/source")
    yield "its source", outcome(source, source.json().get("text"))
    yield "deleting it", outcome(server.ask("DELETE", here))
    yield "a deleted one", outcome(server.ask("GET", here))
    late = server.ask("POST", "/api/v1/statuses", json=say, headers=keyed)
    yield "the same key when that is deleted", outcome(late)


def reading(server: Server, account: str) -> Iterator[Row]:
    for number in range(3):
        server.ask("POST", "/api/v1/statuses", json={"status": f"Number {number}"})
    path, seen = f"/api/v1/accounts/{account}/statuses?limit=2&exclude_reblogs=true", []
    for _ in range(2):
        page = server.ask("GET", path)
        link = re.search(r'<([^>]+)>;\s*rel="next"', page.headers.get("Link", ""))
        seen += [row["id"] for row in page.json()]
        yield "a page of posts", outcome(page, (len(page.json()), bool(link)))
        path = f"{urlsplit(link[1]).path}?{urlsplit(link[1]).query}" if link else path
    yield "pages that do not overlap", (200, [], len(seen) == len(set(seen)))
    for name in ("/api/v1/favourites", "/api/v1/timelines/home?limit=1"):
        yield name, (server.ask("GET", name).status_code, [], None)


# ── The two ───────────────────────────────────────────────────────────────────────────────────
def clicked(url: str) -> str:
    """The code of whoever says yes at the sandbox."""
    there = f"{url}&sandbox_auto=1&sandbox_user=alice"
    answer = requests.get(there, allow_redirects=False, timeout=10)
    return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]


def install() -> Path:
    """Where the mock is; into an environment of its own, once."""
    program = PLACE / "bin" / "mastodon_mock"
    if not program.exists():
        print(f"Installing {MOCK} into {PLACE.relative_to(ROOT)} …", flush=True)
        venv.create(PLACE, with_pip=True)
        pip = [str(PLACE / "bin" / "python"), "-m", "pip", "--quiet", "install", MOCK]
        subprocess.run(pip, check=True)
    return program


def cut_answers(server: Server) -> int:
    """Posts whose answer is cut after the request was taken; they are asked for again with their
    key. How many are not there once."""
    words = [f"Cut {number} {time.time()}" for number in range(CUT_POSTS)]
    with CuttingProxy(server.base) as proxy:
        behind = Server(proxy.base, server.code_for)
        behind.token = server.token
        for number, text in enumerate(words):
            headers = {"Idempotency-Key": f"cut-{number}-{time.time()}"}
            proxy.cut_next()
            for _ in range(2):
                try:
                    behind.ask("POST", "/api/v1/statuses", json={"status": text}, headers=headers)
                except requests.ConnectionError:
                    continue
                break
    me = server.ask("GET", "/api/v1/accounts/verify_credentials").json()["id"]
    path = f"/api/v1/accounts/{me}/statuses?limit=40"
    shown = "".join(row["content"] for row in server.ask("GET", path).json())
    wrong = sum(shown.count(text) != 1 for text in words)
    print(f"{CUT_POSTS} posts whose answer was cut, {wrong} of them not there once.")
    return wrong


def main() -> int:
    ours, theirs = free_port(), free_port()
    here, there = f"http://127.0.0.1:{ours}", f"http://127.0.0.1:{theirs}"
    sandbox = [sys.executable, "-m", "social.sandbox", "--port", str(ours), "--fixture", "empty"]
    mock = [str(install()), "serve", "--host", "127.0.0.1", "--port", str(theirs), "--in-memory"]
    asked = "/api/v1/instance"
    with started(sandbox, here + asked), started(mock, there + asked):
        made, expected = Server(here, clicked), Server(there, lambda url: "mockcode_testuser")
        wrong = compare(table(made), table(expected), DEVIATIONS)
        for server in (made, expected):
            _, signed_in = sign_in(server)
            server.token = signed_in.json()["access_token"]
            wrong += cut_answers(server)
    return bool(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
