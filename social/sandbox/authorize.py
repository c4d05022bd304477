"""The pages on which a person allows an app: no cookie, no script, everything in the form."""

from urllib.parse import parse_qs, urlencode, urlsplit

from . import facebook_tokens, x_oauth
from .records import Code, FacebookUser
from .templating import Safe, join, render, shell
from .wire import Request, Response, page, redirect
from .world import World

OWN = ("sandbox_user", "sandbox_auto", "sandbox_cancel", "sandbox_pages", "sandbox_scopes")


class Refused(Exception):
    """The app's request is wrong: the person is told, and is not sent anywhere."""


def x(world: World, request: Request) -> Response:
    asked = request.query
    try:
        scopes = check_x(world, asked)
    except Refused as reason:
        return refusal("Something went wrong", str(reason))
    if denied(request):
        return x_return(asked, error="access_denied")
    user = world.x.user_named(chosen(request))
    if user is None:
        return x_page(world, request, scopes)
    code = Code(
        value="xc-" + world.secret("x-code", user.id),
        client_id=asked["client_id"],
        user_id=user.id,
        redirect_uri=asked["redirect_uri"],
        scopes=frozenset(scopes),
        expires_at=world.now() + x_oauth.CODE_LIFE,
        challenge=asked["code_challenge"],
        challenge_method=asked.get("code_challenge_method", "plain"),
    )
    world.x.codes[code.value] = code
    return x_return(asked, code=code.value)


def check_x(world: World, asked: dict[str, str]) -> set[str]:
    client = world.clients.x
    if asked.get("client_id") != client.id:
        raise Refused("The client_id is not known.")
    if asked.get("redirect_uri") not in client.redirect_uris:
        raise Refused(f"The redirect_uri is not registered: {asked.get('redirect_uri')}")
    if asked.get("response_type") != "code":
        raise Refused("response_type must be code.")
    if not 1 <= len(asked.get("state", "")) <= 500:
        raise Refused("state is required, with at most 500 characters.")
    if not asked.get("code_challenge"):
        raise Refused("code_challenge is required.")
    if asked.get("code_challenge_method", "plain") not in ("S256", "plain"):
        raise Refused("code_challenge_method must be S256 or plain.")
    scopes = set(asked.get("scope", "").split())
    if not scopes or scopes - x_oauth.SCOPES.keys():
        raise Refused(f"These scopes are not known: {asked.get('scope') or 'none given'}")
    return scopes


def denied(request: Request) -> bool:
    pressed = request.method == "POST" and request.form.get("do") != "allow"
    return pressed or request.tampered == "deny" or "sandbox_cancel" in request.query


def chosen(request: Request) -> str:
    """The person named on the page, or in the address when nobody is there to click."""
    if request.method == "POST":
        return request.form.get("sandbox_user", "")
    return request.query.get("sandbox_user", "") if "sandbox_auto" in request.query else ""


def x_return(asked: dict[str, str], **answer: str) -> Response:
    return redirect(with_query(asked["redirect_uri"], {"state": asked["state"]} | answer))


def with_query(url: str, fields: dict[str, str]) -> str:
    return url + ("&" if urlsplit(url).query else "?") + urlencode(fields)


def x_page(world: World, request: Request, scopes: set[str]) -> Response:
    people = [user for user in world.x.users.values() if not user.filler]
    wanted = request.query.get("sandbox_user", people[0].id)
    shown = [
        render(
            "person",
            id=user.id,
            name=user.name,
            detail=f"@{user.username}",
            image=f"/x/avatars/{user.id}.svg",
            checked="checked" if wanted in (user.id, user.username) else "",
            more="",
        )
        for user in people
    ]
    rights = join([Safe(render_right(x_oauth.SCOPES[scope])) for scope in sorted(scopes)])
    body = group("Who are you?", join(shown)) + Safe(
        f'<section class="rights"><h2>This app will be able to</h2><ul>{rights}</ul></section>'
    )
    return dialog(
        request, "X", "X", "Authorize Fanfare to access your X account", body, "Authorize"
    )


def render_right(text: str) -> str:
    return f"<li>{text}</li>"


def group(legend: str, body: str) -> str:
    return f"<fieldset><legend>{legend}</legend>{body}</fieldset>"


def dialog(
    request: Request, network: str, mark: str, heading: str, body: str, allow: str
) -> Response:
    inside = render(
        "dialog",
        network=network,
        mark=mark,
        heading=heading,
        lead="Choose who you want to be.",
        action=request.target,
        body=Safe(body),
        allow=allow,
        target=urlsplit(request.query["redirect_uri"]).netloc,
    )
    return page(shell(heading, inside, kind=f"dialog-page {network.lower()}"))


def refusal(heading: str, text: str) -> Response:
    return page(shell(heading, render("message", heading=heading, text=text)), 400)


def facebook(world: World, request: Request) -> Response:
    asked = request.query
    try:
        scopes = check_facebook(world, asked)
    except Refused as reason:
        return refusal("Can't load this page", str(reason))
    if denied(request):
        return facebook_denied(asked)
    user = world.facebook.user_named(chosen(request))
    if user is None:
        return facebook_page(world, request, scopes)
    ticked, pages = ticks(world, request, user, scopes)
    ticked, declined = facebook_tokens.with_earlier(world, user.id, ticked, scopes - ticked)
    facebook_tokens.allow(world, user.id, ticked, declined, pages)
    code = Code(
        value="AQ" + world.secret("fb-code", user.id, 60),
        client_id=asked["client_id"],
        user_id=user.id,
        redirect_uri=asked["redirect_uri"],
        scopes=frozenset(ticked),
        expires_at=world.now() + facebook_tokens.CODE_LIFE,
        challenge=asked.get("code_challenge", ""),
    )
    world.facebook.codes[code.value] = code
    answer = {"code": code.value} | ({"state": asked["state"]} if "state" in asked else {})
    return redirect(with_query(asked["redirect_uri"], answer) + "#_=_")


def check_facebook(world: World, asked: dict[str, str]) -> set[str]:
    client = world.clients.facebook
    if asked.get("client_id") != client.id:
        raise Refused("Invalid App ID: The provided app ID does not look like a valid app ID.")
    if asked.get("redirect_uri") not in client.redirect_uris:
        raise Refused(
            "URL blocked. This redirect failed because the redirect URI is not white-listed: "
            f"{asked.get('redirect_uri')}"
        )
    if asked.get("response_type", "code") != "code":
        raise Refused("response_type must be code.")
    scopes = set(asked.get("scope", "").replace(" ", ",").split(",")) - {""}
    unknown = scopes - facebook_tokens.SCOPES.keys()
    if unknown:
        raise Refused(f"Invalid Scopes: {', '.join(sorted(unknown))}.")
    return scopes


def facebook_denied(asked: dict[str, str]) -> Response:
    fields = {
        "error": "access_denied",
        "error_code": "200",
        "error_description": "Permissions error",
        "error_reason": "user_denied",
    }
    fields |= {"state": asked["state"]} if "state" in asked else {}
    return redirect(with_query(asked["redirect_uri"], fields) + "#_=_")


def ticks(
    world: World, request: Request, user: FacebookUser, scopes: set[str]
) -> tuple[set[str], set[str]]:
    """What was left ticked; everything, when nobody was there to untick."""
    mine = {page.id for page in world.facebook.pages.values() if user.id in page.tasks}
    if request.method == "POST":
        return scopes & set(request.form_list("scope")), mine & set(request.form_list("page"))
    given = parse_qs(urlsplit(request.target).query, keep_blank_values=True)
    pages, kept = mine, scopes
    if "sandbox_pages" in given:
        pages = mine & set(",".join(given["sandbox_pages"]).split(","))
    if "sandbox_scopes" in given:
        kept = scopes & set(",".join(given["sandbox_scopes"]).split(","))
    return kept, pages


def facebook_page(world: World, request: Request, scopes: set[str]) -> Response:
    people = list(world.facebook.users.values())
    wanted = request.query.get("sandbox_user", people[0].id)
    shown = [
        render(
            "person",
            id=user.id,
            name=user.name,
            detail="",
            image=f"/fb/pictures/{user.id}.svg",
            checked="checked" if wanted == user.id else "",
            more=pages_of(world, user),
        )
        for user in people
    ]
    rights = [
        render("tick", field="scope", value=scope, text=facebook_tokens.SCOPES[scope], detail=scope)
        for scope in sorted(scopes)
    ]
    allowed = group("What is Fanfare allowed to do?", join(rights)) if rights else ""
    body = group("Who are you?", join(shown)) + allowed
    heading = "Fanfare wants to connect to your Facebook account"
    return dialog(request, "Facebook", "f", heading, body, "Continue")


def pages_of(world: World, user: FacebookUser) -> Safe:
    """Shown by the style sheet only under the person who is chosen."""
    mine = [page for page in world.facebook.pages.values() if user.id in page.tasks]
    ticks = [
        render("tick", field="page", value=p.id, text=p.name, detail=role(p.tasks[user.id]))
        for p in mine
    ]
    none = Safe('<p class="none">No Pages.</p>')
    return Safe(
        f'<fieldset class="pages"><legend>Pages of {user.name.split()[0]}</legend>'
        f"{join(ticks) or none}</fieldset>"
    )


def role(tasks: list[str]) -> str:
    return (
        "full control" if "MANAGE" in tasks else "editor" if len(tasks) > 1 else "statistics only"
    )
