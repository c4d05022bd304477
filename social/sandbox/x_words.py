"""X's two vocabularies: of tweets, as it always spoke, and of posts, as its description says since
version 2.167. The make-believe X thinks in the old one; here it is spoken to and answers in either.
"""

import json

from .wire import Request, Response
from .world import World
from .x_errors import invalid_request

OLD_FIELDS, NEW_FIELDS = "tweet.fields", "post.fields"
NEW_NAMES = {
    "edit_history_tweet_ids": "edit_history_post_ids",
    "note_tweet": "note_post",
    "referenced_tweets": "referenced_posts",
    "retweet_count": "repost_count",
    "tweet_count": "post_count",
}
# What the new words ask for as an expansion, and no more as a field.
EXPANDED = {
    "author_id": "author_id",
    "referenced_tweets": "referenced_posts",
    "in_reply_to_user_id": "in_reply_to_user_id",
}


def understand(world: World, request: Request) -> None:
    """Put what is asked in the old words. A field of the other words is as unknown as any other:
    passed over, or refused."""
    query, is_new = request.query, world.x.words == "new"
    other = OLD_FIELDS if is_new else NEW_FIELDS
    if other in query and world.x.refuses_unknown:
        message = f"The query parameter [{other}] is not one of those that are known"
        raise invalid_request(message, **{other: query[other]})
    query.pop(other, None)
    if is_new:
        old_names = {new: old for old, new in NEW_NAMES.items()}
        asked = {old_names.get(it, it) for it in query.pop(NEW_FIELDS, "").split(",") if it}
        expanded = set(query.get("expansions", "").split(","))
        asked -= EXPANDED.keys()
        asked |= {old for old, new in EXPANDED.items() if new in expanded}
        query[OLD_FIELDS] = ",".join(sorted(asked))


def spoken(world: World, response: Response) -> Response:
    """The answer in the words of the day."""
    if world.x.words != "new" or response.status >= 400 or not response.body:
        return response
    body = json.dumps(renamed(json.loads(response.body)), ensure_ascii=False).encode()
    return Response(response.status, body, response.headers)


def renamed(said: object) -> object:
    if isinstance(said, dict):
        return {NEW_NAMES.get(name, name): renamed(value) for name, value in said.items()}
    return [renamed(part) for part in said] if isinstance(said, list) else said
