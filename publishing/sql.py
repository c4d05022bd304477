"""Statements of the hot path, put together by hand from what the models declare. The ORM writes
each of them anew, which takes ten times as long as the database takes to run it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.db import connection, models

AT_A_TIME = 2_000  # rows; SQLite takes 32,766 values in a statement


def insert(alike: models.Model, differing: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert a copy of `alike` for each of `rows`, which has its own values for the columns named
    `differing`."""
    fields = {field.attname: field for field in alike._meta.concrete_fields}
    own = [fields.pop(name) for name in differing]
    shared = [field for field in fields.values() if not field.primary_key]
    same = [prepared(field, field.pre_save(alike, add=True)) for field in shared]
    names = ",".join(quoted(field.column) for field in [*own, *shared])
    for start in range(0, len(rows), AT_A_TIME):
        lines = [list(map(prepared, own, row)) for row in rows[start : start + AT_A_TIME]]
        once, source, differ = several(own, shared, lines)
        _run(
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


def add(row: models.Model) -> None:
    """Insert a new one, which then knows its id."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    names = ",".join(quoted(field.column) for field in fields)
    [[row.pk]] = _run(
        f"INSERT INTO {table(row)} ({names}) VALUES ({','.join(['%s'] * len(fields))})"  # noqa: S608
        f" RETURNING {quoted(row._meta.pk.column)}",
        [prepared(field, field.pre_save(row, add=True)) for field in fields],
        fetch=True,
    )
    row._state.adding, row._state.db = False, connection.alias


def update(
    model: type[models.Model],
    values: Mapping[str, Any],
    known: Mapping[str, Any],
    also: str = "",
    given: Sequence[Any] = (),
    returning: str = "1",
) -> list[tuple]:
    """Set `values` where the columns are as `known` (a list: one of these) and `also`, SQL with
    `given` for its marks, holds. `returning` of each row that was changed."""
    named = model._meta.get_field
    setting = [f"{quoted(named(name).column)} = %s" for name in values]
    told = [prepared(named(name), value) for name, value in values.items()]
    conditions = []
    for name, value in known.items():
        field, of = named(name), value if isinstance(value, list) else [value]
        if value is None:
            conditions.append(f"{quoted(field.column)} IS NULL")
        else:
            conditions.append(f"{quoted(field.column)} IN ({','.join(['%s'] * len(of))})")
            told += [prepared(field, one) for one in of]
    conditions += [also] if also else []
    return _run(
        f"UPDATE {table(model)} SET {', '.join(setting)} WHERE {' AND '.join(conditions)}"  # noqa: S608
        f" RETURNING {returning}",
        [*told, *given],
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
    `channel__connection`: a pointer comes after its owner), as `select_related` gives it."""
    select, parts = joined(model, by, pointers, connection.vendor)
    rows = _run(select, [prepared(model._meta.get_field(by), value)], fetch=True)
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
    parts, tables = [part_of(model)], f"{table(model)} t0"
    for number, path in enumerate(pointers, 1):
        owner_path, _, name = path.rpartition("__")
        owner = pointers.index(owner_path) + 1 if owner_path else 0
        pointer = parts[owner].model._meta.get_field(name)
        target = pointer.target_field
        tables += f" JOIN {table(target.model)} t{number} ON t{number}.{quoted(target.column)}"
        tables += f" = t{owner}.{quoted(pointer.column)}"
        parts.append(part_of(target.model, owner, pointer))
    columns = ", ".join(
        f"t{number}.{quoted(field.column)}"
        for number, part in enumerate(parts)
        for field in part.model._meta.concrete_fields
    )
    column = quoted(model._meta.get_field(by).column)
    return f"SELECT {columns} FROM {tables} WHERE t0.{column} = %s", parts  # noqa: S608


def part_of(
    model: type[models.Model], owner: int = 0, pointer: models.ForeignKey | None = None
) -> Part:
    fields = model._meta.concrete_fields
    converters = [
        connection.ops.get_db_converters(field.get_col("t")) + field.get_db_converters(connection)
        for field in fields
    ]
    return Part(model, [field.attname for field in fields], converters, owner, pointer)


def table(model: type[models.Model] | models.Model) -> str:
    return quoted(model._meta.db_table)


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)


def prepared(field: models.Field, value: Any) -> Any:
    return field.get_db_prep_save(value, connection)


def _run(sql: str, given: Sequence[Any], fetch: bool = False) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return cursor.fetchall() if fetch else []
