"""What is easily lost when code is moved: each was in a trial, and no other test noticed."""

import json

from importing.models.storing import OF_ITEM, as_json, as_values


def test_rows_are_one_value_for_postgresql_and_many_for_sqlite():
    row, shared = [f"{name} of it" for name in OF_ITEM], ["timeline", 1, "post", "x", "now", "now"]
    given, values = as_json([row], shared)
    assert values[:-1] == shared and given.count("%s") == len(values)
    assert json.loads(values[-1]) == [dict(zip(OF_ITEM, row, strict=True))]
    given, values = as_values([row, row], shared)
    assert values == [*row, *shared] * 2 and given.count("%s") == len(values)
