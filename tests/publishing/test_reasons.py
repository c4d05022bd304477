"""The words for why a delivery stands where it stands."""

import pytest

from social.networks.messages import sentence
from social.reasons import CANNOT_LOOK, Reason


@pytest.mark.parametrize("reason", Reason)
def test_every_reason_is_said_in_a_sentence(reason):
    assert sentence(reason, "X").endswith(".")


def test_a_reason_is_its_word_wherever_that_stands():
    """In a row, in JSON, as a key: all of them know nothing of the enum."""
    assert Reason.LATE == "late" and hash(Reason.LATE) == hash("late")
    assert f"{Reason.LATE}" == "late"


def test_what_nobody_could_verify_begins_with_one_word():
    assert {it for it in Reason if it.startswith(CANNOT_LOOK)} == {
        Reason.CANNOT_LOOK_AWAY,
        Reason.CANNOT_LOOK_CREDITS,
        Reason.CANNOT_LOOK_PERMISSION,
        Reason.CANNOT_LOOK_REFUSED,
        Reason.CANNOT_LOOK_TOKEN,
    }
