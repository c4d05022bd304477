"""The pages of imported items: every item once, whose they are, and what strangers wrote."""

import re

import pytest
from django.utils import timezone

from importing.models import ImportedItem
from importing.reading import browsing
from tests.publishing.factories import x_channel

from .history import item, timeline_of
from .pages import queries, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def x(alice):
    return x_channel(alice)


@pytest.fixture
def posts(x):
    return timeline_of(x)


@pytest.fixture
def browser(alice, client_for):
    return client_for(alice)


def test_what_strangers_wrote_is_shown_and_nothing_more(browser, posts):
    hostile = '<img data-x onerror="alert(1)"> </p><script>alert(2)</script>'
    item(posts, hostile, author_name='"><b>', url="javascript:alert(3)")
    item(posts, "A good link", url="https://x.com/a/status/1")
    page = text_of(browser, "/imports/items/")
    assert "&lt;script&gt;alert(2)" in page
    assert "<script>alert" not in page and "<img data-x" not in page
    assert "javascript:" not in page
    [link] = re.findall(r'<a href="https://x.com/a/status/1"[^>]*>', page)
    assert 'rel="noopener noreferrer nofollow ugc"' in link


def test_what_has_no_words_is_called_what_the_network_calls_it(browser, posts):
    item(posts, "", entities={"story": "Bakery updated <i>its</i> photo."})
    assert "Bakery updated &lt;i&gt;its&lt;/i&gt; photo." in text_of(browser, "/imports/items/")
    assert "(no words)" not in text_of(browser, "/imports/items/")
    item(posts, "")
    assert "(no words)" in text_of(browser, "/imports/items/")


def all_of(browser, url):
    """The texts on all pages from there on."""
    found = []
    for _ in range(50):
        answer = browser.get(url)
        shown = answer.context["page"]
        found += [one.text for one in shown.items]
        if not shown.further:
            return found
        url = f"/imports/items/?{shown.further.query}"
    raise AssertionError("no end")


@pytest.fixture
def many(posts, x):
    """75 posts and likes, some of them of the same moment."""
    likes, now = timeline_of(x, "like"), timezone.now()
    for number in range(75):
        kind = likes if number % 3 == 0 else posts
        item(kind, f"Bread {number}", number // 10, now=now)
    return [f"Bread {number}" for number in range(75)]


def test_every_item_is_on_one_page(browser, many):
    assert sorted(all_of(browser, "/imports/items/")) == sorted(many)
    likes = all_of(browser, "/imports/items/?kind=like")
    assert sorted(likes) == sorted(many[::3])


def test_search_looks_through_a_bounded_part_at_a_time(browser, many, monkeypatch):
    monkeypatch.setattr(browsing, "ITEMS_SEARCHED", 20)
    found = [text for text in many if "5" in text]
    assert sorted(all_of(browser, "/imports/items/?q=5")) == sorted(found)
    first = browser.get("/imports/items/?q=74").content.decode()
    assert "Nothing like that so far" in first and "Look further back" in first
    assert all_of(browser, "/imports/items/?q=BREAD+74") == ["Bread 74"]


@pytest.mark.parametrize(
    "query",
    ["kind=x&of=y&before=z", "before=99999999999999999999", "before=-1", "q=%00", "q=%25", "q=_"],
)
def test_nonsense_in_the_address_is_no_fault(query, browser, many):
    assert browser.get(f"/imports/items/?{query}").status_code == 200


def test_nobody_elses_items(alice, bob, client_for, many, posts):
    newest = ImportedItem.objects.first()
    for query in ("", "q=Bread", f"of={posts.pk}", f"before={newest.pk}"):
        page = client_for(bob).get(f"/imports/items/?{query}").content.decode()
        assert "Bread" not in page.replace('value="Bread"', "")


@pytest.mark.parametrize("query", ["", "kind=post", "q=bread"])
def test_more_items_take_no_more_queries(query, browser, posts):
    item(posts, "Bread")
    few = queries(browser, f"/imports/items/?{query}")
    for number in range(40):
        item(posts, f"Bread {number}")
    assert queries(browser, f"/imports/items/?{query}") == few
