"""What somebody takes along of what we hold of them: each model says which of its columns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q


@dataclass(frozen=True)
class ExportPart:
    """One list of the file that `project.accounts.exporting` writes: the rows of one model. A
    model whose rows belong to somebody has one as `export`, or None there and why."""

    name: str  # of the list
    columns: str  # named one by one, so that no secret slips in
    owner: str = "user"  # the way from a row to whose it is
    only: Q = field(default_factory=Q)
    # column → its name in the file: programs read that, and a column may get a better name
    renamed: Mapping[str, str] = field(default_factory=dict)
    # What else is said of a row, given its primary key.
    details: Callable[[Any], Mapping[str, Any]] | None = None

    def entry(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """The values of `row` under the names that they have in the file."""
        return {self.renamed.get(name, name.replace("__", "_")): row[name] for name in row}
