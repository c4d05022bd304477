"""Who an account is (a DID, for ever), what it is called (a handle, for now), and on which server
it lives: as the directory of accounts says, or the account's own domain (did:web)."""

import re
from typing import Any

from django.conf import settings

from social.reasons import Reason

from ..errors import NetworkError, Rejected
from ..homes import host_named, sandbox_home
from ..http import CALL_DEADLINE, SIGN_IN_DEADLINE, reading
from ..reading import as_object, objects_in
from .calls import ask, call

DID = re.compile(r"did:(?:plc:[a-z2-7]{24}|web:[a-z0-9.-]{3,253}(?:%3A\d{1,5})?)", re.IGNORECASE)
HANDLE_PATTERN = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]*[a-z0-9])?"
)
PROFILE = re.compile(r"https?://[^/\s]+/profile/([^/?#\s]+)", re.IGNORECASE)
COPIED_MARKS = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")  # comes with copying


def directory() -> str:
    return sandbox_home() or settings.BLUESKY_DIRECTORY


def appview() -> str:
    return sandbox_home() or settings.BLUESKY_APPVIEW


def account_named(typed: str) -> str:
    """The DID of whom a person means by a handle, a DID, or the address of a profile. Raises
    Rejected `sign_in_refused` where there is nobody of that name."""
    name = COPIED_MARKS.sub("", typed).strip()
    if address := PROFILE.match(name):
        name = address[1]
    name = name.removeprefix("at://").removeprefix("@").rstrip("/").lower()
    if DID.fullmatch(name):
        return name
    if not HANDLE_PATTERN.fullmatch(name):
        raise Rejected(Reason.SIGN_IN_REFUSED, "no handle")
    did = resolved(name, appview(), SIGN_IN_DEADLINE)
    if not did:
        raise Rejected(Reason.SIGN_IN_REFUSED, "nobody has this handle")
    return did


def resolved(handle: str, home: str, deadline: float = CALL_DEADLINE) -> str:
    """The DID of a handle, by what `home` knows; empty where nobody has it. Raises the errors."""
    try:
        answer = ask(
            home,
            "com.atproto.identity.resolveHandle",
            params={"handle": handle},
            deadline=deadline,
        )
    except Rejected:
        return ""
    did = answer.get("did")
    return did if isinstance(did, str) and DID.fullmatch(did) else ""


def home_of(did: str, deadline: float = CALL_DEADLINE) -> str:
    """The server that this account lives on now. Raises the errors; Rejected `home_unknown` where
    nobody says."""
    return home_in(document(did, deadline))


def document(did: str, deadline: float = CALL_DEADLINE) -> dict[str, Any]:
    """What its directory says of it. Of did:web that is its own host, reached by the guard."""
    home, path = directory(), f"/{did}"
    if did.startswith("did:web:"):
        home, path = host_named(did.removeprefix("did:web:").replace("%3A", ":")), WELL_KNOWN
    try:
        answer = call(home, "GET", path, deadline=deadline)
    except Rejected as error:
        raise Rejected(Reason.HOME_UNKNOWN, error.detail, error.status) from error
    with reading(answer):
        return as_object(answer.json())


WELL_KNOWN = "/.well-known/did.json"


def home_in(document: Any) -> str:
    """The server that a document of an account names."""
    for service in objects_in(as_object(document), "service"):
        named = str(service.get("id", "")).endswith("#atproto_pds")
        if named and isinstance(service.get("serviceEndpoint"), str):
            return host_named(service["serviceEndpoint"])
    raise Rejected(Reason.HOME_UNKNOWN, "its document names no server")


def moved_to(answer: dict[str, Any], did: str, home: str) -> str:
    """Where the account lives by now: `home`, unless what came with new tokens names another server
    and the directory does so too. Raises nothing: who does not know leaves it as it was."""
    try:
        if home_in(answer.get("didDoc")) == home:
            return home
        return home_of(did)
    except NetworkError:
        return home
