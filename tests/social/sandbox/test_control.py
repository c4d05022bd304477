"""The control plane, the pages a person sees, and requests that make no sense."""

import socket
from urllib.parse import urlsplit

import pytest

from social.sandbox.networks import NETWORKS

from .clients import ALICE, BAKERY, LIBRARY


def raw(sandbox, data):
    parts = urlsplit(sandbox.url)
    with socket.create_connection((parts.hostname, parts.port), timeout=5) as connection:
        connection.sendall(data)
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer


def publish(sandbox, text="hello"):
    return sandbox.tweepy().create_tweet(text=text, user_auth=False).data["id"]


def test_summary_names_everything(sandbox):
    summary = sandbox.get("")
    assert summary["sandbox"] is True and summary["fixture"] == "default"
    assert "POST /_sandbox/faults" in summary["routes"]


def test_users(sandbox):
    users = sandbox.get("/users")
    assert {"alice", "bob", "charlie"} <= {user["username"] for user in users["x"]}
    pages = {page["id"]: page for page in users["pages"]}
    assert len(pages[BAKERY]["tasks"]) == 2
    assert list(pages[LIBRARY]["tasks"].values()) == [["ANALYZE"]]


def test_reset_is_deterministic_and_keeps_clients(sandbox):
    sandbox.post("/clients", app="http://127.0.0.1:45123")
    tokens = []
    for seed in (7, 7, 8):
        sandbox.post("/reset", seed=seed)
        tokens.append((sandbox.x_token()["access_token"], sandbox.fb_token()["access_token"]))
    assert tokens[0] == tokens[1] != tokens[2]
    assert "http://127.0.0.1:45123" in sandbox.get("/clients")["apps"]


def test_reset_forgets_posts_faults_and_time(sandbox):
    publish(sandbox)
    sandbox.arm("slow")
    sandbox.post("/clock", advance_s=500)
    sandbox.post("/reset")
    assert sandbox.made("x") == [] and sandbox.get("/faults")["faults"] == []
    assert sandbox.get("/clock")["offset_s"] == 0


def test_journal_shows_no_token(sandbox):
    tokens = sandbox.x_token()
    client = sandbox.tweepy(tokens["access_token"])
    before = sandbox.get("/journal")["last"]
    client.create_tweet(text="hello", user_auth=False)
    page = sandbox.page()
    page.put_object(BAKERY, "feed", message="hello")
    data = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    auth = ("sandbox-x-client", "sandbox-x-secret")
    sandbox.session().post("https://api.x.com/2/oauth2/token", auth=auth, data=data)
    tweet, post, refresh = sandbox.get("/journal", since=before)["entries"]
    assert (tweet["method"], tweet["path"], tweet["status"]) == ("POST", "/2/tweets", 201)
    assert tweet["origin"] == "https://api.twitter.com" and tweet["body"] == {"text": "hello"}
    assert tweet["created"] and tweet["token"].startswith("#")
    assert post["path"] == f"/v25.0/{BAKERY}/feed" and post["body"]["message"] == "hello"
    assert refresh["body"]["refresh_token"].startswith("#")
    seen = str([tweet, post, refresh])
    for secret in (tokens["access_token"], tokens["refresh_token"], page.access_token):
        assert secret not in seen


def test_journal_names_the_fault(sandbox):
    sandbox.arm("x.503.after")
    with pytest.raises(Exception, match="503"):
        publish(sandbox)
    entry = sandbox.get("/journal")["entries"][-1]
    assert (entry["fault"], entry["status"]) == ("x.503.after", 201)


def test_posts_by_hand(sandbox):
    post = {"network": "x", "account": "bob", "text": "by hand"}
    made = sandbox.post("/posts", **post, created_at="2020-01-02T03:04:05Z")
    assert made["created_at"] == "2020-01-02T03:04:05.000Z" and made["origin"] == "control"
    (found,) = sandbox.get("/posts", network="x", account="bob", text="by hand")["posts"]
    assert found["id"] == made["id"]
    assert sandbox.post("/posts", like=made["id"], user="alice")["liked"] == made["id"]
    liked = sandbox.tweepy().get_liked_tweets(ALICE).data
    assert int(made["id"]) in [tweet.id for tweet in liked]
    assert sandbox.post("/posts", delete=made["id"])["deleted"] is True
    page = sandbox.post("/posts", network="facebook", account="Alice's Bakery", text="hi")
    assert sandbox.post("/posts", edit=page["id"], text="ho")["message"] == "ho"
    assert sandbox.post("/posts", follow="charlie", user="alice")["follows"] == "charlie"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/faults", {"preset": "x.nonsense"}),
        ("/faults", {"preset": ["x"]}),
        ("/faults", {"action": {"explode": True}}),
        ("/faults", {"action": {}}),
        ("/faults", {"action": {"close": True}, "match": {"path_regex": "("}}),
        ("/faults", {"action": {"close": True}, "times": 0}),
        ("/faults", {"action": {"close": True}, "phase": "during"}),
        ("/faults", {"preset": "x.402", "seconds": 3}),
        ("/faults", {"preset": "x.hang", "seconds": "long"}),
        ("/faults", {"faults": 3}),
        ("/clock", {"advance_s": -1}),
        ("/clock", {}),
        ("/reset", {"fixture": "huge"}),
        ("/reset", {"seed": "x"}),
        ("/tokens", {"network": "y", "user": "alice"}),
        ("/tokens", {"network": "x", "user": "nobody"}),
        ("/tokens", {"network": "x", "user": "alice", "scopes": "all"}),
        ("/state", {"do": "nothing"}),
        ("/state", {"do": "bucket", "endpoint": "POST /", "limit": 1}),
        ("/posts", {"edit": "1", "text": "x"}),
        ("/clients", {"app": "ftp://x"}),
    ],
    ids=str,
)
def test_control_refuses_with_one_sentence(sandbox, path, body):
    response = sandbox.http.post(f"{sandbox.url}/_sandbox{path}", json=body, timeout=5)
    assert response.status_code == 400 and response.json()["error"]
    assert "Traceback" not in response.text


def test_unknown_control_path(sandbox):
    response = sandbox.http.get(f"{sandbox.url}/_sandbox/nothing")
    assert response.status_code == 404 and "routes" in response.json()


def test_other_web_sites_cannot_use_the_control_plane(sandbox):
    url = f"{sandbox.url}/_sandbox/reset"
    response = sandbox.http.post(url, json={}, headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    response = sandbox.http.get(f"{sandbox.url}/_sandbox", headers={"Host": "evil.example"})
    assert response.status_code == 400


def test_front_page(sandbox):
    publish(sandbox, "Hello & <b>hi</b> https://example.com/a")
    response = sandbox.http.get(f"{sandbox.url}/")
    html = response.text
    assert "<strong>Sandbox</strong>" in html and "Facebook Pages" in html
    assert "Hello &amp; &lt;b&gt;hi&lt;/b&gt;" in html and "Good morning! Rye" in html
    assert "Set-Cookie" not in response.headers and "<script>" not in html and " style=" not in html
    for name in ("sandbox.css", "live.js", "icon.svg"):
        assert sandbox.http.get(f"{sandbox.url}/_sandbox/static/{name}").status_code == 200
    assert sandbox.http.get(f"{sandbox.url}/_sandbox/static/../cli.py").status_code == 404


def test_front_page_forms(sandbox):
    def click(path, **fields):
        url = f"{sandbox.url}/_sandbox{path}"
        response = sandbox.http.post(url, data=fields, allow_redirects=False)
        assert (response.status_code, response.headers["Location"]) == (303, "/#controls")

    click("/faults", preset="x.503.after")
    (fault,) = sandbox.get("/faults")["faults"]
    assert "x.503.after" in sandbox.http.get(f"{sandbox.url}/").text
    click("/faults/disarm", id=fault["id"])
    assert sandbox.get("/faults")["faults"] == []
    click("/clock", advance_s=60)
    assert sandbox.get("/clock")["offset_s"] == 60
    click("/state", do="visibility_lag", ms=1000)
    click("/state", do="hide", share=1)
    click("/state", do="public_content", on="true")
    click("/state", do="duplicates", on="false")
    click("/state", do="expire_access")
    click("/state", do="password_change", user="100000000000001")
    state = sandbox.get("/state")
    assert state["visibility_lag_ms"] == dict.fromkeys(NETWORKS, 1000)
    assert state["duplicate_window_s"] == dict.fromkeys(NETWORKS, 0)
    click("/reset", seed=1, fixture="empty")
    assert sandbox.get("/posts")["posts"] == []


def test_pages_of_posts_and_accounts(sandbox):
    id = publish(sandbox, "find me")
    (truth,) = sandbox.made("x")
    assert "find me" in sandbox.http.get(sandbox.url + truth["path"]).text
    assert "find me" in sandbox.http.get(f"{sandbox.url}/x/alice").text
    made = sandbox.page().put_object(BAKERY, "feed", message="and me", fields="id,permalink_url")
    assert "and me" in sandbox.http.get(made["permalink_url"]).text
    assert "and me" in sandbox.http.get(f"{sandbox.url}/fb/{BAKERY}").text
    page, number = made["id"].split("_")
    assert sandbox.http.get(f"{sandbox.url}/fb/{page}/posts/{number}").status_code == 200
    sandbox.post("/posts", delete=id)
    assert sandbox.http.get(sandbox.url + truth["path"]).status_code == 404
    assert sandbox.http.get(f"{sandbox.url}/x/avatars/1.svg").status_code == 404


GARBAGE = [
    ("POST", "/x-api/2/tweets", b"{", "application/json"),
    ("POST", "/x-api/2/tweets", b"[]", "application/json"),
    ("POST", "/x-api/2/tweets", b"\xff\xfe", "application/json"),
    ("POST", "/x-api/2/tweets", b'{"text": "\\ud800"}', "application/json"),
    ("POST", "/x-api/2/tweets", b'{"text": 7}', "application/json"),
    ("POST", "/x-api/2/tweets", b'{"text": "a", "media": []}', "application/json"),
    ("POST", "/x-api/2/tweets", b'{"text": "a", "media": "m"}', "application/json"),
    ("POST", "/x-api/2/tweets", b'{"text": "a", "reply": "r"}', "application/json"),
    ("POST", "/x-api/2/tweets", b'{"text": null}', "application/json"),
    ("POST", "/x-api/2/tweets", b"[" * 100_000, "application/json"),
    ("POST", "/x-api/2/media/upload", b'{"media": "%%"}', "application/json"),
    (
        "POST",
        "/x-api/2/media/upload",
        b'{"media": "YQ==", "media_category": []}',
        "application/json",
    ),
    ("POST", "/x-api/2/media/upload", b"--x", "multipart/form-data"),
    ("POST", "/x-api/2/media/metadata", b'{"metadata": []}', "application/json"),
    ("POST", "/x-api/2/oauth2/token", b"\xff=%ff", "application/x-www-form-urlencoded"),
    ("GET", "/x-api/2/users/me?user.fields=%ff", b"", ""),
    ("POST", f"/fb-graph/v25.0/{BAKERY}/feed", b"message=%ff", "application/x-www-form-urlencoded"),
    ("POST", f"/fb-graph/v25.0/{BAKERY}/feed", b"--x", "multipart/form-data; boundary=x"),
    ("POST", f"/fb-graph/v25.0/{BAKERY}/feed", b'{"message": {}}', "application/json"),
    ("POST", f"/fb-graph/v25.0/{BAKERY}/feed", b"[]", "application/json"),
    ("GET", "/fb-graph/v25.0/me?fields=}{", b"", ""),
    ("GET", "/fb-graph/v25.0/me/accounts?limit=x", b"", ""),
    ("GET", "/fb-graph/v25.0/me/accounts?after=zz", b"", ""),
    ("GET", f"/fb-graph/v25.0/{BAKERY}/posts?since=yesterday", b"", ""),
    ("GET", "/fb-graph/", b"", ""),
    ("GET", "/fb-graph/a/b/c/d/e", b"", ""),
    ("POST", "/fb-graph/v25.0/oauth/access_token", b"--x", "multipart/form-data"),
]


@pytest.mark.parametrize(("method", "path", "body", "kind"), GARBAGE, ids=lambda v: str(v)[:40])
def test_nonsense_gets_the_networks_own_400(sandbox, method, path, body, kind):
    x = sandbox.x_token()["access_token"]
    fb = sandbox.fb_token()["access_token"]
    headers = {"Authorization": f"Bearer {x if path.startswith('/x') else fb}"}
    headers |= {"Content-Type": kind} if kind else {}
    response = sandbox.http.request(method, sandbox.url + path, data=body, headers=headers)
    answer = response.json()
    if path.startswith("/x") and "oauth2" in path:
        assert response.status_code in (400, 401)
    elif path.startswith("/x"):
        assert response.status_code == 400 and answer["title"] == "Invalid Request"
    else:
        assert response.status_code in (400, 403) and answer["error"]["fbtrace_id"]
    assert sandbox.made("x") == [] and sandbox.made("facebook") == []


@pytest.mark.parametrize(
    ("request_line", "network"),
    [
        (b"POST /x-api/2/tweets HTTP/1.1\r\nHost: localhost\r\nContent-Length: x\r\n\r\n", "x"),
        (b"POST /x-api/2/tweets HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", "x"),
        (
            b"POST /fb-graph/1/feed HTTP/1.1\r\nHost: localhost\r\n"
            b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
            "facebook",
        ),
        (b"POST /fb-graph/me HTTP/1.1\r\nHost: [::\r\n\r\n", "facebook"),
        (b"BREW /x-api/2/tweets HTTP/1.1\r\nHost: localhost\r\n\r\n", "x"),
        (b"nonsense\r\n\r\n", ""),
    ],
)
def test_broken_http(sandbox, request_line, network):
    answer = raw(sandbox, request_line)
    assert b"Traceback" not in answer and answer.split()[1][:1] in b"45"
    assert {"x": b"Invalid Request", "facebook": b"fbtrace_id", "": b"error"}[network] in answer


def test_chunked_body(sandbox):
    token = sandbox.x_token()["access_token"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    parts = iter([b'{"text":', b' "in pieces"}'])
    url = f"{sandbox.url}/x-api/2/tweets"
    assert sandbox.http.post(url, data=parts, headers=headers).status_code == 201


def test_several_requests_on_one_connection(sandbox):
    one = b"GET /_sandbox/clock HTTP/1.1\r\nHost: localhost\r\n\r\n"
    last = b"GET /_sandbox/clock HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    assert raw(sandbox, one + one + last).count(b"HTTP/1.1 200 OK") == 3
