"""What a server says of itself: its software, what a post may have there, and our app at it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from django.conf import settings

from social.reasons import Reason

from ..errors import NetworkError, Rejected, TemporaryError
from ..homes import host_named, name_in_dns
from ..http import SIGN_IN_DEADLINE, home_address, reading
from ..reading import as_object, moment_or_none, objects_in, text_or, whole_number
from ..shapes import App, Grant
from .calls import ask, call
from .refusals import SIGN_IN

NODEINFO, REDIRECTS = "/.well-known/nodeinfo", (301, 302, 303, 307, 308)
KEEPS_KEYS = {"mastodon", "hometown", "pleroma", "akkoma"}  # by their sources; forks say mastodon
WITHOUT_FINE_SCOPES = {"pixelfed"}
ASKED_SCOPES = "read:accounts read:statuses read:favourites read:follows write:statuses write:media"
SPEAK = {*KEEPS_KEYS, *WITHOUT_FINE_SCOPES, "gotosocial", "friendica", "iceshrimp", "takahe"}


@dataclass(frozen=True)
class Told:
    """What a server says of posts; 0: nothing."""

    domain: str
    length: int
    limits: Mapping[str, int]


def home_behind(host: str) -> tuple[str, str]:
    """The server that answers for `host`, of which people's addresses may be, and its software, by
    nodeinfo. One redirect is followed, by hand: who it leads to is as guarded as who was named.
    Raises Rejected `home_unknown` for what has none, or has no such API."""
    try:
        answer = call(host, "GET", NODEINFO, also=REDIRECTS, deadline=SIGN_IN_DEADLINE)
        if answer.status_code in REDIRECTS:
            there = urljoin(f"{home_address(host)}{NODEINFO}", answer.headers.get("Location", ""))
            host = host_named("{0.scheme}://{0.netloc}".format(urlsplit(there)))
            answer = call(host, "GET", NODEINFO, deadline=SIGN_IN_DEADLINE)
        with reading(answer):
            return host, software_by(host, as_object(answer.json()))
    except Rejected as error:
        raise Rejected(Reason.HOME_UNKNOWN, error.detail, error.status) from error


def software_by(home: str, links: dict[str, Any]) -> str:
    """Its name for itself, by the newest of the `links` to what says so, wherever these lead."""
    paths = [urlsplit(str(link.get("href"))).path for link in objects_in(links, "links")]
    path = next(filter(None, reversed(paths)), "")
    if not path.startswith("/"):
        raise Rejected(Reason.HOME_UNKNOWN, "no nodeinfo")
    software = as_object(ask(home, path, deadline=SIGN_IN_DEADLINE).get("software"))
    name = text_or(software.get("name"), "").lower()
    if name not in SPEAK:  # whoever has its API will do
        instance(home, SIGN_IN_DEADLINE)
    return name


def instance(home: str, deadline: float) -> dict[str, Any]:
    """Raises the five errors, and Rejected where there is none."""
    try:
        return ask(home, "/api/v2/instance", deadline=deadline)
    except Rejected:
        return ask(home, "/api/v1/instance", deadline=deadline)


def told_by(home: str) -> Told:
    """Of a server that does not say so now, nothing."""
    try:
        body = instance(home, SIGN_IN_DEADLINE)
    except NetworkError:
        body = {}
    statuses = as_object(as_object(body.get("configuration")).get("statuses"))
    found = {
        "pictures": whole_number(statuses.get("max_media_attachments")) or 0,
        "link": whole_number(statuses.get("characters_reserved_per_url")) or 0,
    }
    longest = statuses.get("max_characters", body.get("max_toot_chars"))
    try:
        domain = name_in_dns(text_or(body.get("domain"), home))
    except ValueError:
        domain = home
    limits = {name: most for name, most in found.items() if most}
    return Told(domain, whole_number(longest) or 0, limits)


# ── Our app ───────────────────────────────────────────────────────────────────────────────────
def scopes_at(software: str) -> str:
    return "read write" if software in WITHOUT_FINE_SCOPES else ASKED_SCOPES


def register(home: str, software: str, callback: str) -> App:
    """Ours for this server; nobody has to make one."""
    asked = {
        "client_name": "Fanfare",
        "redirect_uris": callback,
        "scopes": scopes_at(software),
        "website": settings.PUBLIC_URL,
    }
    body = ask(home, "/api/v1/apps", "POST", data=asked, deadline=SIGN_IN_DEADLINE, rows=SIGN_IN)
    name, secret = body.get("client_id"), body.get("client_secret")
    if not (isinstance(name, str) and name and isinstance(secret, str) and secret):
        raise TemporaryError(Reason.UNREACHABLE, "the answer names no app")
    return App(name, secret, callback)


def authorize_url(home: str, software: str, app: App, state: str, challenge: str) -> str:
    asked = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": app.callback,
        "scope": scopes_at(software),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{home_address(home)}/oauth/authorize?{urlencode(asked)}"


def grant_for_code(home: str, app: App, code: str, verifier: str) -> Grant:
    """Its tokens do not end; with the app's own secret they can be revoked."""
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": app.callback,
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "code_verifier": verifier,
    }
    sent = {"data": asked, "deadline": SIGN_IN_DEADLINE, "rows": SIGN_IN}
    body = ask(home, "/oauth/token", "POST", **sent)
    access = body.get("access_token")
    if not isinstance(access, str) or not access.isascii() or not access.isprintable():
        raise TemporaryError(Reason.UNREACHABLE, "no token in the answer")
    made_at, life = moment_or_none(body.get("created_at")), whole_number(body.get("expires_in"))
    ends = moment_or_none(made_at.timestamp() + life) if made_at and life else None
    scopes = tuple(sorted(text_or(body.get("scope"), "").split()))
    secrets = {"client_id": app.client_id, "client_secret": app.client_secret}
    return Grant(access, expires_at=ends, scopes=scopes, home=home, extra=secrets)


def revoke(grant: Grant) -> None:
    """Of an app that is not ours only its person can end a token."""
    if grant.extra.get("client_id"):
        ask(grant.home, "/oauth/revoke", "POST", data={**grant.extra, "token": grant.access})
