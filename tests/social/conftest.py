import pytest

from social.networks import NETWORKS

from .stage import Stage, stage_of


@pytest.fixture(params=NETWORKS)
def stage(request, sandbox) -> Stage:
    return stage_of(request.param, sandbox)
