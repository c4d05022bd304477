"""Bluesky's ways to say no: a name and a sentence, as PDS 0.4.217 and 0.5.35 word them. Of the
status little can be told: dead tokens and what is not there are a 400."""

from ..core.wire import Response, json_response


class BlueskyError(Exception):
    def __init__(
        self, status: int, name: str, message: str, headers: dict[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.name, self.message, self.headers = status, name, message, headers or {}

    def response(self) -> Response:
        response = json_response({"error": self.name, "message": self.message}, self.status)
        response.headers |= self.headers
        return response


def invalid(message: str) -> BlueskyError:
    return BlueskyError(400, "InvalidRequest", message)


def invalid_record(message: str) -> BlueskyError:
    return invalid(f"Invalid app.bsky.feed.post record: {message}")


def no_token() -> BlueskyError:
    return BlueskyError(401, "AuthMissing", "Authentication Required")


def bad_token(message: str = "Token could not be verified") -> BlueskyError:
    return BlueskyError(400, "InvalidToken", message)


def expired_token(message: str = "Token has expired") -> BlueskyError:
    return BlueskyError(400, "ExpiredToken", message)


def wrong_password() -> BlueskyError:
    return BlueskyError(401, "AuthenticationRequired", "Invalid identifier or password")


def code_needed() -> BlueskyError:
    text = "A sign in code has been sent to your email address"
    return BlueskyError(401, "AuthFactorTokenRequired", text)


def inactive(status: str) -> BlueskyError:
    if status == "takendown":
        return BlueskyError(401, "AccountTakedown", "Account has been taken down")
    return BlueskyError(401, "AccountDeactivated", "Account is deactivated")


def no_account() -> BlueskyError:
    return BlueskyError(403, "AccountNotFound", "Account not found")


def no_record(uri: str) -> BlueskyError:
    return BlueskyError(400, "RecordNotFound", f"Could not locate record: {uri}")


def swapped(cid: str) -> BlueskyError:
    return BlueskyError(400, "InvalidSwap", f"Record was at {cid}")


def no_blob(cid: str) -> BlueskyError:
    return BlueskyError(400, "BlobNotFound", f"Could not find blob: {cid}")


def own_fault() -> BlueskyError:
    return BlueskyError(500, "InternalServerError", "Internal Server Error")


def no_appview(method: str) -> BlueskyError:
    return invalid(f"No service configured for {method}")


def too_many(headers: dict[str, str]) -> BlueskyError:
    return BlueskyError(429, "RateLimitExceeded", "Rate Limit Exceeded", headers)
