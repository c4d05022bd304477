"""Copies of the whole database that are put back later, as with yesterday's backup."""

from django.apps import apps
from django.db import connection, transaction

LEFT_ALONE = ("django_content_type", "auth_permission", "django_session")
Copy = dict[str, list[tuple]]


def tables() -> list[str]:
    models = apps.get_models(include_auto_created=True)
    names = {model._meta.db_table for model in models if model._meta.managed}
    return sorted(names.difference(LEFT_ALONE) & set(connection.introspection.table_names()))


def take_copy() -> Copy:
    with connection.cursor() as cursor:
        copy = {}
        for table in tables():
            cursor.execute(f'SELECT * FROM "{table}"')
            copy[table] = cursor.fetchall()
        return copy


def put_back(copy: Copy) -> None:
    """Foreign keys are looked at when all is there again."""
    with transaction.atomic(), connection.cursor() as cursor:
        for table in copy:
            cursor.execute(f'DELETE FROM "{table}"')
        for table, rows in copy.items():
            places = ", ".join(["%s"] * len(rows[0])) if rows else ""
            for row in rows:
                cursor.execute(f'INSERT INTO "{table}" VALUES ({places})', row)
