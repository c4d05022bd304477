"""/me and its edges, and Pages as things to look at."""

from ..core.wire import Response, redirect
from . import oauth
from .call import Call
from .clock import facebook_time
from .errors import GraphError, denied
from .fields import Fields, chosen
from .state import Page


def me(call: Call) -> dict:
    user = call.world.facebook.users[call.token.user_id]
    first, _, last = user.name.partition(" ")
    known = {
        "id": lambda _: user.id,
        "name": lambda _: user.name,
        "first_name": lambda _: first,
        "last_name": lambda _: last,
        "short_name": lambda _: first,
        "email": lambda _: email(call, first),
        "picture": lambda inner: picture(call, user.id, inner),
        "link": lambda _: f"{call.request.origin}/fb/{user.id}",
    }
    return chosen(call.fields("name,id"), known, "User")


def email(call: Call, first: str) -> str | None:
    return f"{first.lower()}@example.com" if "email" in call.grant.scopes else None


def picture(call: Call, id: str, inner: Fields) -> dict:
    full: dict[str, object] = {"height": 200, "is_silhouette": False, "width": 200}
    full["url"] = f"{call.request.origin}/fb/pictures/{id}.svg"
    wanted = set(inner) or set(full)
    return {"data": {name: value for name, value in full.items() if name in wanted}}


def permissions(call: Call) -> dict:
    granted = [{"permission": p, "status": "granted"} for p in sorted(call.grant.scopes)]
    declined = [{"permission": p, "status": "declined"} for p in sorted(call.grant.declined)]
    return {"data": granted + declined}


def remove_app(call: Call) -> dict:
    """Every token this person gave the app dies with it."""
    grant = call.grant
    oauth.kill_all(call.world, grant.user_id, 458)
    del call.world.facebook.grants[grant.client_id, grant.user_id]
    return {"success": True}


def remove_permission(call: Call, permission: str) -> dict:
    if permission in call.grant.scopes:
        call.grant.scopes.discard(permission)
        call.grant.declined.add(permission)
    return {"success": True}


def accounts(call: Call) -> dict:
    call.need("pages_show_list")
    facebook = call.world.facebook
    mine = [p for p in facebook.pages.values() if call.token.user_id in p.tasks]
    mine = [page for page in mine if page.id not in facebook.unlisted]
    page, paging = call.cut(mine, usual=25)
    fields = call.fields("access_token,category,category_list,name,id,tasks")
    data = [page_json(call, item, fields) for item in page]
    return {"data": data} | ({"paging": paging} if paging else {})


def page_json(call: Call, page: Page, fields: Fields) -> dict:
    category = {"id": str(1000 + len(page.category)), "name": page.category}
    link = f"{call.request.origin}/fb/{page.id}"
    known = {
        "id": lambda _: page.id,
        "name": lambda _: page.name,
        "access_token": lambda _: token_for(call, page),
        "category": lambda _: page.category,
        "category_list": lambda _: [category],
        "tasks": lambda _: page.tasks.get(call.token.user_id),
        "username": lambda _: page.username,
        "link": lambda _: link,
        "picture": lambda inner: picture(call, page.id, inner),
        "fan_count": lambda _: page.followers,
        "followers_count": lambda _: page.followers,
        "is_published": lambda _: True,
        "verification_status": lambda _: "not_verified",
        "about": lambda _: None,
    }
    return chosen(fields, known, "Page")


def token_for(call: Call, page: Page) -> str | None:
    """A Page that was not ticked is listed, but without its token."""
    if call.token.kind == "page":
        return call.token.value if call.token.page_id == page.id else None
    if call.token.user_id not in page.tasks or page.id not in call.grant.pages:
        return None
    return oauth.page_token(call.world, call.token, page.id).value


def show_page(call: Call, page: Page) -> dict:
    return page_json(call, page, call.fields("name,id"))


def page_picture(call: Call, page: Page) -> dict | Response:
    shown = picture(call, page.id, Fields())
    wants_json = call.given.get("redirect") in ("0", "false")
    return shown if wants_json else redirect(shown["data"]["url"])


def likes(call: Call) -> dict:
    if "user_likes" not in call.grant.scopes:
        return {"data": []}
    rows, paging = call.cut(call.world.facebook.users[call.token.user_id].likes)
    data = [row | {"created_time": facebook_time(row["created_time"])} for row in rows]
    return {"data": data} | ({"paging": paging} if paging else {})


def friends(call: Call) -> dict:
    """Only friends who gave the app the same permission are named; all are counted."""
    world, user = call.world, call.world.facebook.users[call.token.user_id]
    summary = {"summary": {"total_count": len(user.friends)}}
    if "user_friends" not in call.grant.scopes:
        return {"data": []}
    known = []
    for id in user.friends:
        grant = world.facebook.grants.get((call.token.client_id, id))
        if grant and "user_friends" in grant.scopes:
            known.append({"name": world.facebook.users[id].name, "id": id})
    rows, paging = call.cut(known)
    return {"data": rows} | ({"paging": paging} if paging else {}) | summary


def feed(call: Call) -> dict:
    """A person's own profile: readable with user_posts, and empty here."""
    call.need("user_posts")
    return {"data": []}


def refuse_profile_post(call: Call) -> dict:
    text = (
        "If posting to a group, requires app being installed in the group, and either "
        "publish_to_groups permission with user token; posting to a profile is not possible"
    )
    raise denied(text)


def need_page_token(call: Call, page: Page) -> None:
    """Publishing is for the Page itself, by someone who may create its content."""
    if call.token.kind != "page" or call.token.page_id != page.id:
        raise denied("Unpublished posts must be posted to a page as the page itself.")
    call.need("pages_read_engagement", "pages_manage_posts")
    if "CREATE_CONTENT" not in page.tasks.get(call.token.user_id, []):
        text = "(#1) The user does not have permission for the task CREATE_CONTENT on this Page"
        raise GraphError(1, text, 2853006, 403)
