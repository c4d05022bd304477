"""The unmodified libraries pointed at a sandbox as the product does it."""

import hashlib
import hmac
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import facebook
import requests
import tweepy
from requests.adapters import HTTPAdapter

ROOT = Path(__file__).resolve().parents[3]
APP = "http://127.0.0.1:8000"
X_CALLBACK = f"{APP}/accounts/twitter_oauth2/login/callback/"
FACEBOOK_CALLBACK = f"{APP}/accounts/facebook/login/callback/"
X_CLIENT = ("sandbox-x-client", "sandbox-x-secret")
FB_CLIENT = ("1000000000000001", "sandbox-facebook-secret")
BAKERY, GARDEN, LIBRARY = "610000000000001", "610000000000002", "610000000000003"
ALICE = "1700000000000000001"
FB_ALICE = "100000000000001"
PATIENCE = 10  # seconds a client waits; the tests of hanging take it away


class Rewrite(HTTPAdapter):
    """Sends what was meant for a real host to the sandbox. No retries, always a timeout."""

    def __init__(self, base, sandbox):
        self.base, self.sandbox = base, sandbox
        super().__init__(max_retries=0)

    def send(self, request, stream=False, timeout=None, verify=True, cert=None, proxies=None):
        real, base = urlsplit(request.url), urlsplit(self.base)
        request.headers["X-Sandbox-Origin"] = f"{real.scheme}://{real.netloc}"
        path = base.path + real.path
        request.url = urlunsplit((base.scheme, base.netloc, path, real.query, ""))
        return super().send(request, stream, timeout or self.sandbox.patience, verify, cert, {})


class Graph(facebook.GraphAPI):
    """facebook-sdk with today's version, the status looked at, and proofs."""

    def __init__(self, token, session, app_secret=FB_CLIENT[1]):
        super().__init__(token, session=session)
        self.version, self.app_secret, self.last = "v25.0", app_secret, None
        self.session.hooks["response"].append(self._keep)

    def _keep(self, response, *args, **kwargs):
        self.last = response
        response.headers.setdefault("content-type", "application/octet-stream")
        return response

    def request(self, path, args=None, post_args=None, files=None, method=None):
        self.last, args = None, dict(args or {})
        used = args.get("access_token") or self.access_token
        if self.app_secret and used and not path.endswith(("/oauth/access_token", "/debug_token")):
            key, message = self.app_secret.encode(), used.encode()
            proof = hmac.new(key, message, hashlib.sha256).hexdigest()
            (post_args if post_args else args)["appsecret_proof"] = proof
        result = super().request(path, args, post_args, files, method)
        if self.last is not None and self.last.status_code >= 400:
            raise facebook.GraphAPIError(result)
        return result


class Sandbox:
    def __init__(self, url):
        self.url = url
        self.patience = PATIENCE
        self.http = requests.Session()
        self.http.trust_env = False

    def session(self):
        session = requests.Session()
        session.trust_env = False  # no proxies
        for prefix in ("https://api.twitter.com/", "https://api.x.com/"):
            session.mount(prefix, Rewrite(f"{self.url}/x-api", self))
        session.mount("https://graph.facebook.com/", Rewrite(f"{self.url}/fb-graph", self))
        return session

    def get(self, path, **query):
        response = self.http.get(f"{self.url}/_sandbox{path}", params=query, timeout=10)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, path, **body):
        response = self.http.post(f"{self.url}/_sandbox{path}", json=body, timeout=10)
        assert response.status_code == 200, response.text
        return response.json()

    def arm(self, preset, **more):
        return self.post("/faults", preset=preset, **more)

    def state(self, do, **more):
        return self.post("/state", do=do, **more)

    def made(self, network, **query):
        """What clients really made, hidden or not."""
        query |= {"network": network, "origin": "api", "include_hidden": 1}
        return self.get("/posts", **query)["posts"]

    def x_token(self, user="alice", **more):
        return self.post("/tokens", network="x", user=user, **more)

    def tweepy(self, token=None):
        client = tweepy.Client(bearer_token=token or self.x_token()["access_token"])
        client.session = self.session()
        return client

    def fb_token(self, user="alice", **more):
        return self.post("/tokens", network="facebook", user=user, **more)

    def graph(self, token=None, **more):
        return Graph(token or self.fb_token()["access_token"], self.session(), **more)

    def page(self, page_id=BAKERY, **more):
        pages = self.fb_token(**more)["pages"]
        token = next(page["access_token"] for page in pages if page["id"] == page_id)
        return self.graph(token)
