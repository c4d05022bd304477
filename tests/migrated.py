"""Databases of tests, copied from one that was migrated once, because migrating takes ten seconds.

On SQLite that one is a file in .pytest_cache/, named for the source that made it, so that the next
run begins at once; on PostgreSQL it is a database of that name, which lasts as long as its server.
Whoever comes first makes it, and the others wait.
"""

import fcntl
import hashlib
import shutil
from functools import cache
from importlib.metadata import distributions
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, transaction
from django.test import TransactionTestCase

from tests.environment import DIRECTORY

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".pytest_cache" / "migrated"
# Migrations, and models as well: kinds of content and permissions are made of these.
SOURCE = ("project", "social", "publishing", "importing")
PREFIX = "test_migrated_"
EMPTYING_TRIES = 5


def create_test_database() -> None:
    """Create the test database, named as Django names it, and let `connection` be one to it."""
    name = connection.creation._get_test_db_name()
    copy = {"sqlite": copy_file, "postgresql": copy_database}[connection.vendor]
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{connection.vendor}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        copy(name)
    connection.close()
    settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = name
    connection.ensure_connection()


def drop_test_database(before: str) -> None:
    """Also when a thread or a program of a test is still connected. `connection` is one to the
    database of that name again; an SQLite file goes with its folder."""
    name = connection.settings_dict["NAME"]
    connection.close()
    settings.DATABASES[connection.alias]["NAME"] = connection.settings_dict["NAME"] = before
    if connection.vendor == "postgresql":
        ask_server(f'DROP DATABASE "{name}" WITH (FORCE)')


def empty_tables(case: TransactionTestCase) -> None:
    """What Django does after a test that committed, in a tenth of the time: only tables that have
    rows are emptied (to truncate a hundred takes PostgreSQL long), and what migrating made of the
    models, which no test changes, stays instead of being made again."""
    for tries_left in reversed(range(EMPTYING_TRIES)):
        try:
            delete_all_rows()
            return
        except IntegrityError:  # a page that is still open has saved a draft meanwhile
            if not tries_left:
                raise


def delete_all_rows() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(which_have_rows())
        for [table] in cursor.fetchall():
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


@cache
def which_have_rows() -> str:
    made_by_migrating = {ContentType._meta.db_table, Permission._meta.db_table}
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return " UNION ALL ".join(
        f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)})"
        for table in sorted(set(tables) - made_by_migrating)
    )


def migrated_file() -> Path:
    """The one on SQLite; it is there once a test database was created."""
    return FOLDER / f"{digest()}.sqlite3"


def copy_file(name: str) -> None:
    migrated = migrated_file()
    if not migrated.exists():
        for old in FOLDER.glob("*.sqlite3"):
            old.unlink()
        migrate(str(DIRECTORY / "migrated.sqlite3"))
        unfinished = FOLDER / "unfinished.sqlite3"
        shutil.copyfile(DIRECTORY / "migrated.sqlite3", unfinished)
        unfinished.rename(migrated)
    shutil.copyfile(migrated, name)


def copy_database(name: str) -> None:
    migrated, unfinished = f"{PREFIX}{digest()}", f"{PREFIX}unfinished"
    if migrated not in names_of_migrated():
        for old in names_of_migrated():
            ask_server(f'DROP DATABASE "{old}"')
        migrate(unfinished)
        ask_server(f'ALTER DATABASE "{unfinished}" RENAME TO "{migrated}"')
    ask_server(f'DROP DATABASE IF EXISTS "{name}"')
    ask_server(f'CREATE DATABASE "{name}" TEMPLATE "{migrated}"')


def names_of_migrated() -> list[str]:
    rows = ask_server("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", PREFIX)
    return [name for [name] in rows]


def ask_server(statement: str, *parameters: str) -> list[tuple[str]]:
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute(statement, parameters or None)
        return cursor.fetchall() if cursor.description else []


def migrate(name: str) -> None:
    """Create a database of that name by Django's own steps, and let go of it."""
    wanted = connection.settings_dict["TEST"]["NAME"]
    connection.settings_dict["TEST"]["NAME"] = name
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        connection.settings_dict["TEST"]["NAME"] = wanted


@cache
def digest() -> str:
    """What a migrated database is made of."""
    made_of = hashlib.sha256()
    for package in sorted(f"{each.name} {each.version}\n" for each in distributions()):
        made_of.update(package.encode())
    for path in sorted(path for room in SOURCE for path in (ROOT / room).rglob("*.py")):
        made_of.update(f"{path.relative_to(ROOT)}\n".encode())
        made_of.update(path.read_bytes())
    return made_of.hexdigest()[:16]
