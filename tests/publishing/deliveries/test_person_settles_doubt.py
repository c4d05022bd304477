"""What a person answers about a delivery in doubt: in the page and by command, once."""

import json

import pytest
from django.core.management import call_command

from publishing.deliveries.claims import claim
from publishing.deliveries.settle import mark_sent
from publishing.management.commands.resolve import Command
from social.networks.errors import OutcomeUnknown
from social.networks.shapes import Found
from tests.publishing.factories import PUBLISHED, delivery_in_state, finish_send, publish, reloaded
from tests.publishing.test_commands import refused, run

LINK = "https://x.com/alice/status/7654321"
CANDIDATE = {"id": "555", "url": "https://x.com/alice/status/555", "text": "<b>One</b>", "at": ""}


@pytest.fixture
def asked(channel):
    """A question, with two posts that could be it."""
    delivery = delivery_in_state(channel, "unconfirmed")
    delivery.verifications.create(
        attempt=1, outcome="ask", candidates=[CANDIDATE, {**CANDIDATE, "id": "6"}]
    )
    assert delivery.ask("several_there")
    return reloaded(delivery)


@pytest.fixture
def press(alice, client_for):
    browser = client_for(alice)

    def pressed(delivery, button, **form):
        form = {"attempt": delivery.attempt} | form
        return browser.post(f"/deliveries/{delivery.job_id}/{button}/", form, follow=True)

    return pressed


def test_it_works(asked, press, alice, client_for):
    page = client_for(alice).get(asked.post.get_absolute_url()).content.decode()
    assert "shows more than one post that could be this one. Look there" in page
    assert "&lt;b&gt;One&lt;/b&gt;" in page and page.count("It is this one") == 2
    press(asked, "confirmations", link=CANDIDATE["id"])
    assert (reloaded(asked).remote_id, reloaded(asked).remote_url) == ("555", CANDIDATE["url"])


ANSWERS = {"resends": "queued", "drops": "canceled"}
ANSWERS |= {"confirmations": "unconfirmed"}  # its network is asked whose post that is


@pytest.mark.parametrize(("button", "state"), ANSWERS.items())
@pytest.mark.parametrize("verifying", [True, False])
def test_each_answer_once_whether_asked_or_looking(button, state, verifying, channel, press):
    delivery = delivery_in_state(channel, "unconfirmed")
    if not verifying:
        delivery.ask("several_there")
    press(delivery, button, link=LINK)
    assert reloaded(delivery).state == state
    again = press(delivery, button, link=LINK)
    assert reloaded(delivery).state == state
    assert "It has changed meanwhile" in again.content.decode()


@pytest.mark.parametrize("button", ANSWERS)
def test_a_second_click_does_not_answer_the_next_question(button, asked, press):
    """The first one sent it again; that try is in doubt as well by now."""
    press(asked, "resends")
    finish_send(claim(asked.job_id), in_doubt())
    assert reloaded(asked).state == "unconfirmed"
    press(asked, button, link=LINK)  # from the page as it was
    assert (reloaded(asked).state, reloaded(asked).attempt) == ("unconfirmed", 2)


def in_doubt():
    return OutcomeUnknown("no_answer")


@pytest.mark.parametrize("button", ANSWERS)
def test_a_late_yes_wins_over_every_answer_and_all_ids_are_shown(
    button, channel, press, alice, client_for
):
    delivery = publish(channel)
    taken = claim(delivery.job_id)
    attempt = finish_send(taken, in_doubt())
    press(reloaded(delivery), button, link=LINK)
    mark_sent(taken, PUBLISHED, attempt)
    assert reloaded(delivery).state == "sent"
    page = client_for(alice).get(delivery.post.get_absolute_url()).content.decode()
    assert PUBLISHED.url in page


def test_a_link_that_is_none_is_one_sentence(asked, press):
    page = press(asked, "confirmations", link="nonsense").content.decode()
    assert "That is not the link of a post on X" in page
    assert reloaded(asked).waiting_for == "person"


def test_a_link_that_another_delivery_has_is_one_sentence(asked, channel, press):
    other = publish(channel, "Another one.")
    finish_send(claim(other.job_id), PUBLISHED)
    page = press(asked, "confirmations", link=PUBLISHED.url).content.decode()
    assert "already belongs to another delivery" in page


def test_candidates_of_an_older_question_are_not_shown(asked):
    asked.send_again()
    finish_send(claim(asked.job_id), in_doubt())
    reloaded(asked).ask("absent_again")
    assert reloaded(asked).candidates == []


def test_a_look_keeps_what_it_saw(channel):
    delivery = delivery_in_state(channel, "unconfirmed")
    look = delivery.verifications.model(delivery=delivery, attempt=1, outcome="ask")
    look.set_candidates([Found("1", LINK, "A" * 999, delivery.created_at)])
    assert len(look.candidates[0]["text"]) == 300


# ── By command ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("answer", "line"),
    [
        (["--there", LINK], "x:alice  sent  http"),
        (["--there", "555"], "x:alice  sent  https://x.com/alice/status/555"),
        (["--send-again"], "x:alice  queued\n"),
        (["--drop"], "x:alice  canceled  You dropped it"),
    ],
)
def test_resolve(answer, line, asked, monkeypatch):
    def post(remote_id, place_id, handle, grant):
        return Found(remote_id, LINK, "Hello", asked.created_at, author_id=place_id)

    monkeypatch.setattr(asked.channel.network, "post", post)
    assert run("resolve", str(asked.job_id), *answer).startswith(line)


def test_resolve_as_json_is_what_status_says(asked):
    answer = json.loads(run("resolve", str(asked.job_id), "--drop", "--json"))
    assert answer == json.loads(run("status", str(asked.job_id), "--json"))


def test_resolve_says_no_in_one_line(asked):
    def says(*args):
        with pytest.raises(Exception) as caught:
            call_command("resolve", *args)
        assert getattr(caught.value, "returncode", 2) == 2
        return str(caught.value)

    job_id = str(asked.job_id)
    assert says(job_id, "--there", "nonsense").startswith("That is not the link of a post on X")
    assert says("nonsense", "--drop") == "'nonsense' is not a job id."
    assert reloaded(asked).waiting_for == "person"
    run("resolve", job_id, "--drop")
    assert says(job_id, "--drop") == "It is canceled, so there is nothing to resolve."


@pytest.mark.parametrize("answers", [[], ["--drop", "--send-again"], ["--there"]])
def test_resolve_takes_one_answer(answers, capsys):
    command = Command()
    command._called_from_command_line = True
    with pytest.raises(SystemExit) as ended:
        command.create_parser("manage.py", "resolve").parse_args(["0" * 32, *answers])
    assert ended.value.code == 2
    assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.django_db
def test_resolve_of_a_job_there_is_not():
    job_id = "00000000-0000-0000-0000-000000000000"
    assert refused("resolve", job_id, "--drop") == f"There is no job {job_id}."
