"""Bluesky's ways to say no: how each looks, and what it means. Data; `errors` reads answers by it.

Of its statuses little can be told (dead tokens and what is not there are a 400): what counts is
the name under `error`, which stands in `Answer.types`.

V: PDS 0.4.217 and 0.5.35, as they answered. S: bluesky-social/atproto, its source.
"""

from social.reasons import Reason

from ..refusals import Means, Refusal

LIMIT, LOST, REJECTED, AWAY = Means.LIMIT, Means.LOST, Means.REJECTED, Means.AWAY

TOKENS = (
    Refusal(LOST, Reason.TOKEN_DEAD, type="ExpiredToken", source="V 400"),
    Refusal(LOST, Reason.TOKEN_DEAD, type="InvalidToken", source="V 400"),
    Refusal(LOST, Reason.TOKEN_DEAD, type="AuthMissing", source="V 401"),
    Refusal(LOST, Reason.TOKEN_DEAD, type="invalid_token", source="RFC 9449, of OAuth"),
    Refusal(AWAY, Reason.UNREACHABLE, type="use_dpop_nonce", source="RFC 9449: nothing is done"),
    Refusal(AWAY, Reason.UNREACHABLE, type="invalid_dpop_proof", source="RFC 9449, of our clock"),
    Refusal(LOST, Reason.TOKEN_DEAD, type="AuthenticationRequired", source="S auth-verifier"),
    # As an account is at the server that it has left.
    Refusal(LOST, Reason.TOKEN_DEAD, type="AccountDeactivated", source="V 401"),
    Refusal(LOST, Reason.TOKEN_DEAD, type="AccountNotFound", source="V 403"),
    Refusal(LOST, Reason.TOKEN_DEAD, type="RepoNotFound", source="S repo.getRecord"),
    Refusal(REJECTED, Reason.SUSPENDED, type="AccountTakedown", source="V 401"),
)
POSTS = (
    # By our own key: an earlier request with other bytes landed.
    Refusal(REJECTED, Reason.DUPLICATE, type="InvalidSwap", source="V 400 Record was at …"),
    Refusal(AWAY, Reason.MEDIA_FAILED, type="BlobNotFound", source="V 400"),  # uploaded anew
    Refusal(
        REJECTED,
        Reason.TOO_LONG,
        type="InvalidRequest",
        words="grapheme too big|string too big",
        source="V 400",
    ),
    Refusal(
        REJECTED,
        Reason.MEDIA_REFUSED,
        type="InvalidRequest",
        words="file is too large|blob too large",
        source="V 400, at the post and not at the upload",
    ),
    Refusal(REJECTED, Reason.MEDIA_REFUSED, type="InvalidMimeType", source="S prepare.ts"),
    Refusal(REJECTED, Reason.MEDIA_REFUSED, type="PayloadTooLarge", source="S xrpc-server"),
)
OF_ALL_CALLS = (
    Refusal(LIMIT, Reason.RATE_LIMIT, statuses=(429,), source="V"),
    Refusal(REJECTED, Reason.NOT_FOUND, type="RecordNotFound", source="V 400"),
    Refusal(REJECTED, Reason.NOT_FOUND, type="NotFound", source="V feeds, 404 or 400"),
    Refusal(
        REJECTED,
        Reason.READING_REFUSED,
        type="InvalidRequest",
        words="no service configured",
        source="V a server without an AppView",
    ),
    Refusal(REJECTED, Reason.BAD_REQUEST, type="InvalidRequest", source="V 400"),
    Refusal(REJECTED, Reason.FORBIDDEN, type="Forbidden", source="S xrpc-server 403"),
)
REFUSALS = (*TOKENS, *POSTS, *OF_ALL_CALLS)
# OAuth: RFC 6749, RFC 9126 and RFC 9449, as servers here word them.
OAUTH = (
    Refusal(LOST, Reason.TOKEN_DEAD, type="invalid_grant", source="S oauth-provider"),
    Refusal(REJECTED, Reason.APP_REFUSED, type="invalid_client", source="S oauth-provider"),
    Refusal(REJECTED, Reason.APP_REFUSED, type="invalid_client_metadata", source="V"),
    Refusal(REJECTED, Reason.SIGN_IN_REFUSED, type="access_denied", source="RFC 6749"),
    Refusal(AWAY, Reason.UNREACHABLE, type="use_dpop_nonce", source="RFC 9449"),
    Refusal(AWAY, Reason.UNREACHABLE, type="invalid_dpop_proof", source="RFC 9449, of our clock"),
    *OF_ALL_CALLS,
)
# Signing in: the same names mean what was typed.
SIGN_IN = (
    Refusal(REJECTED, Reason.SIGN_IN_REFUSED, type="AuthenticationRequired", source="V 401"),
    # Only a main password is asked for a code from a mail.
    Refusal(REJECTED, Reason.MAIN_PASSWORD, type="AuthFactorTokenRequired", source="S sign-in"),
    Refusal(REJECTED, Reason.SIGN_IN_REFUSED, type="AccountNotFound", source="V 403"),
    Refusal(REJECTED, Reason.SIGN_IN_REFUSED, type="InvalidRequest", source="V 400"),
    *REFUSALS,
)
