"""The environment: each value means what it says, or one line names the variable that cannot."""

import re
from ipaddress import ip_network
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.exceptions import ImproperlyConfigured

from project.variables import Environment
from tests.workers import ROOT

from .reading import BLANK, refusal

KEY, OLD_KEY = Fernet.generate_key().decode(), Fernet.generate_key().decode()
SECRET = "x7-only-for-this-test-but-long-enough-and-of-many-different-characters"
# variable → (setting, its default, what is said, what that means, what it cannot be)
TABLE: dict[str, tuple[str, Any, str, Any, list[str]]] = {
    "DEBUG": ("DEBUG", False, "off", False, ["maybe", "2", "-1"]),
    "SECRET_KEY": ("SECRET_KEY", None, "$" + SECRET, "$" + SECRET, []),
    "SECRET_KEY_FALLBACKS": ("SECRET_KEY_FALLBACKS", [], "$a, 'b' ,,#c", ["$a", "b", "#c"], []),
    "TOKEN_KEYS": (
        "TOKEN_KEYS",
        None,
        f"{KEY} , {OLD_KEY},",
        [KEY, OLD_KEY],
        ["short", f"{KEY};x"],
    ),
    "PORT": (
        "PORT",
        8000,
        "8123",
        8123,
        ["0", "-1", "65536", "80.5", "eighty", "1e3", "1_0", "8 0"],
    ),
    "ALLOWED_HOSTS": (
        "ALLOWED_HOSTS",
        None,
        "a.example.org, b.example.org ,",
        ["a.example.org", "b.example.org"],
        ["*", "https://a.example.org", "a.example.org/x", "a.example.org:443", "$HOST"],
    ),
    "PUBLIC_URL": (
        "PUBLIC_URL",
        "https://fanfare.example.org",
        "HTTPS://Fanfare.example.org/",
        "https://fanfare.example.org",
        ["fanfare.example.org", "ftp://a.example.org", "https://", "https://a:b", "https://$HOST"],
    ),
    "CSRF_TRUSTED_ORIGINS": (
        "CSRF_TRUSTED_ORIGINS",
        ["https://fanfare.example.org"],
        "https://a.example.org/ , https://*.b.example.org",
        ["https://a.example.org", "https://*.b.example.org"],
        ["a.example.org", "https://a.example.org/path", "*", "https://a:b"],
    ),
    "INSTANCE_ID": ("INSTANCE_ID", "", "web 1", "web 1", ["x" * 201, "a\tb"]),
    "SIGN_UP": ("SIGN_UP", "first", "Closed", "closed", ["maybe", "1"]),
    "METRICS_TOKEN": ("METRICS_TOKEN", "", "$a#b c%", "$a#b c%", []),
    "FACEBOOK_GRAPH_VERSION": (
        "FACEBOOK_GRAPH_VERSION",
        "v25.0",
        "v26.0",
        "v26.0",
        ["26", "v/x"],
    ),
    **{
        name: (name, usual, f"my.{usual}", f"my.{usual}", ["https://plc.directory", "here", "a..b"])
        for name, usual in (
            ("BLUESKY_DIRECTORY", "plc.directory"),
            ("BLUESKY_APPVIEW", "public.api.bsky.app"),
        )
    },
    **{
        name: (
            name,
            real,
            f"{real}x",
            f"{real}x",
            ["x.com", "ftp://x.com", "https://a b", "-1"],
        )
        for name, real in (
            ("X_API_URL", "https://api.x.com"),
            ("X_AUTHORIZE_URL", "https://x.com/i/oauth2/authorize"),
            ("FACEBOOK_GRAPH_URL", "https://graph.facebook.com"),
            ("FACEBOOK_AUTHORIZE_URL", "https://www.facebook.com/v25.0/dialog/oauth"),
        )
    },
    "PRIVATE_HOMES": (
        "PRIVATE_HOMES",
        [],
        "192.168.1.0/24, fd00::5",
        [ip_network("192.168.1.0/24"), ip_network("fd00::5")],
        ["0.0.0.0/0", "192.168.1.5/24", "nas.lan", "8.8.8.8"],
    ),
    "SANDBOX_CA": ("SANDBOX_CA", "", "/a b/c", "/a b/c", []),
    "TIME_SCALE": ("TIME_SCALE", 1.0, "0.5", 0.5, ["0", "-1", "fast", "nan", "inf", "1,5"]),
    **{
        name: (name, "", "$a, 'b'#%41", "$a, 'b'#%41", [])
        for name in ("X_CLIENT_ID", "X_CLIENT_SECRET", "FACEBOOK_APP_ID", "FACEBOOK_APP_SECRET")
    },
    "DATABASE_POOL": ("DATABASE_POOL", 8, "+12", 12, ["0", "-1", "many", "8.0", "99999999999999"]),
    "SLOTS": (
        "JOB_SLOTS",
        {"publish": 24, "mail": 4, "webhooks": 2, "import": 2, "stats": 1, "housekeeping": 2},
        " publish = 48 , mail=1",
        {"publish": 48, "mail": 1, "webhooks": 2, "import": 2, "stats": 1, "housekeeping": 2},
        ["publish", "publish=0", "publish=-1", "publish=501", "publsh=1", "24", "publish=²"],
    ),
    "QUEUE": (
        "QUEUES",
        ["publish", "mail", "webhooks", "import", "stats", "housekeeping"],
        "mail , publish",
        ["mail", "publish"],
        ["publsh", "publish mail", "$QUEUE"],
    ),
    "COUNT": (
        "JOB_PROCESSES",
        (2, 2),
        "1 .. 4",
        (1, 4),
        ["0", "-1", "65", "4..1", "1..", "..4", "a"],
    ),
    "JOB_MEMORY": ("JOB_MEMORY", 300, "400", 400, ["0", "-1", "300MB", "3e2"]),
    "KEEP_ATTEMPTS": ("KEEP_ATTEMPTS", 365, "0", 0, ["-1", "a year", "99999999"]),
    "KEEP_NOTICES": ("KEEP_NOTICES", 30, "1", 1, ["-1", "1.5", "99999999"]),
    "KEEP_THUMBNAILS": ("KEEP_THUMBNAILS", 730, "1", 1, ["-1", "1.5", "99999999"]),
    "IMPORT_AT_ONCE": (
        "IMPORT_AT_ONCE",
        ["post"],
        "post , like",
        ["post", "like"],
        ["posts", "post like", "-1"],
    ),
    "IMPORT_DAILY_ITEMS": ("IMPORT_DAILY_ITEMS", 1000, "0", 0, ["-1", "1,000", "many"]),
    "IMPORT_REREAD": ("IMPORT_REREAD", 20, "0", 0, ["-1", "many"]),
    "TRUSTED_PROXY_COUNT": ("ALLAUTH_TRUSTED_PROXY_COUNT", 0, "1", 1, ["-1", "11", "one"]),
    "DEFAULT_FROM_EMAIL": (
        "DEFAULT_FROM_EMAIL",
        "Fanfare <fanfare@fanfare.example.org>",
        "Us <us@example.org>",
        "Us <us@example.org>",
        ["us", "us@", "-1", "Us <us>", "us@example.org\nBcc: x@example.org"],
    ),
    "SERVER_EMAIL": (
        "SERVER_EMAIL",
        "Fanfare <fanfare@fanfare.example.org>",
        "root@example.org",
        "root@example.org",
        ["root", "-1"],
    ),
    "HSTS_SECONDS": ("SECURE_HSTS_SECONDS", 2_592_000, "0", 0, ["-1", "a year", "1.5"]),
    "LOG": ("LOG", "normal", "VERBOSE", "verbose", ["loud", "1"]),
}
# Their own tests are below.
ADDRESSES = {"DATABASE_URL", "EMAIL_URL", "LOG_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}
REQUIRED = {"SECRET_KEY", "TOKEN_KEYS", "ALLOWED_HOSTS"}


@pytest.mark.parametrize("name", sorted(TABLE))
def test_blank_is_the_default(read, name):
    setting, default, *_ = TABLE[name]
    for blank in BLANK:
        if name in REQUIRED:
            assert name in refusal(read, **{name: blank})
        elif name == "IMPORT_AT_ONCE":  # as README says: reading costs money
            assert read(**{name: blank})[setting] == []
        else:
            assert read(**{name: blank})[setting] == default
    if name not in REQUIRED:
        assert read()[setting] == default


@pytest.mark.parametrize("name", sorted(TABLE))
def test_what_is_said_counts_however_it_is_wrapped(read, name):
    setting, _, said, meant, _ = TABLE[name]
    for value in (said, f"  {said}\t", f'"{said}"', f"'{said}'", f' " {said} " '):
        made = read(**{name: value})
        assert made[setting] == meant, value
        assert made["as_read"][name] == said.strip()  # for whoever reads it there


@pytest.mark.parametrize("name", sorted(TABLE))
def test_what_it_cannot_be_is_one_line_that_names_it(read, name):
    for value in TABLE[name][4]:
        assert name in refusal(read, **{name: value}), value


def test_every_variable_is_in_the_table_and_in_the_readme(read):
    asked = read()["env"].asked
    assert asked == {*TABLE, *ADDRESSES}
    readme = (ROOT / "README.md").read_text()
    rows = re.findall(r"^\| (`[A-Z].*?) \|", readme, re.M)
    named = {name for row in rows for name in re.findall(r"`([A-Z][A-Z_]+)`", row)}
    only_by_others = {"FORWARDED_ALLOW_IPS", "WEB_CONCURRENCY", "SANDBOX_PORT"}
    assert named == (asked | only_by_others) - {"CURL_CA_BUNDLE"}


# ── Files ─────────────────────────────────────────────────────────────────────────────────────
def test_the_folder_of_a_log_file_is_made(read, tmp_path):
    file = tmp_path / "a b" / "new" / "fanfare.log"
    assert read(LOG_FILE=f' "{file}" ')["LOG_FILE"] == str(file)
    assert file.exists() and file.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("file", ["/dev/null/fanfare.log", "/", "/proc/fanfare.log"])
def test_a_log_file_that_cannot_be_is_one_line(read, file):
    assert "LOG_FILE" in refusal(read, LOG_FILE=file)


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"])
def test_a_file_of_cas_that_is_not_there_is_one_line(read, name, tmp_path):
    assert name in refusal(read, **{name: str(tmp_path / "none.pem")})
    (tmp_path / "some.pem").touch()
    made = read(**{name: f"'{tmp_path}/some.pem'"})
    assert made["as_read"][name] == f"{tmp_path}/some.pem"


# ── .env ──────────────────────────────────────────────────────────────────────────────────────
def test_a_file_is_read_by_the_same_rule(tmp_path):
    file = tmp_path / ".env"
    file.write_bytes(
        b"\xef\xbb\xbf# a comment\r\n\r\nexport A = 'x y'\r\n"
        b"B=$x#y\\n\n  C=\"say 'hi'\"\nD=\nE=here\n"
    )
    environment = Environment({"E": "there"})
    environment.read_file(file)
    read = [environment.text(name, "usual") for name in "ABCDE"]
    assert read == ["x y", "$x#y\\n", "say 'hi'", "usual", "there"]


LINES = [b"hidden", b"=hidden", b"\xff=hidden", b"B-C=hidden", b"hidden # x"]


@pytest.mark.parametrize("line", LINES)
def test_a_file_that_cannot_be_read_is_one_line(tmp_path, line):
    file = tmp_path / ".env"
    file.write_bytes(b"A=1\n" + line + b"\n")
    with pytest.raises(ImproperlyConfigured) as caught:
        Environment({}).read_file(file)
    assert str(file) in str(caught.value) and "hidden" not in str(caught.value)
    assert "line 2" in str(caught.value) or "UTF-8" in str(caught.value)


def test_a_folder_in_its_place_is_one_line_and_none_is_nothing(tmp_path):
    Environment({}).read_file(tmp_path / "none")
    with pytest.raises(ImproperlyConfigured, match="cannot be read"):
        Environment({}).read_file(tmp_path)
