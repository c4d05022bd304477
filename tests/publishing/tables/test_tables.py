"""Posts from a CSV file and into one; on both databases."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from publishing.models import Draft, Post, PostingTime, Tag
from publishing.tables import reading
from tests.publishing.factories import page_channel, publish

SOON = (timezone.now() + timedelta(days=30)).strftime("%Y-%m-%d 09:00")


@pytest.fixture
def her(alice, client_for, channel):
    return client_for(alice)


def send(browser: Any, data: str | bytes) -> Any:
    data = data.encode() if isinstance(data, str) else data
    return browser.post("/posts/tables/", {"file": SimpleUploadedFile("a.csv", data)})


def make(browser: Any, page: Any, what: str) -> str:
    """As the page of the rows would send it: browsers write line ends anew."""
    carried = page.context["table"].text.replace("\n", "\r\n")
    answer = browser.post("/posts/tables/", {"table": carried, "make": what})
    assert answer.status_code == 302
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_each_row_is_shown_with_what_the_composer_would_say_of_it(her, alice):
    page_channel(alice)
    Tag.objects.create(user=alice, name="Bread")
    rows = [
        "\ufefftext;at;channels;tags;mood",
        f"Fine.;{SOON};Bakery;bread;",
        f'"Two\nlines";{SOON};x|Facebook;;',
        "Past.;2020-01-01 09:00;;;",
        f"{'Long ' * 100};{SOON};x;;",
        "Never.;soon;;;",
        "Nowhere.;;Garden;Cake;",
        ";;;;",
        "Too many.;;;;;more",
    ]
    page = send(her, "\r\n".join(rows))
    shown = {row.number: row for row in page.context["rows"]}
    assert [number for number, row in shown.items() if row.is_ready] == [2, 3]
    assert list(shown[3].form.cleaned_data["channels"]) and shown[3].text == "Two\nlines"
    for number, words in (
        (4, "past"),
        (5, "Too long for X"),
        (6, "not a date and time"),
        (7, "no channel “Garden”"),
        (7, "no tag “Cake”"),
        (9, "more cells"),
    ):
        assert any(words in why for why in shown[number].problems), (number, shown[number].problems)
    told = page.content.decode()
    assert "2 rows are ready" in told and "left out: mood" in told and "Make 2 drafts" in told
    assert not Draft.objects.exists() and not Post.objects.exists()


def test_the_same_file_twice_makes_nothing_new_and_says_so(her, alice):
    Tag.objects.create(user=alice, name="Bread")
    data = f"text,at,tags\nOne,{SOON},bread\nTwo,{SOON},\n"
    assert "2 drafts are made" in make(her, send(her, data), "drafts")
    fields = Draft.objects.order_by("pk")[0].fields
    assert fields["text"] == ["One"] and fields["at"][0].startswith(SOON[:10]) and fields["tags"]
    again = send(her, data.replace("\n", "\r\n"))
    assert "2 were made before" in again.content.decode() and again.context["ready"] == 0
    for what in ("drafts", "posts"):
        assert "2 rows were made into posts or drafts before" in make(her, again, what)
    assert Draft.objects.count() == 2 and not Post.objects.exists()
    other = send(her, data + f"Three,{SOON},")
    assert other.context["ready"] == 3  # another file


def test_words_for_single_networks_are_their_own_or_the_only_ones(her, alice):
    data = "text,x_text,facebook_text\nAll,Short,\nAll,,Long\n"
    rows = send(her, data).context["rows"]
    assert (rows[0].text, rows[0].problems) == ("Short", [])
    assert "where you have no channel" in rows[1].problems[0]
    page_channel(alice)
    rows = send(her, data).context["rows"]
    assert rows[0].form.cleaned_data["text_x"] == "Short" and rows[0].text == "All"
    assert rows[1].form.cleaned_data["text_facebook"] == "Long" and rows[1].is_ready


def test_a_long_file_asks_no_more_than_a_short_one(her, django_assert_max_num_queries):
    rows = "".join(f"Row {number},{SOON}\n" for number in range(100))
    with django_assert_max_num_queries(20):
        assert send(her, f"text,at\n{rows}").context["ready"] == 100


def test_rows_are_scheduled_at_their_time_or_the_next_free_one(her, alice):
    data = f"text,at\nAt its time,{SOON}\nNext one,\nAnd next,\n"
    page = send(her, data)
    assert "Schedule" not in page.content.decode()  # nobody knows when
    told = make(her, page, "posts")
    assert "1 post is queued" in told and "no posting times" in told
    PostingTime.objects.create(user=alice, weekday=1, clock="09:00")
    told = make(her, send(her, data), "posts")
    assert "2 posts are queued" in told and "1 row was made" in told
    times = Post.objects.order_by("pk").values_list("due_at", flat=True)
    assert timezone.localtime(times[0]).strftime("%Y-%m-%d %H:%M") == SOON
    assert times[2] - times[1] == timedelta(days=7)
    make(her, send(her, data), "posts")
    assert Post.objects.count() == 3


def test_hostile_files_get_one_sentence(her, monkeypatch):
    for data, words in (
        (b"text\0\nHello", "no CSV file in UTF-8"),
        ("text\nHello".encode("utf-16"), "no CSV file in UTF-8"),
        ("text\nGrüße".encode("latin-1"), "no CSV file in UTF-8"),
        (b"text\n" + b"a" * 1_000_001, "1 MB"),
        (b"text\n" + b"a" * 900_000, "no whole CSV"),
        (b"text\n" + b"a" * 120_000, "more letters than any post"),
        (b'text\n"never ends', "no whole CSV"),
        (",".join(["text"] * 10_000).encode() + b"\na", "50 columns"),
        (b"text,TEXT\na,b", "same name"),
        (b"words\nHello", "must name the columns"),
        (b"", "Choose a file first|empty|must name"),
        (b"text\n\n\n", "no row"),
        (b"text\n" + b"a\n" * 501, "500 rows"),
    ):
        answer = send(her, data)
        told = answer.content.decode()
        assert answer.status_code == 400, data[:30]
        assert any(part in told for part in words.split("|")), (data[:30], words)
    assert her.post("/posts/tables/").status_code == 400
    assert her.post("/posts/tables/", {"table": "nonsense\0", "make": "posts"}).status_code == 400
    assert not Draft.objects.exists()
    assert reading.read_table("text\n=1+1").lines[0].cells == {"text": "=1+1"}


def test_what_is_filtered_is_written_out_safe_for_a_spreadsheet(
    her, alice, bob, channel, client_for
):
    tag = Tag.objects.create(user=alice, name="-Bread")
    for text in ("=HYPERLINK(1)", "+1", "-1", "@alice", 'Plain, "quoted"\nlines'):
        publish(channel, text).post.tags.add(tag)
    publish(channel, "Cake.", at=timezone.now() + timedelta(days=1))
    answer = her.get(f"/posts/table.csv?tag={tag.public_id}")
    data = b"".join(answer.streaming_content).decode()
    assert (
        data.startswith("\ufefftext,at,") and "attachment" in answer.headers["Content-Disposition"]
    )
    rows = list(csv.DictReader(io.StringIO(data.removeprefix("\ufeff"), newline="")))
    assert [row["text"] for row in rows] == [
        'Plain, "quoted"\nlines', "'@alice", "'-1", "'+1", "'=HYPERLINK(1)",
    ]  # fmt: skip
    assert rows[0]["tags"] == "'-Bread" and rows[0]["channels"] == channel.label
    assert b"Cake." in b"".join(her.get("/posts/table.csv?state=queued").streaming_content)
    assert b"Cake." not in b"".join(client_for(bob).get("/posts/table.csv").streaming_content)
