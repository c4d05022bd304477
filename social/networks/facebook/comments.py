"""Comments below posts of a Page, written and read by the Page itself. Knows no SDK."""

from typing import Any

from ..reading import as_object, moment, objects_in
from ..shapes import Found

COMMENT_PERMISSION = "pages_manage_engagement"  # M Pages API, Comments: with MODERATE on the Page
FIELDS = "id,message,created_time,from"
LONGEST_COMMENT = 8_000  # characters


def read_comments(answer: Any, place_id: str) -> tuple[Found, ...]:
    """Those that the Page wrote, and those whose writer is not told."""
    rows = [read_comment(row) for row in objects_in(as_object(answer), "data") if row.get("id")]
    return tuple(comment for comment in rows if comment.author_id in ("", place_id))


def read_comment(row: dict[str, Any]) -> Found:
    text, author = row.get("message"), as_object(row.get("from")).get("id")
    return Found(
        str(row["id"]),
        "",
        text if isinstance(text, str) else "",
        moment(row.get("created_time")),
        author_id=str(author or ""),
    )
