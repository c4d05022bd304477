import pytest

from social.networks import NETWORKS

from .listening import certificate_for
from .stage import Stage, stage_of


@pytest.fixture(params=NETWORKS)
def stage(request, sandbox) -> Stage:
    return stage_of(request.param, sandbox)


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    """The file of a key and a self-signed certificate for localhost."""
    return certificate_for("localhost", tmp_path_factory.mktemp("tls") / "certificate.pem")
