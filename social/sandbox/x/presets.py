"""X's part of the catalogue of faults."""

from ..core.presets import HTML, OUTAGE, TOKEN, Preset, circle_preset, token_presets, wire_presets
from .errors import PROBLEMS
from .refusals import REFUSALS, TOKEN_REFUSALS, credits_gone, month, problem

CREATE = {"network": "x", "method": "POST", "path_regex": r"^/2/tweets$"}
LISTS = {"network": "x", "method": "GET", "path_regex": r"^/2/users/\d+/"}
TOKENS = TOKEN | {"network": "x"}
REFRESH = TOKENS | {"text_contains": "refresh_token"}
DRIP_ALL = {"drip_s": 60, "drip_headers": True}
DAY_LIMIT = {
    "x-rate-limit-limit": "100",
    "x-rate-limit-remaining": "99",
    "x-rate-limit-reset": "+900",
    "x-user-limit-24hour-limit": "100",
    "x-user-limit-24hour-remaining": "0",
    "x-user-limit-24hour-reset": "+86400",
}
WINDOW = {"x-rate-limit-limit": "100", "x-rate-limit-remaining": "0", "x-rate-limit-reset": "+900"}


def too_many(headers: dict[str, str]) -> dict:
    return problem(429, "Too Many Requests", "Too Many Requests") | {"headers": headers}


def own_presets() -> list[Preset]:
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
    before = [Preset(name, says, CREATE, action) for name, says, action in rows]
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
    return before + [Preset(name, says, CREATE, act, "after") for name, says, act in after]


PRESETS = [
    *own_presets(),
    *wire_presets("x", CREATE),
    circle_preset("x", LISTS),
    Preset("oauth.refresh_reuse", "the refresh token was used", REFRESH, {"spend_refresh": True}),
    *token_presets("x", TOKENS, TOKEN_REFUSALS),
]
