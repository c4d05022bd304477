"""What Graph says no with: (in words, as the action of a fault), by the names of the catalogue."""

from .facebook_errors import GraphError


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
    "fb.190.role": ("no role on the Page", graph(190, "No role on the Page any more.", 492)),
}
LIMITING = ("fb.4", "fb.17", "fb.32", "fb.341", "fb.613", "fb.80001", "fb.368")
