"""Writing to and reading from the make-believe Mastodon."""

import html
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from ..core.world import World
from .state import DOMAIN, Account, Media, Status

ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]']", re.IGNORECASE)
TOKENS = re.compile(
    rf"(?P<link>{ADDRESS.pattern})|(?<![\w/@])@(?P<who>\w+)(?P<where>@[\w.-]+\w)?"
    r"|(?<![\w&/#])#(?P<tag>\w*[^\W\d_]\w*)",
    re.IGNORECASE,
)
SHOWN_OF_LINK = 30


def add(
    world: World, account: Account, text: str, moment: float | None = None, **more: Any
) -> Status:
    """`moment` is for what is dated back."""
    state, now = world.mastodon, world.now()
    at = now if moment is None else moment
    visible = at if moment is not None else now + state.lag_ms / 1000
    status = Status(state.new_id(at), account.id, text, at, visible, **more)
    state.statuses[status.id] = status
    state.by_author.setdefault(account.id, []).append(status.id)
    return status


def edit(world: World, status: Status, text: str) -> Status:
    status.text, status.edited_at = text, world.now()
    return status


def is_visible(world: World, status: Status) -> bool:
    return status.deleted_at is None and status.visible_from <= world.now()


def of(world: World, account_id: str) -> Iterator[Status]:
    """What its timeline shows, in any order."""
    for id in world.mastodon.by_author.get(account_id, []):
        status = world.mastodon.statuses[id]
        if is_visible(world, status):
            yield status


def follow(world: World, follower: Account, followed: Account) -> None:
    rows = world.mastodon.follows.setdefault(follower.id, [])
    rows.append((world.mastodon.order(), followed.id))


def like(world: World, account: Account, id: str) -> None:
    rows = world.mastodon.likes.setdefault(account.id, [])
    rows.append((world.mastodon.order(), id))
    counts = world.mastodon.statuses[id].counts
    counts["like"] = counts.get("like", 0) + 1


# ── As clients see it ─────────────────────────────────────────────────────────────────────────
def written(moment: float) -> str:
    stamp = datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
    return stamp.replace("+00:00", "Z")


def person(world: World, origin: str, account: Account) -> dict[str, Any]:
    return {
        "id": account.id,
        "username": account.username,
        "acct": account.username,
        "display_name": account.name,
        "note": f"<p>{html.escape(account.about)}</p>",
        "url": f"{origin}/mastodon/@{account.username}",
        "uri": f"{origin}/users/{account.username}",
        "created_at": "2024-01-01T00:00:00.000Z",
        "avatar": f"{origin}/mastodon/avatars/{account.id}.svg",
        "statuses_count": len(list(of(world, account.id))),
        "following_count": len(world.mastodon.follows.get(account.id, [])),
    }


def view(world: World, origin: str, status: Status) -> dict[str, Any]:
    author, counts = world.mastodon.accounts[status.author_id], status.counts
    found = list(TOKENS.finditer(status.text))
    return {
        "id": status.id,
        "uri": f"{origin}/users/{author.username}/statuses/{status.id}",
        "url": path_of(author, status, origin),
        "created_at": written(status.created_at),
        "edited_at": written(status.edited_at) if status.edited_at else None,
        "account": person(world, origin, author),
        "content": content(origin, status.text),
        "spoiler_text": status.warning,
        "visibility": status.visibility,
        "language": status.language,
        "in_reply_to_id": status.reply_to,
        "reblog": None,
        "media_attachments": [attachment(world.mastodon.media[id], origin) for id in status.media],
        "mentions": [mention(origin, it) for it in found if it["who"]],
        "tags": [{"name": it["tag"].lower()} for it in found if it["tag"]],
        "favourites_count": counts.get("like", 0),
        "reblogs_count": counts.get("retweet", 0),
        "replies_count": counts.get("reply", 0),
        "application": {"name": "Fanfare"} if status.origin == "api" else None,
    }


def path_of(author: Account, status: Status, origin: str = "") -> str:
    return f"{origin}/mastodon/@{author.username}/{status.id}"


def mention(origin: str, found: re.Match[str]) -> dict[str, str]:
    name, where = found["who"], (found["where"] or "").removeprefix("@")
    acct = f"{name}@{where}" if where and where != DOMAIN else name
    return {"username": name, "acct": acct, "url": f"{origin}/mastodon/@{acct}"}


def attachment(media: Media, origin: str) -> dict[str, Any]:
    address = f"{origin}/mastodon/media/{media.id}"
    return {"id": media.id, "type": "image", "url": address, "description": media.alt}


def content(origin: str, text: str) -> str:
    """Paragraphs; of a long address a part is there and unseen; people without their servers."""
    parts, end = [], 0
    for found in TOKENS.finditer(text):
        parts += [html.escape(text[end : found.start()]), linked(origin, found)]
        end = found.end()
    parts.append(html.escape(text[end:]))
    paragraphs = re.split(r"\n{2,}", "".join(parts))
    return "".join(f"<p>{it.replace(chr(10), '<br />')}</p>" for it in paragraphs)


def linked(origin: str, found: re.Match[str]) -> str:
    if found["tag"]:
        there = f"{origin}/mastodon/tags/{found['tag'].lower()}"
        words = f"#<span>{html.escape(found['tag'])}</span>"
        return f'<a href="{there}" class="mention hashtag" rel="tag">{words}</a>'
    if found["who"]:
        there = html.escape(mention(origin, found)["url"])
        words = f'<a href="{there}" class="u-url mention">@<span>{found["who"]}</span></a>'
        return f'<span class="h-card" translate="no">{words}</span>'
    parts = re.split(r"(?i)\A(https?://(?:www\.)?)", found["link"], maxsplit=1)
    scheme, rest = parts[1:]
    shown, hidden = html.escape(rest[:SHOWN_OF_LINK]), html.escape(rest[SHOWN_OF_LINK:])
    kind = ' class="ellipsis"' if hidden else ""
    return (
        f'<a href="{html.escape(found["link"])}" rel="nofollow noopener" translate="no">'
        f'<span class="invisible">{scheme}</span><span{kind}>{shown}</span>'
        f'<span class="invisible">{hidden}</span></a>'
    )
