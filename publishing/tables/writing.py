"""The posts of a list as CSV: in pieces, and so that no spreadsheet takes words for a formula."""

import csv
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from django.utils import timezone

from publishing.models import Post
from publishing.posts.browsing import PostFilter, find_ids

POSTS_AT_A_TIME = 200
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
CSV_COLUMNS = "text at channels tags state written sent links id".split()


class Echo:
    """What `csv` writes to: it gives the line back."""

    def write(self, line: str) -> str:
        return line


def table_of(user: Any, wanted: PostFilter) -> Iterator[str]:
    """The file in pieces, with the mark by which spreadsheets know UTF-8."""
    writer = csv.writer(Echo())
    yield "\ufeff" + writer.writerow(CSV_COLUMNS)
    for post in posts_of(user, wanted):
        yield writer.writerow([safe(cell) for cell in cells_of(post)])


def posts_of(user: Any, wanted: PostFilter) -> Iterator[Post]:
    """All of them in order, however many."""
    wanted, is_last = wanted.first, False
    while not is_last:
        found, window = find_ids(user, wanted)
        ids = [pk for pk, _ in found]
        for start in range(0, len(ids), POSTS_AT_A_TIME):
            some = ids[start : start + POSTS_AT_A_TIME]
            loaded = Post.objects.of(user).with_deliveries().with_tags().in_bulk(some)
            yield from (loaded[pk] for pk in some if pk in loaded)
        is_last = window.is_last
        if not is_last:
            wanted = replace(wanted, before=window.rows[-1][1])


def cells_of(post: Post) -> list[str]:
    deliveries = list(post.deliveries.all())
    sent = [row.finished_at for row in deliveries if row.remote_id and row.finished_at]
    return [
        post.text or next((row.text for row in deliveries if row.text), ""),
        clock(post.due_at),
        "; ".join(row.channel.label for row in deliveries),
        "; ".join(tag.name for tag in post.tags.all()),
        post.status,
        clock(post.created_at),
        clock(min(sent, default=None)),
        " ".join(row.remote_url for row in deliveries if row.remote_url),
        str(post.public_id),
    ]


def clock(at: Any) -> str:
    """Where the person is, as the other way takes it."""
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if at else ""


def safe(cell: str) -> str:
    """A spreadsheet computes what begins so."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell
