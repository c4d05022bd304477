"""How Mastodon counts, and its HTML as words."""

from social.networks import NETWORKS
from social.networks.mastodon.text import as_text, weight
from social.networks.shapes import Limits

FAMILY = "👨‍👩‍👧‍👦"


def test_it_counts_as_its_servers_do():
    long = "https://example.com/" + "a" * 600
    for text, counted in {
        "": 0,
        "Grüße": 5,
        "e\u0301" * 3: 3,
        FAMILY * 120: 120,
        "a\r\nb": 3,
        long: 23,
        f"See {long}, and {long}.": 4 + 23 + 6 + 23 + 1,
        "(https://example.com)": 25,
        "example.com": 11,
        "https://localhost": 17,
        "@ada@green.example hi": 7,
        "mail ada@green.example": 22,
        "@ada": 4,
    }.items():
        assert weight(text) == counted, text
    assert weight(long, 25) == 25


def test_a_warning_counts_and_says_nothing_alone():
    length = NETWORKS["mastodon"].length
    warned = {"warning": "Bread", "visibility": "private"}
    assert length("Rye", None, warned).used == 8
    assert length("", None, warned).used == 0
    assert not length("a" * 496, None, warned).fits and length("a" * 495, None, warned).fits
    assert length("", Limits(5_000, link=25)).limit == 5_000


def test_html_is_read_as_a_person_does():
    link = (
        '<a href="https://example.com/a?b=1&amp;c=2" rel="nofollow"><span class="invisible">'
        'https://</span><span class="ellipsis">example.com/a?</span><span class="invisible">b=1'
        "&amp;c=2</span></a>"
    )
    ada = '<a href="https://green.example/@ada" class="u-url mention">@<span>ada</span></a>'
    ada = f'<span class="h-card">{ada}</span>'
    tag = '<a href="https://a.example/tags/rye" class="mention hashtag">#<span>rye</span></a>'
    names = {"https://green.example/@ada": "@ada@green.example"}
    for html, text in {
        "": "",
        "<p>One<br />two</p><p>three</p>": "One\ntwo\n\nthree",
        f"<p>See {link}.</p>": "See https://example.com/a?b=1&c=2.",
        f"<p>{ada} {tag}</p>": "@ada@green.example #rye",
        "1 &lt; 2 &amp;&amp; <b>bold</b>": "1 < 2 && bold",
        "<p>not closed <b>at": "not closed at",
        "<p>a</p><ul><li>b</li><li>c</li></ul>": "a\n\n\nb\nc",
    }.items():
        assert as_text(html, names) == text
    assert as_text(ada, {}) == "@ada"


def test_a_preview_shows_links_as_they_are_shown_there():
    text = "Read https://www.example.com/" + "a" * 40 + " @ada@green.example #rye"
    shown = [span.text for span in NETWORKS["mastodon"].preview(text).spans if span.kind]
    assert shown == ["example.com/" + "a" * 18 + "…", "@ada", "#rye"]
