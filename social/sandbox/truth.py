"""What really exists, seen by nobody's token; and changing it behind everybody's back."""

from . import facebook_store, x_store, x_text
from .clock import parse_time, x_time
from .records import FacebookPost, Photo, Tweet
from .states import a_page, x_user
from .wire import Malformed
from .world import World
from .x_views import COUNTS


def posts(world: World, given: dict) -> dict:
    """?network= &account= &include_hidden=1 &origin=api &text= ; newest first."""
    facebook_store.publish_due(world)
    found: list[dict] = []
    if given.get("network") in (None, "", "x"):
        found += [tweet_truth(world, tweet) for tweet in world.x.tweets.values()]
    if given.get("network") in (None, "", "facebook"):
        found += [post_truth(world, post) for post in world.facebook.posts.values()]
    hidden = str(given.get("include_hidden", "")) in ("1", "true")
    account = account_of(world, given.get("account", "").lstrip("@"))
    kept = [row for row in found if wanted(row, account, given) and (hidden or row["visible"])]
    kept.sort(key=lambda row: (row["created_unix"], row["id"]), reverse=True)
    return {"posts": kept, "count": len(kept)}


def account_of(world: World, name: str) -> str:
    """The handle or Page id that an id, a name or a Page's user name stands for."""
    user, page = world.x.user_named(name), world.facebook.page_named(name) if name else None
    return user.username if user else page.id if page else name


def wanted(row: dict, account: str, given: dict) -> bool:
    text = given.get("text")
    return (
        (not account or account == row["account"])
        and given.get("origin", row["origin"]) == row["origin"]
        and (text is None or text in (row["text"], row["message"]))
    )


def tweet_truth(world: World, tweet: Tweet) -> dict:
    author = world.x.users[tweet.author_id]
    full = tweet.note or {"text": tweet.text, "entities": tweet.entities}
    return {
        "network": "x",
        "account": author.username,
        "account_name": author.name,
        "author": author.name,
        "author_id": author.id,
        "id": tweet.id,
        "text": tweet.sent,
        "message": x_text.expanded(full["text"], full["entities"]),
        "stored_text": tweet.text,
        "media": [media_truth(world, id) for id in tweet.media_ids],
        "link": None,
        "created_at": x_time(tweet.created_at),
        "created_unix": tweet.created_at,
        "visible": x_store.is_visible(world, tweet),
        "deleted": tweet.deleted_at is not None,
        "published": True,
        "scheduled_at": None,
        "edit_history": tweet.history,
        "reply_to": tweet.reply_to,
        "origin": tweet.origin,
        "path": f"/x/{author.username}/status/{tweet.id}",
    }


def media_truth(world: World, id: str) -> dict:
    media = world.x.media[id]
    shown = {"id": id, "type": media.type, "size": len(media.data), "alt_text": media.alt_text}
    return shown | {"path": f"/x/media/{id}"}


def photo_truth(photo: Photo) -> dict:
    shown = {"id": photo.id, "type": photo.type, "size": len(photo.data)}
    return shown | {"alt_text": photo.alt_text, "path": f"/fb/media/{photo.id}"}


def post_truth(world: World, post: FacebookPost) -> dict:
    page = world.facebook.pages[post.page_id]
    author = world.facebook.users.get(post.author_id) or page  # a visitor, or the Page itself
    photos = [world.facebook.photos[id] for id in post.photos]
    return {
        "network": "facebook",
        "account": page.id,
        "account_name": page.name,
        "author": author.name,
        "author_id": author.id,
        "id": post.id,
        "text": post.sent,
        "message": post.message,
        "stored_text": post.message,
        "media": [photo_truth(photo) for photo in photos],
        "link": post.link or None,
        "created_at": x_time(post.created_at),
        "created_unix": post.created_at,
        "visible": facebook_store.is_visible(world, post),
        "deleted": post.deleted_at is not None,
        "published": post.published,
        "scheduled_at": x_time(post.scheduled_at) if post.scheduled_at else None,
        "edit_history": [],
        "reply_to": None,
        "origin": post.origin,
        "path": f"/fb/{post.id}",
    }


def users(world: World, given: dict) -> dict:
    return {
        "x": [
            {
                "id": user.id,
                "username": user.username,
                "name": user.name,
                "max_length": user.max_length,
                "filler": user.filler,
                "suspended": user.suspended,
            }
            for user in world.x.users.values()
        ],
        "facebook": [{"id": u.id, "name": u.name} for u in world.facebook.users.values()],
        "pages": [
            {"id": p.id, "name": p.name, "username": p.username or None, "tasks": p.tasks}
            for p in world.facebook.pages.values()
        ],
    }


def change_posts(world: World, given: dict) -> dict:
    """Add a post by hand, or {"posts": [many]}, {"edit": id, "text"}, {"delete": id},
    {"like": id, "user"}, {"follow": handle, "user"}, {"count": id, "like": 12, …}."""
    for name, change in CHANGES.items():
        if name in given:
            return change(world, given)
    return add(world, given)


def add(world: World, given: dict) -> dict:
    text, moment = str(given["text"]), given.get("created_at")
    at = parse_time(str(moment)) if moment is not None else None
    if given["network"] == "x":
        author = x_user(world, {"user": given["account"]})
        tweet = x_store.add_tweet(world, author, text, at, origin="control")
        return tweet_truth(world, tweet)
    if given["network"] == "facebook":
        page = a_page(world, {"page": given["account"]})
        link = str(given.get("link") or "")
        post = facebook_store.add_post(world, page, text, at, origin="control", link=link)
        return post_truth(world, post)
    raise Malformed("network is x or facebook")


def add_many(world: World, given: dict) -> dict:
    return {"ids": [add(world, one)["id"] for one in given["posts"]]}


def edit(world: World, given: dict) -> dict:
    tweet, post = find(world, given["edit"])
    if tweet:
        return tweet_truth(world, x_store.edit_tweet(world, tweet, str(given["text"])))
    facebook_store.edit_post(world, post, str(given["text"]))
    return post_truth(world, post)


def delete(world: World, given: dict) -> dict:
    tweet, post = find(world, given["delete"])
    (tweet or post).deleted_at = world.now()
    return tweet_truth(world, tweet) if tweet else post_truth(world, post)


def find(world: World, id: object) -> tuple[Tweet | None, FacebookPost | None]:
    tweet, post = world.x.tweets.get(str(id)), world.facebook.posts.get(str(id))
    if tweet is None and post is None:
        raise Malformed(f"there is no post {id!r}")
    return tweet, post


def like(world: World, given: dict) -> dict:
    tweet, _ = find(world, given["like"])
    if tweet is None:
        raise Malformed("only tweets can be liked here")
    user = x_user(world, given)
    x_store.like(world, user, tweet.id)
    return {"liked": tweet.id, "user": user.username}


def follow(world: World, given: dict) -> dict:
    follower, followed = x_user(world, given), x_user(world, {"user": given["follow"]})
    x_store.follow(world, follower, followed)
    return {"user": follower.username, "follows": followed.username}


def count(world: World, given: dict) -> dict:
    """{"count": id, "like": 12, "retweet": 3, "reply": 1, "impression": 900}: by strangers."""
    tweet, post = find(world, given["count"])
    counts = {name: given[name] for name in ("like", *COUNTS) if name in given}
    if not all(type(number) is int and number >= 0 for number in counts.values()):
        raise Malformed("each count is a whole number")
    (tweet or post).counts.update(counts)
    return {"counted": given["count"], **counts}


CHANGES = {
    "posts": add_many,
    "count": count,
    "edit": edit,
    "delete": delete,
    "like": like,
    "follow": follow,
}
