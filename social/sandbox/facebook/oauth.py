"""Facebook's tokens: short and long ones of people, those of Pages, and how they die."""

from ..core.wire import Request, Response, json_response
from ..core.world import World
from .clock import facebook_time
from .errors import GraphError, bad_parameter, dead_token, unreadable_token
from .state import FacebookGrant, FacebookToken

SCOPES = {
    "public_profile": "Your name and picture",
    "email": "Your email address",
    "pages_show_list": "Show a list of the Pages you manage",
    "pages_read_engagement": "Read content posted on the Page",
    "pages_read_user_content": "Read what visitors post on the Page",
    "pages_manage_posts": "Create and manage content on your Page",
    "pages_manage_engagement": "Manage comments on your Page",
    "business_management": "Manage your business",
    "user_likes": "Pages you like",
    "user_friends": "Friends who use this app",
    "user_posts": "Your posts",
}
SHORT_LIFE, LONG_LIFE, CODE_LIFE, DATA_LIFE = 5400, 5183944, 600, 90 * 86400


def exchange(world: World, request: Request) -> Response:
    """/oauth/access_token in its four forms; GET and POST are both seen in the wild."""
    given = request.query | request.form
    kind = given.get("grant_type", "authorization_code")
    check_app(world, given)
    if kind == "client_credentials":
        app = f"{world.clients['facebook'].id}|{world.clients['facebook'].secret}"
        return json_response({"access_token": app, "token_type": "bearer"})
    if kind == "fb_exchange_token":
        token = lengthened(world, given.get("fb_exchange_token", ""))
    elif kind == "authorization_code":
        token = from_code(world, request, given)
    else:
        raise bad_parameter("Invalid grant_type")
    left = round(token.expires_at - world.now())
    body = {"access_token": token.value, "token_type": "bearer", "expires_in": left}
    return json_response(body)


def check_app(world: World, given: dict[str, str]) -> None:
    client = world.clients["facebook"]
    if not given.get("client_id"):
        raise GraphError(101, "Missing client_id parameter.")
    if given["client_id"] != client.id:
        raise GraphError(101, "Error validating application. Cannot get application info.")
    if not client.has_secret(given.get("client_secret", "")):
        raise GraphError(1, "Error validating client secret.")


def from_code(world: World, request: Request, given: dict[str, str]) -> FacebookToken:
    code = world.facebook.codes.get(given.get("code", ""))
    if code is None:
        raise GraphError(100, "Invalid verification code format.")
    if request.tampered == "expire_codes":
        code.expires_at = 0
    if code.used:
        raise GraphError(100, "This authorization code has been used.", 36009)
    if world.now() > code.expires_at:
        raise GraphError(100, "This authorization code has expired.", 36007)
    if given.get("redirect_uri") != code.redirect_uri:
        text = "Error validating verification code. Please make sure your redirect_uri is "
        raise GraphError(100, text + "identical to the one you used in the OAuth dialog request")
    if code.challenge and not given.get("code_verifier"):
        raise GraphError(1, "Missing code_verifier parameter.")
    code.used = True
    return user_token(world, code.user_id, long=False)


def lengthened(world: World, value: str) -> FacebookToken:
    token = alive(world, value)
    if token.kind != "user":
        raise bad_parameter("The token is not a user token")
    return user_token(world, token.user_id, long=True)


def user_token(
    world: World, user_id: str, *, long: bool, expires_in: float | None = None, value: str = ""
) -> FacebookToken:
    life = (LONG_LIFE if long else SHORT_LIFE) if expires_in is None else expires_in
    value = value or "EAASu" + world.secret("fb-user", user_id, 60)
    now = world.now()
    token = FacebookToken(
        value, "user", world.clients["facebook"].id, user_id, "", long, now, now + life
    )
    world.facebook.tokens[value] = token
    return token


def page_token(world: World, user: FacebookToken, page_id: str) -> FacebookToken:
    """The same one each time for the same kind of user token, as long as it lives."""
    for token in world.facebook.tokens.values():
        same = (token.kind, token.user_id, token.page_id) == ("page", user.user_id, page_id)
        if same and token.long == user.long and token.dead is None and not expired(world, token):
            return token
    value = "EAASp" + world.secret("fb-page", f"{user.user_id}/{page_id}", 60)
    expires = 0 if user.long else user.expires_at
    token = FacebookToken(
        value, "page", user.client_id, user.user_id, page_id, user.long, world.now(), expires
    )
    world.facebook.tokens[value] = token
    return token


def expired(world: World, token: FacebookToken) -> bool:
    return bool(token.expires_at) and world.now() >= token.expires_at


def alive(world: World, value: str) -> FacebookToken:
    """The token, or the reason it is none."""
    client = world.clients["facebook"]
    app, _, secret = value.partition("|")
    if secret and app == client.id and client.has_secret(secret):
        return FacebookToken(value, "app", client.id)
    token = world.facebook.tokens.get(value)
    if token is None:
        raise unreadable_token()
    if token.dead is not None:
        raise death(world, token, token.dead)
    if expired(world, token):
        raise death(world, token, 463)
    if world.facebook.users[token.user_id].checkpoint:
        raise death(world, token, 459)
    if token.kind == "page" and not has_role(world, token):
        raise death(world, token, 492)
    return token


def has_role(world: World, token: FacebookToken) -> bool:
    return token.user_id in world.facebook.pages[token.page_id].tasks


def death(world: World, token: FacebookToken, subcode: int) -> GraphError:
    when, now = facebook_time(token.expires_at), facebook_time(world.now())
    return dead_token(subcode, token.client_id, when, now)


def kill_all(world: World, user_id: str, subcode: int) -> int:
    """Every token of a person dies, those of their Pages too."""
    mine = [t for t in world.facebook.tokens.values() if t.user_id == user_id and t.dead is None]
    for token in mine:
        token.dead = subcode
    return len(mine)


def grant_of(world: World, token: FacebookToken) -> FacebookGrant:
    grant = world.facebook.grants.get((token.client_id, token.user_id))
    if grant is None:
        raise death(world, token, 458)
    return grant


def allow(
    world: World, user_id: str, scopes: set[str], declined: set[str], pages: set[str]
) -> FacebookGrant:
    """What the person ticked last counts; logging in also ends a checkpoint."""
    client = world.clients["facebook"].id
    scopes = scopes | {"public_profile"}
    grant = FacebookGrant(client, user_id, scopes, declined - scopes, pages, world.now())
    world.facebook.grants[client, user_id] = grant
    world.facebook.users[user_id].checkpoint = False
    return grant


def with_earlier(
    world: World, user_id: str, ticked: set[str], declined: set[str]
) -> tuple[set[str], set[str]]:
    """What was not asked for this time stays as it was."""
    known = world.facebook.grants.get((world.clients["facebook"].id, user_id))
    if known is None:
        return ticked, declined
    asked = ticked | declined
    return ticked | (known.scopes - asked), declined | (known.declined - asked)


def debug(world: World, request: Request) -> Response:
    given = request.query | request.form
    asking = alive(world, given.get("access_token", ""))
    if "input_token" not in given:
        raise bad_parameter("The parameter input_token is required")
    try:
        token = alive(world, given["input_token"])
    except GraphError as error:
        reason = {"code": error.code, "message": error.message}
        reason |= {"subcode": error.subcode} if error.subcode else {}
        dead = {"app_id": asking.client_id, "error": reason, "is_valid": False, "scopes": []}
        return json_response({"data": dead})
    return json_response({"data": described(world, token)})


def described(world: World, token: FacebookToken) -> dict:
    shown: dict[str, object] = {
        "app_id": token.client_id,
        "type": token.kind.upper(),
        "application": "Fanfare (sandbox)",
        "is_valid": True,
    }
    if token.kind == "app":
        return shown | {"scopes": []}
    grant = grant_of(world, token)
    shown |= {
        "expires_at": int(token.expires_at),
        "data_access_expires_at": int(grant.granted_at + DATA_LIFE),
        "issued_at": int(token.issued_at),
        "scopes": sorted(grant.scopes),
        "granular_scopes": [
            {"scope": scope, "target_ids": sorted(grant.pages)}
            for scope in sorted(grant.scopes)
            if scope.startswith("pages_")
        ],
        "user_id": token.user_id,
    }
    return shown | ({"profile_id": token.page_id} if token.page_id else {})
