"""What Bluesky shows of an account, as items. Posts with their counts come from an AppView, by way
of the account's own server; a server that knows none still lists what it keeps itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from ..reading import (
    LONGEST_ID,
    as_object,
    is_plain,
    moment_or_none,
    objects_in,
    text_or,
    web_address,
    whole_number,
)
from ..shapes import READ_PAGE, Found, Item, Page
from . import text
from .records import parts_of

FEED, GRAPH, ACTOR, REPO = "app.bsky.feed", "app.bsky.graph", "app.bsky.actor", "com.atproto.repo"
KINDS = ("post", "like", "friend", "home")
COUNTED = {"post": "postsCount", "friend": "followsCount"}
ITSELF = "records:"  # how marks begin of what a server lists itself
LONGEST_URI = 320  # characters
Url = Callable[[str, str], str]


@dataclass(frozen=True)
class Question:
    """What to ask for one page of a kind."""

    name: str
    who: str  # what it calls the account
    rows: str  # where its answer has them
    more: dict[str, str]


PAGE_QUESTIONS = {
    "post": Question(f"{FEED}.getAuthorFeed", "actor", "feed", {"filter": "posts_with_replies"}),
    "like": Question(f"{FEED}.getActorLikes", "actor", "feed", {}),
    "friend": Question(f"{GRAPH}.getFollows", "actor", "follows", {}),
    "home": Question(f"{FEED}.getTimeline", "", "feed", {}),
}
OF_ITSELF = Question(f"{REPO}.listRecords", "repo", "records", {"collection": f"{FEED}.post"})


def asked(question: Question, account: str, mark: str, size: int) -> dict[str, Any]:
    query: dict[str, Any] = {"limit": max(1, min(READ_PAGE, size)), **question.more}
    if question.who:
        query[question.who] = account
    return query | ({"cursor": mark} if mark else {})


def read_page(kind: str, answer: dict[str, Any], account: str, url: Url) -> Page:
    """Raises ValueError for what is no page."""
    question = PAGE_QUESTIONS[kind]
    rows = rows_of(answer, question)
    if kind == "friend":
        people = [read_person(row, url) for row in rows if is_account(row)]
        return Page(tuple(people), mark_of(answer), read=len(rows))
    views = [as_object(row.get("post")) for row in rows if not is_repost(row, kind)]
    items = [read_view(view, url) for view in views if is_post(view)]
    if kind == "post":  # an answer shows what it answers as well
        items = [item for item in items if item.author_id == account]
    return Page(tuple(items), mark_of(answer), read=len(rows))


def read_itself(answer: dict[str, Any], account: str, handle: str, url: Url) -> Page:
    rows = [row for row in rows_of(answer, OF_ITSELF) if is_post(row)]
    items = [read_record(row, account, handle, url) for row in rows]
    mark = mark_of(answer)
    return Page(tuple(items), f"{ITSELF}{mark}" if mark else "", read=len(rows))


def rows_of(answer: dict[str, Any], question: Question) -> list[dict[str, Any]]:
    if not isinstance(answer.get(question.rows), list):
        raise ValueError("not a page of a timeline")
    return objects_in(answer, question.rows)


def mark_of(answer: dict[str, Any]) -> str:
    return text_or(answer.get("cursor"), "")


def is_repost(row: dict[str, Any], kind: str) -> bool:
    """At home it is what those whom one follows have to say."""
    return kind != "home" and isinstance(row.get("reason"), dict)


def is_post(row: dict[str, Any]) -> bool:
    uri = row.get("uri")
    return isinstance(uri, str) and len(uri) <= LONGEST_URI and bool(parts_of(uri)[1])


def is_account(row: dict[str, Any]) -> bool:
    did = row.get("did")
    return isinstance(did, str) and 0 < len(did) <= LONGEST_URI and is_plain(did)


def read_view(view: dict[str, Any], url: Url) -> Item:
    """A post as an AppView shows it."""
    uri, author, value = str(view["uri"]), as_object(view.get("author")), value_of(view, "record")
    account, key = parts_of(uri)
    handle = plain_or(author.get("handle"), "")
    return Item(
        uri,
        text=shown_text(value),
        url=url(account, key),
        created_at=moment_or_none(value.get("createdAt")) or moment_or_none(view.get("indexedAt")),
        author_id=plain_or(author.get("did"), account),
        author_name=plain_or(author.get("displayName"), handle),
        author_handle=handle,
        likes=whole_number(view.get("likeCount")),
        reposts=whole_number(view.get("repostCount")),
        replies=whole_number(view.get("replyCount")),
        entities=entities_of(value),
    )


def read_record(row: dict[str, Any], account: str, handle: str, url: Url) -> Item:
    """The same as its server keeps it: nobody counts there."""
    value = value_of(row, "value")
    return Item(
        str(row["uri"]),
        text=shown_text(value),
        url=url(*parts_of(str(row["uri"]))),
        created_at=moment_or_none(value.get("createdAt")),
        author_id=account,
        author_handle=handle,
        entities=entities_of(value),
    )


def read_person(row: dict[str, Any], url: Url) -> Item:
    did, handle = str(row["did"]), plain_or(row.get("handle"), "")
    name, about = plain_or(row.get("displayName"), handle), text_or(row.get("description"), "")
    return Item(
        did,
        text=name,
        url=url(did, ""),
        author_id=did,
        author_name=name,
        author_handle=handle,
        entities={"about": about} if about else {},
    )


def read_found(row: dict[str, Any], name: str, author: str, url: Url) -> Found:
    """A post as it was asked for; `name` is where its record stands. Raises ValueError for what has
    no words to compare."""
    value = value_of(row, name)
    if not isinstance(value.get("text"), str):
        raise ValueError("a post without its text")
    uri = str(row["uri"])
    at = moment_or_none(value.get("createdAt")) or datetime.now(UTC)
    pictures = tuple(picture_ids(value))
    address = url(*parts_of(uri))
    return Found(uri, address, shown_text(value), at, media_ids=pictures, author_id=author)


def plain_or(value: Any, otherwise: str) -> str:
    """A name that fits where names are kept."""
    name = text_or(value, otherwise)
    return name if len(name) <= LONGEST_URI else otherwise


def value_of(row: dict[str, Any], name: str) -> dict[str, Any]:
    return as_object(row.get(name))


def shown_text(value: dict[str, Any]) -> str:
    return text.as_read(text_or(value.get("text"), ""), objects_in(value, "facets")).strip()


def entities_of(value: dict[str, Any]) -> dict[str, Any]:
    found = [it for facet in objects_in(value, "facets") for it in text.features(facet)]
    links = [str(it["uri"]) for it in found if web_address(it.get("uri"))]
    card = web_address(as_object(as_object(value.get("embed")).get("external")).get("uri"))
    links += [card] if card and card not in links else []
    answered = as_object(as_object(value.get("reply")).get("parent")).get("uri")
    data = text_or(value.get("text"), "").encode("utf-8", "replace")
    kinds = {
        "hashtags": [str(it["tag"]) for it in found if isinstance(it.get("tag"), str)],
        "mentions": [name for it in objects_in(value, "facets") if (name := mentioned(it, data))],
        "urls": links,
        "pictures": len(images_of(value)),
        "reply_to": answered if isinstance(answered, str) and len(answered) <= LONGEST_URI else "",
    }
    return {name: value for name, value in kinds.items() if value}


def mentioned(facet: dict[str, Any], data: bytes) -> str:
    """The handle as it stands there."""
    if not any("did" in it for it in text.features(facet)):
        return ""
    shown = data[max(0, text.start_of(facet)) : max(0, text.end_of(facet))]
    return shown.decode("utf-8", "replace").removeprefix("@")[:LONGEST_ID]


def images_of(value: dict[str, Any]) -> list[dict[str, Any]]:
    embed = as_object(value.get("embed"))
    return objects_in(as_object(embed.get("media")) or embed, "images")


def picture_ids(value: dict[str, Any]) -> list[str]:
    links = [
        as_object(as_object(it.get("image")).get("ref")).get("$link") for it in images_of(value)
    ]
    return [link for link in links if isinstance(link, str)]
