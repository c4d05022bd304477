"""When what is committed must be on the disk: on SQLite each commit waits for it, and nobody else
writes meanwhile."""

from contextlib import AbstractContextManager, nullcontext

from django.db import connection


def unsynced() -> AbstractContextManager[None]:
    """What is committed inside is on the disk at the latest with the next commit outside, of
    whomever. A power failure may take it back until then, and nothing that came later without it;
    a killed process takes nothing back. A database that has nothing like it does as always."""
    return getattr(connection, "unsynced", nullcontext)()
