"""All SQL of this room that is written by hand: the statements of the hot path. The ORM writes each
of them anew, which takes several times as long as the database takes to run it, and a send is a
dozen. Whatever is not asked at every send goes through the ORM.

Each function says what it is for and what it gains. Columns come from what the models declare, but
for the last three statements, which need no more than a few names.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db import connection, models
from django.utils import timezone

Job = tuple[UUID, datetime, int, str]  # a delivery's `job_id`, next time, user and network
ROWS_PER_INSERT = 2_000  # SQLite takes 32,766 values in a statement
MOST_LINES = 100  # SQLite joins 500 selections into one
DUE = "next_attempt_at <= %s"
# Of those in line only, as the index `delivery_order` has it.
ACCOUNT_LINE = f"FROM publishing_delivery WHERE state = 'queued' AND account = %s AND {DUE}"


def insert(alike: models.Model, differing: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert a copy of `alike` for each of `rows`, which has its own values for the columns named
    `differing`. A post may go to a thousand channels, and nearly all its deliveries say is the
    same: the ORM prepares each value of each row."""
    fields = {field.attname: field for field in alike._meta.concrete_fields}
    own = [fields.pop(name) for name in differing]
    shared = [field for field in fields.values() if not field.primary_key]
    same = [prepared(field, field.pre_save(alike, add=True)) for field in shared]
    names = ",".join(quoted(str(field.column)) for field in [*own, *shared])
    for start in range(0, len(rows), ROWS_PER_INSERT):
        lines = [list(map(prepared, own, row)) for row in rows[start : start + ROWS_PER_INSERT]]
        once, source, differ = several(own, shared, lines)
        run(
            f"INSERT INTO {table(alike)} ({names}) SELECT own.*, {once} FROM {source}",  # noqa: S608
            [*same, *differ],
        )


def several(
    own: Sequence[models.Field], shared: Sequence[models.Field], lines: Sequence[list[Any]]
) -> tuple[str, str, list[Any]]:
    """As SQL: values that all lines share, and lines with their own; and what these are. psycopg
    takes its time for every placeholder, so that PostgreSQL is given each column as an array."""
    if connection.vendor == "postgresql":
        once = ",".join(f"%s::{field.db_type(connection)}" for field in shared)
        arrays = ",".join(f"%s::{field.db_type(connection)}[]" for field in own)
        return once, f"unnest({arrays}) own", [list(column) for column in zip(*lines, strict=True)]
    line = f"({','.join(['%s'] * len(own))})"
    source = f"(VALUES {','.join([line] * len(lines))}) own"
    return ",".join(["%s"] * len(shared)), source, [value for line in lines for value in line]


def update(
    model: type[models.Model],
    values: Mapping[str, Any],
    known: Mapping[str, Any],
    also: str = "",
    given: Sequence[Any] = (),
    returning: str = "1",
) -> list[tuple]:
    """Set `values` where the columns are as `known` (a list: one of these) and `also`, SQL with
    `given` for its marks, holds. `returning` of each row that was changed. Every move of a delivery
    is one of these; three to five times as fast as the ORM's."""
    named: Callable[[str], Any] = model._meta.get_field  # one with a column
    setting = [f"{quoted(named(name).column)} = %s" for name in values]
    parameters = [prepared(named(name), value) for name, value in values.items()]
    conditions = []
    for name, value in known.items():
        field, of = named(name), value if isinstance(value, list) else [value]
        if value is None:
            conditions.append(f"{quoted(field.column)} IS NULL")
        else:
            conditions.append(f"{quoted(field.column)} IN ({','.join(['%s'] * len(of))})")
            parameters += [prepared(field, each) for each in of]
    conditions += [also] if also else []
    return run(
        f"UPDATE {table(model)} SET {', '.join(setting)} WHERE {' AND '.join(conditions)}"  # noqa: S608
        f" RETURNING {returning}",
        [*parameters, *given],
        fetch=True,
    )


def insert_unless_known(row: models.Model, *key: str) -> int | None:
    """Insert `row` unless there is one with the same values of the columns named `key`: the new id,
    or None. The ORM does not tell which of the two it was."""
    made = insert_or(row, key, "DO NOTHING", "id")
    return made[0][0] if made else None


def claim_draft(row: models.Model) -> tuple[int, int, str, Any] | None:
    """Insert `row`, a draft that was published, or make the draft of that id one: its id, revision,
    fields and the time it was saved. None where it was published before. One statement, because
    whoever saves meanwhile must come either before it or after it."""
    draft = table(row)
    claims = (
        "DO UPDATE SET published_as_id = excluded.published_as_id, trashed_at = NULL"
        f" WHERE {draft}.published_as_id IS NULL"
    )
    made = insert_or(row, ("user", "public_id"), claims, "id, revision, fields, changed_at")
    if not made:
        return None
    pk, revision, fields, changed_at = made[0]
    return pk, revision, fields, moment(changed_at)


def insert_or(row: models.Model, key: Sequence[str], otherwise: str, returning: str) -> list[tuple]:
    """Insert `row`, and do what SQL says in `otherwise` where its `key` is there."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    named: Callable[[str], Any] = row._meta.get_field
    names = ",".join(quoted(str(field.column)) for field in fields)
    unique = ",".join(quoted(str(named(name).column)) for name in key)
    return run(
        f"INSERT INTO {table(row)} ({names}) VALUES ({','.join(['%s'] * len(fields))})"  # noqa: S608
        f" ON CONFLICT ({unique}) {otherwise} RETURNING {returning}",
        [prepared(field, field.pre_save(row, add=True)) for field in fields],
        fetch=True,
    )


@dataclass(frozen=True)
class Part:
    """One of the rows of a joined one: how to make its object, and whose it is."""

    model: type[models.Model]
    names: list[str]
    converters: list[list[Callable[..., Any]]]
    owner: int = 0  # the number of the part that points at this one
    pointer: models.ForeignKey | None = None

    def load(self, values: Sequence[Any]) -> models.Model:
        made = [self._python(*pair) for pair in zip(self.converters, values, strict=True)]
        return self.model.from_db(connection.alias, self.names, made)

    @staticmethod
    def _python(converters: list[Callable[..., Any]], value: Any) -> Any:
        for convert in converters:
            value = convert(value, None, connection)
        return value


def read(model: type[models.Model], by: str, value: Any, *pointers: str) -> Any | None:
    """The one row whose column `by` has this value, with the rows it points at (`channel`,
    `channel__connection`: a pointer comes after its owner), as `select_related` gives it; None
    without one. Each job begins with it; four to six times as fast as the ORM's."""
    select, parts = joined(model, by, pointers, connection.vendor)
    field: Any = model._meta.get_field(by)
    rows = run(select, [prepared(field, value)], fetch=True)
    if not rows:
        return None
    made, start = [], 0
    for part in parts:
        end = start + len(part.names)
        made.append(part.load(rows[0][start:end]))
        if part.pointer:
            part.pointer.set_cached_value(made[part.owner], made[-1])
        start = end
    return made[0]


@cache
def joined(
    model: type[models.Model], by: str, pointers: tuple[str, ...], vendor: str
) -> tuple[str, list[Part]]:
    """The statement of `read`, and the parts of its rows."""
    parts, tables = [part_of(model)], f"{table(model)} t0"
    for number, path in enumerate(pointers, 1):
        owner_path, _, name = path.rpartition("__")
        owner = pointers.index(owner_path) + 1 if owner_path else 0
        pointer: Any = parts[owner].model._meta.get_field(name)
        target = pointer.target_field
        tables += f" JOIN {table(target.model)} t{number} ON t{number}.{quoted(target.column)}"
        tables += f" = t{owner}.{quoted(pointer.column)}"
        parts.append(part_of(target.model, owner, pointer))
    columns = ", ".join(
        f"t{number}.{quoted(str(field.column))}"
        for number, part in enumerate(parts)
        for field in part.model._meta.concrete_fields
    )
    known: Any = model._meta.get_field(by)
    return f"SELECT {columns} FROM {tables} WHERE t0.{quoted(known.column)} = %s", parts  # noqa: S608


def part_of(
    model: type[models.Model], owner: int = 0, pointer: models.ForeignKey | None = None
) -> Part:
    """How to read the columns of `model`."""
    fields = model._meta.concrete_fields
    converters = [
        connection.ops.get_db_converters(field.get_col("t")) + field.get_db_converters(connection)
        for field in fields
    ]
    return Part(model, [field.attname for field in fields], converters, owner, pointer)


def table(model: type[models.Model] | models.Model) -> str:
    """Its name, quoted."""
    return quoted(model._meta.db_table)


def quoted(name: str) -> str:
    """A name as SQL takes it."""
    return connection.ops.quote_name(name)


def prepared(field: models.Field, value: Any) -> Any:
    """A value as the field's column takes it."""
    return field.get_db_prep_save(value, connection)


def run(sql: str, given: Sequence[Any], fetch: bool = False) -> list[tuple]:
    """Execute `sql`; its rows, if they are wanted."""
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall() if fetch else []


# ── The order at an account ───────────────────────────────────────────────────────────────────
# It is (due_at, id), one at a time. Every send asks twice: the ORM has no pairs to compare.
def nobody_ahead(account: str, due_at: datetime, pk: int) -> tuple[str, list[Any]]:
    """The condition that none of those due at `account` comes before this one, and its values."""
    earlier = f"SELECT 1 {ACCOUNT_LINE} AND (due_at, id) < (%s, %s)"
    return f"NOT EXISTS ({earlier})", [account, stored(timezone.now()), stored(due_at), pk]


def next_at(account: str, other_than: int, has_come: bool = False) -> list[Job]:
    """The job of the delivery that is next at `account`, but for this one; with `has_come` only if
    its own job came too early, for one that is still in line needs no second."""
    now = timezone.now()
    waits = "AND d.waiting_for = 'turn'" if has_come else ""
    first = f"SELECT id {ACCOUNT_LINE} AND id <> %s ORDER BY due_at, id LIMIT 1"
    rows = run(
        f"""SELECT d.job_id, p.user_id, d.network FROM publishing_delivery d
        JOIN publishing_post p ON p.id = d.post_id WHERE d.id = ({first}) {waits}""",  # noqa: S608
        [account, stored(now), other_than],
        fetch=True,
    )
    return [(UUID(str(job_id)), now, user_id, network) for job_id, user_id, network in rows]


def next_due(
    channels: Sequence[tuple[UUID, str]],
    after: tuple[datetime, int],
    until: datetime | None,
    most: int,
) -> list[tuple[int, datetime, int]]:
    """(post, time, id) of what goes out next at these channels, given as (id, account), after the
    delivery of that time and id and before `until`. Each channel's own line is in an index and
    gives its first ones; with very many channels they are sorted instead."""
    if not channels:
        return []
    at, pk = after
    ends, end = ("AND due_at < %s", [stored(until)]) if until else ("", [])
    groups = [[one] for one in channels] if len(channels) <= MOST_LINES else [channels]
    lines: list[str] = []
    given: list[Any] = []
    for number, group in enumerate(groups):
        marks = ",".join(["%s"] * len(group))
        lines.append(
            f"""SELECT * FROM (SELECT post_id, due_at, id FROM publishing_delivery
            WHERE state = 'queued' AND account IN ({marks}) AND due_at >= %s
            AND (due_at, id) > (%s, %s) {ends} AND channel_id IN ({marks})
            ORDER BY due_at, id LIMIT %s) line{number}"""  # noqa: S608
        )
        given += [account for _, account in group]
        given += [stored(at), stored(at), pk, *end]
        given += [prepared_id(channel_id) for channel_id, _ in group] + [most]
    rows = run(f"{' UNION ALL '.join(lines)} ORDER BY 2, 3 LIMIT %s", [*given, most], fetch=True)
    return [(post_id, moment(due_at), pk) for post_id, due_at, pk in rows]


def prepared_id(channel_id: UUID) -> Any:
    """The id of a channel as a column takes it."""
    return channel_id if connection.features.has_native_uuid_field else channel_id.hex


def current_content(pk: int) -> tuple[str, str, int, dict[str, str]]:
    """A delivery's own text, its post's, how many pictures that has, and the delivery's extras, as
    they are now. Asked by each send once it has claimed its delivery."""
    [(*content, extras)] = run(
        """SELECT d.text, p.text, p.picture_count, d.extras FROM publishing_delivery d
        JOIN publishing_post p ON p.id = d.post_id WHERE d.id = %s""",
        [pk],
        fetch=True,
    )
    return (*content, json.loads(extras))


# ── The heartbeat of an instance ──────────────────────────────────────────────────────────────
def beat_if_seen(name: str, beats: int, earliest: datetime, latest: datetime) -> int | None:
    """Count one more beat of the instance `name`, if it was seen between these times by a database
    that knows `beats` at least: how many it counts now. One statement, because the ORM does not
    give back what it has updated."""
    rows = run(
        """UPDATE publishing_instance SET seen_at = %s, beats = beats + 1
        WHERE name = %s AND seen_at BETWEEN %s AND %s AND beats >= %s RETURNING beats""",
        [stored(timezone.now()), name, stored(earliest), stored(latest), beats],
        fetch=True,
    )
    return rows[0][0] if rows else None


def stored(moment: datetime) -> Any:
    """A time as this database takes it."""
    return connection.ops.adapt_datetimefield_value(moment)


def moment(column: Any) -> datetime:
    """A time as a column gave it to a statement by hand: SQLite's have no zone."""
    at = column if isinstance(column, datetime) else datetime.fromisoformat(column)
    return at if at.tzinfo else at.replace(tzinfo=UTC)
