"""HTML from files: string.Template with escaping, which is all that a few pages need."""

import html
from functools import cache
from pathlib import Path
from string import Template

HERE = Path(__file__).parent
NETWORKS = HERE.parent


class Safe(str):
    """HTML that is already escaped."""


@cache
def template(name: str) -> Template:
    """Ours by its name; one of a network's by `network/name`."""
    network, _, short = name.rpartition("/")
    folder = NETWORKS / network if network else HERE
    return Template((folder / "templates" / f"{short}.html").read_text(encoding="utf-8"))


def render(name: str, /, **values: object) -> Safe:
    return Safe(template(name).substitute({key: escaped(value) for key, value in values.items()}))


def escaped(value: object) -> str:
    return value if isinstance(value, Safe) else html.escape(str(value))


def join(parts: list[Safe]) -> Safe:
    return Safe("".join(parts))


def shell(title: str, body: Safe, *, kind: str = "", head: str = "") -> str:
    return render("shell", title=title, body=body, kind=kind, head=Safe(head))
