"""Mastodon's ways to say no: how each looks, and what it means. Data; `errors` reads answers by it.

D: docs.joinmastodon.org. S: mastodon/mastodon and superseriousbusiness/gotosocial, their sources.
V: GoToSocial (October 2025) and mastodon-mock 0.6.1, as they answered.
"""

from social.reasons import Reason

from ..refusals import Means, Refusal

LIMIT, LOST, REJECTED = Means.LIMIT, Means.LOST, Means.REJECTED
INVALID = (400, 422)  # GoToSocial says 400 where Mastodon says 422

REFUSALS = (
    Refusal(LIMIT, Reason.RATE_LIMIT, statuses=(429,), source="D rate limits"),
    Refusal(LOST, Reason.TOKEN_DEAD, statuses=(401,), words="token|unauthorized", source="D, V"),
    Refusal(
        LOST,
        Reason.PERMISSION_MISSING,
        statuses=(401, 403),
        words="scope",
        source="D This action is outside the authorized scopes",
    ),
    Refusal(
        LOST,
        Reason.CHECKPOINT,
        statuses=(401, 403),
        words="login is currently|pending|confirm",
        source="S Your login is currently disabled, pending approval, missing a confirmed e-mail",
    ),
    Refusal(REJECTED, Reason.SUSPENDED, statuses=(403,), words="suspended", source="S gotosocial"),
    Refusal(REJECTED, Reason.FORBIDDEN, statuses=(403,), source="D This action is not allowed"),
    # Only a request with a key that made a post says so: that one was deleted there.
    Refusal(REJECTED, Reason.DELETED_THERE, statuses=(404,), words="record", source="S find"),
    Refusal(
        REJECTED,
        Reason.TOO_LONG,
        statuses=INVALID,
        words="character limit|too long|max chars",
        source="D Text character limit of 500 exceeded; V",
    ),
    # An upload is used once: that post is there already, or it was kept for too long.
    Refusal(
        REJECTED,
        Reason.DUPLICATE,
        statuses=INVALID,
        words="media.*not found|media.*already",
        source="S validate_media!",
    ),
    Refusal(
        Means.AWAY,
        Reason.MEDIA_SLOW,
        statuses=INVALID,
        words="not (?:yet )?(?:ready|finished|processed|been processed)|try again in a moment",
        source="S Cannot attach files that have not finished processing",
    ),
    Refusal(
        REJECTED,
        Reason.MEDIA_REFUSED,
        statuses=(*INVALID, 413),
        words="file|media|image|too large",
        source="D",
    ),
    Refusal(REJECTED, Reason.EMPTY, statuses=INVALID, words="blank|no text", source="D, V"),
    Refusal(REJECTED, Reason.BAD_REQUEST, statuses=INVALID, source="D Validation failed"),
)
# Signing in: OAuth's names (RFC 6749, 5.2).
SIGN_IN = (
    Refusal(REJECTED, Reason.APP_REFUSED, type="invalid_client", source="D"),
    Refusal(REJECTED, Reason.APP_REFUSED, type="unauthorized_client", source="D"),
    Refusal(REJECTED, Reason.SIGN_IN_REFUSED, type="invalid_grant", source="D"),
    *REFUSALS,
)
