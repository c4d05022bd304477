"""Whatever is written down on the way, no token is in it."""

import json
import logging
import re
import time
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as some

from social.networks.errors import Rejected
from social.redacting import REDACTED, RedactingFilter, redact

# As both networks make them, of every length that is not guessed.
TOKENS = some.text(some.sampled_from("abcXYZ0189-_.~"), min_size=8, max_size=80).filter(
    lambda token: re.search(r"[a-zA-Z0-9]", token)
)
NAMES = some.sampled_from(
    [
        "access_token",
        "refresh_token",
        "page_access_token",
        "fb_exchange_token",
        "input_token",
        "token",
        "client_secret",
        "appsecret_proof",
        "code_verifier",
        "oauth_token_secret",
        "ACCESS_TOKEN",
        "x-api-key",
        "private-key",
        "AWS_SECRET_ACCESS_KEY",
        "session_key",
        "authorization_code",
    ]
)
FORMS = {
    "in a URL": lambda name, token: f"GET https://graph.facebook.com/me?a=b&{name}={token}&c=d",
    "at its end": lambda name, token: f"Max retries exceeded with url: /me?{name}={token} (Caused",
    "in a quoted URL": lambda name, token: "next=" + quote(f"/me?{name}={token}&c=d", safe=""),
    "in a form": lambda name, token: f"grant_type=refresh_token&{name}={token}",
    "in JSON": lambda name, token: json.dumps({name: token, "a": 1}),
    "in tight JSON": lambda name, token: json.dumps({name: token}, separators=(",", ":")),
    "in pretty JSON": lambda name, token: json.dumps({"data": [{name: token}]}, indent=4),
    "in JSON in a URL": lambda name, token: "state=" + quote(json.dumps({name: token}), safe=""),
    "in JSON in JSON": lambda name, token: json.dumps({"body": json.dumps({name: token})}),
    "in the repr of that": lambda name, token: repr(json.dumps({"b": json.dumps({name: token})})),
    "in a repr": lambda name, token: repr({name: token, "a": None}),
    "in a repr of bytes": lambda name, token: repr({name: token.encode()}),
    "in bytes of JSON": lambda name, token: repr(json.dumps({name: token}).encode()),
    "as an argument": lambda name, token: f"Client({name}={token!r}, b=1)",
    "in a setting": lambda name, token: f"{name}: {token}",
    "in a header": lambda name, token: f"Authorization: Bearer {token}",
    "in a dict of headers": lambda name, token: repr({"Authorization": f"Bearer {token}"}),
    "in a curl": lambda name, token: f"curl -H 'authorization: bearer {token}' https://x",
    "in a quoted header": lambda name, token: f"Bearer%20{token}",
    "in a Basic header": lambda name, token: f"Authorization: Basic {token}==",
    "as Graph's header": lambda name, token: f"Authorization: OAuth {token}",
    "in a pair": lambda name, token: repr([(name, token)]),
    "in a cookie": lambda name, token: f"Cookie: a=b; sessionid={token}; {name}={token}",
    "in any cookie": lambda name, token: f"Cookie: a=b; other={token}; c=d",
    "in a cookie that is set": lambda name, token: f"Set-Cookie: {name}={token}; Path=/; Secure",
    "in a dict of cookies": lambda name, token: repr({"Cookie": f"a={token}; sessionid={token}"}),
    "as a session": lambda name, token: f"__Host-sessionid={token}",
    "as a session in a repr": lambda name, token: repr({"sessionid": token, "csrftoken": token}),
    "as a verifier": lambda name, token: f"oauth_verifier={token}&oauth_signature={token}",
    "as a password": lambda name, token: f"connecting to postgres://fanfare:{token}@db/fanfare",
    "as a password with signs": lambda name, token: f"postgres://fanfare:{token}/@?{token}@db:5/f",
    "as an encoded password": lambda name, token: f"url=postgres%3A%2F%2Ffan%3A{token}%40db",
    "as a user": lambda name, token: f"git clone https://{token}@example.org/x",
    "in a sentence in quotes": lambda name, token: json.dumps({name: f"two, words; {token}"}),
    "in JSON of a header": lambda name, token: json.dumps({"authorization": f"Token {token}"}),
    "in an odd header": lambda name, token: f"Proxy-Authorization: Digest a={token}",
    "as a code at the start": lambda name, token: f"code={token}&redirect_uri=x",
    "as a code in a form": lambda name, token: f"body: code={token}&redirect_uri=x",
    "as a code in JSON": lambda name, token: json.dumps({"code": token, "a": 1}),
    "as a code in a repr": lambda name, token: repr({"code": token, "a": 1}),
    "as a code encoded twice": lambda name, token: f"next=%252Fcb%253Fcode%253D{token}",
    "as a state": lambda name, token: f"/login/callback/?error=x&state={token}",
    "of an app": lambda name, token: (
        f"1000000000000001|{token.replace('.', 'a').replace('~', 'b')}"
    ),
    "in a list of keys": lambda name, token: repr({"TOKEN_KEYS": [token, token]}),
    "in a line of keys": lambda name, token: f"TOKEN_KEYS={token},{token}",
    "in a link to a new password": lambda name, token: f"GET /accounts/password/reset/key/{token}/",
    "in a link to confirm": lambda name, token: f"http://x/accounts/confirm-email/{token}/ HTTP/1",
    "as a code": lambda name, token: f"GET /accounts/x/login/callback/?code={token}&state=s",
}


@pytest.mark.parametrize("form", FORMS)
@given(name=NAMES, token=TOKENS)
def test_no_token_survives(form, name, token):
    text = FORMS[form](name, token)
    if form == "of an app":  # whose secrets are of letters, digits, _ and -
        token = text.partition("|")[2]
    assert token in text or quote(token, safe="") in text
    assert token not in redact(text)
    assert redact(redact(text)) == redact(text)


@given(text=some.text())
def test_redacting_twice_changes_nothing_more(text):
    once = redact(text)
    assert redact(redact(once)) == redact(once)


def test_tokens_that_a_command_was_given_or_that_say_what_they_are():
    planted = "planted4711"
    for text in (
        f"manage.py connect alice x --token {planted} --refresh-token {planted}",
        repr(["connect", "--token", planted]),
        f"id eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIx{planted}.{planted} is refused",
    ):
        assert planted not in redact(text) and REDACTED in redact(text)
    for text in ("--token-stdin reads it", "--token --page 1", "better --token, if at all"):
        assert redact(text) == text


def test_facebook_tokens_are_known_by_their_looks():
    said = "Malformed access token EAABsbCS1iHgBO7ZCx and EAASuAbCdEfGhIjKlMnOpQ."
    assert redact(said) == f"Malformed access token {REDACTED} and {REDACTED}."


@pytest.mark.parametrize(
    "text",
    [
        "HTTP 401 {'title': 'Unauthorized', 'type': 'about:blank', 'status': 401}",
        "Value passed for the token was invalid.",
        "(#200) Unpublished posts must be posted to a page as the page itself",
        "https://example.com/a?b=c&d=e",
        "error code=190, subcode=463",
        "{'error': {'code': 190, 'error_subcode': 463, 'message': 'Expired.'}}",
        "delivery 7 state=sent, waiting_for=turn; {'state': 'queued'}",
        "http://127.0.0.1:9000/x-api/2/tweets and mail to alice@example.org",
        "https://mastodon.example/@alice and https://bsky.app/profile/did:plc:abc",
    ],
)
def test_what_is_no_secret_stays_readable(text):
    assert redact(text) == text


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "token",
        "token=",
        "token\\",
        '"',
        "?code=",
        "bearer ",
        "EAA",
        "access token ",
        "://",
        "a:b@",
        "cookie:",
    ],
)
def test_a_long_text_does_not_take_long(piece):
    text = piece * (500_000 // len(piece))
    begun = time.monotonic()
    redact(text)
    assert time.monotonic() - begun < 10


def test_an_error_keeps_no_token():
    error = Rejected("bad_request", "HTTP 400 {'access_token': 'alices-token'}" + "x" * 9999)
    assert "alices-token" not in str(error) + repr(error) + error.detail
    assert len(error.detail) <= 2000


def test_an_error_keeps_only_what_a_database_takes():
    """PostgreSQL refuses both: a delivery whose answer was rubbish stayed "sending"."""
    assert Rejected("bad_request", "\x00 a proxy \ud83d").detail == " a proxy ?"


# ── In the log ────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def log():
    """What one handler wrote, with our filter on it."""
    lines = []

    class Lines(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(self.format(record))

    handler, logger = Lines(), logging.getLogger("tests.redacting")
    handler.addFilter(RedactingFilter())
    logger.addHandler(handler)
    yield logger, lines
    logger.removeHandler(handler)


def test_the_log_keeps_no_token(log):
    logger, lines = log
    logger.warning("asked %s", "/me?access_token=alices-token")
    try:
        raise ConnectionError("url: /me?access_token=alices-token")
    except ConnectionError:
        logger.exception("could not ask", stack_info=True)
    assert "alices-token" not in "\n".join(lines)
    assert REDACTED in lines[0] and "ConnectionError" in lines[1]


def test_a_record_that_does_not_fit_its_arguments_stops_nobody(log):
    logger, lines = log
    logger.warning("%d of %s", "access_token=alices-token")
    assert "alices-token" not in lines[0]
