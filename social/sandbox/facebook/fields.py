"""`fields=id,name,picture{url}`: reading such a list, and giving exactly what it names."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from .errors import bad_parameter

DEPTH = 5


@dataclass
class Fields:
    """Field names with what was asked inside each."""

    inner: dict[str, "Fields"] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.inner

    def __iter__(self) -> Iterator[str]:
        return iter(self.inner)


def parse(text: str, depth: int = 0) -> Fields:
    if depth > DEPTH:
        raise bad_parameter("Syntax error: fields are nested too deeply")
    fields = Fields()
    for item in split(text):
        name, _, inside = item.partition("{")
        if inside and not inside.endswith("}"):
            raise syntax(text)
        name = name.split(".")[0].split("(")[0].strip()  # picture.type(large), likes.limit(1)
        if not name or not name.replace("_", "").isalnum():
            raise syntax(text)
        fields.inner[name] = parse(inside[:-1], depth + 1) if inside else Fields()
    return fields


def split(text: str) -> list[str]:
    """At commas outside of brackets."""
    items, level, current = [], 0, ""
    for char in text:
        level += (char in "{(") - (char in "})")
        if level < 0:
            raise syntax(text)
        if char == "," and level == 0:
            items.append(current.strip())
            current = ""
        else:
            current += char
    if level:
        raise syntax(text)
    return [item for item in [*items, current.strip()] if item]


def syntax(text: str) -> Exception:
    return bad_parameter(f"Syntax error: Unexpected end or character in fields: {text[:80]}")


def chosen(
    fields: Fields, known: Mapping[str, Callable[[Fields], object]], kind: str
) -> dict[str, object]:
    """A field is computed only when asked for; empty ones are left out, as Facebook does."""
    result: dict[str, object] = {}
    for name in [*fields, *([] if "id" in fields else ["id"])]:
        if name not in known:
            raise bad_parameter(f"Tried accessing nonexisting field ({name}) on node type ({kind})")
        value = known[name](fields.inner.get(name, Fields()))
        if value is not None and value != "":
            result[name] = value
    return result
