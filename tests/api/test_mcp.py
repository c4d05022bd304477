"""Assistants: each tool is a request of the API, by both revisions of their protocol."""

import json
from typing import Any

import pytest
from django.test import Client

from publishing.models import Post
from tests.api.calling import Program
from tests.publishing.factories import x_channel

pytestmark = pytest.mark.django_db
VERSION = "2026-07-28"
META = {"_meta": {"io.modelcontextprotocol/protocolVersion": VERSION}}


def send(program: Program, method: str, params: Any = None, id: Any = 1, **headers: str) -> Any:
    said = {"jsonrpc": "2.0", "method": method, "params": params or {}}
    said |= {} if id is None else {"id": id}
    more = {name.replace("_", "-"): value for name, value in headers.items()}
    return program.client.post("/mcp", json.dumps(said), "application/json", headers=more)


def modern(program: Program, method: str, **params: Any) -> Any:
    headers = {"mcp_protocol_version": VERSION, "mcp_method": method}
    headers |= {"mcp_name": params["name"]} if "name" in params else {}
    return send(program, method, params | META, **headers)


def call(program: Program, name: str, **arguments: Any) -> Any:
    return modern(program, "tools/call", name=name, arguments=arguments).json()["result"]


def test_an_assistant_drafts_and_publishes_once(alice):
    x, program = x_channel(alice), Program(alice)
    assert call(program, "list_channels")["structuredContent"]["items"][0]["id"] == str(x.pk)
    key = {"idempotency_key": "one"}
    draft = call(program, "create_draft", text="Hello", channels=[str(x.pk)], **key)
    facts = draft["structuredContent"]
    seen = {"draft_id": facts["id"], "revision": facts["revision"]}
    changed = call(program, "update_draft", text="Hello!", **seen)
    assert changed["structuredContent"]["revision"] == 2 and not changed["isError"]
    stale = call(program, "publish_draft", idempotency_key="p", **seen)
    assert stale["isError"] and stale["structuredContent"]["code"] == "revision"
    seen["revision"] = 2
    assert call(program, "publish_draft", **seen)["isError"]  # without a key
    published = [call(program, "publish_draft", idempotency_key="p", **seen) for _ in range(2)]
    assert published[0] == published[1] and not published[0]["isError"]
    assert Post.objects.get().text == "Hello!"
    shown = call(program, "get_post", post_id=published[0]["structuredContent"]["post"])
    job = shown["structuredContent"]["jobs"][0]["job_id"]
    given = {"job_id": job, "attempt": 0, "idempotency_key": "c"}
    done = call(program, "resolve_delivery", answer="cancel", **given)
    assert done["structuredContent"]["state"] == "canceled"
    wrong = call(program, "resolve_delivery", answer="cancel?", **given)
    assert wrong["isError"] and wrong["structuredContent"]["status"] == 404


def test_an_assistant_sees_and_does_what_its_token_may(alice, bob):
    reader = Program(alice, "read")
    tools = modern(reader, "tools/list").json()["result"]["tools"]
    assert [tool["name"] for tool in tools] == [
        "list_channels", "list_posts", "get_post", "list_drafts", "next_free_times"
    ]  # fmt: skip
    assert call(reader, "create_draft", text="Hello")["structuredContent"]["code"] == "scope"
    post = Post.objects.publish(alice, "Mine", [x_channel(alice)])
    shown = call(Program(bob), "get_post", post_id=str(post.public_id))
    assert shown["isError"] and "Mine" not in str(shown)
    assert Client().post("/mcp", "{}", "application/json").status_code == 401
    assert send(reader, "ping", origin="https://elsewhere.example").status_code == 403


def test_both_revisions_are_spoken_and_no_other(alice):
    program = Program(alice)
    discovered = modern(program, "server/discover").json()["result"]
    assert discovered["supportedVersions"] == [VERSION] and discovered["resultType"] == "complete"
    begun = send(program, "initialize", {"protocolVersion": "2025-06-18"}).json()["result"]
    assert begun["protocolVersion"] == "2025-06-18" and "resultType" not in begun
    assert send(program, "notifications/initialized", id=None).status_code == 202
    assert send(program, "ping").json()["result"] == {}
    assert len(send(program, "tools/list").json()["result"]["tools"]) == 9
    other = {"_meta": {"io.modelcontextprotocol/protocolVersion": "2031-01-01"}}
    codes = [
        send(program, "tools/list", other).json(),
        send(program, "tools/list", META).json(),  # whose headers say nothing
        modern(program, "ping").json(),
        modern(program, "tools/call", name="rm").json(),
        program.client.post("/mcp", "[1]", "application/json").json(),
        program.client.post("/mcp", "{", "application/json").json(),
    ]
    assert [answer["error"]["code"] for answer in codes] == [
        -32022, -32020, -32601, -32602, -32600, -32700
    ]  # fmt: skip
