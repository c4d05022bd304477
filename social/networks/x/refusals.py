"""X's ways to say no: how each looks, and what it means. Data; `errors` reads answers by it.

D: X's documentation and OpenAPI 2.167 (August 2026). V1: the list of error codes of API v1.1
(developer.twitter.com, "Response codes"), which v2 passes on in `errors`. R: a public report.
"""

from social.reasons import Reason

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
        Reason.CREDITS,
        title="spendcapreached",
        source="R spend caps, April 2026",
    ),
    Refusal(OF_ALL, Reason.CREDITS, type="credits", source="R xdevplatform/xdk, February 2026"),
    Refusal(OF_ALL, Reason.CREDITS, title="creditsdepleted", source="R the same"),
    Refusal(OF_ALL, Reason.MONTH_LIMIT, type="usage-capped", source="R xdevplatform/xdk#25"),
    Refusal(OF_ALL, Reason.MONTH_LIMIT, title="usagecapexceeded", source="R the same"),
    Refusal(
        OF_ALL,
        Reason.APP_REFUSED,
        words=r"client-not-enrolled|appropriate level of api access|attached to a project",
        source="R twitter-api-v2#478: type client-forbidden, reason client-not-enrolled",
    ),
    Refusal(OF_ALL, Reason.APP_REFUSED, type="unsupported-authentication", source="D"),
    Refusal(OF_ALL, Reason.APP_REFUSED, title="unsupportedauthentication", source="D"),
    Refusal(
        OF_ALL,
        Reason.APP_REFUSED,
        words=r"application-only is forbidden",
        source="D authentication map",
    ),
    Refusal(OF_ALL, Reason.APP_REFUSED, type="oauth1-permissions", source="D"),
)
BY_CODE = (
    Refusal(LOST, Reason.TOKEN_DEAD, codes=codes(32, 89, 99, 215), source="V1"),
    Refusal(LIMIT, Reason.RATE_LIMIT, codes=codes(88), source="V1"),
    Refusal(LIMIT, Reason.DAY_LIMIT, codes=codes(185, 344), pause_seconds=LONG, source="V1"),
    Refusal(LIMIT, Reason.AUTOMATED, codes=codes(226), pause_seconds=LONG, source="V1"),
    Refusal(AWAY, Reason.UNREACHABLE, codes=codes(130, 131), is_certain=False, source="V1"),
    Refusal(LOST, Reason.CHECKPOINT, codes=codes(231, 326), source="V1"),
    Refusal(
        OF_ALL, Reason.APP_REFUSED, codes=codes(87, 251, 261, 416, 453), source="V1; 453 R 2023"
    ),
    Refusal(REJECTED, Reason.SUSPENDED, codes=codes(63, 64), source="V1"),
    Refusal(REJECTED, Reason.TOO_LONG, codes=codes(186), source="V1"),
    Refusal(REJECTED, Reason.DUPLICATE, codes=codes(187), source="V1"),
    Refusal(REJECTED, Reason.BAD_LINK, codes=codes(44, 407), source="V1"),
    Refusal(REJECTED, Reason.MEDIA_REFUSED, codes=codes(323, 324, 386), source="V1"),
    Refusal(AWAY, Reason.MEDIA_FAILED, codes=codes(325), source="V1"),  # it is uploaded anew
    Refusal(REJECTED, Reason.NOT_FOUND, codes=codes(34, 50, 144), is_certain=False, source="V1"),
    Refusal(LOST, Reason.PERMISSION_MISSING, codes=codes(220), is_certain=False, source="V1"),
)
# What the words of a title, a detail or a message say, where nothing else does.
BY_WORDS = (
    Refusal(
        REJECTED,
        Reason.DUPLICATE,
        words=r"duplicate content|is a duplicate",
        source="R iembot#163",
    ),
    Refusal(
        OF_ALL, Reason.APP_REFUSED, words=r"suspended app|app(lication)? .*suspended", source="V1"
    ),
    Refusal(
        LOST, Reason.CHECKPOINT, words=r"account .*(temporarily locked|is locked)", source="V1"
    ),
    Refusal(
        REJECTED,
        Reason.SUSPENDED,
        words=r"(account|user) .*suspended|suspended account",
        source="V1",
    ),
    Refusal(
        LIMIT,
        Reason.DAY_LIMIT,
        words=r"daily (status (update )?|post |tweet )?limit",
        pause_seconds=LONG,
        source="V1",
    ),
    Refusal(
        LIMIT,
        Reason.AUTOMATED,
        words="looks like it might be automated",
        pause_seconds=LONG,
        source="V1",
    ),
    Refusal(
        REJECTED,
        Reason.TOO_LONG,
        words=r"too long|needs to be a bit shorter|exceeds? .*(characters|length)",
        source="V1",
    ),
    Refusal(
        AWAY, Reason.MEDIA_FAILED, words="media ids? (are|is) invalid|invalid media id", source="D"
    ),
    Refusal(REJECTED, Reason.CASHTAGS, words=r"\bcashtags?\b", source="D self-serve, April 2026"),
    Refusal(
        REJECTED,
        Reason.FORBIDDEN,
        statuses=(403,),
        words=r"\bquot(e|ing)\b|\brepl(y|ies|ying)\b",
        source="D self-serve, April 2026",
    ),
    Refusal(LOST, Reason.PERMISSION_MISSING, type="oauth2-permissions", source="D"),
    Refusal(
        LOST,
        Reason.PERMISSION_MISSING,
        statuses=(401, 403),  # a 400 may list the fields that there are, "scopes" among them
        words=r"\bscopes?\b|\bpermissions?\b",
        is_certain=False,
        source="R hybridauth and others: said although the post was made",
    ),
)
BY_TYPE_AT_LAST = (
    Refusal(REJECTED, Reason.FORBIDDEN, type="client-forbidden", source="D"),
    Refusal(REJECTED, Reason.BAD_REQUEST, type="invalid-request", source="D"),
    Refusal(REJECTED, Reason.NOT_FOUND, type="resource-not-found", is_certain=False, source="D"),
    Refusal(REJECTED, Reason.NOT_FOUND, type="resource-unavailable", is_certain=False, source="D"),
    Refusal(AWAY, Reason.UNREACHABLE, type="internal-error", is_certain=False, source="D"),
)
LIMITS = (
    Refusal(LIMIT, Reason.RATE_LIMIT, statuses=(429,), source="D"),
    Refusal(OF_ALL, Reason.CREDITS, statuses=(402,), source="D"),
)
BY_STATUS = (
    *LIMITS,
    Refusal(LOST, Reason.TOKEN_DEAD, statuses=(401,), source="D"),
    Refusal(REJECTED, Reason.NOT_FOUND, statuses=(404,), is_certain=False, source="D"),
    Refusal(REJECTED, Reason.FORBIDDEN, statuses=(403,), is_certain=False, source="R tweepy#1702"),
    Refusal(REJECTED, Reason.BAD_REQUEST, source="D"),
)
REFUSALS = (*BY_TYPE, *BY_CODE, *BY_WORDS, *BY_TYPE_AT_LAST, *BY_STATUS)
# At the token endpoint, whose `error` is read as a type. What refuses neither the refresh token nor
# the app (a page, an error of X's own) says nothing of the grant: it is as good as before.
TOKENS = (
    Refusal(OF_ALL, Reason.APP_REFUSED, type="unauthorized_client", source="R: wrong id or secret"),
    Refusal(OF_ALL, Reason.APP_REFUSED, type="invalid_client", source="RFC 6749, 5.2"),
    Refusal(
        OF_ALL,
        Reason.APP_REFUSED,
        type="invalid_request",
        words=r"missing required parameter|\bclient|authorization header",
        source="R: [client_id] and others; a wrong setting must not cut everybody off",
    ),
    Refusal(
        LOST, Reason.TOKEN_DEAD, statuses=(400, 401), type="invalid_grant", source="RFC 6749, 5.2"
    ),
    Refusal(
        LOST,
        Reason.TOKEN_DEAD,
        statuses=(400,),
        type="invalid_request",
        source="R requests-oauthlib and others: Value passed for the token was invalid.",
    ),
    *BY_TYPE,
    *LIMITS,
)
# Problems of X's gate, which looks at the app and the token before a post is made.
GATE = {"client-forbidden", "unsupported-authentication", "oauth2-permissions", "invalid-request"}
