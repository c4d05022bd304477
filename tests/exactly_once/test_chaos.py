"""A few seconds of what `make chaos` does for a quarter of an hour."""

import pytest

from .chaos import Chaos
from .databases import Disk, Untouched


@pytest.mark.django_db(transaction=True)
def test_a_few_seconds_of_chaos(sandbox, tmp_path):
    chaos = Chaos(
        number=80,
        seed=4,
        sandbox=sandbox,
        directory=tmp_path,
        database=Untouched(),
        disk=Disk(tmp_path),
        people=12,
        least=4,
        scale=0.03,
        questions=0.5,  # few are many of so few, and a busy machine makes them late
        seconds=60,
        patience=180,  # it says so when it has settled; only a busy machine takes long
    )
    assert chaos.run(), chaos.failed
