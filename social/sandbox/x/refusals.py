"""What X says no with: (name, in words, as the action of a fault), for the catalogue of presets."""

from ..core.presets import HTML, OUTAGE
from .errors import DESCRIBED, PROBLEMS

ACCOUNT = 1700000000000000999


def problem(
    status: int, title: str, detail: str, kind: str = "about:blank", **more: object
) -> dict:
    body = {"title": title, "detail": detail, "type": kind}
    # Usage and credit problems come without a status of their own.
    return {"status": status, "json": body | ({} if more else {"status": status}) | more}


def forbidden(detail: str, kind: str = "") -> dict:
    return problem(403, "Forbidden", detail, f"{PROBLEMS}{kind}" if kind else "about:blank")


def of_a_post(status: int, title: str, detail: str, kind: str) -> dict:
    return problem(status, title, detail, f"{DESCRIBED}{kind}", resource_type="post")


def coded(code: int, message: str, status: int = 403) -> dict:
    """As API v1.1 says it, which v2 passes on."""
    return {"status": status, "json": {"errors": [{"code": code, "message": message}]}}


def invalid(message: str, **parameters: str) -> dict:
    errors = [{"parameters": {it: [text] for it, text in parameters.items()}, "message": message}]
    detail = "One or more parameters to your request was invalid."
    kind = f"{DESCRIBED}invalid-request"
    return problem(400, "Invalid Request", detail, kind, errors=errors)


def spend_cap() -> dict:
    detail = "Your enrolled account [1700000000000000999] has reached its billing cycle spend cap."
    more = {"account_id": ACCOUNT, "reset_date": "+12d"}
    return problem(403, "SpendCapReached", detail, f"{PROBLEMS}credits", **more)


def credits_gone() -> dict:
    detail = f"Your enrolled account [{ACCOUNT}] does not have any credits to fulfill this request."
    return problem(402, "CreditsDepleted", detail, f"{PROBLEMS}credits", account_id=ACCOUNT)


def month() -> dict:
    more = {"product_name": "standard-basic", "period": "Monthly", "scope": "Product"}
    detail, kind = "Usage cap exceeded: Monthly product cap", f"{PROBLEMS}usage-capped"
    action = problem(429, "UsageCapExceeded", detail, kind, account_id=ACCOUNT, **more)
    headers = {"x-rate-limit-limit": "40000", "x-rate-limit-remaining": "39999"}
    return action | {"headers": headers}


def not_enrolled() -> dict:
    detail = "When authenticating requests to the X API v2 endpoints, you must use keys and tokens "
    detail += "from a developer App that is attached to a Project."
    more = {
        "reason": "client-not-enrolled",
        "required_enrollment": "Appropriate Level of API Access",
    }
    return problem(403, "Client Forbidden", detail, f"{PROBLEMS}client-forbidden", **more)


APP_ONLY = "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint."
LOCKED = "To protect our users from spam and other malicious activity, this account is temporarily "
LOCKED += "locked. Please log in to https://x.com to unlock your account."
ROBOT = "This request looks like it might be automated. To protect our users from spam and other "
ROBOT += "malicious activity, we can't complete this action right now."
LEVEL = "You currently have access to a subset of X API V2 endpoints and limited v1.1 endpoints."
SHORTER = "The Tweet needs to be a bit shorter."
CASHTAGS = "Posts may contain at most one cashtag."
TOO_MANY = problem(429, "Too Many Requests", "Too Many Requests")
QUOTING = "You are not allowed to quote this post."

REFUSALS = [
    ("x.403.spend_cap", "the app's spend cap is reached", spend_cap()),
    ("x.403.not_enrolled", "the app belongs to no project", not_enrolled()),
    (
        "x.403.app_only",
        "a token of the app, not of a person",
        problem(
            403, "Unsupported Authentication", APP_ONLY, f"{PROBLEMS}unsupported-authentication"
        ),
    ),
    (
        "x.403.oauth1",
        "the app's own rights are too few",
        forbidden("Your client app is not configured for this.", "oauth1-permissions"),
    ),
    ("x.403.scope", "the token's rights are too few", forbidden("", "oauth2-permissions")),
    ("x.403.32", "could not authenticate", coded(32, "Could not authenticate you.", 401)),
    ("x.403.89", "this token has ended", coded(89, "Invalid or expired token.")),
    ("x.403.88", "too many requests, as a 403", coded(88, "Rate limit exceeded")),
    ("x.403.185", "the day's posts are used up", coded(185, "User is over daily status limit.")),
    ("x.403.344", "the day's posts are used up", coded(344, "You have reached your daily limit.")),
    ("x.403.226", "taken for a robot", coded(226, ROBOT)),
    ("x.403.automated", "taken for a robot, without a code", forbidden(ROBOT)),
    ("x.403.131", "an error inside X, as a 403", coded(131, "Internal error")),
    ("x.403.326", "the account is locked", coded(326, LOCKED)),
    ("x.403.locked", "the account is locked, without a code", forbidden(LOCKED)),
    ("x.403.416", "the app is suspended", coded(416, "Invalid / suspended application")),
    ("x.403.453", "the app's plan has no such call", coded(453, LEVEL)),
    ("x.403.64", "the account is suspended", coded(64, "Your account is suspended.")),
    (
        "x.403.suspended",
        "the account is suspended, without a code",
        forbidden("Your account is suspended and is not permitted to access this feature."),
    ),
    ("x.403.186", "too long", coded(186, SHORTER)),
    ("x.403.shorter", "too long, without a code", forbidden(SHORTER)),
    ("x.403.187", "refused as a duplicate, by a code", coded(187, "Status is a duplicate.")),
    ("x.400.44", "a link is refused", coded(44, "attachment_url parameter is invalid", 400)),
    ("x.400.324", "a picture is refused", coded(324, "The validation of media ids failed.", 400)),
    ("x.400.325", "an upload is forgotten", coded(325, "A media id was not found.", 400)),
    ("x.400.media", "an upload is forgotten, in words", invalid("Your media IDs are invalid.")),
    ("x.403.34", "no such page", coded(34, "Sorry, that page does not exist", 404)),
    ("x.403.220", "the token may not do that", coded(220, "Your credentials do not allow this.")),
    ("x.403.cashtags", "more than one cashtag", forbidden(CASHTAGS)),
    ("x.403.quote", "no quoting", forbidden(QUOTING)),
    (
        "x.404.resource",
        "a problem about something that is not there",
        of_a_post(404, "Not Found Error", "Could not find it.", "resource-not-found"),
    ),
    (
        "x.403.unavailable",
        "a problem about something that is not shown",
        of_a_post(403, "Forbidden", "It cannot be shown.", "resource-unavailable"),
    ),
    (
        "x.400.internal",
        "an error inside X, as a 400",
        problem(400, "Internal Error", "Internal Error", f"{DESCRIBED}internal-error"),
    ),
    ("x.400", "a bad request", invalid("$.text: is not valid")),
    (
        "x.400.code",
        "the description's default error",
        {"status": 400, "json": {"code": 400, "message": "Bad"}},
    ),
    ("x.401.json", "unauthorized", problem(401, "Unauthorized", "Unauthorized")),
    (
        "x.429.retry_after",
        "too many requests, until a time in Retry-After alone",
        TOO_MANY | {"headers": {"Retry-After": "600"}},
    ),
    (
        "x.429.left",
        "too many requests, and yet something is left",
        TOO_MANY | {"headers": {"x-rate-limit-remaining": "7", "x-rate-limit-reset": "+700"}},
    ),
]


def oauth(error: str, description: str = "", status: int = 400) -> dict:
    """As RFC 6749, 5.2 has it, which X speaks at its token endpoint."""
    body = {"error": error} | ({"error_description": description} if description else {})
    return {"status": status, "json": body}


# Of the token endpoint.
NO_HEADER = "Missing valid authorization header"
NO_CLIENT = "Missing required parameter [client_id]."
INVALID_TOKEN = "Value passed for the token was invalid."  # noqa: S105  a sentence
INVALID_CLIENT = "Value passed for the client id was invalid."
TOKEN_REFUSALS = [
    ("invalid", "the refresh token is refused", oauth("invalid_request", INVALID_TOKEN)),
    ("invalid.wordless", "the same without a word why", oauth("invalid_request")),
    ("invalid_grant", "the refresh token is refused, as the RFC says it", oauth("invalid_grant")),
    ("header", "the app's secret is wrong", oauth("unauthorized_client", NO_HEADER, 401)),
    ("client", "the app is refused, as the RFC says it", oauth("invalid_client", "", 401)),
    ("client_id", "the app's id is wrong", oauth("invalid_request", INVALID_CLIENT)),
    ("parameter", "the app's id is missing", oauth("invalid_request", NO_CLIENT)),
    ("not_enrolled", "the app belongs to no project", not_enrolled()),
    ("402", "the app has no credits left", credits_gone()),
    ("429", "too many requests", TOO_MANY),
    ("429.html", "too many requests, as a page", {"status": 429, "body": OUTAGE, "headers": HTML}),
    ("503", "X is away", problem(503, "Service Unavailable", "Service Unavailable")),
    ("400.html", "a page instead of an answer", {"status": 400, "body": OUTAGE, "headers": HTML}),
    ("400.list", "a list instead of an answer", {"status": 400, "json": ["oops"]}),
    ("200.list", "a yes that is a list", {"status": 200, "json": ["oops"]}),
    ("200.empty", "a yes without a token", {"status": 200, "json": {"token_type": "bearer"}}),
]
