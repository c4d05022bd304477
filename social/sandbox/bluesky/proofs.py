"""Proofs of keys (DPoP, RFC 9449) and of apps (RFC 7523): what does not fit is refused."""

import base64
import hashlib
import hmac
import json
from typing import Any

import jwt
from jwt.types import Options

from ..core.wire import Request, Response
from ..core.world import World
from .errors import BlueskyError

NONCE_SECONDS, PROOF_SECONDS = 180, 60
WANTED = "use_dpop_nonce"


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def thumbprint(jwk: dict[str, Any]) -> str:
    named = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    text = json.dumps(named, sort_keys=True, separators=(",", ":"))
    return encoded(hashlib.sha256(text.encode()).digest())


def nonce_at(world: World, ago: int = 0) -> str:
    """The nonce of now, or of so many before."""
    number = int(world.now() // NONCE_SECONDS) - ago
    return hmac.new(b"sandbox", str(number).encode(), "sha256").hexdigest()[:32]


def with_nonce(world: World, response: Response) -> Response:
    response.headers["DPoP-Nonce"] = nonce_at(world)
    return response


def checked(world: World, request: Request, status: int, access: str = "") -> str:
    """The thumbprint of the key that this request proves to have, with the token `access` where
    one is used. Refused is whatever is wrong, with this status."""
    try:
        text = request.headers.get("DPoP", "")
        head = jwt.get_unverified_header(text)
        if head.get("typ") != "dpop+jwt" or head.get("alg") != "ES256" or "d" in head["jwk"]:
            raise ValueError("its header")
        claims = jwt.decode(text, jwt.PyJWK(head["jwk"]).key, ["ES256"], options=NO_TIMES)
        url = request.origin + request.url_path
        if (claims["htm"], claims["htu"]) != (request.method, url):
            raise ValueError("another request")
        if abs(claims["iat"] - world.now()) > PROOF_SECONDS:
            raise ValueError("another time")
        if access and claims.get("ath") != encoded(hashlib.sha256(access.encode()).digest()):
            raise ValueError("another token")
        key = thumbprint(head["jwk"])
    except (jwt.PyJWTError, ValueError, KeyError, TypeError) as error:
        raise refused(world, status, "invalid_dpop_proof", str(error)) from error
    if claims.get("nonce") not in (nonce_at(world), nonce_at(world, 1)):
        raise refused(world, status, WANTED, "Authorization server requires nonce in DPoP proof")
    spend(world, claims["jti"], status)
    return key


# Its own clock is the world's, which is checked by hand.
NO_TIMES: Options = {"verify_iat": False, "verify_exp": False, "verify_aud": False}


def spend(world: World, number: str, status: int) -> None:
    """Each is used once."""
    if number in world.bluesky.spent:
        raise refused(world, status, "invalid_dpop_proof", "DPoP proof replayed")
    world.bluesky.spent.add(number)


def refused(world: World, status: int, name: str, message: str) -> BlueskyError:
    headers = {"DPoP-Nonce": nonce_at(world)}
    if status == 401:
        headers["WWW-Authenticate"] = f'DPoP error="{name}"'
    return BlueskyError(status, name, message, headers)


def checked_app(world: World, form: dict[str, str], issuer: str) -> dict[str, Any]:
    """The document of the app that proves to be it."""
    document = world.bluesky.apps.get(str(form.get("client_id")))
    if document is None:
        raise BlueskyError(400, "invalid_client_metadata", "Unable to obtain client metadata")
    try:
        text = str(form["client_assertion"])
        name = jwt.get_unverified_header(text)["kid"]
        (key,) = (it for it in document["jwks"]["keys"] if it["kid"] == name)
        claims = jwt.decode(text, jwt.PyJWK(key).key, ["ES256"], options=NO_TIMES)
        ours = {claims["iss"], claims["sub"], str(form["client_id"])}
        if len(ours) != 1 or claims["aud"] != issuer or claims["exp"] < world.now():
            raise ValueError("not of this app, or not for this server, or over")
    except (jwt.PyJWTError, ValueError, KeyError, TypeError) as error:
        raise BlueskyError(401, "invalid_client", f"Client assertion: {error}") from error
    spend(world, claims["jti"], 401)
    return document
