"""The card of a link: what a page says of itself, and when somebody's words make us read it."""

import time

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.template.loader import render_to_string
from django_q.models import OrmQ

from publishing.cards import card as cards
from publishing.cards.card import Card, LinkCard, card_for, is_awaited
from publishing.cards.parsing import MOST_CARD_LETTERS, told_by
from social.networks import NETWORKS
from social.networks.errors import TemporaryError
from social.networks.homes import sandbox_schemes
from social.networks.http import home_address
from social.networks.web_pages import PAGE_LIMIT, WebPage
from tests.publishing.factories import page_channel, x_channel

A, B = "https://a.example/1", "https://b.example/2"


def told(html: str | bytes, content_type: str = "text/html; charset=utf-8") -> dict[str, str]:
    data = html.encode() if isinstance(html, str) else html
    return told_by(WebPage(A, content_type, data[:PAGE_LIMIT]))


# ── What a page says ──────────────────────────────────────────────────────────────────────────
def test_what_is_read_of_a_page():
    html = """<!doctype html><html><head><title>Old</title>
    <meta property="og:title" content="Rye &amp; spelt"><META NAME="Description" content="Plain">
    <meta property='og:description' content=" Of today,
      warm "><meta property=og:site_name content=Bakery></head><body>"""
    assert told(html) == {"title": "Rye & spelt", "description": "Of today, warm", "site": "Bakery"}
    picture = "<title>T</title><meta property=og:image content='/a%20b.png'>"
    assert told(picture) == {"title": "T", "picture": "https://a.example/a%20b.png"}
    assert told("<meta property=og:image content='https://[x'>") == {}


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title> A\n title </title>", "A title"),
        ("<title></title><meta name='OG:Title' content=T>", "T"),
        ("<meta property=og:title content='  '><title>T</title>", "T"),
        ("<meta property=og:title content=A><meta property=og:title content=B>", "A"),
        ("<body><title>T</title>", None),
        ("<head></head><title>T</title>", None),
        ("<script>var a = '<title>S</title>'</script><title>T</title>", "T"),
        ("<!-- <title>S</title> --><title>T</title>", "T"),
        ("<title>T\x00\x1b[31m\u202egnp.exe</title>", "T [31m gnp.exe"),
        ("<title>&lt;script&gt;</title>", "<script>"),
        ("", None),
        ("<title", None),
        ("<![if junk]><!x <title>T</title>", None),
    ],
)
def test_titles(html, title):
    assert told(html).get("title") == title


def test_what_is_too_long_is_cut():
    html = f"<title>{'a ' * 200_000}</title><meta name=description content='{'b' * 90_000}'>"
    words = told(html)
    assert len(words["title"]) <= MOST_CARD_LETTERS["title"] and words["title"].endswith("…")
    assert len(told(html[html.index("<meta") :])["description"]) == MOST_CARD_LETTERS["description"]


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        ("<title>Brötchen</title>".encode("latin-1"), "text/html; charset=ISO-8859-1"),
        ("<meta charset=windows-1252><title>Brötchen</title>".encode("cp1252"), "text/html"),
        ("<title>Brötchen</title>".encode("utf-16"), "text/html"),
        ("<title>Brötchen</title>".encode(), "text/html"),
        ("<title>Brötchen</title>".encode(), "text/html; charset=zip"),
        ("<title>Brötchen</title>".encode(), "text/html; charset=unicode_escape"),
        ("<title>Brötchen</title>".encode(), "text/html; charset=iso-8859-99"),
    ],
)
def test_charsets(data, content_type):
    assert told(data, content_type)["title"] == "Brötchen"


def test_a_wrong_charset_spoils_letters_only():
    assert told("<title>Brötchen</title>".encode("latin-1"))["title"] == "Br tchen"


@pytest.mark.parametrize(
    "junk",
    [
        *(
            "<meta name=a content=b>",
            "<div>",
            "<a <",
            "<!--",
            "<![CDATA[",
            "<!x",
            "</",
            "&#",
            "<a b='",
        ),
        *("<script>", "<title>", "&amp", "<svg><title>", "<meta property=og:title content='", "<?"),
    ],
)
def test_a_page_of_junk_takes_no_time(junk):
    begun = time.process_time()
    told(junk * (PAGE_LIMIT // len(junk)))
    told(junk + "a=b " * (PAGE_LIMIT // 4))
    assert time.process_time() - begun < 5


def test_among_a_thousand_tags_the_title_is_found():
    html = "<meta name=a content=b>" * 1000 + "<meta property=og:title content=T>"
    assert told(html) == {"title": "T"}


# ── When it is read ───────────────────────────────────────────────────────────────────────────
@pytest.fixture
def reads(monkeypatch, db):
    """The addresses that were read; each has a page."""
    reads = []

    def read_page(address):
        reads.append(address)
        if "away" in address:
            raise TemporaryError("unreachable")
        return WebPage(address, "text/html", f"<title>Page {len(reads)}</title>".encode())

    monkeypatch.setattr(cards, "read_page", read_page)
    monkeypatch.setattr(cards, "is_readable", lambda address: True)
    return reads


@pytest.fixture
def rested(run_jobs):
    """The words stay as they are, and the jobs run."""

    def rest(seconds: float = 3):
        for user_id in get_user_model().objects.values_list("pk", flat=True):
            row = f"card-wanted:{user_id}"
            if wanted := cache.get(row):
                cache.set(row, wanted | {"since": wanted["since"] - seconds}, 60)
        OrmQ.objects.update(lock="2020-01-01T00:00:00Z")
        return run_jobs()

    return rest


def test_a_page_is_read_once_by_a_job_and_kept(alice, bob, reads, rested):
    assert card_for(alice, A) is None and reads == []
    assert is_awaited(alice, A)
    card_for(alice, A)
    assert OrmQ.objects.count() == 1
    rested()
    assert reads == [A]
    assert card_for(alice, A) == card_for(bob, A) == Card("Page 1")
    assert OrmQ.objects.count() == 0


def test_what_is_still_typed_is_not_read(alice, reads, rested):
    for length in range(len(A) - 5, len(A) + 1):
        card_for(alice, A[:length])
    assert OrmQ.objects.count() == 1
    rested(0)
    assert reads == [] and OrmQ.objects.count() == 1
    rested()
    assert reads == [A]


def test_a_failure_is_kept_for_less_long(alice, reads, rested, monkeypatch):
    address = "https://away.example"
    card_for(alice, address)
    rested()
    assert card_for(alice, address) is None and OrmQ.objects.count() == 0
    assert reads == [address]
    assert cards.FAILURE_KEPT_SECONDS < cards.KEPT_SECONDS


def test_a_persons_typing_is_bounded(alice, bob, reads, rested, monkeypatch):
    monkeypatch.setattr(cards, "CARDS_AN_HOUR", 2)
    for number in range(4):
        card_for(alice, f"{A}{number}")
        rested()
    assert len(reads) == 2
    card_for(bob, B)
    rested()
    assert reads[2:] == [B]


def test_two_who_want_the_same_have_it_read_once(alice, bob, reads, rested):
    card_for(alice, A)
    card_for(bob, A)
    rested()
    assert reads == [A]


def test_a_lost_job_is_not_waited_for_for_ever(alice, reads, rested):
    card_for(alice, A)
    OrmQ.objects.all().delete()
    cache.clear()  # a minute later
    card_for(alice, A)
    rested()
    assert reads == [A]


def test_nobody_is_asked_outside_of_the_sandbox(alice):
    assert card_for(alice, A) is None and not is_awaited(alice, A)
    assert OrmQ.objects.count() == 0


def test_a_page_of_the_sandbox_has_a_card(alice, sandbox, rested):
    (host,) = sandbox_schemes()
    address = f"{home_address(host)}/"
    card_for(alice, address)
    rested()
    assert card_for(alice, address).title


def test_the_counters_bring_the_card(client_for, alice, reads, rested):
    page = page_channel(alice)
    her, form = client_for(alice), {"text": f"See {A}", "channels": [str(page.pk)]}
    [card] = her.post("/posts/lengths/", form).context["cards"]
    assert (card.network.name, card.address, card.card, card.is_awaited) == (
        "facebook",
        A,
        None,
        True,
    )
    assert render_to_string("publishing/_card.html", {"shown": card}).count("hx-post") == 1
    rested()
    [card] = her.post("/posts/lengths/", form).context["cards"]
    assert card.card == Card("Page 1")
    said = render_to_string("publishing/_card.html", {"shown": card})
    assert "Page 1" in said and "a.example" in said and "hx-post" not in said
    assert "Facebook reads the page itself; this is what we saw." in said
    assert (
        her.post("/posts/lengths/", form | {"extra_facebook_link": "none"}).context["cards"] == []
    )


def test_who_posts_elsewhere_has_nothing_read(client_for, alice, reads):
    page, x = page_channel(alice), x_channel(alice)
    form = {"text": f"See {A}", "channels": [str(x.pk)]}
    assert client_for(alice).post("/posts/lengths/", form).context["cards"] == []
    assert OrmQ.objects.count() == 0 and page.pk


def test_what_a_page_says_is_no_markup(alice, reads):
    card = LinkCard(NETWORKS["facebook"], A, Card("<b>", "<script>", "&"))
    said = render_to_string("publishing/_card.html", {"shown": card})
    assert "<b>" not in said and "<script>" not in said and "&lt;b&gt;" in said
