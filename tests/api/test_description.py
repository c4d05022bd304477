"""The description is whole, true, and holds for every token: other people's things are not there,
and nothing is done without its scope."""

import itertools
import re
import subprocess
import sys
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import GenerationMode, Response
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from importing.models import Suggestion
from project.api.description import description
from project.api.limits import READS, WRITES
from project.api.models import TOKEN_SCOPES
from project.webhooks.models import Webhook, WebhookEvent
from publishing.models import Delivery, Draft, Media, Notice, Post, PostingTime
from tests.addresses import things_of
from tests.api.calling import Program

EXAMPLES = 3  # of each operation, of each kind: by the scope that it needs, and by the others
ALL_THINGS = (
    Post, Delivery, Draft, Media, Notice, PostingTime, Suggestion, Webhook, WebhookEvent,
)  # fmt: skip
QUERIES = {"planning_get_calendar": "?from=2026-11-30&to=2026-12-06"}
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path, operation)
        for path, methods in description()["paths"].items()
        for method, operation in methods.items()
    ]


def test_the_description_is_valid_and_has_an_example_of_everything():
    described = description()
    OpenAPIV31SpecValidator(described).validate()
    assert described["openapi"].startswith("3.1")
    schemas = described["components"]["schemas"]
    for method, path, operation in operations():
        assert operation["description"] and operation["security"], (method, path)
        sent = operation.get("requestBody", {}).get("content", {}).get("application/json")
        assert not sent or schemas[sent["schema"]["$ref"].rpartition("/")[2]]["examples"]


@pytest.mark.django_db
def test_nobody_elses_things_are_there_and_nothing_is_done_without_its_scope(alice, bob):
    things, before = things_of(alice), everything()
    strangers = {scope: Program(bob, scope) for scope in TOKEN_SCOPES}
    owners = {scope: Program(alice, scope) for scope in TOKEN_SCOPES}
    wrong = []
    for method, path, operation in operations():
        [needed] = operation["security"][0]["token"]
        where = path.removeprefix("/api/v1")
        for part in re.findall(r"{(\w+)}", where):
            where = where.replace(f"{{{part}}}", thing_at(things, part))
        if operation["operationId"] in QUERIES:
            where += QUERIES[operation["operationId"]]
        for scope in TOKEN_SCOPES:
            got = owners[scope].ask(method, where, example_of(operation)).status_code
            if (got == 403) is (scope == needed):
                wrong.append(f"{method} {path}: {got} with {scope}")
            if scope != needed:
                assert everything() == before
            before = everything()
        if "{" in path:
            got = strangers[needed].ask(method, where, example_of(operation)).status_code
            if got != 404:
                wrong.append(f"{method} {path}: {got} for a stranger")
            assert everything() == before
    assert not wrong


def thing_at(things: dict[str, Any], name: str) -> str:
    """What stands behind a part of an address."""
    [thing] = [value for key, value in things.items() if key in (f"<uuid:{name}>", f"<int:{name}>")]
    return str(thing)


def example_of(operation: dict[str, Any]) -> Any:
    sent = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if not sent:
        return None
    name = sent["schema"]["$ref"].rpartition("/")[2]
    return description()["components"]["schemas"][name]["examples"][0]


def everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values()) for model in ALL_THINGS]


@pytest.mark.django_db(transaction=True)
def test_whatever_is_asked_is_answered_as_described(alice, monkeypatch):
    """By a token of each scope, with the things of whose token it is behind the ids."""
    things = things_of(alice)
    programs = {scope: Program(alice, scope) for scope in TOKEN_SCOPES}
    for limit in (READS, WRITES):
        monkeypatch.setattr(limit, "most", 100_000)
    for result in schemathesis.openapi.from_dict(description()).get_all_operations():
        operation = result.ok()
        [needed] = operation.definition.raw["security"][0]["token"]
        order = sorted(TOKEN_SCOPES, key=lambda scope: scope != needed)
        for mode in GenerationMode:  # what the description allows, and what it does not
            ask_some(operation, mode, things, [programs[scope] for scope in order])


def ask_some(
    operation: Any, mode: GenerationMode, things: dict[str, Any], programs: list[Program]
) -> None:
    turns = itertools.cycle(programs)

    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        for name in case.path_parameters or {}:
            case.path_parameters[name] = thing_at(things, name)
        if isinstance(case.body, dict) and "channels" in case.body:
            case.body["channels"] = [str(things["<uuid:channel_id>"])]
        case.validate_response(answer_to(case, next(turns)), checks=CHECKS)

    ask()


def answer_to(case: Any, program: Program) -> Response:
    """Of Django itself, as if it had come over the wire."""
    asked = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    headers = {name: value for name, value in asked.headers.items() if value.isprintable()}
    kind = headers.pop("Content-Type", "application/json")
    for name in ("Authorization", "Content-Length", "Accept-Encoding"):
        headers.pop(name, None)
    body = asked.body.encode() if isinstance(asked.body, str) else asked.body or b""
    said = program.client.generic(asked.method, asked.path_url, body, kind, headers=headers)
    told = {name.lower(): [value] for name, value in said.headers.items()}
    return Response(said.status_code, told, said.content, asked, 0.0, verify=True)


def test_no_worker_loads_what_only_the_web_needs():
    code = (
        "import sys, django; django.setup();"
        "import publishing.tasks, social.tasks, importing.tasks, project.accounts.tasks;"
        "import project.jobs.worker.worker, project.api.admin;"
        "print([name for name in ('ninja', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
