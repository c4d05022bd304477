"""Bluesky's part of the catalogue of faults."""

from ..core.presets import HTML, OUTAGE, Preset, circle_preset, wire_presets

PUT = {
    "network": "bluesky",
    "method": "POST",
    "path_regex": r"^/xrpc/com\.atproto\.repo\.putRecord$",
}
LISTS = {
    "network": "bluesky",
    "method": "GET",
    "path_regex": r"\.(listRecords|getAuthorFeed|getTimeline|getActorLikes|getFollows)$",
}
UPLOADS = {"network": "bluesky", "method": "POST", "path_regex": r"\.uploadBlob$"}
TOKENS = {
    "network": "bluesky",
    "method": "POST",
    "path_regex": r"\.(createSession|refreshSession)$",
}
LOOKS = {"network": "bluesky", "method": "GET", "path_regex": r"\.getRecord$"}
ADDRESS = {
    "RateLimit-Limit": "3000",
    "RateLimit-Remaining": "0",
    "RateLimit-Reset": "+300",
    "RateLimit-Policy": "3000;w=300",
}
HOUR = ADDRESS | {
    "RateLimit-Limit": "5000",
    "RateLimit-Reset": "+3600",
    "RateLimit-Policy": "5000;w=3600",
}
DAY = ADDRESS | {
    "RateLimit-Limit": "35000",
    "RateLimit-Reset": "+86400",
    "RateLimit-Policy": "35000;w=86400",
}


def no(status: int, name: str, message: str, **headers: str) -> dict:
    said = {"status": status, "json": {"error": name, "message": message}}
    return said | ({"headers": headers} if headers else {})


def too_many(headers: dict[str, str]) -> dict:
    return no(429, "RateLimitExceeded", "Rate Limit Exceeded") | {"headers": headers}


FAULT = no(500, "InternalServerError", "Internal Server Error")
BUSY = no(502, "UpstreamFailure", "Upstream Failure")
TOO_LARGE = no(413, "PayloadTooLarge", "request entity too large")
AWAY = {"status": 503, "body": OUTAGE, "headers": HTML}
REFUSALS = [
    ("bsky.429.address", "too many calls from this address", too_many(ADDRESS)),
    ("bsky.429.hour", "the account's posts of this hour are used up", too_many(HOUR)),
    ("bsky.429.day", "the account's posts of today are used up", too_many(DAY)),
    ("bsky.429.no_reset", "too many requests, without saying until when", too_many({})),
    ("bsky.400.token", "a token that it does not know", no(400, "InvalidToken", "Bad token")),
    ("bsky.401.nonce", "it wants another nonce", no(401, "use_dpop_nonce", "requires nonce")),
    ("bsky.401.proof", "a proof that is not right", no(401, "invalid_dpop_proof", "Bad proof")),
    ("bsky.401.bound", "a token of OAuth that is dead", no(401, "invalid_token", "Not active")),
    ("bsky.401.token", "no token at all", no(401, "AuthMissing", "Authentication Required")),
    (
        "bsky.401.required",
        "a token that it does not take",
        no(401, "AuthenticationRequired", "Invalid token"),
    ),
    (
        "bsky.401.deactivated",
        "the account has moved, or rests",
        no(401, "AccountDeactivated", "Account is deactivated"),
    ),
    (
        "bsky.401.takedown",
        "the account was taken down",
        no(401, "AccountTakedown", "Account has been taken down"),
    ),
    ("bsky.403.account", "no such account there", no(403, "AccountNotFound", "Account not found")),
    (
        "bsky.400.repo",
        "no such repository there",
        no(400, "RepoNotFound", "Could not find repo"),
    ),
    ("bsky.400.blob", "a picture is forgotten", no(400, "BlobNotFound", "Could not find blob")),
    ("bsky.400.swap", "something else is there", no(400, "InvalidSwap", "Record was at bafyrei")),
    (
        "bsky.400.long",
        "the text is too long",
        no(
            400,
            "InvalidRequest",
            "Invalid app.bsky.feed.post record: grapheme too big (maximum 300, got 301) at $.text",
        ),
    ),
    (
        "bsky.400.large",
        "a picture is too large",
        no(400, "InvalidRequest", "This file is too large. It is 1200000 but the maximum is 1"),
    ),
    (
        "bsky.400.mime",
        "a picture is of a kind that it does not take",
        no(400, "InvalidMimeType", "Wrong type of file."),
    ),
    ("bsky.400", "not accepted", no(400, "InvalidRequest", "Invalid request")),
    ("bsky.403", "forbidden", no(403, "Forbidden", "Forbidden")),
    ("bsky.404", "not there", no(404, "NotFound", "Not Found")),
    ("bsky.413", "too large", TOO_LARGE),
    ("bsky.500.before", "an error of its own; not made", FAULT),
    ("bsky.502.before", "what is behind it has failed; not made", BUSY),
    ("bsky.503.html", "an HTML outage page; not made", AWAY),
]
LANDED = [
    ("bsky.500.after", "an error of its own, but made", FAULT),
    ("bsky.502.after", "what is behind it has failed, but made", BUSY),
    ("bsky.503.html.after", "an HTML outage page, but made", AWAY),
    ("bsky.400.after", "a proxy's 400 without JSON, but made", {"status": 400, "body": "no"}),
    ("bsky.499.after", "a proxy's 499 without a body, but made", {"status": 499, "body": ""}),
    ("bsky.200.no_uri", "made, but the answer names no post", {"status": 200, "json": {}}),
]

PRESETS = [
    *(Preset(name, says, PUT, action) for name, says, action in REFUSALS),
    *(Preset(name, says, PUT, action, "after") for name, says, action in LANDED),
    Preset(
        "bsky.400.expired", "the token has ended; a new one helps", PUT, {"expire_access": True}
    ),
    Preset("bsky.400.revoked", "the app password was revoked", PUT, {"revoke_grant": True}),
    *wire_presets("bsky", PUT),
    circle_preset("bsky", LISTS),
    Preset("bsky.upload.500", "an error of its own at a picture", UPLOADS, FAULT),
    Preset("bsky.upload.413", "a picture is too large to upload", UPLOADS, TOO_LARGE),
    Preset("bsky.look.503", "no record can be asked for", LOOKS, AWAY, times=None),
    Preset("bsky.token.503", "nobody can sign in, no token is renewed", TOKENS, AWAY, times=None),
    Preset("bsky.token.revoked", "the refresh token is dead", TOKENS, {"revoke_grant": True}),
]
