"""X's two vocabularies: of tweets, as it always spoke, and of posts, as its own description does
since version 2.167 (August 2026). Questions are put in both, and answers read in either.

An X that refuses a parameter that it does not know is asked in the other words from then on, by
this process.
"""

from collections.abc import Sequence
from typing import Any

OLD, NEW = "tweet.fields", "post.fields"
NEW_NAMES = {"note_tweet": "note_post", "referenced_tweets": "referenced_posts"}
refused: set[str] = set()


def fields(names: Sequence[str]) -> dict[str, str]:
    """The parameters that ask for these fields of posts."""
    new = [NEW_NAMES.get(name, name) for name in names]
    return {OLD: ",".join(names), NEW: ",".join(new)}


def understood(said: dict[str, Any]) -> dict[str, Any]:
    """Without the parameters that X has refused."""
    return {name: value for name, value in said.items() if name not in refused}


def note_refused(detail: str) -> bool:
    """Whether X refused a question for one of the two, so that it is worth asking again without."""
    named = {name for name in (OLD, NEW) if f"[{name}]" in detail} - refused
    if len(named) != 1 or refused:
        return False
    refused.update(named)
    return True


def either(row: dict[str, Any], *names: str) -> Any:
    """What stands under the first of these names that is there."""
    return next((row[name] for name in names if row.get(name) is not None), None)


def note_of(row: dict[str, Any]) -> dict[str, Any]:
    """The whole of a post that is too long for `text`."""
    note = either(row, "note_tweet", "note_post")
    return note if isinstance(note, dict) else {}


def references(row: dict[str, Any]) -> list[dict[str, Any]]:
    """{"type", "id"} of the posts that it answers, quotes or passes on."""
    rows = either(row, "referenced_tweets", "referenced_posts")
    return [it for it in rows if isinstance(it, dict)] if isinstance(rows, list) else []
