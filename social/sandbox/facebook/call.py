"""One call to the Graph, as its functions receive it."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from ..core.wire import Request
from ..core.world import World
from .errors import bad_parameter, denied
from .fields import Fields, parse
from .oauth import grant_of
from .state import FacebookGrant, FacebookToken

GRAPH = "https://graph.facebook.com"  # as the real one says it, whatever this one's address is


@dataclass
class Call:
    world: World
    request: Request
    given: dict[str, str]  # query and form together
    token: FacebookToken

    @cached_property
    def grant(self) -> FacebookGrant:
        return grant_of(self.world, self.token)

    def need(self, *scopes: str) -> None:
        missing = [scope for scope in scopes if scope not in self.grant.scopes]
        if missing:
            raise denied(f"Requires {' and '.join(missing)} permission to manage the object")

    def fields(self, default: str) -> Fields:
        return parse(self.given.get("fields") or default)

    def number(self, name: str, default: int, low: int, high: int) -> int:
        text = self.given.get(name, str(default))
        if not text.lstrip("-").isdigit() or len(text) > 15:
            raise bad_parameter(f"Param {name} must be an integer")
        return max(low, min(high, int(text)))

    def flag(self, name: str, default: bool) -> bool:
        text = self.given.get(name, "").strip().lower()
        if not text:
            return default
        if text not in ("true", "false", "1", "0"):
            raise bad_parameter(f"Param {name} must be a boolean")
        return text in ("true", "1")

    def cut(self, rows: list, usual: int = 25) -> tuple[list, dict]:
        """One page of rows and its `paging`, by cursors that name the position of a row's id."""
        limit = self.number("limit", usual, 1, 100)
        ids = [row_id(row) for row in rows]
        start = self.position(ids)
        circles = self.request.tampered == "circle"
        start = 0 if circles and start >= len(ids) else start
        page = rows[start : start + limit]
        if not page:
            return [], {}
        cursors = {"before": self.mark(row_id(page[0])), "after": self.mark(row_id(page[-1]))}
        paging: dict[str, object] = {"cursors": cursors}
        if start > 0:
            paging["previous"] = self.link(before=cursors["before"])
        if circles or start + limit < len(rows):
            paging["next"] = self.link(after=cursors["after"])
        return page, paging

    def position(self, ids: list[str]) -> int:
        after, before = self.given.get("after", ""), self.given.get("before", "")
        marks = [self.mark(id) for id in ids]
        try:
            if after:
                return marks.index(after) + 1
            if before:
                return max(0, marks.index(before) - self.number("limit", 25, 1, 100))
        except ValueError as error:
            raise bad_parameter("Invalid cursors values") from error
        return 0

    def mark(self, id: str) -> str:
        """Those that were given out before they were all forgotten begin otherwise."""
        return f"{'QRSTUVWXYZ'[self.world.facebook.marks % 10]}{id}"

    def link(self, **cursor: str) -> str:
        """Absolute, at the real host, token included: facebook-sdk takes it apart again."""
        kept = {k: v for k, v in self.given.items() if k not in ("after", "before", "method")}
        kept = {"access_token": self.token.value} | kept | cursor
        kept.pop("appsecret_proof", None)
        return f"{GRAPH}{self.request.path}?{urlencode(kept)}"


def row_id(row: Any) -> str:
    return row["id"] if isinstance(row, dict) else row.id
