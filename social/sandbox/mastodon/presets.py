"""Mastodon's part of the catalogue of faults."""

from ..core.presets import HTML, OUTAGE, Preset, circle_preset, wire_presets

POST = {"network": "mastodon", "method": "POST", "path_regex": r"^/api/v1/statuses$"}
LISTS = {
    "network": "mastodon",
    "method": "GET",
    "path_regex": r"/(statuses|following|favourites|home)$",
}
UPLOADS = {"network": "mastodon", "method": "POST", "path_regex": r"^/api/v[12]/media$"}
TOKENS = {"network": "mastodon", "method": "POST", "path_regex": r"^/oauth/token$"}
APPS = {"network": "mastodon", "method": "POST", "path_regex": r"^/api/v1/apps$"}
INSTANCE = {"network": "mastodon", "path_regex": r"/instance$"}
LIMITED = {"X-RateLimit-Limit": "300", "X-RateLimit-Remaining": "0"}


def no(status: int, error: str, about: str = "", **headers: str) -> dict:
    said = {"error": error} | ({"error_description": about} if about else {})
    return {"status": status, "json": said} | ({"headers": headers} if headers else {})


FAULT = no(500, "There was a problem")
BUSY = no(503, "There was a temporary problem serving your request, please try again")
GATEWAY = {"status": 502, "body": OUTAGE, "headers": HTML}
AWAY = {"status": 503, "body": OUTAGE, "headers": HTML}
UNKNOWN_CLIENT = no(401, "invalid_client", "Client authentication failed due to unknown client.")
REFUSALS = [
    ("429", "too many requests", no(429, "Too many requests") | {"headers": LIMITED}),
    ("401.token", "a token that it does not know", no(401, "The access token is invalid")),
    (
        "403.scope",
        "the permission is missing",
        no(403, "This action is outside the authorized scopes"),
    ),
    ("403.disabled", "the account is disabled", no(403, "Your login is currently disabled")),
    ("403.suspended", "the account is suspended", no(403, "your account has been suspended")),
    ("403", "not allowed", no(403, "This action is not allowed")),
    ("404", "what a request with this key made is deleted", no(404, "Record not found")),
    (
        "422.long",
        "the text is too long",
        no(422, "Validation failed: Text character limit of 500 exceeded"),
    ),
    (
        "400.long",
        "the same by GoToSocial",
        no(400, "Bad Request: text with spoiler exceed max chars (5000)"),
    ),
    ("422.media", "a picture is in a post already", no(422, "Media with IDs 1 not found")),
    (
        "422.processing",
        "a picture is not ready",
        no(422, "Cannot attach files that have not finished processing. Try again in a moment!"),
    ),
    ("422.file", "a picture that it does not take", no(422, "Validation failed: File is invalid")),
    ("422.blank", "nothing to post", no(422, "Validation failed: Text can't be blank")),
    ("422", "not accepted", no(422, "Validation failed: Language is invalid")),
    ("409", "the same request is in work (Pleroma)", no(409, "Conflict")),
    ("500.before", "an error of its own; not made", FAULT),
    ("502.before", "what is behind it has failed; not made", GATEWAY),
    ("503.before", "the key is locked; not made", BUSY),
    ("503.html", "an HTML outage page; not made", AWAY),
]
LANDED = [
    ("409.after", "the same request is in work, and is made (Pleroma)", no(409, "Conflict")),
    ("500.after", "an error of its own, but made", FAULT),
    ("502.after", "what is behind it has failed, but made", GATEWAY),
    ("503.after", "the key is locked, but made", BUSY),
    ("503.html.after", "an HTML outage page, but made", AWAY),
    ("400.after", "a proxy's 400 without JSON, but made", {"status": 400, "body": "no"}),
    ("499.after", "a proxy's 499 without a body, but made", {"status": 499, "body": ""}),
    ("200.no_id", "made, but the answer names no post", {"status": 200, "json": {}}),
]

PRESETS = [
    *(Preset(f"mast.{name}", says, POST, action) for name, says, action in REFUSALS),
    *(Preset(f"mast.{name}", says, POST, action, "after") for name, says, action in LANDED),
    Preset("mast.401.revoked", "its person has removed the app", POST, {"revoke_grant": True}),
    *wire_presets("mast", POST),
    circle_preset("mast", LISTS),
    Preset("mast.upload.500", "an error of its own at a picture", UPLOADS, FAULT),
    Preset(
        "mast.upload.422",
        "a picture that it does not take",
        UPLOADS,
        no(422, "Validation failed: File content type is invalid"),
    ),
    Preset("mast.look.503", "no list can be read", LISTS, AWAY, times=None),
    Preset("mast.app.forgotten", "our app was forgotten", TOKENS, UNKNOWN_CLIENT),
    Preset("mast.app.503", "no app can be registered", APPS, AWAY, times=None),
    Preset("mast.token.grant", "the code is no good", TOKENS, no(400, "invalid_grant", "No.")),
    Preset(
        "mast.token.unauthorized",
        "our app may not do that",
        TOKENS,
        no(400, "unauthorized_client", "No."),
    ),
    Preset("mast.instance.404", "nobody says what a post may have", INSTANCE, no(404, "Not Found")),
]
