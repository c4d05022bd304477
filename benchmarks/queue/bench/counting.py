"""Count the statements that go through Django: a byte in a file for each. For SQLite, which keeps
no log; what a library asks on connections of its own is not in it."""

import os
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.signals import connection_created

file = os.open(settings.BENCH_STATEMENTS, os.O_CREAT | os.O_APPEND | os.O_WRONLY)


def count(execute: Callable, *arguments: Any) -> Any:
    os.write(file, b".")
    return execute(*arguments)


def count_there(connection: Any, **_: Any) -> None:
    if count not in connection.execute_wrappers:
        connection.execute_wrappers.append(count)


connection_created.connect(count_there)
