"""Django's PostgreSQL, whose sessions begin with settings of ours.

They are said in a statement and not while connecting (libpq's `options`): poolers like PgBouncer
refuse that, and an `options` of the operator's own would take its place.
"""

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def _configure_connection(self, connection: Any) -> bool:
        said = settings.DATABASE_SESSION
        calls = ", ".join(["set_config(%s, %s, false)"] * len(said))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {calls}", [part for pair in said.items() for part in pair])
        super()._configure_connection(connection)  # type: ignore[misc]  # not in the stubs
        return True  # commit it, or a rollback would take it back
