import pytest

from project.api.limits import READS, WRITES, WRONG_TOKENS


@pytest.fixture(autouse=True)
def nobody_asked_before() -> None:
    for limit in (READS, WRITES, WRONG_TOKENS):
        limit.forget()
