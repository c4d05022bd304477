"""Keys and proofs of OAuth as Bluesky asks for it: tokens are bound to a key that each request
proves to have (DPoP, RFC 9449), and our app signs with keys of its own (RFC 7523), all of P-256.

Ours are derived from TOKEN_KEYS, one of each: nobody makes, keeps or loses another secret, and what
began under a key of TOKEN_KEYS that is still there goes on.
"""

import base64
import hashlib
import json
import secrets
import threading
import time
from functools import cache, lru_cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from social.reasons import Reason

from ..errors import AuthorizationLost

Key = ec.EllipticCurvePrivateKey
ALGORITHM = "ES256"
PURPOSE = b"Fanfare: the key of our app at Bluesky"
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of P-256 (FIPS 186)
ASSERTION_SECONDS = 60
MOST_NONCES = 1_000  # servers whose last one is remembered


# ── Keys ──────────────────────────────────────────────────────────────────────────────────────
def new_key() -> str:
    """A private key, as it is stored."""
    made = ec.generate_private_key(ec.SECP256R1())
    kind = serialization.PrivateFormat.PKCS8
    pem = serialization.Encoding.PEM
    return made.private_bytes(pem, kind, serialization.NoEncryption()).decode()


@lru_cache(1_000)
def read_key(stored: str) -> Key:
    """The key that was stored. Raises AuthorizationLost for what is none."""
    try:
        key = serialization.load_pem_private_key(stored.encode(), None)
    except ValueError as error:
        raise AuthorizationLost(Reason.TOKEN_UNREADABLE, "no key of its tokens") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise AuthorizationLost(Reason.TOKEN_UNREADABLE, "another kind of key")
    return key


def app_keys() -> dict[str, Key]:
    """Those that our app signs with, by their ids: the first is for what begins now."""
    keys = [derived(key) for key in settings.TOKEN_KEYS]
    return {thumbprint(key): key for key in keys}


@cache
def derived(secret: str | bytes) -> Key:
    data = secret.encode() if isinstance(secret, str) else secret
    # Longer than the order of the curve, so that no key is likelier than another.
    scalar = int.from_bytes(HKDF(hashes.SHA256(), 48, None, PURPOSE).derive(data))
    return ec.derive_private_key(scalar % (ORDER - 1) + 1, ec.SECP256R1())


def public_part(key: Key) -> dict[str, str]:
    """The public key, as JSON names it (RFC 7517)."""
    numbers = key.public_key().public_numbers()
    x, y = (encoded(number.to_bytes(32)) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


def thumbprint(key: Key) -> str:
    """RFC 7638."""
    text = json.dumps(public_part(key), sort_keys=True, separators=(",", ":"))
    return encoded(hashlib.sha256(text.encode()).digest())


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


# ── What they sign ────────────────────────────────────────────────────────────────────────────
def proof(key: Key, verb: str, url: str, nonce: str, access: str = "") -> str:
    """That whoever asks this has the key, with the token `access` where one is used."""
    claims: dict[str, Any] = {
        "jti": secrets.token_urlsafe(16),
        "htm": verb,
        "htu": url.partition("?")[0],
        "iat": int(time.time()),
    }
    if nonce:
        claims["nonce"] = nonce
    if access:
        claims["ath"] = encoded(hashlib.sha256(access.encode()).digest())
    headers = {"typ": "dpop+jwt", "jwk": public_part(key)}
    return jwt.encode(claims, key, ALGORITHM, headers)


def assertion(key_id: str, client_id: str, issuer: str) -> str:
    """That whoever asks this is our app. Raises AuthorizationLost where that key is not among ours
    any more."""
    key = app_keys().get(key_id)
    if key is None:
        raise AuthorizationLost(Reason.TOKEN_UNREADABLE, "its key of TOKEN_KEYS is gone")
    now = int(time.time())
    claims: dict[str, Any] = {"iss": client_id, "sub": client_id, "aud": issuer}
    claims |= {"jti": secrets.token_urlsafe(16), "iat": now, "exp": now + ASSERTION_SECONDS}
    return jwt.encode(claims, key, ALGORITHM, {"kid": key_id})


# ── Nonces ────────────────────────────────────────────────────────────────────────────────────
class Nonces:
    """The last one that each server gave; of this process, for each is asked for one again."""

    def __init__(self) -> None:
        self.lock, self.known = threading.Lock(), dict[str, str]()

    def of(self, home: str) -> str:
        return self.known.get(home, "")

    def note(self, home: str, headers: Any) -> None:
        nonce = headers.get("DPoP-Nonce", "")
        if not nonce or len(nonce) > 500:
            return
        with self.lock:
            if len(self.known) >= MOST_NONCES:
                self.known.clear()
            self.known[home] = nonce


NONCES = Nonces()
