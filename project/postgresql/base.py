"""Django's PostgreSQL, whose sessions begin with settings of ours.

They are said in a statement and not while connecting (libpq's `options`): poolers like PgBouncer
refuse that, and an `options` of the operator's own would take its place.
"""

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base

from social.timing import scaled

# Of a machine that vanishes the server hears nothing: what it had locked must be free before its
# leases (30 s) run out and others look at those rows.
IDLE_SECONDS, LEAST_IDLE_SECONDS = 20, 2


class DatabaseWrapper(base.DatabaseWrapper):
    def _configure_connection(self, connection: Any) -> bool:
        idle_seconds = max(LEAST_IDLE_SECONDS, scaled(IDLE_SECONDS))
        values = settings.DATABASE_SESSION | {
            "idle_in_transaction_session_timeout": f"{int(1000 * idle_seconds)}",
        }
        calls = ", ".join(["set_config(%s, %s, false)"] * len(values))
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {calls}", [part for pair in values.items() for part in pair])
        super()._configure_connection(connection)  # type: ignore[misc]  # not in the stubs
        return True  # commit it, or a rollback would take it back
