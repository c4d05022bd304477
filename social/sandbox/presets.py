"""The catalogue of named faults: what each does, in words and as an armed fault."""

import copy
from dataclasses import dataclass

from . import token_refusals
from .facebook_refusals import CODES, DOUBTFUL, LIMITING, graph
from .tls_faults import tls_faults
from .wire import Malformed
from .x_errors import PROBLEMS
from .x_refusals import REFUSALS, credits_gone, month, problem

X_CREATE = {"network": "x", "method": "POST", "path_regex": r"^/2/tweets$"}
FB_CREATE = {
    "network": "facebook",
    "method": "POST",
    "path_regex": r"^(/v[\d.]+)?/\d+/(feed|photos)$",
}
TOKEN = {"path_regex": r"/oauth2?/(access_)?token$"}
WITH_CODE = TOKEN | {"text_contains": "authorization_code"}
REFRESH = TOKEN | {"network": "x", "text_contains": "refresh_token"}
AUTHORIZE = {"method": "GET", "path_regex": r"/oauth2/authorize$|/dialog/oauth$"}
DRIP_ALL = {"drip_s": 60, "drip_headers": True}
ANY_API = {"path_regex": r"^(?!.*(/oauth2/authorize|/dialog/oauth)$)"}
X_LISTS = {"network": "x", "method": "GET", "path_regex": r"^/2/users/\d+/"}
FB_LISTS = {
    "network": "facebook",
    "method": "GET",
    "path_regex": r"/(accounts|published_posts|feed|posts|likes|friends)$",
}
OUTAGE = "<!doctype html><html><head><title>Sorry, something went wrong.</title></head></html>"
HTML = {"Content-Type": "text/html; charset=utf-8"}
DAY_LIMIT = {
    "x-rate-limit-limit": "100",
    "x-rate-limit-remaining": "99",
    "x-rate-limit-reset": "+900",
    "x-user-limit-24hour-limit": "100",
    "x-user-limit-24hour-remaining": "0",
    "x-user-limit-24hour-reset": "+86400",
}
WINDOW = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0", "x-rate-limit-reset": "+900"}


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


def too_many(headers: dict[str, str]) -> dict:
    return problem(429, "Too Many Requests", "Too Many Requests") | {"headers": headers}


def x_presets() -> list[Preset]:
    unavailable = problem(503, "Service Unavailable", "Service Unavailable")
    html = {"status": 503, "body": OUTAGE, "headers": HTML}
    duplicate = "You are not allowed to create a Tweet with duplicate content."
    closed = "You are not permitted to perform this action."
    forbidden, nothing = problem(403, "Forbidden", closed), problem(404, "Not Found", "Not Found")
    no_right = problem(403, "Forbidden", "Your app lacks the permission to do that.")
    rows = [
        ("x.429.window", "too many posts this quarter of an hour", too_many(WINDOW)),
        ("x.429.day", "the person's 24 hours are used up", too_many(DAY_LIMIT)),
        ("x.429.month", "the app's monthly cap is used up; no reset time", month()),
        ("x.429.no_reset", "too many requests, without saying until when", too_many({})),
        ("x.402", "the app has no credits left", credits_gone()),
        (
            "x.401.expired",
            "the access token has just expired; refreshing helps",
            {"expire_access": True},
        ),
        (
            "x.401.revoked",
            "the person revoked the app; refreshing fails too",
            {"revoke_grant": True},
        ),
        ("x.403.duplicate", "refused as a duplicate", problem(403, "Forbidden", duplicate)),
        (
            "x.403.policy",
            "refused by policy",
            problem(403, "Forbidden", closed, f"{PROBLEMS}client-forbidden"),
        ),
        ("x.403", "forbidden, and no word why", forbidden),
        ("x.403.right", "a right is missing", no_right),
        ("x.404", "not found, in JSON", nothing),
        ("x.503.html", "an HTML outage page instead of JSON", html),
        ("x.500.list", "a 500 whose JSON body is a list", {"status": 500, "json": ["oops"]}),
        ("x.503.before", "503, the post was not made", unavailable),
        *REFUSALS,
    ]
    found = [Preset(name, says, X_CREATE, action) for name, says, action in rows]
    after = [
        ("x.503.after", "503, but the post was made", unavailable),
        ("x.503.html.after", "an HTML outage page, but the post was made", html),
        ("x.500.list.after", "a 500 with a list, but made", {"status": 500, "json": ["oops"]}),
        ("x.403.html.after", "a page that forbids, but the post was made", html | {"status": 403}),
        (
            "x.403.duplicate.after",
            "asked twice on its way: made, then refused as a duplicate",
            problem(403, "Forbidden", duplicate),
        ),
        ("x.403.after", "forbidden without a word why, but made", forbidden),
        ("x.403.right.after", "a right is missing, but made", no_right),
        ("x.404.after", "not found, in JSON, but made", nothing),
        ("x.408.after", "408, but the post was made", problem(408, "Request Timeout", "Timeout")),
        ("x.499.after", "a proxy's 499 without a body, but made", {"status": 499, "body": ""}),
        ("x.201.no_data", "made, but the answer holds no data", {"status": 201, "json": {}}),
        ("x.drip.headers", "made, and the answer drips, headers first", DRIP_ALL),
    ]
    return found + [Preset(name, says, X_CREATE, act, "after") for name, says, act in after]


def facebook_presets() -> list[Preset]:
    unknown = graph(1, "An unknown error has occurred.", 99, 500)
    service = graph(2, "Service temporarily unavailable", None, 500)
    html = {"status": 503, "body": OUTAGE, "headers": HTML}
    strange = graph(3001, "(#3001) Something that no list of codes has")
    noerror, empty = {"status": 500, "json": {"foo": "bar"}}, {"status": 502, "body": ""}
    before = [
        ("fb.1.before", "code 1, the post was not made", unknown),
        ("fb.2.before", "code 2, the post was not made", service),
        ("fb.html", "an HTML outage page", html),
        ("fb.500.noerror", "a 500 without an error object", noerror),
        ("fb.502.empty", "a 502 without a body", empty),
    ]
    coded = CODES | DOUBTFUL
    before += [(name, says, action) for name, (says, action) in coded.items()]
    after = [
        ("fb.1.after", "code 1, but the post was made", unknown),
        ("fb.2.after", "code 2, but the post was made", service),
        ("fb.3001.after", "a code that nobody knows, but the post was made", strange),
        ("fb.html.after", "an HTML outage page, but made", html),
        ("fb.500.noerror.after", "a 500 without an error object, but made", noerror),
        ("fb.502.empty.after", "a 502 without a body, but made", empty),
        ("fb.506.after", "asked twice on its way: made, then refused", CODES["fb.506"][1]),
        (
            "fb.no_content_type",
            "made, and answered without content type",
            {"no_content_type": True},
        ),
    ]
    limiting = [(name, *coded[name]) for name in (*LIMITING, "fb.10", "fb.200", *DOUBTFUL)]
    after += [(f"{name}.after", f"{says}, but the post was made", a) for name, says, a in limiting]
    found = [Preset(name, says, FB_CREATE, action) for name, says, action in before]
    return found + [Preset(name, says, FB_CREATE, action, "after") for name, says, action in after]


def both(prefix: str, match: dict) -> list[Preset]:
    """The faults of the wire are the same on both networks."""
    rows = [
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


def oauth_presets() -> list[Preset]:
    down = {"status": 503, "json": {"title": "Service Unavailable", "status": 503}}
    return [
        Preset("oauth.deny", "the person presses Cancel", AUTHORIZE, {"deny": True}),
        Preset("oauth.code_expired", "the code is too old", WITH_CODE, {"expire_codes": True}),
        Preset("oauth.token_503", "the token endpoint is down", TOKEN, down),
        Preset(
            "oauth.refresh_reuse", "the refresh token was used", REFRESH, {"spend_refresh": True}
        ),
        Preset("oauth.hang", "token endpoints hang 30 s", TOKEN, {"hang_s": 30}, times=None),
        Preset("slow", "every answer takes 3 s", ANY_API, {"delay_ms": 3000}, times=None),
    ]


def token_presets() -> list[Preset]:
    """Until disarmed: a renewal that fails is tried again."""
    both = (("x", "x", token_refusals.X), ("fb", "facebook", token_refusals.FACEBOOK))
    return [
        Preset(f"token.{prefix}.{name}", says, TOKEN | {"network": network}, act, times=None)
        for prefix, network, rows in both
        for name, says, act in rows
    ]


def tls_presets() -> list[Preset]:
    return [Preset(f"tls.{name}", *row) for name, *row in tls_faults()]


def list_presets() -> list[Preset]:
    says = "lists come back to their first page after their last, and say that more follows"
    return [
        Preset(f"{prefix}.lists.circle", says, match, {"circle": True}, times=None)
        for prefix, match in (("x", X_LISTS), ("fb", FB_LISTS))
    ]


def catalogue() -> dict[str, Preset]:
    listed = x_presets() + both("x", X_CREATE) + facebook_presets() + both("fb", FB_CREATE)
    listed += list_presets() + tls_presets() + oauth_presets() + token_presets()
    return {preset.name: preset for preset in listed}


PRESETS = catalogue()


def spec(given: dict) -> dict:
    """The fault that a preset's name stands for, with the caller's own numbers put in."""
    preset = PRESETS.get(given["preset"]) if isinstance(given["preset"], str) else None
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
