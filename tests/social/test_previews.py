"""How a post looks is told by every network: all that was written, and nothing else."""

import pytest

from social.networks import NETWORKS
from social.networks.previews import (
    CASHTAG_MARK,
    HASHTAG_MARK,
    LINK_MARK,
    MENTION_MARK,
    PREVIEWED_CHARACTERS,
)
from social.networks.shapes import Limits

TEXTS = [
    "",
    "The oven is warm at seven.\n\nBring your own bag. #rye",
    "See https://bakery.com/rye, and www.bakery.com (or bakery.com/#rye)! #rye #2 @bob $TWTR",
    "<script>alert(1)</script> & \"quotes\" 'as' &amp; they are",
    "👩🏽‍🍳" * 200,
    "e\u0301" * 300,
    "word " * 900,
    "w" * 63_206,
    "https://bakery.com/" + "a/" * 1_000,
    "#" * 3_000,
    "مقهى على الزاوية. " * 40,
]


@pytest.fixture(params=[*NETWORKS, "pond"])
def network(request, pond):
    return NETWORKS[request.param]


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_the_words_stay_in_their_order_and_what_is_not_shown_is_counted(network, text):
    preview = network.preview(text)
    position = 0
    for span in (*preview.spans, *preview.folded):
        if span.kind != LINK_MARK:  # which a network may write in a way of its own
            position = text.index(span.text, position) + len(span.text)
    shown = len(text) - preview.unseen
    assert shown <= PREVIEWED_CHARACTERS and (preview.unseen == 0) == (
        len(text) <= PREVIEWED_CHARACTERS
    )
    assert all(span.text for span in (*preview.spans, *preview.folded))


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_what_is_too_much_is_marked_and_the_rest_fits(network, text):
    limits = Limits(length=100)
    preview = network.preview(text, limits)
    spans = (*preview.spans, *preview.folded)
    used = network.length(text, limits)
    if used.limit == 100:
        assert preview.is_over == (used.left < 0)
    fitting = "".join(span.text for span in spans if not span.is_over and span.kind != LINK_MARK)
    assert network.length(fitting, limits).left >= 0
    marks = [span.is_over for span in spans]
    assert marks == sorted(marks)  # from one place to the end


def test_no_emoji_is_cut(network):
    for span in network.preview("👩🏽‍🍳" * 200, Limits(length=99)).spans:
        assert span.text == "👩🏽‍🍳" * (len(span.text) // 4)


def kinds(name: str, text: str) -> dict[str, str]:
    return {span.text: span.kind for span in NETWORKS[name].preview(text).spans if span.kind}


def test_x_shortens_links_and_colours_who_and_what_is_named():
    text = "See https://www.bakery.com/rye/of/the/winter or bakery.com, @bob: #rye and $TWTR #1"
    assert kinds("x", text) == {
        "bakery.com/rye/of/the/win…": LINK_MARK,
        "bakery.com": LINK_MARK,
        "@bob": MENTION_MARK,
        "#rye": HASHTAG_MARK,
        "$TWTR": CASHTAG_MARK,
    }


def test_facebook_leaves_links_as_they_are_and_knows_no_names():
    text = "See https://www.bakery.com/rye/of/the/winter#bread, @bob: #rye and $TWTR"
    assert kinds("facebook", text) == {
        "https://www.bakery.com/rye/of/the/winter#bread": LINK_MARK,
        "#rye": HASHTAG_MARK,
    }


def test_a_link_that_goes_over_the_limit_is_over_as_a_whole():
    preview = NETWORKS["x"].preview("a" * 270 + " https://bakery.com/rye")
    assert [(span.kind, span.is_over) for span in preview.spans[-1:]] == [(LINK_MARK, True)]


def test_long_posts_are_folded_where_the_network_folds_them():
    long = NETWORKS["x"].preview("word " * 100, Limits(length=25_000))
    assert (str(long.fold.word), long.fold.is_known) == ("Show more", True)
    assert sum(len(span.text) for span in long.spans) == 280 and not long.is_over
    assert NETWORKS["x"].preview("word " * 100).fold is None  # it is too long there
    long = NETWORKS["facebook"].preview("word " * 200)
    assert (str(long.fold.word), long.fold.is_known) == ("See more", False)
    assert NETWORKS["facebook"].preview("word " * 90).fold is None


def test_every_mark_is_a_file_or_a_letter(network, client, db):
    page = client.get(f"/static/{network.declared.mark}") if network.declared.mark else None
    assert page is None or b"<svg" in b"".join(page.streaming_content)
