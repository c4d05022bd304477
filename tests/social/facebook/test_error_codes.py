"""Facebook's codes and subcodes, each with what it means for a read and for a post.

The table is the one of Meta's error pages and of field reports, as our protocol notes have it.
"""

import facebook
import pytest

from social.networks.facebook.errors import classify
from social.reasons import Reason

TEMPORARY, LIMITED, LOST = "TemporaryError", "RateLimited", "AuthorizationLost"
REJECTED, UNKNOWN = "Rejected", "OutcomeUnknown"
MAY_BE_THERE = (UNKNOWN, "limit_in_doubt")
AWAY, SERVER = (TEMPORARY, "unreachable"), (UNKNOWN, "server_error")
BUSY, NO_PERMISSION = (LIMITED, "rate_limit"), (LOST, "permission_missing")
ROLE, DEAD = (LOST, "page_role"), (LOST, "token_dead")
NO_RIGHT = (UNKNOWN, "permission_in_doubt")  # said although the post was made
GONE = ((REJECTED, "not_found"), (UNKNOWN, "not_found_in_doubt"))
IMPERSONATING = "must be granted before impersonating a user's page"

# (code, subcode): (for a read, for a post)
TABLE = {
    (1, None): (AWAY, SERVER),
    (1, 99): (AWAY, SERVER),
    (2, None): (AWAY, SERVER),
    (1, 2853006): (NO_PERMISSION, NO_RIGHT),
    (4, None): (BUSY, MAY_BE_THERE),
    (17, None): (BUSY, MAY_BE_THERE),
    (32, None): (BUSY, MAY_BE_THERE),
    (341, None): (BUSY, MAY_BE_THERE),
    (613, None): (BUSY, MAY_BE_THERE),
    (80001, None): (BUSY, MAY_BE_THERE),
    (368, 1390008): ((LIMITED, "slow_down"), (UNKNOWN, "slow_down_in_doubt")),
    (3, None): (NO_PERMISSION, NO_RIGHT),
    (10, None): (NO_PERMISSION, NO_RIGHT),
    (200, None): (NO_PERMISSION, NO_RIGHT),
    (299, None): (NO_PERMISSION, NO_RIGHT),
    (100, None): ((REJECTED, "bad_request"),) * 2,
    (100, 33): GONE,
    (100, 36009): ((REJECTED, "bad_request"),) * 2,
    (102, None): (DEAD, DEAD),
    (2500, None): (DEAD, DEAD),
    (190, None): (DEAD, DEAD),
    (190, 458): ((LOST, "app_removed"),) * 2,
    (190, 459): ((LOST, "checkpoint"),) * 2,
    (190, 460): ((LOST, "password_changed"),) * 2,
    (190, 463): (DEAD, DEAD),
    (190, 464): ((LOST, "checkpoint"),) * 2,
    (190, 467): (DEAD, DEAD),
    (190, 492): (ROLE, NO_RIGHT),
    (190, 2069032): ((LOST, "not_ticked"), NO_RIGHT),
    (506, None): ((REJECTED, "duplicate"),) * 2,
    (1609005, None): ((REJECTED, "bad_link"),) * 2,
    (1609008, None): ((REJECTED, "bad_link"),) * 2,
    (803, None): GONE,
    (None, None): (AWAY, SERVER),
    (3001, None): ((REJECTED, "bad_request"), SERVER),  # no list has it
}
OF_ONE_PLACE = {"page_role", "not_ticked"}
OF_ALL = {4, 341}


def answered(code, subcode, creating, message="said"):
    said = {"message": message, "code": code, "error_subcode": subcode}
    body = {"error": said} if code is not None else {"foo": "bar"}
    status = 500 if code in (None, 1, 2) else 400
    return classify(facebook.GraphAPIError(body), status, creating)


@pytest.mark.parametrize("creating", [False, True], ids=["read", "post"])
@pytest.mark.parametrize(("code", "subcode"), TABLE)
def test_code(code, subcode, creating):
    error = answered(code, subcode, creating)
    kind, reason = TABLE[code, subcode][creating]
    assert (type(error).__name__, error.reason) == (kind, reason)
    assert reason in set(Reason)
    if kind == LOST:
        assert error.place_only == (reason in OF_ONE_PLACE)
    if (kind, reason) == NO_RIGHT:
        assert error.refusal.place_only and error.refusal.reason == (
            "permission_missing" if code != 190 else TABLE[code, subcode][0][1]
        )
    is_limit = TABLE[code, subcode][0][0] == LIMITED
    assert [limit.of_all for limit in error.limits] == ([code in OF_ALL] if is_limit else [])


def test_a_permission_on_one_page_is_not_the_token():
    error = answered(190, None, True, IMPERSONATING).refusal
    assert (error.reason, error.place_only) == ("page_role", True)


@pytest.mark.parametrize(
    "message",
    ["Unsupported post request.", "Object does not exist, cannot be loaded due to missing rights"],
)
def test_before_there_was_a_subcode_for_it(message):
    error = answered(100, None, True, message)
    assert (type(error).__name__, error.reason) == (UNKNOWN, "not_found_in_doubt")
