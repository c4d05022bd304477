"""Where the database and the mail server are, as DATABASE_URL and EMAIL_URL say it.

Both hold a password, so no sentence of here repeats them. What a password has of `/ ? # @ : %` may
be written percent-encoded, as in any URL, or as it is.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

from django.core.exceptions import ImproperlyConfigured

HOST_PART = r"(?P<host>\[[0-9A-Fa-f:.]+\]|[^:/?#@\[\]\s]*)(?::(?P<port>[0-9]*))?"
PATH_PART = r"(?:/(?P<path>[^?#@]*))?(?:\?(?P<query>[^#]*))?"
# By the rules, and else with the last @ that a host follows: the rest of it is the password's.
STRICT = re.compile(rf"(?:(?P<user>[^:@/?#]*)(?::(?P<password>[^@/?#]*))?@)?{HOST_PART}{PATH_PART}")
LENIENT = re.compile(rf"(?P<user>[^:/?#]*)(?::(?P<password>.*))?@{HOST_PART}{PATH_PART}", re.DOTALL)
BACKENDS = {
    "consolemail": "django.core.mail.backends.console.EmailBackend",
    "filemail": "django.core.mail.backends.filebased.EmailBackend",
    "memorymail": "django.core.mail.backends.locmem.EmailBackend",
    "dummymail": "django.core.mail.backends.dummy.EmailBackend",
}
SMTP = "django.core.mail.backends.smtp.EmailBackend"
# scheme → how it is encrypted: TLS from the first byte, or by STARTTLS on the way
PROTECTION = {"smtp": "", "smtps": "ssl", "smtp+ssl": "ssl", "smtp+tls": "tls"}
SWITCHES = {"tls": "tls", "starttls": "tls", "ssl": "ssl"}  # ?tls behind smtp://
PORTS = {"": 25, "tls": 587, "ssl": 465}


@dataclass(frozen=True)
class Service:
    """The parts of such a URL, decoded."""

    scheme: str
    user: str
    password: str
    host: str
    port: int | None
    path: str
    query: dict[str, str]


def service(name: str, url: str, like: str) -> Service:
    scheme, _, rest = url.partition("://")
    found = STRICT.fullmatch(rest)
    if found is None or not is_query(found["query"]):
        found = LENIENT.fullmatch(rest)
    port = found and found["port"]
    if found is None or not is_query(found["query"]) or (port and not 1 <= int(port) <= 65535):
        raise ImproperlyConfigured(f"{name} cannot be read; it is like {like}.")
    return Service(
        scheme.lower(),
        unquote(found["user"] or ""),
        unquote(found["password"] or ""),
        unquote(found["host"]).strip("[]"),
        int(port) if port else None,
        unquote(found["path"] or ""),
        dict(parse_qsl(found["query"] or "", keep_blank_values=True)),
    )


def is_query(text: str | None) -> bool:
    """Names, most with a value. What only looks like one is a part of a password."""
    return all(re.match(r"\w+(=|$)", part) for part in (text or "a").split("&"))


def database(url: str, folder: Path) -> dict[str, Any]:
    """Django's settings of the database at `url`; a file without a leading slash is in `folder`."""
    if url.startswith("sqlite://"):
        return sqlite(url.removeprefix("sqlite://"), folder)
    if not url.startswith(("postgres://", "postgresql://")):
        raise ImproperlyConfigured("DATABASE_URL must begin with sqlite:// or postgres://.")
    found = service("DATABASE_URL", url, "postgres://user:password@host/name")
    if not found.path:
        raise ImproperlyConfigured(
            "DATABASE_URL names no database; it is like postgres://user:password@host/name."
        )
    pooler = found.query.pop("pooler", "session")
    if pooler not in ("session", "transaction"):
        raise ImproperlyConfigured("DATABASE_URL has ?pooler=…; it is session or transaction.")
    return {
        "ENGINE": "project.postgresql",
        # Nothing may count on its session then: no cursor on the server, no LISTEN (jobs/waking).
        "DISABLE_SERVER_SIDE_CURSORS": pooler == "transaction",
        "NAME": found.path,
        "USER": found.user,
        "PASSWORD": found.password,
        "HOST": found.host,
        "PORT": found.port or "",
        "OPTIONS": found.query,
    }


def sqlite(path: str, folder: Path) -> dict[str, Any]:
    if not path.startswith("/") or path.endswith("/"):
        raise ImproperlyConfigured(
            "DATABASE_URL names no file; it is like sqlite:////var/lib/fanfare/fanfare.sqlite3,"
            " or sqlite:///fanfare.sqlite3 for one in the folder of Fanfare."
        )
    file = unquote(path[1:])
    return {
        "ENGINE": "project.sqlite",
        "NAME": file if file == ":memory:" else folder / file,
    }


def mail(url: str) -> dict[str, Any]:
    """Django's settings of mail, by name."""
    found = service("EMAIL_URL", url, "smtp+tls://user:password@host:587")
    if found.scheme in BACKENDS and "://" in url:
        file = {"EMAIL_FILE_PATH": f"/{found.path}"} if found.scheme == "filemail" else {}
        return {"EMAIL_BACKEND": BACKENDS[found.scheme], **file}
    unknown = set(found.query) - set(SWITCHES)
    if found.scheme not in PROTECTION or "://" not in url or unknown or not found.host:
        raise ImproperlyConfigured(
            "EMAIL_URL must be smtp://, smtps:// (TLS) or smtp+tls:// (STARTTLS), like"
            " smtp+tls://user:password@host:587, or consolemail://."
        )
    said = {SWITCHES[name] for name, value in found.query.items() if value.lower() not in OFF}
    how = "ssl" if "ssl" in said else "tls" if "tls" in said else PROTECTION[found.scheme]
    return {
        "EMAIL_BACKEND": SMTP,
        "EMAIL_HOST": found.host,
        "EMAIL_PORT": found.port or PORTS[how],
        "EMAIL_HOST_USER": found.user,
        "EMAIL_HOST_PASSWORD": found.password,
        "EMAIL_USE_TLS": how == "tls",
        "EMAIL_USE_SSL": how == "ssl",
    }


OFF = ("0", "false", "no", "off")
