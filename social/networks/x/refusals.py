"""X's ways to say no: how each looks, and what it means. Data; `errors` reads answers by it.

D: X's documentation and OpenAPI 2.167 (August 2026). V1: the list of error codes of API v1.1
(developer.twitter.com, "Response codes"), which v2 passes on in `errors`. R: a public report.
"""

from ..refusals import Means, Refusal

LIMIT, OF_ALL, LOST = Means.LIMIT, Means.LIMIT_OF_ALL, Means.LOST
REJECTED, AWAY = Means.REJECTED, Means.AWAY
LONG = 3600  # seconds


def codes(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


# Whatever the status: X says what is wrong by the type or the title of a problem.
BY_TYPE = (
    Refusal(
        OF_ALL,
        "credits",
        title="spendcapreached",
        source="R spend caps, April 2026",
    ),
    Refusal(OF_ALL, "credits", type="credits", source="R xdevplatform/xdk, February 2026"),
    Refusal(OF_ALL, "credits", title="creditsdepleted", source="R the same"),
    Refusal(OF_ALL, "month_limit", type="usage-capped", source="R xdevplatform/xdk#25"),
    Refusal(OF_ALL, "month_limit", title="usagecapexceeded", source="R the same"),
    Refusal(
        OF_ALL,
        "app_refused",
        words=r"client-not-enrolled|appropriate level of api access|attached to a project",
        source="R twitter-api-v2#478: type client-forbidden, reason client-not-enrolled",
    ),
    Refusal(OF_ALL, "app_refused", type="unsupported-authentication", source="D"),
    Refusal(OF_ALL, "app_refused", title="unsupportedauthentication", source="D"),
    Refusal(
        OF_ALL, "app_refused", words=r"application-only is forbidden", source="D authentication map"
    ),
    Refusal(OF_ALL, "app_refused", type="oauth1-permissions", source="D"),
)
BY_CODE = (
    Refusal(LOST, "token_dead", codes=codes(32, 89, 99, 215), source="V1"),
    Refusal(LIMIT, "rate_limit", codes=codes(88), source="V1"),
    Refusal(LIMIT, "day_limit", codes=codes(185, 344), pause_seconds=LONG, source="V1"),
    Refusal(LIMIT, "automated", codes=codes(226), pause_seconds=LONG, source="V1"),
    Refusal(AWAY, "unreachable", codes=codes(130, 131), is_certain=False, source="V1"),
    Refusal(LOST, "checkpoint", codes=codes(231, 326), source="V1"),
    Refusal(OF_ALL, "app_refused", codes=codes(87, 251, 261, 416, 453), source="V1; 453 R 2023"),
    Refusal(REJECTED, "suspended", codes=codes(63, 64), source="V1"),
    Refusal(REJECTED, "too_long", codes=codes(186), source="V1"),
    Refusal(REJECTED, "duplicate", codes=codes(187), source="V1"),
    Refusal(REJECTED, "bad_link", codes=codes(44, 407), source="V1"),
    Refusal(REJECTED, "media_refused", codes=codes(323, 324, 386), source="V1"),
    Refusal(AWAY, "media_failed", codes=codes(325), source="V1"),  # it is uploaded anew
    Refusal(REJECTED, "not_found", codes=codes(34, 50, 144), is_certain=False, source="V1"),
    Refusal(LOST, "permission_missing", codes=codes(220), is_certain=False, source="V1"),
)
# What the words of a title, a detail or a message say, where nothing else does.
BY_WORDS = (
    Refusal(
        REJECTED,
        "duplicate",
        words=r"duplicate content|is a duplicate",
        source="R iembot#163",
    ),
    Refusal(OF_ALL, "app_refused", words=r"suspended app|app(lication)? .*suspended", source="V1"),
    Refusal(LOST, "checkpoint", words=r"account .*(temporarily locked|is locked)", source="V1"),
    Refusal(
        REJECTED,
        "suspended",
        words=r"(account|user) .*suspended|suspended account",
        source="V1",
    ),
    Refusal(
        LIMIT,
        "day_limit",
        words=r"daily (status (update )?|post |tweet )?limit",
        pause_seconds=LONG,
        source="V1",
    ),
    Refusal(
        LIMIT,
        "automated",
        words="looks like it might be automated",
        pause_seconds=LONG,
        source="V1",
    ),
    Refusal(
        REJECTED,
        "too_long",
        words=r"too long|needs to be a bit shorter|exceeds? .*(characters|length)",
        source="V1",
    ),
    Refusal(AWAY, "media_failed", words="media ids? (are|is) invalid|invalid media id", source="D"),
    Refusal(REJECTED, "cashtags", words=r"\bcashtags?\b", source="D self-serve, April 2026"),
    Refusal(
        REJECTED,
        "forbidden",
        statuses=(403,),
        words=r"\bquot(e|ing)\b|\brepl(y|ies|ying)\b",
        source="D self-serve, April 2026",
    ),
    Refusal(LOST, "permission_missing", type="oauth2-permissions", source="D"),
    Refusal(
        LOST,
        "permission_missing",
        statuses=(401, 403),  # a 400 may list the fields that there are, "scopes" among them
        words=r"\bscopes?\b|\bpermissions?\b",
        is_certain=False,
        source="R hybridauth and others: said although the post was made",
    ),
)
BY_TYPE_AT_LAST = (
    Refusal(REJECTED, "forbidden", type="client-forbidden", source="D"),
    Refusal(REJECTED, "bad_request", type="invalid-request", source="D"),
    Refusal(REJECTED, "not_found", type="resource-not-found", is_certain=False, source="D"),
    Refusal(REJECTED, "not_found", type="resource-unavailable", is_certain=False, source="D"),
    Refusal(AWAY, "unreachable", type="internal-error", is_certain=False, source="D"),
)
LIMITS = (
    Refusal(LIMIT, "rate_limit", statuses=(429,), source="D"),
    Refusal(OF_ALL, "credits", statuses=(402,), source="D"),
)
BY_STATUS = (
    *LIMITS,
    Refusal(LOST, "token_dead", statuses=(401,), source="D"),
    Refusal(REJECTED, "not_found", statuses=(404,), is_certain=False, source="D"),
    Refusal(REJECTED, "forbidden", statuses=(403,), is_certain=False, source="R tweepy#1702"),
    Refusal(REJECTED, "bad_request", source="D"),
)
REFUSALS = (*BY_TYPE, *BY_CODE, *BY_WORDS, *BY_TYPE_AT_LAST, *BY_STATUS)
# At the token endpoint, whose `error` is read as a type. What refuses neither the refresh token nor
# the app (a page, an error of X's own) says nothing of the grant: it is as good as before.
TOKENS = (
    Refusal(OF_ALL, "app_refused", type="unauthorized_client", source="R: wrong id or secret"),
    Refusal(OF_ALL, "app_refused", type="invalid_client", source="RFC 6749, 5.2"),
    Refusal(
        OF_ALL,
        "app_refused",
        type="invalid_request",
        words=r"missing required parameter|\bclient|authorization header",
        source="R: [client_id] and others; a wrong setting must not cut everybody off",
    ),
    Refusal(LOST, "token_dead", statuses=(400, 401), type="invalid_grant", source="RFC 6749, 5.2"),
    Refusal(
        LOST,
        "token_dead",
        statuses=(400,),
        type="invalid_request",
        source="R requests-oauthlib and others: Value passed for the token was invalid.",
    ),
    *BY_TYPE,
    *LIMITS,
)
# Problems of X's gate, which looks at the app and the token before a post is made.
GATE = {"client-forbidden", "unsupported-authentication", "oauth2-permissions", "invalid-request"}
