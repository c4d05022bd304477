"""What a make-believe network is to the rest of the sandbox: one class a network, one line each in
`social/sandbox/networks.py`."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from .clients import Client
from .clock import iso_time
from .presets import Preset
from .state import State
from .templating import Safe
from .wire import Malformed, Request, Response, json_response
from .world import World

Row = dict[str, Any]  # a post as the control API tells of it: see `row_of`
Change = Callable[[World, dict], dict | None]
LINK = re.compile(r"https?://\S+", re.IGNORECASE)


def row_of(network: str, id: str, account: str, text: str, at: float, **more: Any) -> Row:
    """The row of a post by this account, as a plain one is told of; `more` is what differs. Beside
    these a row has the `path` of its page, where there is one."""
    plain: Row = {
        "network": network,
        "account": account,  # by what people call it
        "account_name": account,
        "author": account,  # who wrote it, where that is somebody else
        "author_id": account,
        "id": id,
        "text": text,  # as a client sent it
        "message": text,  # as people read it
        "stored_text": text,  # as lists of posts have it
        "media": [],
        "link": None,
        "created_at": iso_time(at),
        "created_unix": at,
        "visible": True,
        "deleted": False,
        "published": True,
        "scheduled_at": None,
        "edit_history": [],
        "reply_to": None,
        "origin": "api",  # or control: no client made it
        "path": "",
    }
    return plain | more


class Network:
    """Class data declares, short methods answer. Here is what a plain one has and does: tokens that
    nobody ends, no dialog, no pages, no limits."""

    name: str
    label: str
    mark: str  # a letter or two, above its posts and its dialog
    heading: str  # above its posts
    api: str  # the path below which its API is
    web: str  # and its pages
    # A pattern: how the path ends at which people allow our app something; none does.
    authorize_path = r"(?!)"
    presets: list[Preset]
    preset_prefix: str
    creates: Mapping[str, str]  # what a request that makes a post looks like, as a fault matches it
    fixtures: Mapping[str, Callable[[World], None]] = {}  # by name, what is there at the beginning
    endpoints: tuple[str, ...] = ()  # that have rate limits of their own
    secret_fields: frozenset[str] = frozenset()  # of requests, beside those that all have
    changes: Mapping[str, Change] = {}  # of its state: what to do, and how
    post_changes: Mapping[str, Change] = {}  # the same of its posts

    def new_state(self) -> State:
        raise NotImplementedError

    def client(self, env: Mapping[str, str]) -> Client:
        """Our app there, as the environment names it; none where people sign in otherwise."""
        return Client("", "", "")

    # What networks' clients and people see

    def is_api(self, path: str) -> bool:
        return path == self.api or path.startswith(f"{self.api}/")

    def real_path(self, path: str) -> str:
        """A path of its API as its real host would see it."""
        return path.removeprefix(self.api) or "/"

    def is_dialog(self, path: str) -> bool:
        return path.startswith(f"{self.web}/") and bool(re.search(self.authorize_path, path))

    def answer(self, world: World, request: Request) -> Response:
        """A call of its API."""
        raise NotImplementedError

    def authorize(self, world: World, request: Request) -> Response:
        """The page on which a person allows an app something."""
        raise NotImplementedError

    def show(self, world: World, parts: list[str]) -> Response | None:
        """A page or a picture, by the parts of the path below `web`; None where nothing is."""
        return None

    def malformed(self, message: str, status: int) -> Response:
        """Its own words for a request that cannot be read."""
        return json_response({"error": message}, status)

    def broken(self) -> Response:
        """Its own words for an error of the sandbox."""
        return json_response({"error": "the sandbox broke; its terminal says why"}, 500)

    # What the control API and the front page tell of it

    def current(self, world: World) -> dict:
        """What has been changed of its state, beside what all networks have."""
        return {}

    def users(self, world: World) -> dict[str, list[dict]]:
        raise NotImplementedError

    def account_named(self, world: World, name: str) -> str | None:
        """What rows call the account that an id or a name stands for."""
        raise NotImplementedError

    def rows(self, world: World) -> Iterator[Row]:
        """Every post, those too that nobody sees."""
        raise NotImplementedError

    def row(self, world: World, id: str) -> Row | None:
        """The post of this id."""
        raise NotImplementedError

    def record(self, world: World, id: str) -> Any:
        """The same as it is kept, with `counts` and `deleted_at`."""
        raise NotImplementedError

    def byline(self, row: Row) -> dict[str, str]:
        """`handle`, `image`, `shape` and `profile` of whoever wrote it."""
        return {"handle": f"@{row['account']}", "image": "", "shape": "round", "profile": self.web}

    def links_in(self, text: str) -> list[tuple[int, int]]:
        """Where addresses begin and end."""
        return [match.span() for match in LINK.finditer(text)]

    def is_picture(self, media: Row) -> bool:
        return str(media["type"]).startswith("image/")

    def controls(self, world: World) -> Safe:
        """Its own part of the front page's controls."""
        return Safe("")

    # What the control API changes

    def add(self, world: World, given: dict, text: str, at: float | None) -> Row:
        """A post that no client made."""
        raise NotImplementedError

    def edit(self, world: World, id: str, text: str) -> Row:
        raise NotImplementedError

    def mint(self, world: World, given: dict, life: float | None) -> dict:
        """Tokens of a person, without a browser."""
        raise NotImplementedError

    def expire_access(self, world: World, given: dict) -> int:
        """By token, by user, or of everybody; answers how many."""
        return 0

    def revoke(self, world: World, given: dict) -> int:
        """A person removes our app; answers how many tokens that was."""
        return 0

    def drop_scope(self, world: World, given: dict) -> int:
        """Answers how many grants lost it."""
        return 0

    def limit(self, world: World, endpoint: str, limit: int, window: int | None, who: str) -> None:
        """A new rate limit for one of `endpoints`."""
        raise Malformed(f"no endpoint {endpoint!r}")
