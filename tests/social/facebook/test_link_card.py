"""The card of a link: which address a post on a Page shows."""

import pytest

from social.networks import NETWORKS
from social.networks.facebook.cards import LINK_CARDS
from social.networks.link_cards import MOST_ADDRESSES

A, B = "https://a.example/1", "https://b.example/2"
TEXT = f"Two: {A}, and {B}."


# ── Which addresses ───────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("text", "found"),
    [
        (TEXT, (A, B)),
        (f"{A} {A}", (A,)),
        (f"https://www.facebook.com/alice {A}", (A,)),
        ("http://FACEBOOK.com. https://m.facebook.com:443/a https://fb.me/x https://fb.watch/", ()),
        ("https://notfacebook.com/ https://facebook.com.example/",) * 2,
        (
            "https://facebook.com@a.example/ https://[::1 https:///x",
            "https://facebook.com@a.example/",
        ),
        ("example.com", ()),
    ],
)
def test_what_it_could_show(text, found):
    assert LINK_CARDS.addresses(text) == (tuple(found.split()) if isinstance(found, str) else found)


def test_a_page_of_links_is_no_page_of_choices():
    text = " ".join(f"https://{n}.example" for n in range(100))
    assert len(LINK_CARDS.addresses(text)) == MOST_ADDRESSES


@pytest.mark.parametrize(
    ("chosen", "address"),
    [("", A), ("none", ""), (B, B), ("https://gone.example", A)],
)
def test_which_it_shows(chosen, address):
    assert LINK_CARDS.address(TEXT, chosen) == address
    network = NETWORKS["facebook"]
    assert network.card_address(TEXT, {"link": chosen}, pictures=0) == address
    assert network.card_address(TEXT, {"link": chosen}, pictures=1) == ""


def test_others_make_no_card():
    assert NETWORKS["x"].card_address(TEXT, {}, 0) == ""
