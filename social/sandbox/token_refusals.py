"""What token endpoints say no with: (name, in words, as the action of a fault), for the catalogue
of presets."""

from .facebook_refusals import graph
from .x_refusals import TOO_MANY, credits_gone, not_enrolled, problem

PAGE = "<!doctype html><html><head><title>Sorry, something went wrong.</title></head></html>"
HTML = {"Content-Type": "text/html; charset=utf-8"}


def oauth(error: str, description: str = "", status: int = 400) -> dict:
    """As RFC 6749, 5.2 has it, which X speaks at its token endpoint."""
    body = {"error": error} | ({"error_description": description} if description else {})
    return {"status": status, "json": body}


NO_HEADER = "Missing valid authorization header"
NO_CLIENT = "Missing required parameter [client_id]."
INVALID_TOKEN = "Value passed for the token was invalid."  # noqa: S105  a sentence
INVALID_CLIENT = "Value passed for the client id was invalid."
X = [
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
    ("429.html", "too many requests, as a page", {"status": 429, "body": PAGE, "headers": HTML}),
    ("503", "X is away", problem(503, "Service Unavailable", "Service Unavailable")),
    ("400.html", "a page instead of an answer", {"status": 400, "body": PAGE, "headers": HTML}),
    ("400.list", "a list instead of an answer", {"status": 400, "json": ["oops"]}),
    ("200.list", "a yes that is a list", {"status": 200, "json": ["oops"]}),
    ("200.empty", "a yes without a token", {"status": 200, "json": {"token_type": "bearer"}}),
]
GONE = "Error validating application. Application has been deleted."
UNKNOWN_APP = "Error validating application. Cannot get application info due to a system error."
SECRET = "Error validating client secret."  # noqa: S105  a sentence
DEACTIVATED = "API access deactivated. To reactivate, go to the app dashboard"
EXPIRED = "Error validating access token: Session has expired."
CHANGED = "Error validating access token: The user changed their password."
FACEBOOK = [
    ("190", "the token is refused", graph(190, "Invalid OAuth access token.")),
    ("190.460", "the person changed the password", graph(190, CHANGED, 460)),
    ("190.463", "the token has expired", graph(190, EXPIRED, 463)),
    ("102", "no session", graph(102, "Session key invalid or no longer valid")),
    ("secret", "the app's secret is wrong", graph(1, SECRET)),
    ("101", "the app's id is missing", graph(101, "Missing client_id parameter.")),
    ("101.unknown", "the app's id is wrong", graph(101, UNKNOWN_APP)),
    ("190.app", "the app is gone", graph(190, GONE)),
    ("200.app", "the app is switched off", graph(200, DEACTIVATED)),
    ("1", "code 1", graph(1, "An unknown error has occurred.", 99, 500)),
    ("2", "code 2", graph(2, "Service temporarily unavailable", None, 500)),
    ("4", "app call limit", graph(4, "(#4) Application request limit reached")),
    ("html", "a page instead of an answer", {"status": 503, "body": PAGE, "headers": HTML}),
    ("200.list", "a yes that is a list", {"status": 200, "json": ["oops"]}),
    ("200.empty", "a yes without a token", {"status": 200, "json": {"token_type": "bearer"}}),
]
