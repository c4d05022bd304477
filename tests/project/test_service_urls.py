"""DATABASE_URL and EMAIL_URL: passwords of any letters, and what is encrypted how."""

from pathlib import Path

import pytest
from django.db import connection

from project.jobs.queue.notifier import PostgresNotifier
from tests.workers import ROOT

from .reading import BLANK, refusal

# ── DATABASE_URL ──────────────────────────────────────────────────────────────────────────────
PASSWORDS = ["/", "?", "#", "@", "%", ":", "&", "=", "$", "/?#@%:", "ü", "a b", "p@ss/w?x=1#"]
ENCODED = {character: f"%{ord(character):02X}" for character in "/?#@%:&= "}


@pytest.mark.parametrize("password", PASSWORDS)
@pytest.mark.parametrize("encoded", [True, False])
def test_a_password_may_have_any_letter(read, password, encoded):
    written = "".join(ENCODED.get(letter, letter) for letter in password) if encoded else password
    url = f"postgres://fan:s{written}t@db.example.org:5433/fanfare?sslmode=require"
    database = read(DATABASE_URL=url)["DATABASES"]["default"]
    assert database["PASSWORD"] == f"s{password}t"
    assert (database["USER"], database["HOST"], database["PORT"]) == ("fan", "db.example.org", 5433)
    assert database["NAME"] == "fanfare" and database["OPTIONS"]["sslmode"] == "require"


@pytest.mark.parametrize(
    "url, meant",
    [
        ("postgres://a@b/c", ("a", "", "b", "", "c")),
        ("postgresql://a:b@[::1]:5433/c", ("a", "b", "::1", 5433, "c")),
        ("postgres://a@%2Frun%2Fpg/c", ("a", "", "/run/pg", "", "c")),
        ("postgres:///c?host=/run/pg", ("", "", "", "", "c")),
        ("postgres://a:12/3@b/c", ("a", "12/3", "b", "", "c")),
        ("postgres://a:b@c/d?application_name=x@y", ("a", "b", "c", "", "d")),
        ("  'postgres://a:$b@c/d' ", ("a", "$b", "c", "", "d")),
    ],
)
def test_where_a_postgresql_is(read, url, meant):
    database = read(DATABASE_URL=url)["DATABASES"]["default"]
    assert meant == tuple(database[n] for n in ("USER", "PASSWORD", "HOST", "PORT", "NAME"))


def test_options_of_ones_own_stand_beside_ours(read):
    made = read(
        DATABASE_URL="postgres://a@b/c?options=-c%20statement_timeout%3D9000&connect_timeout=3"
    )
    options = made["DATABASES"]["default"]["OPTIONS"]
    assert options["options"] == "-c statement_timeout=9000" and options["connect_timeout"] == "3"
    assert options["tcp_user_timeout"] == 20_000
    assert made["DATABASE_SESSION"]["synchronous_commit"] == "on"


def test_a_pooler_of_transactions_is_said_so(read):
    for said, meant in (("", False), ("?pooler=session", False), ("?pooler=transaction", True)):
        database = read(DATABASE_URL=f"postgres://a@b/c{said}")["DATABASES"]["default"]
        assert database["DISABLE_SERVER_SIDE_CURSORS"] is meant
        assert "pooler" not in database["OPTIONS"]


def test_behind_one_a_worker_looks_instead_of_listening(monkeypatch):
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", True)
    bell = PostgresNotifier(is_first=True)
    assert bell.wait(0.01) and bell.wait(0.01)  # every look may find something
    assert bell.listener is None


@pytest.mark.parametrize(
    "url",
    [
        "fanfare",
        "-1",
        "/var/lib/fanfare.sqlite3",
        "mysql://a:hidden@b/c",
        "a:hidden@b/c",
        "postgres://",
        "postgres://a:hidden@b",
        "postgres://a:hidden@b/",
        "postgres://a:hidden@b:five/c",
        "postgres://a:hidden@b:99999/c",
        "postgres://a:hidden@b/c?=x",
        "postgres://a:hidden@b/c?pooler=statement",
        "sqlite://",
        "sqlite:///",
        "sqlite://fanfare.sqlite3",
    ],
)
def test_a_database_that_cannot_be_is_one_line_without_its_password(read, url):
    said = refusal(read, DATABASE_URL=url)
    assert "DATABASE_URL" in said and "hidden" not in said


@pytest.mark.parametrize("name", ["a b", "ü", "a#b", "a?b", "100%", "a%20b"])
def test_a_file_may_have_any_name(read, tmp_path, name):
    folder = tmp_path / name
    written = str(folder).replace("%", "%25") if "%20" in name else folder
    database = read(DATABASE_URL=f"sqlite:///{written}/db.sqlite3")["DATABASES"]["default"]
    assert Path(database["NAME"]) == folder / "db.sqlite3"


def test_a_file_without_a_leading_slash_is_in_the_folder_of_fanfare(read):
    database = read(DATABASE_URL="sqlite:///here.sqlite3")["DATABASES"]["default"]
    assert Path(database["NAME"]) == ROOT / "here.sqlite3"


def test_without_any_it_is_sqlite_in_var(read):
    for blank in BLANK:
        database = read(DATABASE_URL=blank)["DATABASES"]["default"]
        assert Path(database["NAME"]) == ROOT / "var" / "fanfare.sqlite3"


# ── EMAIL_URL ─────────────────────────────────────────────────────────────────────────────────
MAIL = "EMAIL_HOST EMAIL_PORT EMAIL_HOST_USER EMAIL_HOST_PASSWORD EMAIL_USE_TLS EMAIL_USE_SSL"


@pytest.mark.parametrize(
    "url, meant",
    [
        ("smtp://h", ("h", 25, "", "", False, False)),
        ("smtp://u:p@h:26", ("h", 26, "u", "p", False, False)),
        ("smtps://u:p@h", ("h", 465, "u", "p", False, True)),
        ("smtp+ssl://u:p@h:466", ("h", 466, "u", "p", False, True)),
        ("smtp+tls://u:p@h", ("h", 587, "u", "p", True, False)),
        ("smtp://u:p@h?tls", ("h", 587, "u", "p", True, False)),
        ("smtp://u:p@h:25?tls=True", ("h", 25, "u", "p", True, False)),
        ("smtp://u:p@h/?ssl=1", ("h", 465, "u", "p", False, True)),
        ("smtp://u:p@h?tls=0", ("h", 25, "u", "p", False, False)),
        ("smtp+tls://me@a.org:p@s/w?d#%@h:587", ("h", 587, "me@a.org", "p@s/w?d#%", True, False)),
        ("smtp+tls://me%40a.org:%2F%3F@h", ("h", 587, "me@a.org", "/?", True, False)),
        (" 'smtp://$u:$p@h' ", ("h", 25, "$u", "$p", False, False)),
    ],
)  # fmt: skip
def test_where_mail_goes(read, url, meant):
    made = read(EMAIL_URL=url)
    assert tuple(made[name] for name in MAIL.split()) == meant
    assert made["MAIL_BACKEND"].endswith("smtp.EmailBackend")


def test_mail_that_goes_nowhere(read):
    for blank in BLANK:
        assert read(EMAIL_URL=blank)["MAIL_BACKEND"].endswith("console.EmailBackend")
    made = read(EMAIL_URL="filemail:///var/mail/fanfare")
    assert made["EMAIL_FILE_PATH"] == "/var/mail/fanfare"


@pytest.mark.parametrize(
    "url",
    ["smtp", "-1", "h:25", "u:hidden@h:25", "imap://u:hidden@h", "smtp://", "smtp://u:hidden@h:x",
     "smtp://u:hidden@h?tsl", "smtp://u:hidden@h:0"],
)  # fmt: skip
def test_a_mail_server_that_cannot_be_is_one_line_without_its_password(read, url):
    said = refusal(read, EMAIL_URL=url)
    assert "EMAIL_URL" in said and "hidden" not in said
