"""How long a text is: by each network's own rules, the same on the page and on the server."""

import html
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from publishing.posts.contents import tidy
from social.models import Channel
from social.networks import NETWORKS

from ..dancing import BAKERY, connect

X, FACEBOOK = NETWORKS["x"], NETWORKS["facebook"]
URL = 23
CASES = {
    "nothing": ("", 0),
    "latin": ("Grüße, naïve café", 17),
    "the last one that weighs one": ("\u10ff", 1),
    "the first one that weighs two": ("\u1100", 2),
    "quotes and dashes": ("\u2018\u201c\u2013\u2014\u2032", 5),
    "an ellipsis and the euro": ("\u2026\u20ac", 4),
    "Chinese, Japanese, Korean": ("日本語한국", 10),
    "an Arabic ligature": ("\ufdfa", 2),
    "a mark that turns the text": ("a\u202eb", 4),
    "composed while counted": ("e\u0301", 1),
    "composed in Hangul": ("\u1112\u1161\u11ab", 2),
    "one emoji": ("😀", 2),
    "a skin tone": ("👍🏽", 2),
    "a flag": ("🇩🇪", 2),
    "a family": ("👨‍👩‍👧‍👦", 2),
    "a keycap": ("1️⃣", 2),
    "a rainbow flag": ("🏳️‍🌈", 2),
    "a short address": ("https://t.co", URL),
    "a long address": ("https://example.com/" + "a" * 900, URL),
    "an address without a scheme": ("example.com", URL),
    "an address with a query": ("http://example.org/?a=b&c=d#e", URL),
    "two addresses": ("https://example.com https://example.org", 2 * URL + 1),
    "an address in brackets": ("(https://example.com/a)", URL + 2),
    "an address in Japanese": ("日本https://example.com/日本", 4 + URL + 4),
    "no top-level domain": ("example.notatld", 15),
    "a mail address": ("alice@example.com", 17),
    "a tag and a name": ("#bread @alice", 13),
    "markup": ("<b>&amp;</b>", 12),
    "lines": ("a\nb\r\nc", 5),
    "280 of one": ("a" * 280, 280),
    "281 of one": ("a" * 281, 281),
    "140 of two": ("日" * 140, 280),
    "140 emoji": ("👩‍🚀" * 140, 280),
    "141 emoji": ("👩‍🚀" * 141, 282),
    "just fits with an address": ("a" * 256 + " https://example.com/" + "b" * 300, 280),
}


@pytest.mark.parametrize("name", CASES)
def test_x_weighs(name):
    text, weight = CASES[name]
    length = X.length(text)
    assert length.used == weight
    assert length.fits is (0 < weight <= 280)
    assert length.left == 280 - weight


def test_facebook_counts_characters():
    assert FACEBOOK.length("日本😀 https://example.com").used == 23
    assert FACEBOOK.length("a" * 63_206).fits and not FACEBOOK.length("a" * 63_207).fits


@pytest.mark.parametrize("network", NETWORKS)
def test_nothing_is_no_post(network):
    assert not NETWORKS[network].length("").fits


# ── The page says the same ────────────────────────────────────────────────────────────────────
@pytest.fixture
def counted(alice, client_for, sandbox):
    """What the counters on the page say about a text: {label: (used, limit)}"""
    connect(sandbox, alice, "x")
    connect(sandbox, alice, "facebook")
    client = client_for(alice)
    channels = [str(c.id) for c in Channel.objects.of(alice) if c.remote_id != BAKERY]

    def ask(text: str) -> dict[str, tuple[int, int]]:
        answer = client.post("/posts/lengths/", {"text": text, "channels": channels})
        assert answer.status_code == 200
        return counters(answer.content.decode())

    return ask


def counters(page: str) -> dict[str, tuple[int, int]]:
    found = {}
    for part in page.split('<span class="counter')[1:]:
        said = r"<span>([^:]+): <output>([\d,]*)</output> of ([\d,]+)"
        label, used, limit = re.search(said, part).groups()
        found[html.unescape(label)] = (int(used.replace(",", "")), int(limit.replace(",", "")))
    return found


def expected(text: str) -> dict[str, tuple[int, int]]:
    lengths = {n.label: n.length(tidy(text)) for n in (X, FACEBOOK)}
    return {label: (length.used, length.limit) for label, length in lengths.items()}


@pytest.mark.django_db
def test_the_page_counts_as_the_server_does(counted):
    for text, _ in CASES.values():
        assert counted(text) == expected(text)


PIECES = [
    "https://example.com/a",
    "example.com",
    "日本",
    "a.b",
    "&",
    "<b>",
    "é",
    " ",
    "\r\n",
    "🏳️‍🌈",
]
ANYTHING = some.text(some.characters(exclude_categories=["Cs"]))
TYPED = ANYTHING | some.lists(some.sampled_from(PIECES)).map("".join)


@pytest.mark.django_db
@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(text=TYPED)
def test_the_page_counts_whatever_is_typed_as_the_server_does(counted, text):
    assert counted(text) == expected(text)
