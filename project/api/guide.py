"""The description as a page for people: chapters of operations, each with an example."""

import json
from dataclasses import dataclass
from typing import Any

from .models import TOKEN_SCOPES


@dataclass(frozen=True)
class Operation:
    """One address and method."""

    id: str
    method: str
    path: str
    about: str
    scope: str
    parameters: list[dict[str, Any]]
    sent: str  # an example, as JSON; empty where nothing is sent
    status: str
    answered: str


def chapters(description: dict[str, Any]) -> list[tuple[str, list[Operation]]]:
    """(tag, its operations), in the order of the description."""
    by_tag: dict[str, list[Operation]] = {}
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            shown = shown_operation(description, path, method, operation)
            by_tag.setdefault(operation["tags"][0], []).append(shown)
    return list(by_tag.items())


def shown_operation(
    description: dict[str, Any], path: str, method: str, operation: dict[str, Any]
) -> Operation:
    status = min(operation["responses"], key=int)
    [scope] = operation["security"][0]["token"]
    assert scope in TOKEN_SCOPES
    return Operation(
        operation["operationId"],
        method.upper(),
        path,
        operation["description"].removesuffix(f" Needs the scope {scope}."),
        scope,
        operation["parameters"],
        example_in(description, operation.get("requestBody", {}).get("content", {})),
        status,
        example_in(description, operation["responses"][status].get("content", {})),
    )


def example_in(description: dict[str, Any], content: dict[str, Any]) -> str:
    """The first example of what is sent, or answered, as JSON; empty for none."""
    schema = content.get("application/json", {}).get("schema", {})
    name = schema.get("$ref", "").rpartition("/")[2]
    facts = description["components"]["schemas"].get(name, schema)
    items = facts.get("properties", {}).get("items", {}).get("items", {})
    if "examples" in facts:
        return json.dumps(facts["examples"][0], indent=2)
    if "$ref" in items:  # a page of them
        inner = items["$ref"].rpartition("/")[2]
        inner_facts = description["components"]["schemas"][inner]
        rows = inner_facts.get("examples", [])[:1]
        return json.dumps({"items": rows, "next": None}, indent=2)
    return ""
