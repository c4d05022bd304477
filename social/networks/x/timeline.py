"""What X's lists say, in our shapes, whatever its version says more or less. Knows no SDK.

Fields without a value are left out, ids have been numbers and texts, and errors come beside what
could be given. Its two vocabularies: vocabularies.py.
"""

import html
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from social.reasons import Reason

from ..errors import Rejected
from ..reading import as_object, has_id, moment_or_none, objects_in, web_address, whole_number
from ..shapes import Found, Item, Known, Page
from .settings import SETTINGS
from .vocabularies import either, fields, note_of, references

REPOSTS = ("retweeted", "reposted")
NOT_OWN = ("replied_to", *REPOSTS)
RECENT_FIELDS = ["created_at", "entities", "note_tweet", "referenced_tweets", "attachments"]
RECENT_FIELDS += ["author_id", "edit_history_tweet_ids"]
TWEET_FIELDS = [*RECENT_FIELDS, "public_metrics"]
USER_FIELDS = ["description", "created_at"]
PATHS = {
    "post": "/2/users/{}/tweets",
    "like": "/2/users/{}/liked_tweets",
    "friend": "/2/users/{}/following",
    "home": "/2/users/{}/timelines/reverse_chronological",
}
SIZES = {"post": (5, 100), "like": (5, 100), "friend": (1, 1000), "home": (1, 100)}
LINK = ("url", "expanded_url", "media_key")
OF_OTHERS = ("like", "home")
COUNTED = {
    "post": ("tweet_count", "post_count"),
    "like": ("like_count",),
    "friend": ("following_count",),
}
PICTURE = re.compile(SETTINGS.hidden_links, re.IGNORECASE)  # the address of one, as X writes it
EPOCH_MS = 1288834974657  # of the ids that hold their time
FIRST_SUCH_ID = 29_700_859_247


def asked(
    kind: str, after: Known | None, before: Known | None, mark: str, size: int
) -> dict[str, Any]:
    """The parameters of a call for one page."""
    low, high = SIZES[kind]
    query: dict[str, Any] = {"max_results": max(low, min(high, size))}
    if kind == "friend":
        query["user.fields"] = ",".join(USER_FIELDS)
    else:
        query |= fields(TWEET_FIELDS)
    if kind in OF_OTHERS:
        query |= {"expansions": "author_id", "user.fields": "name,username"}
    if kind == "post":
        query["exclude"] = "retweets"  # which would be paid for and left out
    if after:
        query["since_id"] = after.remote_id
    if before:
        query["until_id"] = before.remote_id
    return query | ({"pagination_token": mark} if mark else {})


def page_of(answer: dict[str, Any]) -> tuple[list[dict[str, Any]], str | None]:
    """The posts and the mark of the next page. Only X itself says that there is none: whatever else
    comes with a 200 is no page of posts."""
    page, meta = answer.get("data") or [], answer["meta"]
    if not page and (meta["result_count"] != 0 or answer.get("errors")):
        raise ValueError("not a page of posts")
    return page, meta.get("next_token")


def read_page(kind: str, answer: Any, url: Callable[[str, str], str], handle: str) -> Page:
    """`url` makes an address of a handle and an id. Raises ValueError for what is no page."""
    body = as_object(answer)
    rows, meta = body.get("data"), as_object(body.get("meta"))
    if not isinstance(rows, list):
        rows = no_rows(body, meta)
    mark = str(meta.get("next_token") or "")
    shown = [row for row in rows if has_id(row)]
    if kind == "friend":
        items = [read_user(row, url) for row in shown]
        return Page(tuple(items), mark, read=len(rows))
    users = objects_in(as_object(body.get("includes")), "users")
    people = {str(user["id"]): user for user in users if has_id(user)}
    whose = "" if kind in OF_OTHERS else handle
    # At home they are what those whom one follows have to say.
    wanted = [row for row in shown if kind == "home" or not is_repost(row)]
    items = [read_tweet(row, people, url, whose) for row in wanted]
    return Page(tuple(items), mark, read=len(rows))


def no_rows(body: dict[str, Any], meta: dict[str, Any]) -> list[Any]:
    """An empty page has no `data`, nor has one of posts that cannot be shown: it has errors alone.
    A refusal that comes with a 200 has no `meta` either."""
    errors, is_page = objects_in(body, "errors"), isinstance(body.get("meta"), dict)
    if meta.get("result_count") == 0 or meta.get("next_token") or (errors and is_page):
        return []
    if errors:
        words = f"{errors[0].get('title')} {errors[0].get('detail')}".lower()
        reason = Reason.SUSPENDED if "suspended" in words else Reason.NOT_FOUND
        raise Rejected(reason, str(errors), 200)
    if "meta" in body and "result_count" not in meta:
        return []
    raise ValueError("not a page of a timeline")


def read_tweet(
    row: dict[str, Any], people: dict[str, Any], url: Callable[[str, str], str], handle: str
) -> Item:
    remote_id, author = str(row["id"]), people.get(str(row.get("author_id"))) or {}
    handle = str(author.get("username") or handle)
    counts = as_object(row.get("public_metrics"))
    return Item(
        remote_id,
        text=shown_text(row),
        url=url(handle or "i", remote_id),  # x.com/i/status/… leads there as well
        created_at=created(row),
        former_ids=former_ids(row),
        author_id=str(row.get("author_id") or ""),
        author_name=str(author.get("name") or ""),
        author_handle=handle,
        likes=whole_number(counts.get("like_count")),
        reposts=whole_number(either(counts, "retweet_count", "repost_count")),
        replies=whole_number(counts.get("reply_count")),
        views=whole_number(counts.get("impression_count")),
        entities=entities_of(row),
    )


def read_user(row: dict[str, Any], url: Callable[[str, str], str]) -> Item:
    handle, about = str(row.get("username") or ""), str(row.get("description") or "")
    return Item(
        str(row["id"]),
        text=str(row.get("name") or handle),
        url=url(handle, ""),
        author_id=str(row["id"]),
        author_name=str(row.get("name") or handle),
        author_handle=handle,
        entities={"about": about} if about else {},
    )


def shown_text(row: dict[str, Any]) -> str:
    """The whole of a long post, as a person reads it."""
    note = note_of(row)
    shown = note if isinstance(note.get("text"), str) else row
    if not isinstance(shown.get("text"), str):
        return ""
    links = [
        {name: link[name] for name in LINK if isinstance(link.get(name), str)}
        for link in objects_in(as_object(shown.get("entities")), "urls")
    ]
    return text_as_read(
        {"text": shown["text"], "entities": {"urls": [link for link in links if "url" in link]}}
    )


def entities_of(row: dict[str, Any]) -> dict[str, Any]:
    entities = as_object(note_of(row).get("entities")) or as_object(row.get("entities"))
    urls = [entity for entity in objects_in(entities, "urls") if not is_picture(entity)]
    # Those of a long post stand beside its beginning.
    pictures = [
        entity
        for entity in objects_in(as_object(row.get("entities")), "urls")
        if is_picture(entity)
    ]
    links = [str(entity.get("unwound_url") or entity.get("expanded_url") or "") for entity in urls]
    answered = [entity for entity in references(row) if entity.get("type") == "replied_to"]
    kinds = {
        "hashtags": [
            str(entity["tag"]) for entity in objects_in(entities, "hashtags") if entity.get("tag")
        ],
        "mentions": [
            str(entity["username"])
            for entity in objects_in(entities, "mentions")
            if entity.get("username")
        ],
        "urls": [link for link in links if web_address(link)],
        "pictures": len(pictures),
        "reply_to": str(answered[0].get("id") or "") if answered else "",
    }
    return {name: value for name, value in kinds.items() if value}


def is_picture(link: dict[str, Any]) -> bool:
    """Before 2022 its address alone said so."""
    return "media_key" in link or bool(PICTURE.fullmatch(str(link.get("expanded_url"))))


def former_ids(row: dict[str, Any]) -> tuple[str, ...]:
    """Oldest first."""
    names = either(row, "edit_history_tweet_ids", "edit_history_post_ids") or []
    names = [str(name) for name in names] if isinstance(names, list) else []
    # An older version says what it was called later, too.
    former = {name for name in names if 0 < number_of(name) < number_of(str(row["id"]))}
    return tuple(sorted(former, key=int))


def number_of(remote_id: str) -> int:
    """0 for what is none."""
    return int(remote_id) if re.fullmatch(r"\d{1,19}", remote_id, re.ASCII) else 0


def created(row: dict[str, Any]) -> datetime | None:
    """What X says, to the second; to the millisecond where the id says the same, so that posts of
    one second keep their order."""
    stated, exact = (
        moment_or_none(row.get("created_at")),
        born((*former_ids(row), str(row["id"]))[0]),
    )
    if stated is None or exact is None:
        return stated or exact
    return exact if abs(exact - stated) < timedelta(seconds=1) else stated


def born(remote_id: str) -> datetime | None:
    """An id of X holds the time at which it was given."""
    number = number_of(remote_id)
    if number < FIRST_SUCH_ID:
        return None
    return datetime.fromtimestamp(((number >> 22) + EPOCH_MS) / 1000, UTC)


def is_older(page: list[dict[str, Any]], than: datetime) -> bool:
    """Whether this page, newest first, goes further back than that."""
    at = created(page[-1]) if page and has_id(page[-1]) else None
    return at is not None and at < than


def read_one(answer: Any, url: Callable[[str], str]) -> Found | None:
    """The one post that was asked for; what somebody only passed on is nobody's own post. Raises
    Rejected where X does not show it."""
    row = as_object(answer).get("data")
    if not isinstance(row, dict) or not has_id(row):
        no_rows(as_object(answer), {})
        return None
    return None if is_repost(row) else read_found(row, url(str(row["id"])))


def is_shown(answer: Any) -> bool:
    """Whether the answer to a question for one post has it."""
    return bool(as_object(answer).get("data")) or bool(no_rows(as_object(answer), {}))


def read_found(tweet: dict[str, Any], url: str) -> Found:
    """Raises ValueError for what has no words to compare: an answer that is no whole one proves
    nothing."""
    if not isinstance(tweet.get("text"), str):
        raise ValueError("a post without its text")
    former = former_ids(tweet)
    return Found(
        str(tweet["id"]),
        url,
        shown_text(tweet),
        created(tweet) or datetime.now(UTC),
        former_ids=former,
        edited=bool(former),
        media_ids=media_ids(tweet),
        author_id=str(tweet.get("author_id") or ""),
    )


def media_ids(tweet: dict[str, Any]) -> tuple[str, ...]:
    """Its keys are the ids that uploads gave, behind a number for their kind, as in
    3_1146654567674912769 (docs.x.com, "Upload media": media_key)."""
    keys = as_object(tweet.get("attachments")).get("media_keys")
    return tuple(str(key).split("_")[-1] for key in keys) if isinstance(keys, list) else ()


def is_own(tweet: dict[str, Any]) -> bool:
    """Not an answer to somebody, nor somebody else's words."""
    return not any(of.get("type") in NOT_OWN for of in references(tweet))


def is_repost(tweet: dict[str, Any]) -> bool:
    return any(it.get("type") in REPOSTS for it in references(tweet))


def text_as_read(shown: dict[str, Any]) -> str:
    """The text with every link as it was meant, without those of its pictures, nothing escaped."""
    meant = {}
    for link in (shown.get("entities") or {}).get("urls") or []:
        full = link.get("expanded_url") or link["url"]
        meant[link["url"]] = "" if "media_key" in link or PICTURE.fullmatch(full) else full
    if not meant:
        return html.unescape(shown["text"]).strip()
    # Piece by piece: what looks escaped in an address is written like that.
    links = "|".join(re.escape(link) for link in sorted(meant, key=len, reverse=True))
    pieces = re.split(f"({links})", shown["text"])
    return "".join(meant[p] if p in meant else html.unescape(p) for p in pieces).strip()
