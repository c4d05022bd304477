"""Posts, deliveries and drafts as programs ask for them."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from publishing.models import Delivery, Draft, Media, Post
from tests.api.calling import Program
from tests.pictures import drawn
from tests.publishing.factories import delivery_in_state, page_channel, reloaded, x_channel

pytestmark = pytest.mark.django_db
LATER = (timezone.now() + timedelta(days=2)).replace(microsecond=0)


@pytest.fixture
def program(alice):
    return Program(alice)


@pytest.fixture
def x(alice):
    return x_channel(alice)


@pytest.fixture
def page(alice):
    return page_channel(alice)


def test_a_post_is_accepted_listed_changed_and_canceled(program, x, page):
    answer = program.post(
        "/posts", {"text": "Hello", "texts": {"x": "Hi"}, "channels": [x.pk, page.pk], "at": LATER}
    )
    assert answer.status_code == 202, answer.content
    body = answer.json()
    path = f"/posts/{body['post']}"
    assert answer.headers["Location"].endswith(f"/api/v1{path}") and len(body["jobs"]) == 2
    shown = program.get(path)
    assert shown.json()["texts"] == {"x": "Hi"} and shown.json()["is_editable"]
    assert {job["state"] for job in shown.json()["jobs"]} == {"queued"}
    assert [row["id"] for row in program.get("/posts?q=hello&network=x").json()["items"]]
    changed = program.patch(path, {"text": "Hello again"}, if_match=shown.headers["ETag"])
    assert changed.status_code == 200, changed.content
    assert changed.json()["text"] == "Hello again" and changed.json()["texts"] == {"x": "Hi"}
    assert changed.json()["at"] == shown.json()["at"]
    assert program.patch(path, {"text": "No"}, if_match=shown.headers["ETag"]).status_code == 412
    only = program.patch(path, {"channels": [x.pk]}).json()["jobs"]
    assert [job["state"] for job in only if job["channel_id"] == str(page.pk)] == ["canceled"]
    assert program.delete(path).json()["status"] == "canceled"
    assert program.patch(path, {"text": "No"}).json()["code"] == "too-late"


def test_what_the_composer_refuses_is_refused_in_its_words(program, x):
    def refused(**words):
        answer = program.post("/posts", {"text": "Hello", "channels": [x.pk]} | words)
        assert answer.status_code == 422 and not Post.objects.exists(), answer.content
        assert answer.headers["Content-Type"] == "application/problem+json"
        [error] = answer.json()["errors"]
        return error["pointer"], error["code"], error["detail"]

    assert refused(channels=[]) == ("/channels", "no_channel", "Choose at least one channel.")
    assert refused(text=" ") == ("/text", "empty", "Write something first.")
    assert refused(text="a" * 281)[:2] == ("/text", "too_long")
    assert refused(at="2001-01-01T00:00:00Z")[:2] == ("/at", "past")
    assert refused(texts={"nowhere": "Hi"})[:2] == ("/texts", "unknown")
    assert refused(extras={"x": {"colour": "red"}})[:2] == ("/extras/x", "unknown")
    assert refused(media=[{"id": x.pk}])[:2] == ("/media/0", "media_gone")
    assert refused(txt="Hi")[:2] == ("/txt", "extra_forbidden")
    assert refused(at="2027-01-01T00:00:00")[0] == "/at"


def test_pages_end_where_the_next_begins(program, x):
    for number in range(5):
        Post.objects.publish(x.connection.user, f"Number {number}", [x])
    texts, address = [], "/posts?limit=2"
    while address:
        answer = program.get(address)
        texts += [row["text"] for row in answer.json()["items"]]
        place = answer.json()["next"]
        assert (place is None) is ("Link" not in answer.headers)
        address = place and f"/posts?limit=2&after={place}"
    assert texts == [f"Number {number}" for number in (4, 3, 2, 1, 0)]
    assert program.get("/posts?after=nonsense").status_code == 400


def test_a_delivery_says_whether_it_may_be_live_and_takes_every_act_of_its_page(program, x):
    live = {"sent": True, "unconfirmed": True, "failed": False, "canceled": False, "queued": False}
    paths = {}
    for state, wanted in live.items():
        paths[state] = f"/deliveries/{delivery_in_state(x, state).job_id}"
        shown = program.get(paths[state]).json()
        assert (shown["state"], shown["may_be_live"]) == (state, wanted)

    def act(state, verb, attempt=1, **more):
        return program.post(f"{paths[state]}/{verb}", {"attempt": attempt} | more).json()

    assert act("queued", "cancellations", 0)["state"] == "canceled"
    assert act("sent", "cancellations")["code"] == "changed"
    assert act("failed", "retries", 7)["code"] == "changed"
    assert act("failed", "retries")["state"] == "queued"
    assert act("failed", "cancellations")["state"] == "canceled"
    assert act("unconfirmed", "confirmations", link="?")["errors"][0]["pointer"] == "/link"
    link = "https://x.com/alice/status/1234568"
    assert act("unconfirmed", "confirmations", link=link)["state"] == "unconfirmed"
    Delivery.objects.update(claimed_id="")
    assert program.post(f"{paths['unconfirmed']}/resends", {}).status_code == 422
    assert act("unconfirmed", "resends")["state"] == "queued"
    assert act("unconfirmed", "cancellations")["state"] == "canceled"
    paths["dropped"] = f"/deliveries/{delivery_in_state(x, 'unconfirmed').job_id}"
    dropped = act("dropped", "drops")
    assert (dropped["state"], dropped["may_be_live"]) == ("canceled", True)


def test_a_draft_is_saved_by_revision_and_published_once(program, x):
    answer = program.post("/drafts", {"text": "Half", "at": LATER})
    assert answer.status_code == 201, answer.content
    path = f"/drafts/{answer.json()['id']}"
    assert answer.json()["at"] and answer.headers["ETag"] == '"1"'
    assert program.patch(path, {"text": "Whole"}).json()["code"] == "revision-needed"
    changed = program.patch(path, {"channels": [x.pk], "text": "Whole"}, if_match='"1"')
    assert changed.status_code == 200 and changed.json()["at"] == answer.json()["at"]
    late = program.patch(path, {"text": "Other"}, if_match='"1"')
    assert late.status_code == 412 and late.headers["ETag"] == '"2"'
    assert len(program.get("/drafts").json()["items"]) == 1
    published = program.post(f"{path}/publications")
    assert published.status_code == 202, published.content
    assert Post.objects.get().due_at == LATER
    assert program.post(f"{path}/publications").json()["code"] == "published"
    assert program.get(path).status_code == 409 and Post.objects.count() == 1
    kept = {"text": ["A"], "tags": [str(x.pk)], "when": ["next"], "channels": [], "media": []}
    Draft(user=x.connection.user, public_id=x.pk, fields=kept).create()
    program.patch(f"/drafts/{x.pk}", {"text": "B"}, if_match='"1"')
    assert Draft.objects.get(public_id=x.pk).fields == kept | {"text": ["B"]}
    copy = program.post(f"/posts/{published.json()['post']}/copies").json()
    assert copy["text"] == "Whole" and copy["at"] is None and copy["remarks"] == []
    assert program.delete(f"/drafts/{copy['id']}").status_code == 204
    assert Draft.objects.get(public_id=copy["id"]).trashed_at


def test_a_picture_is_added_once_and_goes_out_with_a_post(program, x):
    def add(key: str):
        file = SimpleUploadedFile("red.png", drawn(), "image/png")
        data, headers = {"file": file, "alt": "Red"}, {"Idempotency-Key": key}
        return program.client.post("/api/v1/media", data, headers=headers)

    answer = add("one")
    assert answer.status_code == 201, answer.content
    assert add("one").json() == answer.json() and Media.objects.count() == 1
    picture = {"id": answer.json()["id"]}
    assert program.post("/posts", {"channels": [x.pk], "media": [picture]}).status_code == 202
    assert Post.objects.get().media.get().alt == "Red"
    wrong = {"file": SimpleUploadedFile("a.png", b"no picture")}
    assert program.client.post("/api/v1/media", wrong).json()["errors"][0]["pointer"] == "/file"
    assert program.post("/media", {}).status_code == 415


def test_a_failed_delivery_is_replaced_by_what_goes_out_instead(program, x):
    failed = delivery_in_state(x, "failed")
    words = {"text": "Better", "channels": [x.pk], "instead_of": failed.job_id}
    assert program.post("/posts", words).status_code == 202
    assert reloaded(failed).state == "canceled" and reloaded(failed).replaced_by.text == "Better"
    assert program.post("/posts", words).json()["errors"][0]["pointer"] == "/instead_of"
