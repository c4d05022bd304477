"""X's rules for addresses, emoji and weights, as its library twitter-text 3.1.0 has them. Ours and
the sandbox's count by code of their own: both get every case, and each other's surprises."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from social.networks.x.addresses import addresses
from social.networks.x.text import weighted_length
from social.networks.x.tlds import TLDS
from social.sandbox.x import links as x_links
from social.sandbox.x import text as x_text

FAMILY, BOW, ENGLAND = (
    "👨‍👩‍👧‍👦",
    "🙇🏾‍♀️",
    "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
)
ADDRESSES = {
    # With a scheme
    "See http://example.org.": ["http://example.org"],
    "HTTPS://Example.ORG/Bread?a=b#c": ["HTTPS://Example.ORG/Bread?a=b#c"],
    "http://b.example.org:8080/loaf": ["http://b.example.org:8080/loaf"],
    "http://my_bread.example.org http://my_bread.org": ["http://my_bread.example.org"],
    "http://-a.org http://a-.org http://a-b.org": ["http://a-b.org"],
    "http://例え.org/a 例えhttp://例え.みんな": ["http://例え.org/a", "http://例え.みんな"],
    "http://例え.org/例え": ["http://例え.org/"],
    "http://xn--r8jz45g.org http://xn--例え.org": ["http://xn--r8jz45g.org"],
    "http://a.xn--p1ai/b": ["http://a.xn--p1ai/b"],
    "http://127.0.0.1 http://localhost ftp://a.org": [],
    "xhttp://a.org @http://b.org #http://c.org $http://d.org": [],
    '"http://a.org" (http://b.org) “http://c.org”': [
        "http://a.org",
        "http://b.org",
        "http://c.org",
    ],
    "http://a.org/?q=“x”": ["http://a.org/?q="],
    # Without one
    "a.org, b.co.uk and c.рф": ["a.org", "b.co.uk", "c.рф"],
    "bread.notatld bread.bz2 v1.2 e.g.this": [],
    "alice@example.org alice.org@example.com @a.org #a.org $a.org": [],
    "-a.org _a.org /a.org ..a.org": [],
    "my_bread.org": [],
    "日本a.org日本b.org/c日本": ["a.org", "b.org/c"],
    "a.orgb.org a.orgéb.org": ["a.orgb.org", "a.orgéb.org"],
    "a.org:80 b.org:80/c d.org?e=f": ["a.org", "b.org:80/c", "d.org"],
    "例え.org": [],
    "ñandú.org": ["andú.org"],  # the first letter may stand before an address, so it does
    " ñandú.org": ["ñandú.org"],
    "bread.みんなです bread.भारतम् bread.भारत": ["bread.みんな", "bread.भारतम्", "bread.भारत"],
    "a.org+b a.org-b a.org@b a.org_b": ["a.org"],
    "a.museum a.onion a.zip a.music": ["a.museum", "a.onion", "a.zip"],
    "\u202aa.org\u202c": ["a.org"],
    # Where a path ends
    "http://a.org/b... http://a.org/b,!": ["http://a.org/b", "http://a.org/b"],
    "(http://a.org/b_(c)) http://a.org/(b(c)d)": ["http://a.org/b_(c)", "http://a.org/(b(c)d)"],
    "http://a.org/(b http://a.org/b.(c)": ["http://a.org/", "http://a.org/b"],
    "http://a.org/Хлеб–я/@b/ http://a.org/b–": ["http://a.org/Хлеб–я/@b/", "http://a.org/b"],
    # Those that are short already
    "http://t.co/aB1's https://t.co/aB1?amp=1.": ["http://t.co/aB1", "https://t.co/aB1?amp=1"],
    f"http://t.co/{'a' * 40} http://t.co/{'b' * 41}": [f"http://t.co/{'a' * 40}"],
    # How long one may be
    f"{'a' * 63}.org {'b' * 64}.org": [f"{'a' * 63}.org"],
    f"http://{'あ' * 54}.org http://{'い' * 63}.org": [f"http://{'あ' * 54}.org"],
    f"https://a.org/{'b' * 4074} https://a.org/{'c' * 4075}": [f"https://a.org/{'b' * 4074}"],
}
WEIGHTS = {
    "⛄️": 2,
    "⛄": 2,
    "😀️": 4,  # no sign for a picture belongs to it
    "☺︎": 4,
    "©": 1,
    "©️": 2,
    "1⃣ #️⃣": 5,
    "🇦🇶🇦🇦": 6,  # a flag, and two letters that are none
    f"{ENGLAND}": 2,
    f"{ENGLAND}bbc.co.uk": 25,
    f"{FAMILY * 140}": 280,
    f"{BOW}.": 3,
    "👩🏿‍❤️‍💋‍👨🏻 🧑🏻‍🤝‍🧑🏻": 5,
    "❤️‍🔥 🐦‍🔥 🏳️‍⚧️ 🧑🏽‍🦽‍➡️": 11,
    "👨‍🐄": 5,  # nobody recommends it
    "👨🏻‍🤝‍👨🏻": 8,
    "❤‍🔥": 5,  # not in its full form
    "\u200d" * 3: 3,
    "\ufeffa": 3,
    "\r": 1,
    f"http://{'あ' * 54}.org/a {'あ' * 70}": 164,
}


def ours(text: str) -> list[str]:
    return [text[start:end] for start, end in addresses(text)]


def the_sandboxs(text: str) -> list[str]:
    return [text[start:end] for start, end in x_links.links_in(text)]


def weighed_by_the_sandbox(text: str) -> int:
    return x_text.weigh(unicodedata.normalize("NFC", text))


@pytest.mark.parametrize("find", [ours, the_sandboxs])
@pytest.mark.parametrize("text", ADDRESSES)
def test_these_are_the_addresses(find, text):
    assert find(text) == ADDRESSES[text]


@pytest.mark.parametrize("weigh", [weighted_length, weighed_by_the_sandbox])
@pytest.mark.parametrize("text", WEIGHTS)
def test_it_weighs(weigh, text):
    assert weigh(text) == WEIGHTS[text]


def test_both_know_the_same_top_level_domains():
    assert TLDS == x_links.TLDS and len(TLDS) == 1574


PIECES = """
    a b9 é ñ n\u0303 ß ſ İ я ι 日 あああああああああああああああああ 😀 🏴 👨 👩🏽 🧑 ❤️ 🔥 🤝 🇩 🇪 ⛄
    ☺ © # 1 2 \u200d \ufe0f \ufe0e \u20e3 🏻 🏿 ♀️ ➡️ \U000e0067 \U000e007f . . . . .. - _ / / :
    ? = & @ ! , ; ' " ( ) (a) [ ] ~ | % + * $ < ` – “ \u202a \u061c \ufeff \u3002
    http:// https:// HTTP:// :80 com org uk co みんな भारत भारतम् рф vermögensberater xn-- xn--p1ai
    t.co t.co/a b.org/c example user_name www.
""".split()
TYPED = some.lists(some.sampled_from([*PIECES, " ", "\n", "\u3000"]), max_size=16).map("".join)


@settings(max_examples=1000, deadline=None)
@given(text=TYPED | some.text(some.characters(exclude_categories=["Cs"])))
def test_ours_and_the_sandboxs_agree(text):
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
    assert ours(text) == the_sandboxs(text)
    assert weighted_length(text) == weighed_by_the_sandbox(text)


N = 60_000
CRUEL = {
    "dots": ("." * N, N),
    "letters and dots": ("a." * (N // 2), N),
    "Japanese and dots": ("日." * (N // 2), N // 2 * 3),
    "parts that end badly": ("a_." * (N // 3), N),
    "a long host, and a break": ("a." * (N // 2) + "_.a.org", N + 7),
    "a host too long": ("a." * (N // 2) + "org", N + 3),
    "names": ("@" * N, N),
    "one long name": ("@" + "é" * N + ".org", N + 5),
    "joiners": ("\u200d" * N, N),
    "joined for nothing": ("👨\u200d" * (N // 2), N // 2 * 3),
    "accents": ("e" + "\u0301" * N, N),
    "halves of flags": ("🇩" * N, 2 * N),
    "schemes": ("http://" * (N // 7), N // 7 * 7),
    "brackets that open": ("http://a.org/" + "(" * N, 23 + N),
    "brackets in a row": ("http://a.org/" + "(a)" * (N // 3), 13 + N),
    "brackets that grow": ("http://a.org/" + "(a" * (N // 2), 23 + N),
    "no end of a query": ("http://a.org?" + "?" * N, 24 + N),
    "addresses": ("a.org " * (N // 6), N // 6 * 24),
    "addresses in Japanese": ("日a.org" * (N // 6), 2 * (N // 6) + 5 * (N // 6)),
}


@pytest.mark.parametrize("weigh", [weighted_length, weighed_by_the_sandbox])
@pytest.mark.parametrize("name", CRUEL)
def test_no_text_keeps_the_server_busy(weigh, name):
    """The published patterns take minutes or hours for most of them."""
    text, weight = CRUEL[name]
    assert weigh(text) == weight
