"""The Graph's ways to say no: a code, often a subcode, and a trace id."""

import hashlib
import itertools

from ..core.wire import Response, json_response

_traces = itertools.count(1)


class GraphError(Exception):
    def __init__(
        self, code: int, message: str, subcode: int | None = None, status: int = 400, **more: object
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.subcode, self.status = code, message, subcode, status
        self.more = more

    def body(self) -> dict:
        error: dict[str, object] = {
            "message": self.message,
            "type": "OAuthException",
            "code": self.code,
        }
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        error |= {"is_transient": self.code in (1, 2, 4, 17, 32, 341, 613)}
        error |= self.more
        trace = hashlib.sha256(str(next(_traces)).encode()).hexdigest()[:22]
        return {"error": error | {"fbtrace_id": f"A{trace}"}}

    def response(self) -> Response:
        response = json_response(self.body(), self.status)
        kind = "invalid_token" if self.code in (102, 190, 2500) else "invalid_request"
        text = self.message.replace('"', "'").encode("ascii", "replace").decode()
        challenge = f'OAuth "Facebook Platform" "{kind}" "{text}"'
        response.headers["WWW-Authenticate"] = challenge
        return response


SESSION = "Error validating access token: "
DEATHS = {
    0: (None, "Error validating access token: The session is invalid."),
    458: (458, SESSION + "The user has not authorized application {app}."),
    459: (459, SESSION + "You cannot access the app till you log in to www.facebook.com and "
          "follow the instructions given."),
    460: (460, SESSION + "The session has been invalidated because the user changed their "
          "password or Facebook has changed the session for security reasons."),
    463: (463, SESSION + "Session has expired on {when}. The current time is {now}."),
    464: (464, SESSION + "Sessions for the user are not allowed because the user is not a "
          "confirmed user."),
    467: (467, SESSION + "The session is invalid because the user logged out."),
    492: (492, SESSION + "The session was invalidated because the user does not have a role on "
          "the Page any more."),
}  # fmt: skip


def dead_token(subcode: int, app: str, when: str = "", now: str = "") -> GraphError:
    code, text = DEATHS.get(subcode, (subcode, DEATHS[0][1]))
    return GraphError(190, text.format(app=app, when=when, now=now), code)


def unreadable_token() -> GraphError:
    return GraphError(190, "Invalid OAuth access token - Cannot parse access token")


def no_token() -> GraphError:
    text = "An active access token must be used to query information about the current user."
    return GraphError(2500, text)


def bad_parameter(message: str, subcode: int | None = None) -> GraphError:
    return GraphError(100, f"(#100) {message}", subcode)


def missing(id: str, method: str = "get") -> GraphError:
    text = (
        f"Unsupported {method} request. Object with ID '{id}' does not exist, cannot be loaded due "
        "to missing permissions, or does not support this operation."
    )
    return GraphError(100, text, 33)


def denied(message: str, code: int = 200) -> GraphError:
    return GraphError(code, f"(#{code}) {message}", status=403)
