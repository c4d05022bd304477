"""Answers as the networks have given them since 2020, whole and broken, through the SDKs and into
the rows: nothing that could be shown is lost or there twice, and reading ends."""

import pytest
from django.urls import reverse

from importing.models import ImportedItem, ImportRun
from importing.tasks import calculate_statistics
from project.accounts.models import Profile

from .factories import MOST_PAGES, continue_import, run_import
from .recordings import (
    FACEBOOK,
    GONE,
    PAGES_OF_FACEBOOK,
    PAGES_OF_X,
    POST,
    SUSPENDED,
    X,
    empty,
    posts,
)

PAGES = ("imports", "items", "numbers", "suggestions")
# (status, body) that is no page → why it is read later
NO_PAGE = {
    "x": [
        (200, b"", "unreachable"),
        (200, b"<html>\x00", "unreachable"),
        (200, [], "unreachable"),
        (200, {"title": "Service Unavailable", "type": "about:blank"}, "unreachable"),
        (200, {"errors": [SUSPENDED]}, "suspended"),
        (200, {"errors": [GONE]}, "not_found"),
        (200, b"[" * 100_000, "unreachable"),
        (503, b"\x00\x01 a proxy, and not in words", "unreachable"),
        (404, b"\x00", "not_found"),
        (403, {"title": "Client Forbidden", "reason": "client-not-enrolled"}, "app_refused"),
        (429, {"title": "UsageCapExceeded", "period": "Monthly"}, "month_limit"),
        (402, {"title": "CreditsDepleted"}, "credits"),
    ],
    "facebook": [
        (200, b"", "unreachable"),
        (200, {"error": {"code": 2, "message": "Service temporarily unavailable"}}, "unreachable"),
        (200, {"error": "\x00"}, "unreachable"),
        (500, {"error": {"code": 1, "message": "\x00\ud800"}}, "unreachable"),
        (400, {"error": {"code": 100, "message": "(#100) no such field"}}, "question_refused"),
        (200, {"error": {"code": 4, "message": "Application request limit reached"}}, "rate_limit"),
        (502, b"\x00", "unreachable"),
    ],
}  # fmt: skip
# What was read once stays, though a later answer lacks it.
RICH = {"id": "9", "text": "Liked", "author_id": "7", "public_metrics": {"like_count": 3}}
BARE = {"id": "9", "text": "Liked"}
BOB = {"users": [{"id": "7", "name": "Bob", "username": "bob"}]}
CUT_SHORT = {
    "without the author": (
        "x", "like",
        ({"data": [RICH], "includes": BOB}, {"data": [RICH], "errors": [SUSPENDED]}),
    ),
    "without its counts": ("x", "post", ({"data": [RICH]}, {"data": [BARE]})),
    "without the Page": ("facebook", "post", ({"data": [POST]}, {"data": [POST | {"from": None}]})),
}  # fmt: skip
ENDLESS = {
    "one that leads to itself": lambda mark: posts(9, 8, next="a"),
    "two that lead to each other": lambda mark: posts(9, 8, next="b" if mark == "a" else "a"),
    "nothing, for ever": lambda mark: empty(next_token=f"{int(mark or 0) + 1}"),
    "the same posts, for ever": lambda mark: posts(9, 8, next=f"{int(mark or 0) + 1}"),
}


@pytest.fixture
def told(client_for, alice):
    """What a timeline holds, newest first, once everything that is made of it was made; far from
    Greenwich, where some days of these answers do not exist."""

    client = client_for(alice)

    def shown(timeline):
        for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
            Profile.objects.update_or_create(user=alice, defaults={"time_zone": zone})
            alice.refresh_from_db()
            calculate_statistics(alice.pk)
            for page in PAGES:
                assert client.get(reverse(f"importing:{page}")).status_code == 200
        rows = list(timeline.items.newest_first().values_list("remote_id", "text"))
        timeline.refresh_from_db()
        assert len(rows) == len(dict(rows)) == timeline.stored
        return dict(rows)

    return shown


def finished(timeline):
    """Read to its end, and once more, when nothing is new."""
    run = run_import(timeline)
    assert (run.state, run.reason, run.detail) == ("finished", "", "")
    again = run_import(timeline)
    assert (again.state, again.added, again.updated) == ("finished", 0, 0)


@pytest.mark.parametrize("name", X)
def test_an_answer_of_x(name, place, told):
    kind, answer, expected = X[name]
    timeline = place("x", kind, answer)
    finished(timeline)
    assert told(timeline) == expected


@pytest.mark.parametrize("name", FACEBOOK)
def test_an_answer_of_facebook(name, place, told):
    kind, answer, expected = FACEBOOK[name]
    timeline = place("facebook", kind, answer)
    finished(timeline)
    assert told(timeline) == expected


@pytest.mark.parametrize("name", PAGES_OF_X)
def test_pages_of_x(name, place, told):
    kind, tape, expected = PAGES_OF_X[name]
    timeline = place("x", kind, tape)
    finished(timeline)
    assert set(told(timeline)) == expected


@pytest.mark.parametrize("name", PAGES_OF_FACEBOOK)
def test_pages_of_facebook(name, place, told):
    kind, tape, expected = PAGES_OF_FACEBOOK[name]
    timeline = place("facebook", kind, tape)
    finished(timeline)
    assert set(told(timeline)) == expected


@pytest.mark.parametrize("network", NO_PAGE)
def test_what_is_no_page_ends_with_a_reason_and_is_read_later(network, place, recorder):
    timeline = place(network, "post", {"": b""})
    for status, body, reason in NO_PAGE[network]:
        recorder.tape = {"": (status, body)}
        run = run_import(timeline)
        assert (run.state != "finished", run.reason) == (True, reason), (body, run.detail)
        assert run.again_at and run.sentence
    assert not timeline.items.exists()


@pytest.mark.parametrize("kind", ["post", "like"])
@pytest.mark.parametrize("name", ENDLESS)
def test_reading_ends_though_the_marks_do_not(name, kind, place, recorder):
    timeline = place("x", kind, ENDLESS[name])
    run = run_import(timeline)
    assert (run.state, run.reason) == ("finished", "") and len(recorder.asked) < MOST_PAGES


@pytest.mark.parametrize("kind", ["post", "like"])
def test_a_mark_that_is_refused_at_once_leads_to_no_circle(kind, place, recorder):
    """X gives it and does not know it; to read the first page anew costs what its posts cost."""
    timeline = place("x", kind, {"": posts(9, 8, next="7140lost")})
    run_import(timeline)
    tops = [it for it in recorder.asked if not {"pagination_token", "until_id"} & it.keys()]
    assert len(tops) <= 2


@pytest.mark.parametrize("name", CUT_SHORT)
def test_a_poorer_answer_takes_nothing_away(name, place, recorder):
    network, kind, (rich, poor) = CUT_SHORT[name]
    timeline = place(network, kind, rich)
    run_import(timeline)
    names = ("text", "url", "author_name", "author_handle", "likes", "created_at")
    before = ImportedItem.objects.values(*names).get()
    recorder.tape = {"": poor}
    run_import(timeline)
    assert ImportedItem.objects.values(*names).get() == before


def test_what_was_there_before_a_crash_is_there_once(place, recorder):
    """The list has moved on meanwhile: the same post on two pages, of two readings."""
    timeline = place("x", "post", {"": posts(9, 8, next="b"), "b": (503, b"<html>")})
    run = run_import(timeline)
    assert (run.state, run.reason, run.added) == ("waiting", "unreachable", 2)
    recorder.tape = {"b": posts(8, 7), "": posts(10, 9, 8, 7)}
    run = continue_import(ImportRun.objects.start(timeline))
    assert (run.state, timeline.items.count()) == ("finished", 4)
