"""What Graph says no with: (in words, as the action of a fault), by the names of the catalogue."""

from ..core.presets import HTML, OUTAGE
from .errors import GraphError


def graph(code: int, message: str, subcode: int | None = None, status: int = 400) -> dict:
    return {"status": status, "json": GraphError(code, message, subcode).body()}


CODES = {
    "fb.4": ("app call limit", graph(4, "(#4) Application request limit reached")),
    "fb.17": ("user call limit", graph(17, "(#17) User request limit reached")),
    "fb.32": ("Page call limit", graph(32, "(#32) Page request limit reached")),
    "fb.341": ("app limit reached", graph(341, "(#341) Feed action request limit reached")),
    "fb.613": ("custom limit", graph(613, "(#613) Calls to this api have exceeded the limit")),
    "fb.80001": ("Page limit", graph(80001, "(#80001) Too many calls to this Page account.")),
    "fb.368": (
        "blocked for policy",
        graph(368, "The action attempted has been deemed abusive or is disallowed", 1390008),
    ),
    "fb.10": ("permission denied", graph(10, "(#10) No permission for this action", None, 403)),
    "fb.200": (
        "not as the Page itself",
        graph(200, "(#200) Unpublished posts must be posted to a page as itself.", None, 403),
    ),
    "fb.100": ("a bad parameter", graph(100, "(#100) Invalid parameter")),
    "fb.506": ("repeats the previous post", graph(506, "(#506) Duplicate message", 1455006)),
    "fb.1609005": ("unreachable link", graph(1609005, "(#1609005) Could not scrape the link")),
    "fb.1609008": (
        "the link is one of Facebook's own",
        graph(1609008, "(#1609008) Cannot post Facebook.com links"),
    ),
    "fb.100.link": ("the link is refused", graph(100, "(#100) Invalid parameter", 1609005)),
    "fb.1500": ("the link is none", graph(1500, "(#1500) The url you supplied is invalid")),
    "fb.100.media": (
        "an upload is forgotten",
        graph(100, "(#100) Invalid parameter: attached_media[0][media_fbid]"),
    ),
    "fb.368.content": (
        "words that others reported as abusive",
        graph(368, "It includes content that other people have reported as abusive.", 1346003),
    ),
    "fb.100.proof": (
        "the app's own secret is wrong",
        graph(100, "Invalid appsecret_proof provided in the API argument"),
    ),
    "fb.200.blocked": ("the app is blocked", graph(200, "API access blocked.")),
    "fb.101": (
        "the app is gone",
        graph(101, "Error validating application. Application has been deleted."),
    ),
    "fb.102": ("no session", graph(102, "Session key invalid or no longer valid")),
    "fb.190.464": ("the person's account is not confirmed", {"kill_tokens": 464}),
    "fb.190.458": ("the person removed the app", {"kill_tokens": 458}),
    "fb.190.459": ("the person must log in at facebook.com first", {"kill_tokens": 459}),
    "fb.190.460": ("the person changed the password", {"kill_tokens": 460}),
    "fb.190.463": ("this token has expired", {"kill_token": 463}),
    "fb.190.467": ("this token was invalidated", {"kill_token": 467}),
    "fb.190.492": ("the person lost the role on the Page", {"remove_role": True}),
}
NO_SUCH = "Unsupported post request. Object with ID '610000000000001' does not exist."
# What is said of rights, and of the place, has been said although the post was made.
DOUBTFUL = {
    "fb.3": ("no such capability", graph(3, "(#3) Application does not have the capability")),
    "fb.283": ("permission denied", graph(283, "(#283) Requires pages_read_engagement", None, 403)),
    "fb.100.33": ("no such Page", graph(100, NO_SUCH, 33)),
    "fb.803": (
        "no such alias",
        graph(803, "(#803) Some of the aliases do not exist"),
    ),
    "fb.1.2853006": ("no right to do that", graph(1, "No permission for this task.", 2853006)),
    "fb.190.page": (
        "not the Page's own token",
        graph(190, "A Page access token is required.", 2069032),
    ),
    "fb.190.admin": (
        "no longer an administrator of the Page",
        graph(190, "The user must be an administrator of the page in order to impersonate it."),
    ),
    "fb.190.role": ("no role on the Page", graph(190, "No role on the Page any more.", 492)),
}
LIMITING = ("fb.4", "fb.17", "fb.32", "fb.341", "fb.613", "fb.80001", "fb.368")

# Of the token endpoint.
GONE = "Error validating application. Application has been deleted."
UNKNOWN_APP = "Error validating application. Cannot get application info due to a system error."
SECRET = "Error validating client secret."  # noqa: S105  a sentence
DEACTIVATED = "API access deactivated. To reactivate, go to the app dashboard"
EXPIRED = "Error validating access token: Session has expired."
CHANGED = "Error validating access token: The user changed their password."
TOKEN_REFUSALS = [
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
    ("html", "a page instead of an answer", {"status": 503, "body": OUTAGE, "headers": HTML}),
    ("200.list", "a yes that is a list", {"status": 200, "json": ["oops"]}),
    ("200.empty", "a yes without a token", {"status": 200, "json": {"token_type": "bearer"}}),
]
