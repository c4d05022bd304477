"""Text of strangers, made such that a database takes it."""

from typing import Any

TEXT_LENGTH = 65_000  # characters; networks allow fewer
VALUE_LENGTH, LIST_LENGTH = 1000, 100  # within `entities`


def clean(text: str) -> str:
    """Return `text` without what PostgreSQL refuses: NUL, and halves of characters that JSON can
    name."""
    text = text[:TEXT_LENGTH].replace("\x00", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def cleaned(value: Any) -> Any:
    """Return a JSON value with every text in it cleaned, and its texts and lists cut short."""
    if isinstance(value, str):
        return clean(value)[:VALUE_LENGTH]
    if isinstance(value, list):
        return [cleaned(element) for element in value[:LIST_LENGTH]]
    if isinstance(value, dict):
        return {clean(name): cleaned(element) for name, element in value.items()}
    return value
