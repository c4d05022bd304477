"""Publishing to a Page, reading it, and what one post looks like."""

import hashlib
import json
import re
from urllib.parse import quote

from ..core.clock import parse_time
from ..core.wire import File
from . import store
from .call import Call
from .clock import facebook_time
from .errors import GraphError, bad_parameter, denied, missing
from .fields import Fields, chosen
from .people import need_page_token
from .state import FacebookPost, Page, Photo

LONGEST = 63_206
HEAVY = ("reactions", "likes", "comments", "shares")
SOONEST, LATEST = 600, 30 * 86400
OWN_LINK = re.compile(r"https?://([^/?#]+\.)?facebook\.com([:/?#]|$)", re.IGNORECASE)
PICTURE = re.compile(rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF|BM")


def create(call: Call, page: Page) -> dict:
    need_page_token(call, page)
    message, link = checked_message(call), checked_link(call)
    photos = attached(call, page)
    if not store.stored(message) and not link and not photos:
        raise bad_parameter("The post is empty. Please enter a message to share.")
    published, scheduled_at = checked_schedule(call)
    duplicate = store.repeats_previous(call.world, page.id, message, link)
    if duplicate and not photos:
        raise GraphError(506, "(#506) Duplicate status message", 1455006)
    fields = call.fields("id")
    post = store.add_post(
        call.world,
        page,
        message,
        link=link,
        photos=photos,
        published=published,
        scheduled_at=scheduled_at,
        kind="photo" if photos else "feed",
    )
    for id in photos:
        call.world.facebook.photos[id].post_id = post.id
    call.request.created = post.id
    return post_json(call, post, fields)


def checked_message(call: Call) -> str:
    message = call.given.get("message") or call.given.get("caption") or ""
    if len(message) > LONGEST:
        raise bad_parameter("Status is too long")
    return message


def checked_link(call: Call) -> str:
    link = call.given.get("link", "")
    if not link:
        return ""
    if not re.fullmatch(r"https?://[^\s/]+\S*", link, re.IGNORECASE):
        raise bad_parameter("link URL is not properly formatted")
    if re.match(r"https?://[^/]*\.invalid([:/?#]|$)", link):
        raise GraphError(1609005, "(#1609005) The link could not be scraped", status=400)
    if OWN_LINK.match(link):
        raise GraphError(1609008, "(#1609008) Cannot post Facebook.com links")
    return link


def checked_schedule(call: Call) -> tuple[bool, float | None]:
    published = call.flag("published", True)
    if "scheduled_publish_time" not in call.given:
        return published, None
    if published:
        raise bad_parameter("You cannot specify a scheduled publish time on a published post")
    try:
        moment = parse_time(call.given["scheduled_publish_time"])
    except (ValueError, OverflowError, OSError) as error:
        raise bad_parameter("Param scheduled_publish_time must be a timestamp") from error
    if not SOONEST <= moment - call.world.now() <= LATEST:
        text = "The specified scheduled publish time is invalid: 10 minutes to 30 days from now"
        raise bad_parameter(text)
    return False, moment


def attached(call: Call, page: Page) -> list[str]:
    """`attached_media` as one JSON list, or as attached_media[0], attached_media[1]..."""
    texts = [v for k, v in sorted(call.given.items()) if k.startswith("attached_media[")]
    try:
        items = json.loads(call.given.get("attached_media") or "[]") + [
            json.loads(text) for text in texts
        ]
        ids = [str(item["media_fbid"]) for item in items]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise bad_parameter("Param attached_media must be an array of media_fbid") from error
    for id in ids:
        photo = call.world.facebook.photos.get(id)
        if photo is None or photo.page_id != page.id or photo.deleted or photo.post_id:
            raise bad_parameter(f"Invalid photo id in attached_media: {id}")
    return ids


def create_photo(call: Call, page: Page) -> dict:
    need_page_token(call, page)
    file, caption = picture_of(call), checked_message(call)
    published, scheduled_at = checked_schedule(call)
    world = call.world
    alt = call.given.get("alt_text_custom", "")
    photo = Photo(world.facebook.number(), page.id, file.data, file.type, caption, published, alt)
    world.facebook.photos[photo.id] = photo
    if not published and scheduled_at is None:
        return {"id": photo.id}  # invisible until a post attaches it
    post = store.add_post(
        world,
        page,
        caption,
        photos=[photo.id],
        published=published,
        scheduled_at=scheduled_at,
        kind="photo",
    )
    photo.post_id = call.request.created = post.id
    return {"id": photo.id, "post_id": post.id}


def picture_of(call: Call) -> File:
    if call.given.get("url"):
        return File("", "", b"")  # the real one would fetch it; this one stays on its machine
    files = call.request.files
    file = files.get("source") or next(iter(files.values()), None)
    if file is None:
        text = "(#324) Requires upload file"
        raise GraphError(324, text, 2069019)
    if not PICTURE.match(file.data):
        raise bad_parameter("Invalid image file", 2069015)
    return file


def listing(call: Call, page: Page, kind: str) -> dict:
    may_read(call, page)
    rows = store.listing(call.world, page.id, kind)
    since, until = moment_of(call, "since"), moment_of(call, "until")
    rows = [p for p in rows if since is None or (p.scheduled_at or p.created_at) >= since]
    rows = [p for p in rows if until is None or (p.scheduled_at or p.created_at) <= until]
    if since is not None or until is not None:
        rows = [p for p in rows if p.filtered_from <= call.world.now()]
    shown, paging = call.cut(rows)
    fields = call.fields("created_time,message,id")
    if call.world.facebook.leaves_out and any(name in fields for name in HEAVY):
        shown = shown[::2]
    data = [post_json(call, post, fields) for post in shown]
    return {"data": data} | ({"paging": paging} if paging else {})


def may_read(call: Call, page: Page) -> None:
    call.need("pages_read_engagement")
    own = (
        call.token.page_id == page.id if call.token.kind == "page" else page.id in call.grant.pages
    )
    if not own and not call.world.facebook.public_content:
        text = "This endpoint requires the 'pages_read_engagement' permission or the 'Page Public "
        raise denied(text + "Content Access' feature.", 10)


def moment_of(call: Call, name: str) -> float | None:
    try:
        return parse_time(call.given[name]) if call.given.get(name) else None
    except (ValueError, OverflowError, OSError) as error:
        raise bad_parameter(f"Param {name} must be a valid time") from error


def show(call: Call, id: str) -> dict:
    post = own_post(call, id, "get")
    if id in call.world.facebook.photos:
        return photo_json(call, call.world.facebook.photos[id], post)
    return post_json(call, post, call.fields("created_time,message,id"))


def own_post(call: Call, id: str, method: str) -> FacebookPost:
    """A post of the Page, also an unpublished one; by the photo's id too."""
    photo = call.world.facebook.photos.get(id)
    post = call.world.facebook.posts.get(photo.post_id if photo else id)
    if post is None or post.deleted_at is not None:
        raise missing(id, method)
    page = call.world.facebook.pages[post.page_id]
    if method == "get":
        may_read(call, page)
    else:
        need_page_token(call, page)
    return post


def change(call: Call, id: str) -> dict:
    post = own_post(call, id, "post")
    if "message" in call.given:
        store.edit_post(call.world, post, checked_message(call))
    if call.flag("is_published", False):
        store.publish(call.world, post)
    return {"success": True}


def delete(call: Call, id: str) -> dict:
    own_post(call, id, "delete").deleted_at = call.world.now()
    return {"success": True}


def photo_json(call: Call, photo: Photo, post: FacebookPost) -> dict:
    page = call.world.facebook.pages[photo.page_id]
    known = {
        "id": lambda _: photo.id,
        "name": lambda _: photo.caption,
        "created_time": lambda _: facebook_time(post.created_at),
        "link": lambda _: f"{call.request.origin}/fb/{post.id}?photo={photo.id}",
        "from": lambda _: {"name": page.name, "id": page.id},
        "page_story_id": lambda _: post.id,
    }
    return chosen(call.fields("id,name,created_time"), known, "Photo")


def permalink(call: Call, post: FacebookPost) -> str:
    """As the real one has written them at one time or another."""
    page_id, _, number = post.id.partition("_")
    web = f"{call.request.origin}/fb"
    return {
        "id": f"{web}/{post.id}",
        "posts": f"{web}/{page_id}/posts/{number}",
        "story": f"{web}/permalink.php?story_fbid={number}&id={page_id}",
        "pfbid": f"{web}/{page_id}/posts/{hidden_name(post)}",
    }[call.world.facebook.permalinks]


def hidden_name(post: FacebookPost) -> str:
    return f"pfbid0{hashlib.sha256(post.id.encode()).hexdigest()[:40]}"


def post_json(call: Call, post: FacebookPost, fields: Fields) -> dict:
    page = call.world.facebook.pages[post.page_id]
    author = call.world.facebook.users.get(post.author_id) or page
    web = f"{call.request.origin}/fb/{post.id}"
    picture = f"{call.request.origin}/fb/media/{post.photos[0]}" if post.photos else None
    known = {
        "id": lambda _: post.id,
        "message": lambda _: post.message,
        "created_time": lambda _: facebook_time(post.created_at),
        "updated_time": lambda _: facebook_time(post.updated_at),
        "permalink_url": lambda _: permalink(call, post),
        "is_published": lambda _: post.published,
        "is_hidden": lambda _: False,
        "scheduled_publish_time": lambda _: int(post.scheduled_at) if post.scheduled_at else None,
        "status_type": lambda _: "added_photos" if post.photos else "mobile_status_update",
        "from": lambda _: {"name": author.name, "id": author.id},
        "full_picture": lambda _: picture,
        "picture": lambda _: picture,
        "attachments": lambda inner: attachments(call, post, web, inner),
        "likes": lambda _: edge(post.counts.get("like", 0)),
        "reactions": lambda _: edge(post.counts.get("like", 0)),
        "comments": lambda _: edge(post.counts.get("reply", 0)),
        "shares": lambda _: {"count": post.counts["retweet"]} if "retweet" in post.counts else None,
        "story": lambda _: None,
        "message_tags": lambda _: None,
        "privacy": lambda _: {"value": "EVERYONE", "description": "Public"},
    }
    return chosen(fields, known, "Post")


def edge(count: int) -> dict:
    return {"data": [], "summary": {"total_count": count}}


def attachments(call: Call, post: FacebookPost, web: str, inner: Fields) -> dict | None:
    items: list[dict[str, object]] = []
    if post.link:
        shim = f"https://l.facebook.com/l.php?u={quote(post.link, safe='')}&h=AT0sandbox"
        item: dict[str, object] = {"media_type": "link", "type": "share", "title": post.link}
        items.append(item | {"url": shim, "unshimmed_url": post.link})
    for id in post.photos:
        media = {"image": {"src": f"{call.request.origin}/fb/media/{id}"}}
        item = {"media_type": "photo", "type": "photo", "target": {"id": id}, "media": media}
        items.append(item | {"url": f"{web}?photo={id}", "unshimmed_url": f"{web}?photo={id}"})
    wanted = set(inner)
    shown = [{k: v for k, v in item.items() if not wanted or k in wanted} for item in items]
    return {"data": shown} if shown else None
