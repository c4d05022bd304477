"""What somebody takes along, read as a program would."""

import json
from typing import Any

from project.accounts.exporting import export_of


def exported(user: Any) -> dict[str, Any]:
    return dict(json.loads("".join(export_of(user))))
