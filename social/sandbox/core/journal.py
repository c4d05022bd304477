"""What came in and what went out. Secrets appear only as fingerprints."""

from .clock import iso_time
from .faults import token_of
from .wire import Malformed, Request, fingerprint
from .world import World

SECRETS = {  # of all networks; others are in their `secret_fields`
    "access_token",
    "refresh_token",
    "token",
    "code",
    "code_verifier",
    "client_secret",
}
LONGEST = 2_000


def open_entry(world: World, request: Request) -> dict:
    """Written down on arrival, so that a request that hangs can already be seen."""
    token = token_of(request)
    secrets = SECRETS.union(*(it.secret_fields for it in world.networks.values()))
    try:
        query = request.query
    except Malformed:
        query = {}
    entry = {
        "n": next(world.journal_numbers),
        "at": iso_time(world.now()),
        "network": request.network,
        "method": request.method,
        "path": request.path,
        "query": redacted(query, secrets),
        "body": redacted(request.fields(), secrets),
        "files": sorted(request.files) if readable(request) else [],
        "token": fingerprint(token) if token else None,
        "origin": request.headers.get("X-Sandbox-Origin"),
        "user_agent": request.headers.get("User-Agent", "")[:200],
        "fault": None,
        "status": None,
        "created": None,
    }
    world.journal.append(entry)
    return entry


def readable(request: Request) -> bool:
    try:
        return bool(request.files)
    except Malformed:
        return False


def redacted(fields: dict, secrets: set[str]) -> dict:
    return {name: redact(value, name in secrets) for name, value in fields.items()}


def redact(value: object, is_secret: bool) -> object:
    if is_secret:
        return fingerprint(str(value))
    if isinstance(value, str):
        return value if len(value) <= LONGEST else f"{value[:80]}… ({len(value)} characters)"
    return value


def since(world: World, number: int) -> list[dict]:
    return [entry for entry in world.journal if entry["n"] > number]
