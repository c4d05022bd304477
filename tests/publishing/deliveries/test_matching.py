"""Whether two texts are the same one, however the network writes them."""

import unicodedata

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from publishing.deliveries import matching
from publishing.deliveries.matching import exact, match_key
from social.networks.x.timeline import text_as_read
from social.sandbox.facebook import store as facebook_store
from social.sandbox.x import text as shown_by_x

PLAIN = st.text(
    st.characters(codec="utf-8", exclude_characters="\0\ufffe\ufeff\uffff"), max_size=30
)
LINKS = st.builds(
    lambda scheme, host, path: f"{scheme}{host}{path}",
    st.sampled_from(["https://", "http://", ""]),
    st.sampled_from(["example.com", "Blog.Example.org", "a-b.dev", "sub.example.co"]),
    st.sampled_from(["", "/", "/a/b", "/?q=1&lt=2", "/a?x=%26amp;&y=2#z", "/a_(b)"]),
)
PIECES = st.sampled_from(
    ["&amp;", "<b>", "&", "\r\n", "  ", "#tag", "@bob", "e\u0301", "🎉", "1/2"]
)
TEXTS = st.lists(PLAIN | LINKS | PIECES, min_size=1, max_size=8).map(" ".join)


def as_x_shows(text):
    count = iter(range(1000))
    stored = shown_by_x.as_shown(text, lambda link: f"https://t.co/{next(count):010}")
    return text_as_read({"text": stored.text, "entities": stored.entities})


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_what_x_made_of_a_text_is_that_text(text):
    assert match_key(as_x_shows(text)) == match_key(text)


@given(TEXTS)
def test_what_facebook_made_of_a_text_is_that_text(text):
    assert match_key(facebook_store.stored(text)) == match_key(text)


@given(TEXTS)
def test_a_key_is_its_own_key(text):
    assert match_key(match_key(text)) == match_key(text)


WORDS = st.lists(st.from_regex(r"[a-zA-Z0-9é!?.,&-]{1,8}", fullmatch=True), min_size=2, max_size=9)


@given(WORDS, st.data())
def test_texts_that_differ_in_one_character_are_two(words, data):
    number = data.draw(st.integers(0, len(words) - 1))
    other = [*words]
    other[number] += data.draw(st.sampled_from("xyz012!?"))
    assume("." not in words[number])  # the case of a host says nothing
    assert match_key(" ".join(words)) != match_key(" ".join(other))


@given(WORDS)
def test_a_word_more_or_less_is_another_text(words):
    assert match_key(" ".join(words)) != match_key(" ".join(words[:-1]))


SAME = {
    "a slash at the end": ("See https://example.com/", "See https://example.com"),
    "a slash before the full stop": ("See https://example.com/.", "See https://example.com."),
    "a slash before the question": ("https://example.com/?a=1", "https://example.com?a=1"),
    "a scheme": ("See example.com/a", "See http://example.com/a"),
    "the case of a host": ("See https://Example.COM/Path", "See https://example.com/Path"),
    "line ends and ends": ("One\r\ntwo \n", "One\ntwo"),
    "percent-encoded": ("See example.com/Käse", "See https://example.com/K%C3%A4se"),
    "encoded in small letters": ("example.com/%c3%a4", "example.com/%C3%A4"),
    "encoded without need": ("example.com/a~b", "example.com/a%7Eb"),
    "a host of its own script": ("See münchen.de/a", "See https://xn--mnchen-3ya.de/a"),
    "the case of such a host": ("See MÜNCHEN.de", "See xn--mnchen-3ya.de"),
    "the usual port": ("See https://example.com:443/a", "See example.com/a"),
    "the usual port, in the clear": ("http://example.com:80", "http://example.com/"),
    "x.com by its old name": ("https://twitter.com/a/status/1", "https://x.com/a/status/1"),
    "signs that nobody sees": ("Hel\u200blo\u00ad \u2066wor\ufeffld\u2069", "Hello world"),
    "how an emoji is drawn": ("Snow \u26c4\ufe0f", "Snow \u26c4"),
    "composed": (unicodedata.normalize("NFD", "Café"), "Café"),
}
DIFFERENT = {
    "case": ("Hello", "hello"),
    "a path": ("https://example.com/a", "https://example.com/b"),
    "the case of a path": ("https://example.com/a", "https://example.com/A"),
    "punctuation": ("Hello.", "Hello!"),
    "a number": ("Number 17 of 20", "Number 18 of 20"),
    "an emoji": ("Hello 🎉", "Hello"),
    "another port": ("https://example.com:8443/a", "https://example.com/a"),
    "an encoded slash": ("https://example.com/a%2Fb", "https://example.com/a/b"),
    "an encoded sign of a query": ("https://example.com/?a=1%262", "https://example.com/?a=1&2"),
    "another host in another script": ("See münchen.de", "See munchen.de"),
    "what is encoded twice": ("https://example.com/%2541", "https://example.com/%41"),
    "per cent": ("100 % sure", "100 sure"),
}


@pytest.mark.parametrize(("one", "other"), SAME.values(), ids=SAME)
def test_the_same(one, other):
    assert match_key(one) == match_key(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_not_the_same(one, other):
    assert match_key(one) != match_key(other)


def test_what_x_adds_for_pictures_and_hides_of_long_posts():
    picture = {"url": "https://t.co/pic", "expanded_url": "https://x.com/a/status/1/photo/1"}
    link = {"url": "https://t.co/a", "expanded_url": "https://example.com/?a=1&lt=2"}
    shown = {
        "text": "A &lt; B https://t.co/a https://t.co/pic",
        "entities": {"urls": [link, picture]},
    }
    assert text_as_read(shown) == "A < B https://example.com/?a=1&lt=2"


def test_a_long_word_is_compared_as_quickly_as_a_long_text():
    """It took a minute: from each of its letters on a name of a host was looked for."""
    assert match_key("a" * 63_206) == "a" * 63_206
    assert match_key("See HTTPS://Bread.Example.ORG/ now") == "See bread.example.org now"


def test_x_hides_a_picture_whosever_it_is():
    link = "https://x.com/somebody/status/12345/photo/1"
    assert match_key(f"Look at {link} please") == match_key("Look at  please")
    assert match_key("https://x.com/somebody/status/12345") == "x.com/somebody/status/12345"


def test_marks_without_end_on_one_letter_are_sorted_in_pieces(monkeypatch):
    """Composing takes quadratic time for them: eight seconds for sixty thousand."""
    longest = []
    normalize = unicodedata.normalize

    def noted(form, text):
        longest.append(len(text))
        return normalize(form, text)

    monkeypatch.setattr(matching.unicodedata, "normalize", noted)
    text = "Zalgo a" + "\u0323\u0301" * 30_000
    assert match_key(text) == match_key(text + " ") and exact(text) == exact(text)
    assert max(longest) < 300
    assert match_key("e\u0301" * 500) == match_key("é" * 500)
    assert match_key("👍🏽! " * 500) == match_key("👍🏽! " * 500)
