"""The catalogue of named faults: what each does, in words and as an armed fault. Here are those
that all networks have; each adds its own."""

import copy
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .tls_faults import tls_faults
from .wire import Malformed

# How such paths end at networks that speak OAuth 2.
TOKEN = {"path_regex": r"/oauth2?/(access_)?token$"}
WITH_CODE = TOKEN | {"text_contains": "authorization_code"}
AUTHORIZE = {"method": "GET", "path_regex": r"/oauth2?/authorize$|/dialog/oauth$"}
ANY_API = {"path_regex": r"^(?!.*(/oauth2?/authorize|/dialog/oauth)$)"}
OUTAGE = "<!doctype html><html><head><title>Sorry, something went wrong.</title></head></html>"
HTML = {"Content-Type": "text/html; charset=utf-8"}


@dataclass
class Preset:
    name: str
    says: str
    match: dict
    action: dict
    phase: str = "before"
    times: int | None = 1

    def to_json(self) -> dict:
        return {
            "preset": self.name,
            "description": self.says,
            "match": self.match,
            "phase": self.phase,
            "times": self.times,
            "action": self.action,
        }


def wire_presets(prefix: str, match: dict) -> list[Preset]:
    """The faults of the wire are the same everywhere. `match` is what creates a post."""
    rows: list[tuple[str, str, dict, str, int | None]] = [
        ("timeout.before", "hangs, then hangs up; not made", {"hang_s": 30}, "before", 1),
        ("timeout.after", "made, then hangs and hangs up", {"hang_s": 30}, "after", 1),
        ("cut.before", "the connection is cut; not made", {"close": True}, "before", 1),
        ("cut.after", "made, then the connection is cut", {"close": True}, "after", 1),
        ("reset.before", "the connection is reset; not made", {"reset": True}, "before", 1),
        ("reset.after", "made, then the connection is reset", {"reset": True}, "after", 1),
        ("201.garbage", "made, and the answer is not JSON", {"garbage": True}, "after", 1),
        ("201.truncated", "made, and the answer breaks off", {"truncate": True}, "after", 1),
        ("hang", "every create hangs 30 s and is never made", {"hang_s": 30}, "before", None),
        ("late", "made long after the client gave up", {"delay_ms": 30_000}, "before", 1),
        ("drip", "made, and the answer's body drips", {"drip_s": 60}, "after", 1),
    ]
    return [
        Preset(f"{prefix}.{name}", says, match, action, phase, times)
        for name, says, action, phase, times in rows
    ]


def circle_preset(prefix: str, match: dict) -> Preset:
    """`match` is what asks for a page of a list."""
    says = "lists come back to their first page after their last, and say that more follows"
    return Preset(f"{prefix}.lists.circle", says, match, {"circle": True}, times=None)


def token_presets(prefix: str, match: dict, rows: Iterable[tuple[str, str, dict]]) -> list[Preset]:
    """What a token endpoint says, until disarmed: a renewal that fails is tried again."""
    return [
        Preset(f"token.{prefix}.{name}", says, match, action, times=None)
        for name, says, action in rows
    ]


def oauth_presets() -> list[Preset]:
    down = {"status": 503, "json": {"title": "Service Unavailable", "status": 503}}
    return [
        Preset("oauth.deny", "the person presses Cancel", AUTHORIZE, {"deny": True}),
        Preset("oauth.code_expired", "the code is too old", WITH_CODE, {"expire_codes": True}),
        Preset("oauth.token_503", "the token endpoint is down", TOKEN, down),
        Preset("oauth.hang", "token endpoints hang 30 s", TOKEN, {"hang_s": 30}, times=None),
        Preset("slow", "every answer takes 3 s", ANY_API, {"delay_ms": 3000}, times=None),
    ]


def tls_presets(creates: dict) -> list[Preset]:
    return [
        Preset(f"tls.{name}", says, match, action, phase)
        for name, says, match, action, phase in tls_faults(creates)
    ]


def catalogue(networks: Iterable[Any]) -> dict[str, Preset]:
    """By name: what each of these has (Network: core/network.py, which knows this module), and what
    all have."""
    networks = list(networks)
    own = [preset for network in networks for preset in network.presets]
    paths = [network.creates["path_regex"] for network in networks]
    shared = tls_presets({"method": "POST", "path_regex": "|".join(paths)})
    return {preset.name: preset for preset in (*own, *shared, *oauth_presets())}


def spec(known: dict[str, Preset], given: dict) -> dict:
    """The fault that a preset's name stands for, with the caller's own numbers put in."""
    preset = known.get(given["preset"]) if isinstance(given["preset"], str) else None
    if preset is None:
        raise Malformed(f"no preset {given['preset']!r}; GET /_sandbox/presets lists them")
    action = copy.deepcopy(preset.action)
    if "seconds" in given:
        change_duration(preset, action, given["seconds"])
    match = given.get("match") or {}
    if not isinstance(match, dict):
        raise Malformed("match is an object")
    return {
        "preset": preset.name,
        "match": preset.match | match,
        "action": action,
        "phase": preset.phase,
        "skip": given.get("skip", 0),
        "times": given.get("times", preset.times),
        "chance": given.get("chance", 1),
    }


def change_duration(preset: Preset, action: dict, seconds: object) -> None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds < 0:
        raise Malformed("seconds is a number, 0 or more")
    for name, factor in (("hang_s", 1), ("drip_s", 1), ("delay_ms", 1000)):
        if name in action:
            action[name] = seconds * factor
            return
    raise Malformed(f"{preset.name} has no duration")
