"""The API's description of itself, as OpenAPI 3.1."""

import json
from functools import cache
from typing import Any

from django.conf import settings

from .access import Scope
from .api import api
from .models import LONGEST_KEY
from .once import KEY_HEADER, REPLAYED_HEADER
from .presenting import API_ROOT
from .problems import PROBLEM_TYPE, PROBLEM_TYPES

KEY_PARAMETER = {
    "in": "header",
    "name": KEY_HEADER,
    "required": False,
    "description": "The same request with the same key happens once, however often it is sent.",
    "schema": {"type": "string", "maxLength": LONGEST_KEY, "pattern": "^[!-~]*$"},
}
REVISION_PARAMETER = {
    "in": "header",
    "name": "If-Match",
    "description": "The ETag of the revision that was seen.",
    "schema": {"type": "string", "maxLength": 60, "pattern": "^[!-~]*$"},
}
RATE_HEADERS = {
    name: {"description": about, "schema": {"type": "string"}}
    for name, about in (
        ("RateLimit-Policy", "How many requests this token may make in so many seconds."),
        ("RateLimit", "How many are left (r), and for how many seconds (t)."),
    )
}
REPLAYED = {
    REPLAYED_HEADER: {
        "description": "true: this is the answer to the same request before.",
        "schema": {"type": "string", "enum": ["true"]},
    }
}
BY_REVISION = {("patch", "drafts"), ("patch", "posts"), ("post", "publications")}


@cache
def description() -> dict[str, Any]:
    """What `/api/openapi.json` says."""
    made = api.get_openapi_schema(path_prefix=API_ROOT.strip("/") + "/")
    schema: dict[str, Any] = json.loads(json.dumps(made))  # nothing in it is in it twice
    schema["servers"] = [{"url": settings.PUBLIC_URL or "/"}]
    schema["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "description": "fan_… from Settings."}
    }
    scopes = scopes_of_operations()
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            complete(operation, method, path, scopes[operation["operationId"]])
    return schema


def scopes_of_operations() -> dict[str, str]:
    """operation id → the scope that its token must have."""
    scopes = {}
    for router in api._get_bound_routers():
        for view in router.path_operations.values():
            for operation in view.operations:
                [scope] = operation.auth_callbacks
                assert isinstance(scope, Scope)
                name = operation.operation_id or api.get_openapi_operation_id(operation)
                scopes[name] = scope.scope
    return scopes


def complete(operation: dict[str, Any], method: str, path: str, scope: str) -> None:
    """What the library does not know: scopes, headers, and that problems are of their own type."""
    operation["operationId"] = operation["operationId"].rpartition("endpoints_")[2]
    operation["security"] = [{"token": [scope]}]
    words = operation.get("description", "").strip()
    operation["description"] = f"{' '.join(words.split())} Needs the scope {scope}."
    if method == "post":
        operation["parameters"].append(KEY_PARAMETER)
    last = next(part for part in reversed(path.split("/")) if "{" not in part)
    if (method, last) in BY_REVISION:
        is_needed = (method, last) == ("patch", "drafts")
        operation["parameters"].append(REVISION_PARAMETER | {"required": is_needed})
    for status, response in operation["responses"].items():
        complete_response(response, int(status), method)


def complete_response(response: dict[str, Any], status: int, method: str) -> None:
    if status >= 400:
        response["content"] = {PROBLEM_TYPE: response["content"]["application/json"]}
        kinds = [str(kind.title) for kind in PROBLEM_TYPES.values() if kind.status == status]
        response["description"] = "; ".join(kinds)
        return
    response["headers"] = RATE_HEADERS | (REPLAYED if method == "post" else {})
