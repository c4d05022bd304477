"""The page on which a person allows our app something at Facebook, and picks Pages for it."""

from urllib.parse import parse_qs, urlsplit

from ..core.dialog import Refused, chosen, dialog, group, is_denied, person, refusal, with_query
from ..core.network import Network
from ..core.state import Code
from ..core.templating import Safe, join, render
from ..core.wire import Request, Response, redirect
from ..core.world import World
from . import oauth
from .state import FacebookUser


def answer(world: World, request: Request, network: Network) -> Response:
    asked = request.query
    try:
        scopes = checked(world, asked)
    except Refused as reason:
        return refusal("Can't load this page", str(reason))
    if is_denied(request):
        return denied(asked)
    user = world.facebook.user_named(chosen(request))
    if user is None:
        return people_page(world, request, network, scopes)
    ticked, pages = ticks(world, request, user, scopes)
    ticked, declined = oauth.with_earlier(world, user.id, ticked, scopes - ticked)
    oauth.allow(world, user.id, ticked, declined, pages)
    code = Code(
        value="AQ" + world.secret("fb-code", user.id, 60),
        client_id=asked["client_id"],
        user_id=user.id,
        redirect_uri=asked["redirect_uri"],
        scopes=frozenset(ticked),
        expires_at=world.now() + oauth.CODE_LIFE,
        challenge=asked.get("code_challenge", ""),
    )
    world.facebook.codes[code.value] = code
    answer = {"code": code.value} | ({"state": asked["state"]} if "state" in asked else {})
    return redirect(with_query(asked["redirect_uri"], answer) + "#_=_")


def checked(world: World, asked: dict[str, str]) -> set[str]:
    client = world.clients["facebook"]
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
    unknown = scopes - oauth.SCOPES.keys()
    if unknown:
        raise Refused(f"Invalid Scopes: {', '.join(sorted(unknown))}.")
    return scopes


def denied(asked: dict[str, str]) -> Response:
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


def people_page(world: World, request: Request, network: Network, scopes: set[str]) -> Response:
    people = list(world.facebook.users.values())
    wanted = request.query.get("sandbox_user", people[0].id)
    shown = [
        person(
            user.id,
            user.name,
            "",
            f"/fb/pictures/{user.id}.svg",
            wanted == user.id,
            pages_of(world, user),
        )
        for user in people
    ]
    rights = [
        render("tick", field="scope", value=scope, text=oauth.SCOPES[scope], detail=scope)
        for scope in sorted(scopes)
    ]
    allowed = group("What is Fanfare allowed to do?", rights) if rights else ""
    body = group("Who are you?", shown) + allowed
    heading = "Fanfare wants to connect to your Facebook account"
    return dialog(request, network, heading, body, "Continue")


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
