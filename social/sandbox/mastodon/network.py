"""The make-believe Mastodon: one server, to which people allow an app on a page of its own. What
its software is, and how it keeps the keys of requests, can be changed."""

from collections.abc import Iterator

from ..core.network import Network, Row
from ..core.wire import Request, Response
from ..core.world import World
from . import changes, fixtures, minting, oauth, pages, presets, routes, store, truth
from .errors import MastodonError
from .limits import RULES
from .state import State, Status, handle_of

API = ("/api/v1/", "/api/v2/", "/oauth/", "/nodeinfo/")
WELL_KNOWN = ("/.well-known/nodeinfo",)
AUTHORIZE = "/oauth/authorize"


class Mastodon(Network):
    name, label, mark, heading = "mastodon", "Mastodon", "M", "Posts on Mastodon"
    # Servers are asked below the root of their host.
    api, web = "/api/v1", "/mastodon"
    presets, creates, preset_prefix = presets.PRESETS, presets.POST, "mast"
    fixtures = fixtures.FIXTURES
    endpoints = tuple(RULES)
    new_state = State
    answer = staticmethod(routes.answer)
    current = staticmethod(changes.current)
    users = staticmethod(truth.users)
    add = staticmethod(truth.add)
    mint = staticmethod(minting.mint)
    revoke = staticmethod(changes.revoke)
    expire_access = staticmethod(changes.revoke)  # tokens do not end by themselves
    drop_scope = staticmethod(changes.drop_scope)
    changes, post_changes = changes.CHANGES, truth.POST_CHANGES

    def is_api(self, path: str) -> bool:
        return (path.startswith(API) and path != AUTHORIZE) or path in WELL_KNOWN

    def real_path(self, path: str) -> str:
        return path

    def is_dialog(self, path: str) -> bool:
        return path == AUTHORIZE

    def authorize(self, world: World, request: Request) -> Response:
        return oauth.authorize(world, request, self)

    def show(self, world: World, parts: list[str]) -> Response | None:
        return pages.show(world, self, parts)

    def malformed(self, message: str, status: int) -> Response:
        return MastodonError(status, message).response()

    def broken(self) -> Response:
        return MastodonError(500, "There was a problem").response()

    def account_named(self, world: World, name: str) -> str | None:
        account = world.mastodon.account_named(name)
        return handle_of(account) if account else None

    def rows(self, world: World) -> Iterator[Row]:
        return (truth.row_of(world, post) for post in world.mastodon.statuses.values())

    def row(self, world: World, id: str) -> Row | None:
        post = self.record(world, id)
        return truth.row_of(world, post) if post else None

    def record(self, world: World, id: str) -> Status | None:
        return world.mastodon.statuses.get(id.partition("@")[0]) if "@" in id else None

    def edit(self, world: World, id: str, text: str) -> Row:
        post = self.record(world, id)
        assert post is not None  # whoever asks has looked
        return truth.row_of(world, store.edit(world, post, text))

    def byline(self, row: Row) -> dict[str, str]:
        name = row["account"].partition("@")[0]
        return {
            "handle": f"@{row['account']}",
            "image": f"/mastodon/avatars/{row['author_id']}.svg",
            "shape": "square",
            "profile": f"/mastodon/@{name}",
        }

    def limit(self, world: World, endpoint: str, limit: int, window: int | None, who: str) -> None:
        world.mastodon.limits.override(endpoint, limit, window)
