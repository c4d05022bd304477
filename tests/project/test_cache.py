"""The cache is a table of JSON: a row in it runs nothing, and leaves only when its time is over."""

import base64
import os
import pickle
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.people import PASSWORD
from tests.racing import run_at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def cache():
    cache = caches["default"]
    cache.clear()
    return cache


class Bomb:
    """Unpickled, it makes a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


def bomb_at(path: Path) -> str:
    return base64.b64encode(pickle.dumps(Bomb(path))).decode()


def insert(key: str, value: str, seconds: int = 3600) -> None:
    moment = timezone.now() + timedelta(seconds=seconds)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO cache (cache_key, value, expires) VALUES (%s, %s, %s)",
            [key, value, connection.ops.adapt_datetimefield_value(moment)],
        )


def count() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT COUNT(*) FROM cache")
        return cursor.fetchone()[0]


def sign_in(login: str, password: str):
    form = {"login": login, "password": password}
    return Client().post(reverse("account_login"), form)


def test_it_is_a_cache(cache):
    assert cache.get("a") is None and cache.get("a", 5) == 5 and "a" not in cache
    assert cache.set("a", [1.5, "x", None, {"b": True}])
    assert cache.get("a") == [1.5, "x", None, {"b": True}] and "a" in cache
    assert not cache.add("a", 1) and cache.get("a") != 1
    assert cache.add("b", None) and cache.get("b", 5) is None and "b" in cache
    assert cache.get_many(["a", "b", "c"]).keys() == {"a", "b"} and cache.get_many([]) == {}
    assert cache.set("n", 3, None) and cache.incr("n", 2) == 5
    assert cache.delete("a") and not cache.delete("a")
    cache.clear()
    assert count() == 0


def test_what_is_over_is_over(cache):
    cache.set("a", 1, timeout=-1)
    insert(":1:b", "1", seconds=-1)
    assert cache.get("a") is None and "b" not in cache
    assert not cache.touch("b") and cache.get("b") is None
    insert(":1:c", "1", seconds=-1)
    assert cache.add("c", 2) and cache.get("c") == 2
    assert cache.touch("c", 3600) and cache.touch("c", None) and cache.get("c") == 2


def test_what_is_no_json_is_refused_when_it_is_set(cache):
    with pytest.raises(TypeError):
        cache.set("a", object())
    assert count() == 0


@pytest.mark.parametrize("value", ["", "{", "[" * 100_000, "gASVBg==", "\ud7ff"])
def test_a_row_that_is_no_json_is_no_row(cache, value):
    insert(":1:a", value)
    assert cache.get("a") is None and "a" not in cache
    assert cache.set("a", 1) and cache.get("a") == 1


def test_an_inserted_row_runs_no_code(cache, alice, tmp_path):
    """Under the very key that the next sign-in reads."""
    sign_in("alice", "wrong")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cache SET value = %s", [bomb_at(tmp_path / "ran")])
        assert cursor.rowcount > 0
    assert sign_in("alice", PASSWORD).status_code == 302
    assert not (tmp_path / "ran").exists()
    pickle.loads(base64.b64decode(bomb_at(tmp_path / "ran")))  # as it would have
    assert (tmp_path / "ran").exists()


def test_a_thousand_other_rows_give_nobody_fresh_tries(cache, alice):
    for _ in range(5):
        sign_in("alice", "wrong")
    for number in range(1000):
        cache.set(f"other:{number}", number)
    assert sign_in("alice", PASSWORD).status_code == 429


def test_what_has_expired_makes_room(cache):
    for number in range(250):
        insert(f":1:old:{number}", "1", seconds=-1)
    for number in range(4):
        cache.set(f"new:{number}", 1)
    assert count() == 4


@pytest.mark.django_db(transaction=True)
def test_of_many_who_add_the_same_key_one_is_told_so():
    """allauth counts tries under such a lock: without it fifty at once would be one."""
    caches["default"].clear()
    insert(":1:lock", "1", seconds=-1)  # the lock of somebody who died
    won, ready = [], threading.Barrier(8)

    def add() -> None:
        ready.wait()
        won.append(caches["default"].add("lock", True, 60))
        connection.close()

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 7 + [True]


@pytest.mark.django_db(transaction=True)
def test_wrong_passwords_at_the_same_time_are_each_counted(alice):
    caches["default"].clear()
    answers, ready = [], threading.Barrier(12)

    def guess() -> None:
        ready.wait()
        answers.append(sign_in("alice", "wrong").status_code)
        connection.close()

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 12 and answers.count(200) <= 5 and set(answers) <= {200, 429}


@pytest.mark.database
@pytest.mark.django_db(transaction=True)
def test_whoever_counts_at_the_same_time_counts_once_each(cache):
    counted = []

    def count_some():
        counted.extend(cache.count("asked", 60) for _ in range(5))

    run_at_once(*[count_some] * 4)
    assert sorted(counted) == list(range(1, 21)) and cache.get("asked") == 20
    assert cache.count("short", -1) == 1
    assert cache.count("short", 60) == 1 and cache.count("short", 60) == 2
