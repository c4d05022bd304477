"""The page on which a person allows our app something at X."""

from ..core.dialog import Refused, chosen, dialog, group, is_denied, person, refusal, with_query
from ..core.network import Network
from ..core.state import Code
from ..core.templating import Safe
from ..core.wire import Request, Response, redirect
from ..core.world import World
from .oauth import CODE_LIFE, SCOPES


def answer(world: World, request: Request, network: Network) -> Response:
    asked = request.query
    try:
        scopes = checked(world, asked)
    except Refused as reason:
        return refusal("Something went wrong", str(reason))
    if is_denied(request):
        return returned(asked, error="access_denied")
    user = world.x.user_named(chosen(request))
    if user is None:
        return people_page(world, request, network, scopes)
    code = Code(
        value="xc-" + world.secret("x-code", user.id),
        client_id=asked["client_id"],
        user_id=user.id,
        redirect_uri=asked["redirect_uri"],
        scopes=frozenset(scopes),
        expires_at=world.now() + CODE_LIFE,
        challenge=asked["code_challenge"],
        challenge_method=asked.get("code_challenge_method", "plain"),
    )
    world.x.codes[code.value] = code
    return returned(asked, code=code.value)


def checked(world: World, asked: dict[str, str]) -> set[str]:
    client = world.clients["x"]
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
    if not scopes or scopes - SCOPES.keys():
        raise Refused(f"These scopes are not known: {asked.get('scope') or 'none given'}")
    return scopes


def returned(asked: dict[str, str], **answer: str) -> Response:
    return redirect(with_query(asked["redirect_uri"], {"state": asked["state"]} | answer))


def people_page(world: World, request: Request, network: Network, scopes: set[str]) -> Response:
    people = [user for user in world.x.users.values() if not user.filler]
    wanted = request.query.get("sandbox_user", people[0].id)
    shown = [
        person(
            user.id,
            user.name,
            f"@{user.username}",
            f"/x/avatars/{user.id}.svg",
            wanted in (user.id, user.username),
        )
        for user in people
    ]
    rights = "".join(f"<li>{SCOPES[scope]}</li>" for scope in sorted(scopes))
    body = group("Who are you?", shown) + Safe(
        f'<section class="rights"><h2>This app will be able to</h2><ul>{rights}</ul></section>'
    )
    heading = "Authorize Fanfare to access your X account"
    return dialog(request, network, heading, body, "Authorize")
