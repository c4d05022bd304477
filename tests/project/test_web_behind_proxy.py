"""The web process as it runs: behind a proxy, below a path, probed from inside, fed in chunks."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from project.web.chunked_bodies import LARGEST_BYTES
from publishing.media.incoming import MOST_READ, MOST_READ_OF_STRANGERS
from tests.pictures import drawn

from .starting import PATIENCE, WEB, copy, run, serving

pytestmark = pytest.mark.programs
HOST = "fanfare.example.org"
PROXIED = {"Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
TOKEN = {"Authorization": "Bearer opensesame"}
PASSWORD = "correct horse battery staple"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, database: Path) -> Path:
    made = copy(tmp_path_factory.mktemp("behind") / "fanfare", database)
    assert run(made, "manage.py", "collectstatic", "--noinput", "-v0").returncode == 0
    return made


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    with serving(folder, *WEB, METRICS_TOKEN="opensesame") as url:
        yield url


@pytest.fixture(scope="module")
def below(folder: Path) -> Iterator[str]:
    """The same below a path."""
    where = f"https://{HOST}/fan/fare"
    with serving(folder, *WEB, PUBLIC_URL=where, METRICS_TOKEN="opensesame") as url:
        yield url


class Browser:
    """Keeps cookies by hand: the address is not what the cookies are for."""

    def __init__(self, server: str) -> None:
        self.server, self.cookies = server, {}

    def ask(self, method: str, path: str, **more) -> requests.Response:
        said = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = (
            PROXIED | {"Cookie": said, "Referer": f"https://{HOST}/"} | more.pop("headers", {})
        )
        answer = requests.request(
            method,
            self.server + path,
            headers=headers,
            allow_redirects=False,
            timeout=PATIENCE,
            **more,
        )
        for cookie in answer.cookies:
            self.cookies[cookie.name] = cookie.value
        return answer

    def token(self, path: str) -> str:
        page = self.ask("GET", path)
        assert page.status_code == 200, page.text
        return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.text)[1]

    def send_form(self, path: str, chunked: bool = False, **fields) -> requests.Response:
        fields["csrfmiddlewaretoken"] = self.token(path)
        made = requests.Request("POST", "http://x/", data=fields).prepare()
        body = made.body.encode()
        kind = {"Content-Type": made.headers["Content-Type"]}
        return self.ask("POST", path, data=in_chunks(body) if chunked else body, headers=kind)


@pytest.fixture(scope="module")
def alice(server: str) -> Browser:
    """The first person, signed in; all of it in chunks."""
    browser = Browser(server)
    about = {"username": "alice", "email": "alice@example.org"}
    about |= {"password1": PASSWORD, "password2": PASSWORD}
    answer = browser.send_form("/accounts/signup/", chunked=True, **about)
    assert answer.status_code == 302
    return browser


def in_chunks(body: bytes, size: int = 50_000) -> Iterator[bytes]:
    """requests sends what has no length in chunks."""
    for start in range(0, len(body), size):
        yield body[start : start + size]


# ── Probes ────────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8000", "10.1.2.3:80", "web", "x y", "[::1]"]
)
@pytest.mark.parametrize("where", ["server", "below"])
def test_probes_from_inside_may_ask_by_any_name_without_tls(where, host, request):
    url = request.getfixturevalue(where)
    for path in ("/healthz", "/metrics"):
        answer = requests.get(
            url + path, headers={"Host": host, **TOKEN}, timeout=PATIENCE, allow_redirects=False
        )
        assert answer.status_code == 200 and "Location" not in answer.headers
    refused = requests.get(f"{url}/metrics", headers={"Host": host}, timeout=PATIENCE)
    assert refused.status_code == 403


@pytest.mark.parametrize("path", ["/", "/healthz/", "/metrics/", "/accounts/login/", "/healthzz"])
def test_every_other_page_keeps_to_its_host_and_to_https(server, path):
    strange = {**PROXIED, "Host": "mallory.example"}
    answer = requests.get(server + path, headers=strange, timeout=PATIENCE)
    assert answer.status_code == 400 and "mallory" not in answer.text
    plain = requests.get(
        server + path, headers={"Host": HOST}, timeout=PATIENCE, allow_redirects=False
    )
    assert plain.status_code == 301
    assert plain.headers["Location"] == f"https://{HOST}{path}"


# ── In chunks ─────────────────────────────────────────────────────────────────────────────────
def test_a_form_may_come_in_chunks(alice):
    assert alice.ask("GET", "/posts/").status_code == 200
    wrong = alice.ask(
        "POST",
        "/demo/",
        data=in_chunks(b"csrfmiddlewaretoken=" + b"a" * 64),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert wrong.status_code == 403


def test_a_picture_may_come_in_chunks(alice):
    fields = {"csrfmiddlewaretoken": alice.token("/posts/new/")}
    files = {"files": ("a.jpg", drawn((900, 700)), "image/jpeg")}
    made = requests.Request("POST", "http://x/", data=fields, files=files).prepare()
    headers = {"Content-Type": made.headers["Content-Type"]}
    answer = alice.ask("POST", "/posts/pictures/", data=in_chunks(made.body, 999), headers=headers)
    assert answer.status_code == 200
    [path] = set(re.findall(r"/pictures/[0-9a-f-]{36}/", answer.text))
    shown = alice.ask("GET", path)
    assert shown.ok and shown.headers["Content-Type"].startswith("image/")


def test_limits_hold_for_chunks(server):
    assert LARGEST_BYTES <= MOST_READ_OF_STRANGERS <= MOST_READ
    stranger = Browser(server)
    long = LARGEST_BYTES + 1_000_000
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        try:
            answer = stranger.ask(
                "POST",
                "/accounts/login/",
                data=in_chunks(b"a" * long, 1_000_000),
                headers={"Content-Type": kind},
            )
        except requests.ConnectionError:
            continue  # it did not wait for the rest
        assert answer.status_code in (400, 403, 413)
    assert requests.get(f"{server}/healthz", timeout=PATIENCE).status_code == 200


def exchange(server: str, sent: bytes) -> bytes:
    where = urlsplit(server)
    with socket.create_connection((where.hostname, where.port), PATIENCE) as caller:
        caller.settimeout(PATIENCE)
        caller.sendall(sent)
        return b"".join(iter(lambda: caller.recv(65536), b""))


def head(*lines: str) -> bytes:
    first = f"POST /accounts/login/ HTTP/1.1\r\nHost: {HOST}\r\nX-Forwarded-Proto: https\r\n"
    return (first + "".join(f"{line}\r\n" for line in lines) + "\r\n").encode()


@pytest.mark.parametrize(
    "lines",
    [
        ("Transfer-Encoding: chunked", "Content-Length: 5"),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding : chunked",),
    ],
)
def test_nothing_is_smuggled_in_behind_a_body(server, lines):
    behind = f"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()
    answers = exchange(server, head(*lines) + b"0\r\n\r\n" + behind)
    assert answers.startswith((b"HTTP/1.1 400", b"HTTP/1.1 501"))
    assert answers.count(b"HTTP/1.1 ") == 1


def test_what_comes_after_the_last_chunk_is_the_next_request(server):
    behind = f"GET /healthz HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode()
    answers = exchange(
        server, head("Transfer-Encoding: chunked") + b"3\r\na=b\r\n0\r\n\r\n" + behind
    )
    assert answers.startswith(b"HTTP/1.1 403")  # no token
    assert answers.count(b"HTTP/1.1 ") == 2 and b'"ok": true' in answers


# ── Below a path ──────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("handed_on", ["/fan/fare", ""], ids=["whole", "stripped"])
def test_everything_stays_below_the_path(alice, below, handed_on):
    browser, path = Browser(below), f"{handed_on}/accounts/login/"
    page = browser.ask("GET", path)
    places = re.findall(r'(?:href|src|action|hx-\w+)="(/[^"]*)"', page.text)
    assert places and all(place.startswith("/fan/fare/") for place in places)
    for place in places:
        if "/static/" in place:
            assert browser.ask("GET", handed_on + place.removeprefix("/fan/fare")).ok
    cookie = page.headers["Set-Cookie"]
    assert cookie.startswith("__Secure-csrftoken") and "Path=/fan/fare;" in cookie
    signed_in = browser.send_form(path, login="alice", password=PASSWORD)
    assert signed_in.status_code == 302 and signed_in.headers["Location"] == "/fan/fare/"
    assert browser.ask("GET", f"{handed_on}/posts/new/").status_code == 200
    away = Browser(below).ask("GET", f"{handed_on}/posts/").headers["Location"]
    assert away == "/fan/fare/accounts/login/?next=/fan/fare/posts/"


def test_plain_http_is_sent_to_the_same_path(below):
    answer = requests.get(
        f"{below}/fan/fare/posts/", headers={"Host": HOST}, timeout=PATIENCE, allow_redirects=False
    )
    assert answer.headers["Location"] == f"https://{HOST}/fan/fare/posts/"


def test_doctor_names_the_addresses_below_the_path(folder):
    said = run(folder, "manage.py", "doctor", PUBLIC_URL=f"https://{HOST}/fan/fare").stdout
    assert f"https://{HOST}/fan/fare/accounts/facebook/login/callback/" in said
    assert "/fan/fare/fan/" not in said


@pytest.mark.parametrize("path", ["/a b", "/ü", "/a//b", "/../b", "/%41", "/a;b", "/.a", "/a,b"])
def test_a_path_that_not_everybody_writes_alike_is_one_line(checkout, path):
    ended = run(checkout, "manage.py", "check", PUBLIC_URL=f"https://{HOST}{path}")
    assert ended.returncode == 2 and "PUBLIC_URL" in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
