"""Beside what a person writes stands how each network will show it."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from publishing.models import Media
from tests.pictures import drawn

pytestmark = pytest.mark.django_db
HOSTILE = "<img src=x onerror=alert(1)> </article></template><script>alert(1)</script> \"'> #<b>"
USUAL = (
    "The oven is warm at seven. Bring your own bag: https://bakery.com/rye #rye\n\nSee you! " * 3
)


@pytest.fixture
def ask(alice, client_for, x, bakery):
    client = client_for(alice)

    def lengths(text: str, **more) -> str:
        form = {"text": text, "channels": [x.id, bakery.id], "when": "now", **more}
        answer = client.post(reverse("posts:lengths"), form)
        assert answer.status_code == 200
        return answer.content.decode()

    lengths.client = client
    return lengths


def previews(page: str) -> list[str]:
    """The articles, in what is swapped into the page beside the counters."""
    _, _, side = page.partition('<div id="previews" hx-swap-oob="innerHTML">')
    return re.findall(r"<article.*?</article>", side, re.S)


def test_each_network_has_its_own(ask):
    on_x, on_facebook = previews(ask("Rye at https://www.bakery.com/rye/of/the/winter #rye"))
    assert 'aria-label="On X"' in on_x and "@alice" in on_x and "now" in on_x
    assert '<span class="link">bakery.com/rye/of/the/win…</span>' in on_x
    assert '<span class="link">https://www.bakery.com/rye/of/the/winter</span>' in on_facebook
    assert "Bakery" in on_facebook and '<span class="hashtag">#rye</span>' in on_facebook


def test_own_words_stand_where_they_go(ask):
    on_x, on_facebook = previews(ask("Everywhere", text_x="Only there"))
    assert "Only there" in on_x and "Its own text" in on_x and "Everywhere" not in on_x
    assert "Everywhere" in on_facebook and "Its own text" not in on_facebook


def test_without_a_channel_or_a_word_it_says_what_to_do(ask):
    assert "Choose a channel" in ask("Words", channels=[])
    assert "What you write appears here" in previews(ask(" "))[0]


def test_hostile_words_are_words(ask):
    for page in (ask(HOSTILE), ask("", text_x=HOSTILE, text_facebook=HOSTILE)):
        assert len(previews(page)) == 2
        assert not re.search(r"<(script|b|template|img(?! (class=\"mark\"|src=\"http)))\b", page)
        assert page.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 2


def test_what_does_not_fit_is_struck_through_and_said(ask):
    on_x, on_facebook = previews(ask("a" * 300))
    assert f'<s class="">{"a" * 20}</s>' in on_x and "20 characters too many for X" in on_x
    assert "<s " not in on_facebook


def test_pictures_stand_in_a_grid_and_what_says_nothing_is_said(ask, alice):
    rows = [Media.objects.keep(alice, drawn()) for _ in range(3)]
    media = {"media": [str(row.public_id) for row in rows]}
    page = ask("Look", **media, **{f"alt_{rows[0].public_id}": "A loaf"})
    assert all(f"/pictures/{row.public_id}/" in previews(page)[0] for row in rows)
    assert "grid-3" in page and "2 pictures say nothing yet" in page


def test_nobody_sees_a_picture_of_somebody_else(ask, bob):
    theirs = Media.objects.keep(bob, drawn())
    assert str(theirs.public_id) not in ask("Look", media=[str(theirs.public_id)])


@pytest.mark.parametrize(
    "when, at, shown",
    [
        ("later", "2026-12-01T09:00", "Tue 1 Dec, 09:00"),
        ("later", "soon", "@alice</bdi></span>"),
        ("now", "", "now"),
    ],
)
def test_it_says_when_by_the_clock_that_was_set(when, at, shown, ask):
    assert shown in previews(ask("Later", when=when, at=at))[0]


def test_the_answer_is_small_however_long_the_text(ask):
    assert len(ask(USUAL)) < 15_000
    assert len(ask("w" * 63_206)) < 15_000
    assert len(ask("#a " * 21_000)) < 120_000


def test_it_takes_few_statements_and_the_page_begins_with_it(ask, alice):
    ask(USUAL)  # makes their profile, and asks for the card
    with CaptureQueriesContext(connection) as captured:
        ask(USUAL)
    # Whose page it is (3), the channels, what was said before, and what is known of the link (2).
    assert len(captured) <= 8, [query["sql"] for query in captured]
    page = ask.client.get(reverse("posts:compose")).content.decode()
    assert 'id="previews"' in page and "<article" in page
