"""*Next free time* in the composer: shown before, kept with a draft, and never lost to a race."""

import re
import uuid

import pytest
from django.core.management import call_command

from publishing.models import Delivery, Draft, Post
from publishing.planning.free_times import free_instants
from tests.publishing.factories import page_channel, posting_times, publish
from tests.publishing.pages import page_of

pytestmark = pytest.mark.django_db
COMPOSER = "/posts/new/"


@pytest.fixture
def her(alice, channel, client_for):
    return client_for(alice)


@pytest.fixture
def times(alice):
    posting_times(alice, "09:00", "15:00")


def is_checked(page, when):
    return bool(re.search(rf'name="when" value="{when}"[^>]*checked', page))


def slots_in(page):
    return re.findall(r'<option value="([^"]*)"', page.partition('name="slot"')[2])


def shown_in(page):
    return re.search(r'name="next_shown" value="([^"]*)"', page)[1]


def fields(channel, **more):
    return {"text": "Hello.", "channels": [channel.pk], "when": "next", **more}


def test_it_is_the_default_once_there_are_times_and_the_next_ten_are_shown(
    her, alice, channel, times
):
    free = [moment.isoformat() for moment in free_instants(alice, [channel])]
    page = page_of(her.get(COMPOSER))
    assert is_checked(page, "next") and slots_in(page)[:11] == ["", "first", *free[1:]]
    assert shown_in(page) == free[0]
    page = page_of(her.get(COMPOSER, {"slot": free[3]}))
    assert f'value="{free[3]}" selected' in page


def test_without_times_nothing_of_it_is_shown(her):
    page = page_of(her.get(COMPOSER))
    assert is_checked(page, "now") and 'value="next"' not in page and "next_shown" not in page
    answer = her.post("/posts/", {"text": "Hello.", "when": "next"})
    assert answer.status_code == 400 and not Post.objects.exists()


def test_put_first_lets_the_others_move_on_once(her, alice, channel, times):
    free = free_instants(alice, [channel], count=4)
    one, two = (publish(channel, f"{number}", at="next") for number in range(2))
    key = str(uuid.uuid4())
    sent = fields(channel, slot="first", next_shown=free[2].isoformat(), submit_key=key)
    assert 'value="first" selected' in page_of(her.post("/posts/", sent | {"text": ""}))
    page = page_of(her.post("/posts/", sent, follow=True))
    assert "It is first: it goes out" in page and "2 other posts moved on" in page
    new = Post.objects.get(text="Hello.")
    rows = [new.deliveries.get(), one, two]
    her.post("/posts/", sent)  # a second click
    assert [Delivery.objects.get(pk=row.pk).due_at for row in rows] == free[:3]
    assert new.due_at == free[0] and new.deliveries.get().at_posting_time
    two.post.refresh_from_db()
    change = {"text": "1", "when": "next", "slot": "first"}
    her.post(f"/posts/{two.post.public_id}/edit/", change | {"seen": two.post.revision})
    assert Delivery.objects.get(pk=two.pk).due_at == free[0]


def test_what_was_taken_meanwhile_gives_the_next_and_says_so(her, alice, channel, times):
    first, second, third, fourth = free_instants(alice, [channel], count=4)
    publish(channel, at="next")
    answer = her.post("/posts/", fields(channel, next_shown=first.isoformat()), follow=True)
    assert Post.objects.first().due_at == second
    assert "is not free any more: it goes out" in page_of(answer)
    publish(channel, at=third)
    answer = her.post(
        "/posts/", fields(channel, text="Other.", slot=third.isoformat()), follow=True
    )
    assert Post.objects.first().due_at == fourth
    assert "is not free any more: it goes out" in page_of(answer)
    assert Delivery.objects.filter(at_posting_time=True).count() == 3


def test_a_second_click_makes_one_post_and_another_time_is_asked_about(her, channel, times):
    key = str(uuid.uuid4())
    for _ in range(2):
        assert her.post("/posts/", fields(channel, submit_key=key)).status_code == 302
    assert Post.objects.count() == 1
    assert her.post("/posts/", fields(channel, submit_key=key, when="now")).status_code == 409


def test_a_draft_keeps_the_choice(her, alice, channel, times):
    third = free_instants(alice, [channel], count=3)[-1].isoformat()
    address = f"/drafts/{uuid.uuid4()}/"
    her.post(address, fields(channel, slot=third))
    assert Draft.objects.get().fields["slot"] == [third]
    page = page_of(her.get(address))
    assert is_checked(page, "next") and f'value="{third}" selected' in page


def test_other_channels_have_other_free_times(her, alice, channel, times):
    page = page_of(her.get(COMPOSER))
    first, second = free_instants(alice, [channel], count=2)
    publish(bakery := page_channel(alice), at=first)
    carried = {
        "next_shown": first.isoformat(),
        "channels_key": re.search(r'name="channels_key" value="(\w+)"', page)[1],
    }
    answer = page_of(her.post("/posts/lengths/", fields(channel, **carried)))
    assert 'id="free-times"' not in answer  # nobody's choice is swapped away from under them
    answer = page_of(her.post("/posts/lengths/", fields(bakery, **carried)))
    assert shown_in(answer) == second.isoformat()


def test_a_waiting_post_goes_to_a_free_time_and_keeps_it_while_words_change(
    her, alice, channel, times
):
    first, second = free_instants(alice, [channel], count=2)
    delivery = publish(channel, at=second)
    edit = f"{delivery.post.get_absolute_url()}edit/"
    assert her.post(edit, fields(channel)).status_code == 302
    delivery.refresh_from_db()
    assert (delivery.due_at, delivery.at_posting_time) == (first, True)
    page = her.get(edit)
    form = page.context["form"]
    sent = {"when": "later", "at": f"{first:%Y-%m-%dT%H:%M}", "moment": form["moment"].value()}
    assert her.post(edit, fields(channel, text="Other.", **sent)).status_code == 302
    delivery.refresh_from_db()
    assert (delivery.due_at, delivery.at_posting_time) == (first, True)


def test_from_a_shell(alice, channel, times):
    call_command("publish", "alice", "Hello.", at="next")
    assert Post.objects.get().due_at == free_instants(alice, [], count=1)[0]
