"""How Bluesky counts, and what becomes a link, a hashtag or a mention there."""

import pytest

from social.networks.bluesky import text

FAMILY = "👨‍👩‍👧‍👦"  # one grapheme of 25 bytes


@pytest.mark.parametrize(
    "written, used",
    [
        ("", 0),
        ("Hello", 5),
        ("é", 1),
        ("e\u0301", 1),
        (FAMILY, 3),  # its bytes weigh more
        ("🇩🇪🇫🇷", 2),
        ("👍🏽!", 2),
        ("각", 1),
        ("日本語", 3),
        ("a\r\nb", 3),
        ("https://example.com/a/long/address", 34),
    ],
)
def test_it_counts_graphemes(written, used):
    assert text.length(written).used == used


@pytest.mark.parametrize(
    "written, fits",
    [
        ("a" * 300, True),
        ("a" * 301, False),
        ("日" * 300, True),
        (FAMILY * 120, True),  # 120 graphemes, 3,000 bytes: a real server took it
        (FAMILY * 121, False),
        (FAMILY * 120 + "a", False),
    ],
)
def test_both_ends_are_where_a_server_has_them(written, fits):
    assert text.length(written).fits is fits


def shown(written: str, known: dict[str, str] | None = None) -> list[tuple[str, str]]:
    """(the words, what they lead to) of each facet."""
    data, rows = written.encode(), []
    for facet in text.facets(written, lambda handle: (known or {}).get(handle, "")):
        start, end = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        (feature,) = facet["features"]
        leads_to = feature.get("uri") or feature.get("tag") or feature["did"]
        rows.append((data[start:end].decode(), leads_to))
    return rows


@pytest.mark.parametrize(
    "written, found",
    [
        ("Read https://example.com/a.", [("https://example.com/a", "https://example.com/a")]),
        ("(https://example.com/a)", [("https://example.com/a", "https://example.com/a")]),
        (
            "https://example.com/a_(b) HTTPS://EXAMPLE.org",
            [
                ("https://example.com/a_(b)", "https://example.com/a_(b)"),
                ("HTTPS://EXAMPLE.org", "HTTPS://EXAMPLE.org"),
            ],
        ),
        ("No address: example.com, https://, xhttps://a.example", []),
        ("Été 👩‍👩‍👧 #brød!", [("#brød", "brød")]),
        ("#1 #1st #a-b, ##c x#d #", [("#1st", "1st"), ("#a-b", "a-b"), ("##c", "#c")]),
        (f"#{'a' * 64} #{'b' * 65}", [(f"#{'a' * 64}", "a" * 64)]),
        ("https://example.com/#part", [("https://example.com/#part", "https://example.com/#part")]),
    ],
)
def test_what_is_found_in_words(written, found):
    assert shown(written) == found


def test_who_is_known_is_mentioned_and_others_are_words():
    known = {"bob.test": "did:plc:bob", "x.bob.test": "did:plc:x"}
    written = "Grüße @Bob.test, (@x.bob.test) @nobody.test ada@bob.test @bob @bob.test."
    assert shown(written, known) == [
        ("@Bob.test", "did:plc:bob"),
        ("@x.bob.test", "did:plc:x"),
        ("@bob.test", "did:plc:bob"),
    ]


def test_only_some_are_asked_for():
    asked = []
    written = " ".join(f"@a{number}.test" for number in range(40))
    text.facets(written, lambda handle: asked.append(handle) or "")
    assert len(asked) == text.MOST_MENTIONS


def test_links_that_apps_show_cut_are_read_whole():
    words, uri = "Né à example.com/a… ici", "https://example.com/a/b/c"
    start = len("Né à ".encode())
    facet = {
        "index": {"byteStart": start, "byteEnd": start + len("example.com/a…".encode())},
        "features": [{"$type": "app.bsky.richtext.facet#link", "uri": uri}],
    }
    assert text.as_read(words, [facet]) == f"Né à {uri} ici"
    facet["index"]["byteEnd"] = 9_999
    assert text.as_read(words, [facet, {}, {"index": 7}]) == words
