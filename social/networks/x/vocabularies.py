"""X's two vocabularies: of tweets, as it always spoke, and of posts, as its own description does
since version 2.167 (August 2026). Questions are put in both, and answers read in either.

An X that refuses a parameter that it does not know is asked in the other words from then on, by
this process.
"""

import re
from collections.abc import Sequence
from typing import Any

OLD, NEW = "tweet.fields", "post.fields"
NEW_NAMES = {"note_tweet": "note_post"}
# Fields in the old words, and in the new ones expansions: as fields they are refused.
EXPANSIONS = {
    "author_id": "author_id",
    "referenced_tweets": "referenced_posts",
    "edit_history_tweet_ids": "edit_history_post_ids",
}
NAMED = r'\[{0}\]|"parameter": ?"{0}"'  # in words, or as the description's problem says it
refused: set[str] = set()


def fields(names: Sequence[str]) -> dict[str, str]:
    """The parameters that ask for these fields of posts."""
    new = [NEW_NAMES.get(name, name) for name in names if name not in EXPANSIONS]
    return {OLD: ",".join(names), NEW: ",".join(new)}


def understood(query: dict[str, Any]) -> dict[str, Any]:
    """Without the parameters that X has refused; where it has refused the old words, with the
    expansions that say the rest in the new ones."""
    known = {name: value for name, value in query.items() if name not in refused}
    if OLD in refused and OLD in query:
        more = [EXPANSIONS[name] for name in query[OLD].split(",") if name in EXPANSIONS]
        already = [name for name in query.get("expansions", "").split(",") if name]
        known["expansions"] = ",".join(dict.fromkeys([*already, *more]))
    return known


def note_refused(detail: str) -> bool:
    """Whether X refused a question for one of the two, so that it is worth asking again without."""
    named = {name for name in (OLD, NEW) if re.search(NAMED.format(name), detail)} - refused
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
