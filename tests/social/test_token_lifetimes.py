"""How long something lives, as networks say it: no number of theirs is an error of ours."""

from datetime import UTC, datetime

import pytest

from social.networks.reading import LONGEST_LIFE, seconds

from .stage import stage_of

ODD = [10**30, "7200.0", "1e400", "soon", -5, 0, None, [], float("nan")]


@pytest.mark.parametrize("said", ODD, ids=repr)
def test_an_odd_number_of_seconds_is_bounded_or_passed_over(said):
    assert 0 < seconds(said, 60) <= LONGEST_LIFE


@pytest.mark.parametrize("said", ODD[:4], ids=repr)
@pytest.mark.parametrize("network", ["x", "facebook"])
def test_a_renewal_that_lasts_oddly_long_is_kept(network, said, sandbox):
    stage = stage_of(network, sandbox)
    told = {"access_token": "a-new-one", "refresh_token": "its-twin", "expires_in": said}
    path = r"/oauth2?/(access_)?token$"
    fault = {"match": {"path_regex": path}, "action": {"status": 200, "json": told}}
    sandbox.call("POST", "/faults", json=fault)
    grant = stage.network.renew(stage.grant)
    assert grant.access == "a-new-one"
    assert grant.expires_at is None or grant.expires_at > datetime.now(UTC)
