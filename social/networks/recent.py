"""Reading what an account has posted lately, page by page."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from .shapes import READ_MOST, READ_PAGE, Found, Recent


class RecentPage(NamedTuple):
    """One answer of a list, the newest first."""

    posts: Iterable[Found]
    read: int  # rows that were given, also those that are not its own
    at: datetime  # by the network's own clock
    mark: str  # by which the next page is asked for
    is_last: bool  # the list ends there, or comes to what is older than was asked for
    hides_some: bool = False  # the network says that it left some out


def read_recent(
    page_after: Callable[[str, int], RecentPage], since: datetime, pages_vary: bool = False
) -> Recent:
    """What was posted `since` then. `page_after` is given a mark, at first an empty one, and how
    many rows are still wanted; `pages_vary` where the server says how long its pages are. A list
    that leads back to where it was is not read once more."""
    posts: dict[str, Found] = {}
    mark, marks, at, read, is_all, hides_some = "", {""}, since, 0, False, False
    for _ in range(READ_MOST if pages_vary else READ_MOST // READ_PAGE):
        page = page_after(mark, READ_MOST - read)
        posts |= {post.remote_id: post for post in page.posts}
        read, at, mark, is_all = read + page.read, page.at, page.mark, page.is_last
        hides_some = hides_some or page.hides_some
        if is_all or mark in marks or read >= READ_MOST:
            break
        marks.add(mark)
    since = since.replace(microsecond=0)
    newer = [post for post in posts.values() if post.created_at >= since]
    newer.sort(key=lambda post: post.created_at, reverse=True)
    return Recent(tuple(newer), is_all and not hides_some, at, read)
