"""Graph's ways to say no: how each looks, and what it means. Data; `errors` reads by it.

Graph is read by code and subcode; its HTTP status says little. M: Meta's pages on errors and on
Pages' errors (v25.0, summer 2026). R: a public report.
"""

from social.reasons import Reason

from ..refusals import Means, Refusal

LIMIT, OF_ALL, LOST, PLACE = Means.LIMIT, Means.LIMIT_OF_ALL, Means.LOST, Means.LOST_PLACE
REJECTED, AWAY = Means.REJECTED, Means.AWAY
CLIENT_ERRORS = tuple(range(400, 500))  # a bad parameter is a no only with one of these


def codes(*numbers: int) -> frozenset[int]:
    return frozenset(numbers)


SESSION, PERMISSION_CODES = codes(102, 190, 2500), codes(3, 10, *range(200, 300))
BAD_PARAMETER = codes(100)
SEEN_ALL_THE_SAME = "R hybridauth#219, php-graph-sdk#216: said although the post was made"

FOR_OPERATORS = (
    Refusal(
        OF_ALL,
        Reason.APP_REFUSED,
        codes=BAD_PARAMETER,
        words="appsecret_proof",
        source="M securing requests",
    ),
    Refusal(
        OF_ALL,
        Reason.APP_REFUSED,
        codes=codes(200),
        words="api access (is )?(blocked|deactivated)",
        source="R: while Meta checks an app",
    ),
    Refusal(
        OF_ALL,
        Reason.APP_REFUSED,
        codes=codes(190),
        words="error validating application|app(lication)? (has been deleted|is inactive)",
        source="M",
    ),
    Refusal(OF_ALL, Reason.APP_REFUSED, codes=codes(101), source="M: invalid API key"),
    Refusal(
        OF_ALL,
        Reason.APP_REFUSED,
        codes=codes(1, 100),
        words="client secret",
        source="R facebook-php-graph-sdk: Error validating client secret.",
    ),
)
LIMITS = (
    # Seen although the post was live (R Postiz#1681): sent again after a wait it would be there
    # twice, or be "refused as a duplicate" of itself.
    Refusal(OF_ALL, Reason.RATE_LIMIT, codes=codes(4, 341), is_certain=False, source="M"),
    Refusal(
        LIMIT,
        Reason.RATE_LIMIT,
        codes=codes(17, 32, 613, *range(80000, 80015)),
        is_certain=False,
        source="M",
    ),
    Refusal(
        REJECTED,
        Reason.POLICY,
        codes=codes(368),
        subcodes=frozenset({1346003}),
        source="R: content that others reported as abusive",
    ),
    Refusal(
        LIMIT,
        Reason.SLOW_DOWN,
        codes=codes(368),
        is_certain=False,
        pause_seconds=3600,  # asking sooner prolongs it
        source="M; R koala#422",
    ),
)
TOKENS = (
    Refusal(
        PLACE, Reason.PAGE_ROLE, codes=SESSION, subcodes=codes(492), is_certain=False, source="M"
    ),
    Refusal(
        PLACE,
        Reason.PAGE_ROLE,
        codes=SESSION,
        words="impersonat|administrator of the page",
        is_certain=False,
        source="R postiz#1912, bridgy#596: of that Page, not of the token",
    ),
    Refusal(
        PLACE,
        Reason.NOT_TICKED,
        codes=SESSION,
        subcodes=codes(2069032),
        is_certain=False,
        source="M: a person's token, where a Page's own is needed",
    ),
    Refusal(LOST, Reason.APP_REMOVED, codes=SESSION, subcodes=codes(458), source="M"),
    Refusal(LOST, Reason.CHECKPOINT, codes=SESSION, subcodes=codes(459, 464), source="M"),
    Refusal(LOST, Reason.PASSWORD_CHANGED, codes=SESSION, subcodes=codes(460), source="M"),
    Refusal(LOST, Reason.TOKEN_DEAD, codes=SESSION, source="M"),
)
RIGHTS = (
    Refusal(
        LOST,
        Reason.PERMISSION_MISSING,
        codes=PERMISSION_CODES,
        is_certain=False,
        source=SEEN_ALL_THE_SAME,
    ),
    Refusal(
        LOST,
        Reason.PERMISSION_MISSING,
        codes=codes(1),
        subcodes=codes(2853006),
        is_certain=False,
        source=SEEN_ALL_THE_SAME,
    ),
)
POSTS = (
    Refusal(
        AWAY,  # it is uploaded anew
        Reason.MEDIA_FAILED,
        statuses=CLIENT_ERRORS,
        codes=BAD_PARAMETER,
        words="attached_media|media_fbid|invalid photo",
        source="R",
    ),
    Refusal(
        AWAY,  # the same question will never be answered
        Reason.ANSWER_TOO_LONG,
        codes=codes(1),
        words="reduce the amount of data",
        is_certain=False,
        source="M",
    ),
    Refusal(REJECTED, Reason.DUPLICATE, codes=codes(506), source="M"),
    Refusal(
        REJECTED,
        Reason.BAD_LINK,
        codes=codes(1609005, 1500, 1609008),
        source="M; R Postiz: no link of Facebook's own",
    ),
    Refusal(
        REJECTED,
        Reason.BAD_LINK,
        statuses=CLIENT_ERRORS,
        codes=BAD_PARAMETER,
        subcodes=codes(1609005, 1500, 1609008),
        source="M",
    ),
    Refusal(
        REJECTED, Reason.NOT_FOUND, codes=codes(803), is_certain=False, source=SEEN_ALL_THE_SAME
    ),
    Refusal(
        REJECTED,
        Reason.NOT_FOUND,
        statuses=CLIENT_ERRORS,
        codes=BAD_PARAMETER,
        subcodes=codes(33),
        is_certain=False,
        source=SEEN_ALL_THE_SAME,
    ),
    Refusal(  # before there was a subcode for it
        REJECTED,
        Reason.NOT_FOUND,
        statuses=CLIENT_ERRORS,
        codes=BAD_PARAMETER,
        words="unsupported post request|does not exist",
        is_certain=False,
        source=SEEN_ALL_THE_SAME,
    ),
    Refusal(REJECTED, Reason.BAD_REQUEST, statuses=CLIENT_ERRORS, codes=BAD_PARAMETER, source="M"),
    Refusal(AWAY, Reason.UNREACHABLE, codes=codes(1, 2), is_certain=False, source="R koala#699"),
)
REFUSALS = (*FOR_OPERATORS, *LIMITS, *TOKENS, *RIGHTS, *POSTS)
