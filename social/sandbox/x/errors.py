"""X's ways to say no, worded as the real API words them."""

from ..core.wire import Response, json_response

PROBLEMS = "https://api.twitter.com/2/problems/"  # as people report them
DESCRIBED = "https://api.x.com/2/problems/"  # as X's description has called them since 2.167


class XError(Exception):
    def __init__(self, status: int, body: dict, headers: dict[str, str] | None = None) -> None:
        super().__init__(body.get("detail") or body.get("error_description") or str(status))
        self.status, self.body, self.headers = status, body, headers or {}

    def response(self) -> Response:
        response = json_response(self.body, self.status)
        response.headers |= self.headers
        return response


def invalid_request(message: str, **parameters: object) -> XError:
    given = {name: [str(value)] for name, value in parameters.items()}
    body = {
        "errors": [{"parameters": given, "message": message}],
        "title": "Invalid Request",
        "detail": "One or more parameters to your request was invalid.",
        "type": f"{PROBLEMS}invalid-request",
    }
    return XError(400, body)


def check_keys(given: dict, known: set[str], where: str = "") -> None:
    for name in sorted(given.keys() - known):
        message = f"$.{where}{name}: is not defined in the schema and the schema does not allow it"
        raise invalid_request(message, **{f"{where}{name}": given[name]})


def unauthorized() -> XError:
    body = {"title": "Unauthorized", "type": "about:blank", "status": 401, "detail": "Unauthorized"}
    return XError(401, body)


def forbidden(detail: str, kind: str = "about:blank", **more: str) -> XError:
    kind = kind if kind == "about:blank" else PROBLEMS + kind
    body = {"detail": detail, "type": kind, "title": "Forbidden", "status": 403}
    return XError(403, body | more)


def unsupported_authentication(wanted: str) -> XError:
    detail = (
        "Authenticating with OAuth 2.0 Application-Only is forbidden for this endpoint.  "
        f"Supported authentication types are [{wanted}]."
    )
    body = {"title": "Unsupported Authentication", "detail": detail, "status": 403}
    return XError(403, body | {"type": f"{PROBLEMS}unsupported-authentication"})


def not_found(kind: str, id: str) -> XError:
    detail = f"Could not find {kind} with id: [{id}]."
    error = {"value": id, "detail": detail, "title": "Not Found Error", "resource_type": kind}
    error |= {"parameter": "id", "resource_id": id, "type": f"{PROBLEMS}resource-not-found"}
    return XError(404, error | {"status": 404})


def too_many(headers: dict[str, str]) -> XError:
    body = {"title": "Too Many Requests", "detail": "Too Many Requests"}
    return XError(429, body | {"type": "about:blank", "status": 429}, headers)


def no_credits(client_id: str) -> XError:
    body = {
        "account_id": 1700000000000000999,
        "title": "CreditsDepleted",
        "detail": "Your enrolled account [1700000000000000999] does not have any credits to "
        "fulfill this request.",
        "type": f"{PROBLEMS}credits",
    }
    return XError(402, body)


def oauth_error(description: str, error: str = "invalid_request", status: int = 400) -> XError:
    return XError(status, {"error": error, "error_description": description})
