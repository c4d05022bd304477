"""Mastodon's ways to say no: a status and a sentence under `error`."""

from ..core.wire import Response, json_response


class MastodonError(Exception):
    def __init__(self, status: int, error: str, description: str = "") -> None:
        super().__init__(error)
        self.status, self.error, self.description = status, error, description

    def response(self) -> Response:
        about = {"error_description": self.description} if self.description else {}
        return json_response({"error": self.error} | about, self.status)


def no_token() -> MastodonError:
    return MastodonError(401, "The access token is invalid")


def revoked() -> MastodonError:
    return MastodonError(401, "The access token was revoked")


def no_scope() -> MastodonError:
    return MastodonError(403, "This action is outside the authorized scopes")


def not_found() -> MastodonError:
    return MastodonError(404, "Record not found")


def disabled(status: str) -> MastodonError:
    if status == "pending":
        return MastodonError(403, "Your login is currently pending approval")
    return MastodonError(403, "Your login is currently disabled")


def too_many() -> MastodonError:
    return MastodonError(429, "Too many requests")


def own_fault() -> MastodonError:
    return MastodonError(500, "Internal Server Error")
