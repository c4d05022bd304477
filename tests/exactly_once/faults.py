"""What goes wrong at the networks, in the mix of reliability.md 6.1."""

from typing import Any

from tests.sandbox import PRESETS, Sandbox

X_CREATE = {"network": "x", "method": "POST", "path_regex": r"^/2/tweets$"}
PUT, STATUSES = r"\.repo\.putRecord$", r"^/api/v1/statuses$"
CREATES = {"method": "POST", "path_regex": rf"^/2/tweets$|/\d+/(feed|photos)$|{PUT}|{STATUSES}"}
LISTS = r"/tweets$|/published_posts$|/feed$|/posts$|\.(getRecord|listRecords)$|/\d+/statuses$"
READS = {"method": "GET", "path_regex": LISTS}
LIMIT = {
    "status": 429,
    "json": {"title": "Too Many Requests", "detail": "Too Many Requests", "status": 429},
    "headers": {
        "x-rate-limit-limit": "100",
        "x-rate-limit-remaining": "0",
        "x-rate-limit-reset": "+1",
    },
}
# Refusals for want of a right, or of the place, about a post that was made.
LIES = ("fb.10.after", "fb.200.after", "fb.100.33.after", "fb.803.after", "bsky.400.after")
LIES += ("bsky.499.after", "mast.400.after", "mast.409.after", "mast.499.after")
BROKEN = {"status": 500, "json": {"oops": True}}


def mix(slow_ms: float) -> list[dict[str, Any]]:
    """Of creates, and of the reads that look for them: (chance, phase, what)."""
    creates = [
        (0.04, "after", {"reset": True}),
        (0.04, "after", {"hang_s": 30}),
        (0.03, "after", BROKEN),
        (0.01, "after", {"truncate": True}),
        (0.03, "before", {"reset": True}),
        (0.02, "before", {"delay_ms": slow_ms}),
    ]
    reads = [(0.03, "before", BROKEN), (0.02, "before", {"reset": True})]
    faults = [
        {"match": match, "phase": phase, "action": action, "chance": chance, "times": None}
        for match, many in ((CREATES, creates), (READS, reads))
        for chance, phase, action in many
    ]
    for name in ("x.403.duplicate.after", "fb.506.after"):  # something on the way asked twice
        twice = PRESETS[name].to_json()
        named = {key: twice[key] for key in ("match", "phase", "action")}
        faults.append({**named, "chance": 0.01, "times": None})
    shaking = [
        (0.01, {"handshake": "cut"}),
        (0.01, {"handshake": "cut_last"}),
        (0.005, {"handshake": "expired"}),
        (0.01, {"handshake": "slow", "delay_ms": slow_ms}),
    ]
    faults += [{"action": action, "chance": chance, "times": None} for chance, action in shaking]
    for name in ("x.403.right.after", "x.403.after", "x.404.after", *LIES):
        lie = PRESETS[name].to_json()
        named = {key: lie[key] for key in ("match", "phase", "action")}
        faults.append({**named, "chance": 0.005, "times": None})
    faults.append({"match": X_CREATE, "action": LIMIT, "chance": 0.02, "times": None})
    faults.append(
        {"match": X_CREATE, "action": {"expire_access": True}, "chance": 0.01, "times": None}
    )
    bluesky = PRESETS["bsky.400.expired"].to_json()["match"]
    faults.append(
        {"match": bluesky, "action": {"expire_access": True}, "chance": 0.01, "times": None}
    )
    return faults


def open_up(sandbox: Sandbox) -> None:
    """Everybody may post, and nothing hides a post that comes twice."""
    sandbox.call("POST", "/reset", json={"fixture": "crowd"})
    for endpoint in ("POST /2/tweets", "GET /2/users/:id/tweets", "facebook.app", "facebook.page"):
        for who in ("app", "user"):
            sandbox.change("bucket", endpoint=endpoint, limit=10_000_000, who=who)
    for endpoint in ("* /xrpc", "POST /xrpc/com.atproto.repo.putRecord", "* /api"):
        sandbox.change("bucket", endpoint=endpoint, limit=10_000_000)
    sandbox.change("bucket", endpoint="POST /api/v1/statuses", limit=10_000_000)
    for network in ("x", "facebook"):
        sandbox.change("duplicates", network=network, on=False)


def arm(sandbox: Sandbox, scale: float) -> None:
    sandbox.call("POST", "/faults", json={"faults": mix(2000 * scale)})
    sandbox.change("visibility_lag", ms=60_000 * scale)
    sandbox.change("hide", share=0.02)  # for ever, from reads that ask for a date


def disarm(sandbox: Sandbox) -> None:
    sandbox.disarm()
    sandbox.change("visibility_lag", ms=0)
    sandbox.change("hide", share=0)
