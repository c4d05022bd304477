"""Comments below posts of a Page, by the Page itself."""

from ..core.world import World
from .call import Call
from .clock import facebook_time
from .errors import GraphError, bad_parameter, denied, missing
from .fields import Fields, chosen
from .posts import may_read
from .state import FacebookComment, FacebookPost, Page
from .store import stored

LONGEST = 8_000


def create(call: Call, id: str) -> dict:
    post, page = post_of(call, id, "post")
    need_moderator(call, page)
    message = stored(call.given.get("message", ""))
    if not message or len(message) > LONGEST:
        raise bad_parameter("Param message must be a comment of 1 to 8000 characters")
    comment = add(call.world, post, message, page.id)
    call.request.created = comment.id
    return {"id": comment.id}


def post_of(call: Call, id: str, method: str) -> tuple[FacebookPost, Page]:
    post = call.world.facebook.posts.get(id)
    if post is None or post.deleted_at is not None:
        raise missing(id, method)
    return post, call.world.facebook.pages[post.page_id]


def need_moderator(call: Call, page: Page) -> None:
    """The Page itself, by someone who may speak for it among others."""
    if call.token.kind != "page" or call.token.page_id != page.id:
        raise denied("Comments of a Page must be written as the Page itself.")
    call.need("pages_read_engagement", "pages_manage_engagement")
    if "MODERATE" not in page.tasks.get(call.token.user_id, []):
        text = "(#1) The user does not have permission for the task MODERATE on this Page"
        raise GraphError(1, text, 2853006, 403)


def add(world: World, post: FacebookPost, message: str, author_id: str) -> FacebookComment:
    now = world.now()
    visible = now + world.facebook.lag_ms / 1000
    number = world.facebook.number()
    comment = FacebookComment(
        f"{post.id.partition('_')[2]}_{number}", post.id, message, now, visible, author_id
    )
    world.facebook.comments[comment.id] = comment
    post.updated_at = now  # as the real one: a comment moves that time as well
    return comment


def below(world: World, post_id: str) -> list[FacebookComment]:
    """Oldest first; those that are not deleted."""
    comments = world.facebook.comments.values()
    return [it for it in comments if it.post_id == post_id and it.deleted_at is None]


def listing(call: Call, id: str) -> dict:
    post, page = post_of(call, id, "get")
    may_read(call, page)
    rows = [it for it in below(call.world, post.id) if it.visible_from <= call.world.now()]
    if call.given.get("order") == "reverse_chronological":
        rows.reverse()
    shown, paging = call.cut(rows)
    fields = call.fields("created_time,from,message,id")
    data = [comment_json(call, comment, fields) for comment in shown]
    return {"data": data} | ({"paging": paging} if paging else {})


def comment_json(call: Call, comment: FacebookComment, fields: Fields) -> dict:
    """Who wrote it is told of the Page itself; of others only with a permission of its own."""
    page = call.world.facebook.pages.get(comment.author_id)
    known = {
        "id": lambda _: comment.id,
        "message": lambda _: comment.message,
        "created_time": lambda _: facebook_time(comment.created_at),
        "from": lambda _: {"name": page.name, "id": page.id} if page else None,
    }
    return chosen(fields, known, "Comment")
