"""Feeds: what is new there begins a draft, once, and what strangers write there does nothing."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone
from django_q.models import OrmQ

from project.accounts.deleting import delete_account
from project.feeds import reading
from project.feeds.models import ENTRIES_KEPT_FOR, FEEDS_PER_USER, Feed, FeedEntry
from project.feeds.parsing import NoFeedError, parsed
from project.feeds.tasks import read_feed, start_due_feeds
from publishing.models import Draft, Post
from social.networks.errors import TemporaryError
from social.networks.web_pages import WebPage
from tests.exporting import exported
from tests.publishing.factories import x_channel

pytestmark = pytest.mark.django_db
RSS = """<rss version="2.0"><channel><title>Bakery &lt;b&gt;news&lt;/b&gt;</title>
{items}</channel></rss>"""
ITEM = "<item><guid>{n}</guid><title>Bread {n}</title><link>https://a.example/{n}</link></item>"
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><entry><id>urn:1</id>
<title type="html">&lt;i&gt;Rye&lt;/i&gt; &amp;amp; more</title><link href="/1"/></entry></feed>"""


def rss(*numbers: int) -> str:
    """The newest first, as feeds have it."""
    return RSS.format(items="".join(ITEM.format(n=n) for n in reversed(numbers)))


def page(text: str | bytes) -> WebPage:
    data = text.encode() if isinstance(text, str) else text
    return WebPage("https://a.example/feed", "application/rss+xml; charset=utf-8", data)


@pytest.fixture
def site(monkeypatch):
    """What stands at the address of a feed."""
    site = {"text": rss(1, 2)}

    def read_page(address, kind):
        if isinstance(site["text"], Exception):
            raise site["text"]
        return page(site["text"])

    monkeypatch.setattr(reading, "read_page", read_page)
    return site


@pytest.fixture
def feed(alice) -> Feed:
    return Feed.objects.create(user=alice, url="https://a.example/feed")


def texts() -> list[str]:
    return [draft.fields["text"][0] for draft in Draft.objects.order_by("pk")]


@pytest.mark.database
def test_the_first_reading_makes_nothing_and_what_is_new_begins_a_draft_once(site, feed, alice):
    x = x_channel(alice)
    read_feed(feed.pk)
    assert not Draft.objects.exists()
    site["text"] = rss(1, 2, 3, 4)
    for _ in range(2):
        read_feed(feed.pk)
    assert texts() == ["Bread 3\nhttps://a.example/3", "Bread 4\nhttps://a.example/4"]
    draft = Draft.objects.first()
    assert draft.fields["channels"] == [str(x.pk)] and not Post.objects.exists()
    FeedEntry.objects.update(seen_at=timezone.now() - ENTRIES_KEPT_FOR - timedelta(days=1))
    site["text"] = rss(2, 3, 4)
    read_feed(feed.pk)
    assert feed.entries.count() == 3 and len(texts()) == 2  # what stands there stays known
    site["text"] = rss(1, 2, 3, 4)
    FeedEntry.objects.all().delete()  # as if another read it at the same time
    read_feed(feed.pk)
    assert Draft.objects.count() == 4  # those of the first reading, which nobody has seen any more
    site["text"] = rss(*range(1, 30))
    read_feed(feed.pk)
    assert Draft.objects.count() == 4 + reading.DRAFTS_AT_A_TIME
    feed.refresh_from_db()
    assert feed.title == "Bakery news" and feed.next_read_at > timezone.now()


def test_what_cannot_be_read_is_said_and_asked_ever_less_often(site, feed):
    pauses = []
    for trouble in (TemporaryError("refused"), "<html>no feed</html>", "", TemporaryError("x")):
        site["text"] = trouble
        read_feed(feed.pk)
        feed.refresh_from_db()
        assert feed.trouble and feed.trouble_sentence and feed.read_at is None
        pauses.append(feed.next_read_at - timezone.now())
    assert pauses == sorted(pauses)
    site["text"] = rss(1)
    read_feed(feed.pk)
    feed.refresh_from_db()
    assert (feed.trouble, feed.failures) == ("", 0)


def test_what_strangers_write_stays_words(tmp_path):
    said = parsed(page(ATOM))
    assert [(entry.title, entry.link) for entry in said.entries] == [
        ("Rye & more", "https://a.example/1")
    ]
    secret = tmp_path / "secret.xml"
    secret.write_text(rss(1))
    bad = "<item><title>x</title><link>javascript:alert(1)</link></item>"
    assert [entry.link for entry in parsed(page(RSS.format(items=bad))).entries] == [""]
    entity = f'<!DOCTYPE r [<!ENTITY e SYSTEM "file://{secret}">]>' + RSS.format(
        items="<item><guid>1</guid><title>&e;</title><link>https://a.example/</link></item>"
    )
    bomb = "<!DOCTYPE r [" + '<!ENTITY a0 "lol">'
    bomb += "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)) + "]>"
    for text in (entity, bomb + RSS.format(items="<item><title>&a9;</title></item>")):
        try:
            assert "Bread" not in str(parsed(page(text))) and len(str(parsed(page(text)))) < 5_000
        except NoFeedError:
            pass
    for none in (str(secret), "https://a.example/", b"\xff\x00" * 50, "<rss"):
        with pytest.raises(NoFeedError):
            parsed(page(none))


def test_a_person_adds_and_removes_their_own(client_for, alice, bob, site, settings):
    settings.SANDBOX_MODE = False
    hers, his = client_for(alice), client_for(bob)
    html = hers.post("/settings/feeds/", {"url": "file:///etc/passwd"}).content.decode()
    assert "begins with https://" in html and "file:///etc/passwd" in html
    for _ in range(2):
        answer = hers.post("/settings/feeds/", {"url": "https://a.example/feed"})
    assert answer.status_code == 400 and "You read that feed already" in answer.content.decode()
    feed = Feed.objects.get()
    assert OrmQ.objects.filter(key="import").count() == 1
    start_due_feeds()  # it is queued already
    assert OrmQ.objects.filter(key="import").count() == 1
    Feed.objects.update(next_read_at=timezone.now() - timedelta(minutes=1))
    start_due_feeds()
    assert OrmQ.objects.filter(key="import").count() == 2
    assert "https://a.example/feed" not in his.get("/settings/feeds/").content.decode()
    assert his.post(f"/settings/feeds/{feed.public_id}/deletions/").status_code == 404
    out = StringIO()
    call_command("read_feed", feed.url, stdout=out)
    assert out.getvalue() == "alice https://a.example/feed: 0 drafts\n"
    assert exported(alice)["feeds"][0]["url"] == feed.url
    page = hers.get("/settings/feeds/").content.decode()
    assert "Bakery news" in page and "/posts/new/?&#x27;+q" in page
    hers.post(f"/settings/feeds/{feed.public_id}/deletions/")
    assert not Feed.objects.exists()
    many = [Feed(user=alice, url=f"https://a.example/{n}") for n in range(FEEDS_PER_USER)]
    Feed.objects.bulk_create(many)
    more = hers.post("/settings/feeds/", {"url": "https://a.example/more"}).content.decode()
    assert "as many feeds as fit" in more
    delete_account(alice)
    assert not Feed.objects.exists()
