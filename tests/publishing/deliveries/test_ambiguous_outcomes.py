"""A short run of `python -m tests.ambiguous`."""

import pytest

from tests.publishing.deliveries.doubtful import Doubtful


@pytest.mark.django_db
def test_ambiguous_outcomes_are_found_or_absent_as_they_really_are(sandbox):
    doubtful = Doubtful(sandbox, seed=7)
    doubtful.look_up(30)
    assert not doubtful.wrong
    assert doubtful.count["found"] > 7 and doubtful.count["absent"] > 7
    assert doubtful.count["asked"] <= 2 + doubtful.count["edited there"]
