"""What is asked with an Idempotency-Key happens once: repeated, changed, at the same time, and when
what it does fails."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from project.api.models import ApiCall, ApiToken
from publishing.models import Delivery, Draft, Post
from tests.api.calling import Program
from tests.publishing.factories import x_channel


@pytest.mark.django_db
def test_a_repeat_gets_the_first_answer_and_another_request_is_refused(alice, bob):
    x, program = x_channel(alice), Program(alice)
    body = {"text": "Hello", "channels": [x.pk]}
    first = program.post("/posts", body, idempotency_key="k")
    again = program.post("/posts", dict(reversed(body.items())), idempotency_key="k")
    assert (again.status_code, again.json()) == (202, first.json())
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert "Idempotent-Replayed" not in first.headers
    other = program.post("/posts", body | {"text": "Other"}, idempotency_key="k")
    assert (other.status_code, other.json()["code"]) == (422, "key-used")
    assert Post.objects.count() == 1 and ApiCall.objects.get().post == Post.objects.get()
    assert Program(alice).post("/posts", body, idempotency_key="k").json() != first.json()
    draft = program.post("/drafts", {"text": "Half"}, idempotency_key="d").json()
    assert program.post("/drafts", {"text": "Half"}, idempotency_key="d").json() == draft
    path = f"/drafts/{draft['id']}"
    program.patch(path, {"channels": [x.pk]}, if_match='"1"')
    published = program.post(f"{path}/publications", idempotency_key="p")
    assert published.status_code == 202, published.content
    assert program.post(f"{path}/publications", idempotency_key="p").json() == published.json()
    assert program.post("/drafts", {"text": "x"}, idempotency_key="k" * 256).status_code == 422


@pytest.mark.django_db
def test_what_was_refused_claims_no_key_and_what_failed_leaves_nothing(alice, monkeypatch):
    x, program = x_channel(alice), Program(alice)
    assert program.post("/posts", {"channels": [x.pk]}, idempotency_key="k").status_code == 422
    body = {"text": "Hello", "channels": [x.pk]}
    program.client.raise_request_exception = False
    with monkeypatch.context() as patched:
        patched.setattr("project.api.endpoints.posts.accepted", lambda post: 1 / 0)
        failed = program.post("/posts", body, idempotency_key="k")
    assert (failed.status_code, failed.json()["code"]) == (500, "unexpected")
    assert not Post.objects.exists() and not ApiCall.objects.exists()
    assert program.post("/posts", body, idempotency_key="k").status_code == 202


@pytest.mark.django_db(transaction=True)
def test_of_many_at_the_same_time_one_happens_and_all_hear_of_it(alice):
    x, program, sent = x_channel(alice), Program(alice), {}
    paths = {
        "/posts": {"text": "Hello", "channels": [x.pk]},
        "/drafts": {"text": "Half"},
    }

    def ask(path: str):
        try:
            return program.post(path, paths[path], idempotency_key=f"one {path}")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        for path in paths:
            sent[path] = list(pool.map(ask, [path] * 6))
    connection.ensure_connection()
    for answers in sent.values():
        assert {answer.status_code for answer in answers} <= {201, 202}
        assert len({answer.content for answer in answers}) == 1
        fresh = [a for a in answers if "Idempotent-Replayed" not in a.headers]
        assert len(fresh) == 1
    assert Post.objects.count() == Delivery.objects.count() == Draft.objects.count() == 1
    assert ApiCall.objects.count() == 2 and ApiToken.objects.count() == 1
