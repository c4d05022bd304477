"""The cache of all processes: a table of JSON, in which nothing is let go of before its time.

Django's DatabaseCache keeps pickles, so that whoever can write one row runs code in whoever reads
it, and it discards rows that are still wanted once there are 300: the counters of wrong passwords
are such rows. This one uses the same table (`createcachetable` makes it).
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django.core.cache.backends.base import DEFAULT_TIMEOUT
from django.core.cache.backends.db import BaseDatabaseCache
from django.db import connections, models, router
from django.utils import timezone

EXPIRED_AT_A_TIME = 100  # rows at most that one write removes: more than it adds
NO_EXPIRY = datetime(9999, 12, 31, tzinfo=UTC)


class JSONDatabaseCache(BaseDatabaseCache):
    """Values are what JSON knows; others raise TypeError when they are set. A row that is not JSON
    is no row. Rows leave when their time is over, never for others: their number is bounded by how
    many are written in the time that they last. Each method is one statement, so that of several
    processes that `add` the same key exactly one is told True.
    """

    def get(self, key: str, default: Any = None, version: int | None = None) -> Any:
        return self.get_many([key], version).get(key, default)

    def get_many(self, keys: Iterable[str], version: int | None = None) -> dict[str, Any]:
        asked = {self.make_and_validate_key(key, version=version): key for key in keys}
        if not asked:
            return {}
        places = ", ".join(["%s"] * len(asked))
        with self._cursor(router.db_for_read) as cursor:
            cursor.execute(
                f"SELECT cache_key, value FROM {self._quoted(cursor)}"  # noqa: S608  our names only
                f" WHERE cache_key IN ({places}) AND expires > %s",
                [*asked, self._moment(cursor, timezone.now())],
            )
            rows = cursor.fetchall()
        values = ((asked[key], loaded(text)) for key, text in rows)
        return {key: value for key, value in values if value is not NOT_JSON}

    def set(  # type: ignore[override]  # as Django's own, says whether it was written
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        return self._write(key, value, timeout, version)

    def add(
        self,
        key: str,
        value: Any,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        return self._write(key, value, timeout, version, only_new=True)

    def count(self, key: str, timeout: float, version: int | None = None) -> int:
        """One more under `key`, which begins anew when its time is over: how many there are now,
        whoever counts at the same time."""
        key = self.make_and_validate_key(key, version=version)
        with self._cursor() as cursor:
            now, table = self._moment(cursor, timezone.now()), self._quoted(cursor)
            cursor.execute(
                f"INSERT INTO {table} (cache_key, value, expires) VALUES (%s, '1', %s)"  # noqa: S608
                " ON CONFLICT (cache_key) DO UPDATE SET"
                f" value = CASE WHEN {table}.expires <= %s THEN '1'"
                f" ELSE CAST(CAST({table}.value AS integer) + 1 AS varchar(20)) END,"
                f" expires = CASE WHEN {table}.expires <= %s THEN excluded.expires"
                f" ELSE {table}.expires END"
                " RETURNING value",
                [key, self._expiry(cursor, timeout), now, now],
            )
            count = int(cursor.fetchone()[0])
            if count == 1:  # a new row: some that are over make place for it
                self._forget_expired(cursor, now)
            return count

    def touch(
        self,
        key: str,
        timeout: float | None = DEFAULT_TIMEOUT,
        version: int | None = None,
    ) -> bool:
        key = self.make_and_validate_key(key, version=version)
        with self._cursor() as cursor:
            cursor.execute(
                f"UPDATE {self._quoted(cursor)} SET expires = %s"  # noqa: S608
                " WHERE cache_key = %s AND expires > %s",
                [self._expiry(cursor, timeout), key, self._moment(cursor, timezone.now())],
            )
            return bool(cursor.rowcount)

    def delete(self, key: str, version: int | None = None) -> bool:
        key = self.make_and_validate_key(key, version=version)
        with self._cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {self._quoted(cursor)} WHERE cache_key = %s",  # noqa: S608
                [key],
            )
            return bool(cursor.rowcount)

    def has_key(self, key: str, version: int | None = None) -> bool:
        return self.get(key, NOT_JSON, version) is not NOT_JSON

    def clear(self) -> None:
        with self._cursor() as cursor:
            cursor.execute(f"DELETE FROM {self._quoted(cursor)}")  # noqa: S608

    def _write(
        self,
        key: str,
        value: Any,
        timeout: float | None,
        version: int | None,
        *,
        only_new: bool = False,
    ) -> bool:
        key = self.make_and_validate_key(key, version=version)
        text = json.dumps(value)
        with self._cursor() as cursor:
            now, table = self._moment(cursor, timezone.now()), self._quoted(cursor)
            self._forget_expired(cursor, now)
            cursor.execute(
                f"INSERT INTO {table} (cache_key, value, expires) VALUES (%s, %s, %s)"  # noqa: S608
                " ON CONFLICT (cache_key) DO UPDATE"
                " SET value = excluded.value, expires = excluded.expires"
                + (f" WHERE {table}.expires <= %s" if only_new else ""),
                [key, text, self._expiry(cursor, timeout), *([now] if only_new else [])],
            )
            return bool(cursor.rowcount)

    def _forget_expired(self, cursor: Any, now: Any) -> None:
        """Some of what is over; what another process is removing just now is left to it."""
        table = self._quoted(cursor)
        some = f"SELECT cache_key FROM {table} WHERE expires <= %s LIMIT {EXPIRED_AT_A_TIME}"  # noqa: S608
        cursor.execute(f"SELECT EXISTS ({some})", [now])
        if cursor.fetchone()[0]:
            skip = " FOR UPDATE SKIP LOCKED" if cursor.db.vendor == "postgresql" else ""
            cursor.execute(f"DELETE FROM {table} WHERE cache_key IN ({some}{skip})", [now])  # noqa: S608

    def _cursor(self, routed: Any = router.db_for_write) -> Any:
        return connections[routed(self.cache_model_class)].cursor()

    def _quoted(self, cursor: Any) -> str:
        return cursor.db.ops.quote_name(self.cache_model_class._meta.db_table)

    def _expiry(self, cursor: Any, timeout: float | None) -> Any:
        seconds = self.get_backend_timeout(timeout)
        moment = NO_EXPIRY if seconds is None else datetime.fromtimestamp(seconds, tz=UTC)
        return self._moment(cursor, moment)

    def _moment(self, cursor: Any, moment: datetime) -> Any:
        return models.DateTimeField().get_db_prep_value(moment, cursor.db)


NOT_JSON = object()


def loaded(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return NOT_JSON  # written by another version of Fanfare, or not by us
