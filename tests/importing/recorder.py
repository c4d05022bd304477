"""Somewhere that answers what networks have answered, to the SDKs as they are."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

NAMES = ("user_likes", "user_friends")
ALLOWED = [{"permission": name, "status": "granted"} for name in NAMES]
REFUSED_MARK = (400, {
    "errors": [{"parameters": {"pagination_token": ["7140lost"]}, "message": "Invalid token."}],
    "title": "Invalid Request", "detail": "One or more parameters to your request was invalid.",
    "type": "https://api.twitter.com/2/problems/invalid-request"})  # fmt: skip


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        where = urlsplit(self.path)
        asked = dict(parse_qsl(where.query))
        if where.path.endswith("/permissions"):
            answer = {"data": ALLOWED}
        elif where.path.endswith("/users/me"):
            answer = {"data": {"id": "7", "public_metrics": {"like_count": 3}}}
        elif "ids" in asked:  # of counts, which the recorded lists have themselves
            answer = {}
        else:
            answer = self.server.replay(asked)
        status, body = answer if isinstance(answer, tuple) else (200, answer)
        body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *args):
        pass


class Recorder(ThreadingHTTPServer):
    """Answers the lists with what `tape` says: mark → page, or what makes a page of a mark."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.tape, self.asked = {}, []

    def replay(self, asked):
        self.asked.append(asked)
        mark = asked.get("pagination_token", asked.get("after", ""))
        return self.tape(mark) if callable(self.tape) else self.tape.get(mark, REFUSED_MARK)
