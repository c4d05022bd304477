"""Signatures of Standard Webhooks (github.com/standard-webhooks, specification 1.0.0, 2023-12):
`v1,` and the base64 of HMAC-SHA256 over `id.timestamp.body`, a blank between those of two
secrets."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Sequence

SECRET_BYTES = 32  # the specification asks for 24 to 64
SECRET_PREFIX = "whsec_"  # noqa: S105  not a secret, only how one begins


def new_secret() -> str:
    """A secret as receivers are given it: `whsec_` and 32 random bytes in base64."""
    return SECRET_PREFIX + base64.b64encode(secrets.token_bytes(SECRET_BYTES)).decode()


def signature_headers(
    message_id: str, timestamp: int, body: bytes, signing_secrets: Sequence[str]
) -> dict[str, str]:
    """The three headers of a message that is sent at `timestamp` (seconds since 1970), signed by
    each of `signing_secrets`."""
    signed = f"{message_id}.{timestamp}.".encode() + body
    signatures = [f"v1,{signature(secret, signed)}" for secret in signing_secrets]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(signatures),
    }


def signature(secret: str, signed: bytes) -> str:
    key = base64.b64decode(secret.removeprefix(SECRET_PREFIX))
    return base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
