"""Many rows waiting in django-q2's table, ours or theirs: real jobs, copied by SQL."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.utils import timezone
from django_q.models import OrmQ

from . import acts
from .bench.models import Row

TABLE = "django_q_ormq"
TEMPLATES = 500
# When they are due: behind what we add, or not before this benchmark is over.
DUE = {
    "behind": -timedelta(hours=1),
    "locked": timedelta(hours=1),
    "future": timedelta(days=1),
}
FIRST = -timedelta(days=1)


def fill(kind: str, count: int) -> None:
    """`count` rows that wait in the way that `kind` says."""
    acts.enqueue(acts.rows(TEMPLATES))
    templates = list(OrmQ.objects.values_list("pk", flat=True))
    columns = {name: f'"{name}"' for name in column_names() if name != "id"}
    columns["lock"] = "%s"
    if kind == "locked":  # as held by a worker of another machine
        held = {"starts": "1", "holder": "'elsewhere:1:1'"}
        columns |= {name: value for name, value in held.items() if name in columns}
    if kind == "future" and "queue_position" in columns:
        # Ours stand in line from their time on, the templates do already.
        columns["queue_position"] = "NULL"
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {TABLE} ({names}) SELECT {", ".join(columns.values())}
            FROM {TABLE} CROSS JOIN ({series()}) AS copies LIMIT {count}""",
            [stored(kind), count // TEMPLATES + 1],
        )
    OrmQ.objects.filter(pk__lte=max(templates)).delete()
    Row.objects.update(status="sent")  # nobody is to miss them
    settle()


def column_names() -> list[str]:
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(cursor, TABLE)
    return [column.name for column in found]


def series() -> str:
    if connection.vendor == "postgresql":
        return "SELECT generate_series(1, %s)"
    return """WITH RECURSIVE series(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM series
        WHERE n < %s) SELECT n FROM series"""


def stored(kind: str) -> Any:
    return connection.ops.adapt_datetimefield_value(timezone.now() + DUE[kind])


def settle() -> None:
    """What autovacuum and a checkpoint would have done by the time a table has grown so large."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")
        else:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def put_first(count: int) -> None:
    """The newest `count` jobs are due before all others."""
    newest = list(OrmQ.objects.order_by("-pk").values_list("pk", flat=True)[:count])
    OrmQ.objects.filter(pk__gte=min(newest)).update(lock=timezone.now() + FIRST)
