"""Text of strangers, such as a database takes it."""

from typing import Any

LONGEST = 65_000  # characters; X and Facebook allow fewer


def clean(text: str) -> str:
    """Without what PostgreSQL refuses: NUL, and halves of characters that JSON can name."""
    text = text[:LONGEST].replace("\x00", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def cleaned(said: Any) -> Any:
    """The same for every text within; lists are short."""
    if isinstance(said, str):
        return clean(said)[:1000]
    if isinstance(said, list):
        return [cleaned(one) for one in said[:100]]
    if isinstance(said, dict):
        return {clean(name): cleaned(one) for name, one in said.items()}
    return said
