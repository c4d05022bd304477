"""The card of a link: chosen in the composer, sent beside the words, which stay as they are."""

import re

import pytest
from django.core.exceptions import ValidationError

from tests.pictures import drawn
from tests.publishing.factories import publish, reloaded, verify_until_settled, x_channel

pytestmark = pytest.mark.django_db
A, B = "https://a.example/1", "https://b.example/2"
TEXT = f"Two: {A}, and {B}."


def made_at(sandbox, page):
    return sandbox.truth("facebook", account=page.remote_id, origin="api")


def options_in(page: str) -> list[tuple[str, bool]]:
    """(value, whether it is selected) of what may be chosen."""
    [select] = re.findall(r'<select name="extra_facebook_link".*?</select>', page, re.DOTALL)
    return [(value, bool(on)) for value, on in re.findall(r'value="([^"]*)"( selected)?', select)]


@pytest.mark.parametrize(("chosen", "link"), [("", A), ("none", None), (B, B)])
def test_what_is_chosen_is_sent_and_the_words_stay(bakery, sandbox, run_jobs, chosen, link):
    delivery = publish(bakery, TEXT, extras={"facebook": {"link": chosen}})
    run_jobs()
    (made,) = made_at(sandbox, bakery)
    assert (made["link"], made["text"]) == (link, TEXT)
    assert reloaded(delivery).state == "sent"


def test_a_post_with_pictures_names_none(bakery, sandbox, run_jobs):
    publish(bakery, TEXT, extras={"facebook": {"link": B}}, media=[drawn()])
    run_jobs()
    (made,) = made_at(sandbox, bakery)
    assert made["link"] is None and len(made["media"]) == 1


@pytest.mark.parametrize("link", ["https://c.example", "https://www.facebook.com/alice", "all"])
def test_only_what_stands_in_the_words_can_be_chosen(bakery, link):
    text = f"{TEXT} https://www.facebook.com/alice"
    with pytest.raises(ValidationError, match="Link card at Facebook: choose one"):
        publish(bakery, text, extras={"facebook": {"link": link}})


@pytest.mark.parametrize("chosen", ["", "none", B])
def test_a_lost_answer_is_found_whatever_the_card_is(bakery, sandbox, run_jobs, chosen):
    sandbox.arm("fb.cut.after")
    delivery = publish(bakery, TEXT, extras={"facebook": {"link": chosen}})
    run_jobs()
    assert reloaded(delivery).state == "unconfirmed"
    verify_until_settled(delivery)
    assert reloaded(delivery).state == "sent"
    assert len(made_at(sandbox, bakery)) == 1


def test_the_composer_offers_the_addresses_of_the_words(client_for, alice, bakery):
    her = client_for(alice)
    fields = {"text": TEXT, "channels": [str(bakery.pk)], "extra_facebook_link": B}
    page = her.post("/posts/lengths/", fields).content.decode()
    assert 'id="id_extra_facebook_link" hx-swap-oob="true"' in page
    assert options_in(page) == [("", False), ("none", False), (A, False), (B, True)]


def test_own_words_have_their_own_addresses(client_for, alice, bakery):
    x_channel(alice)
    her = client_for(alice)
    fields = {"text": TEXT, "text_facebook": B, "channels": [str(bakery.pk)], "when": "later"}
    page = her.post("/posts/", fields | {"extra_facebook_link": A}).content.decode()
    assert [value for value, _ in options_in(page)] == ["", "none", B]
