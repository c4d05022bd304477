"""X's two vocabularies: of tweets, as it always spoke, and of posts, as its description says since
version 2.167. The make-believe X thinks in the old one; here it is spoken to and answers in either.
"""

import json

from ..core.wire import Request, Response
from ..core.world import World
from .errors import DESCRIBED, PROBLEMS, invalid_request
from .views import ALLOWED, EXPANSIONS, TWEET_FIELDS

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
    "edit_history_tweet_ids": "edit_history_post_ids",
}
KNOWN = {
    "old": ALLOWED,
    "new": ALLOWED
    | {
        NEW_FIELDS: {NEW_NAMES.get(name, name) for name in TWEET_FIELDS - EXPANDED.keys()},
        "expansions": {*EXPANDED.values(), *(it for it in EXPANSIONS if "tweet" not in it)},
    },
}


def understand(world: World, request: Request) -> None:
    """Put what is asked in the old words. A parameter or a field of the other words is as unknown
    as any other: passed over, or refused."""
    query, is_new = request.query, world.x.words == "new"
    other = OLD_FIELDS if is_new else NEW_FIELDS
    if other in query and world.x.refuses_unknown:
        message = f"The query parameter [{other}] is not one of those that are known"
        raise invalid_request(message, **{other: query[other]})
    query.pop(other, None)
    if world.x.refuses_unknown:
        check_values(query, KNOWN[world.x.words])
    if is_new:
        old_names = {new: old for old, new in NEW_NAMES.items()}
        asked = {old_names.get(it, it) for it in query.pop(NEW_FIELDS, "").split(",") if it}
        expanded = set(query.get("expansions", "").split(","))
        asked -= EXPANDED.keys()
        asked |= {old for old, new in EXPANDED.items() if new in expanded}
        query[OLD_FIELDS] = ",".join(sorted(asked))


def check_values(query: dict[str, str], known: dict[str, set[str]]) -> None:
    for name in query.keys() & known.keys():
        for value in sorted(set(query[name].split(",")) - known[name]):
            message = f"The `{name}` query parameter value [{value}] is not one of "
            message += f"[{','.join(sorted(known[name]))}]"
            raise invalid_request(message, **{name: value})


def spoken(world: World, response: Response) -> Response:
    """The answer in the words of the day."""
    if world.x.words != "new" or not response.body:
        return response
    value = json.loads(response.body)
    value = renamed(value) if response.status < 400 else described(value)
    body = json.dumps(value, ensure_ascii=False).encode()
    return Response(response.status, body, response.headers)


def described(problem: dict) -> dict:
    """As the description has it: at X's new address, and of what is wrong with one parameter."""
    problem = problem | {"type": problem["type"].replace(PROBLEMS, DESCRIBED)}
    for error in problem.pop("errors", [])[:1]:
        problem["detail"] = error["message"]
        for name, values in error["parameters"].items():
            problem |= {"parameter": name, "value": ",".join(values)}
    return problem


def renamed(said: object) -> object:
    if isinstance(said, dict):
        return {NEW_NAMES.get(name, name): renamed(value) for name, value in said.items()}
    return [renamed(part) for part in said] if isinstance(said, list) else said
