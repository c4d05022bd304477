"""The make-believe Bluesky: one server (PDS), what shows its posts (AppView), and the directory of
accounts (PLC), all at one address."""

from collections.abc import Iterator, Mapping

from ..core.clients import Client
from ..core.network import Network, Row
from ..core.wire import Request, Response
from ..core.world import World
from . import changes, fixtures, minting, oauth, pages, presets, routes, store, truth
from .errors import BlueskyError
from .limits import RULES
from .state import Record, State


class Bluesky(Network):
    name, label, mark, heading = "bluesky", "Bluesky", "B", "Posts on Bluesky"
    # Servers are asked below the root of their host: `/xrpc/`, and the directory by a bare DID.
    api, web = "/xrpc", "/bluesky"
    presets, creates, preset_prefix = presets.PRESETS, presets.PUT, "bsky"
    fixtures = fixtures.FIXTURES
    endpoints = tuple(RULES)
    secret_fields = frozenset({"password", "accessJwt", "refreshJwt"})
    new_state = State
    answer = staticmethod(routes.answer)
    current = staticmethod(changes.current)
    users = staticmethod(truth.users)
    add = staticmethod(truth.add)
    mint = staticmethod(minting.mint)
    expire_access = staticmethod(changes.expire_access)
    revoke = staticmethod(changes.revoke)
    drop_scope = staticmethod(changes.drop_scope)
    changes, post_changes = changes.CHANGES, truth.POST_CHANGES

    def is_api(self, path: str) -> bool:
        if path == oauth.AUTHORIZE:
            return False
        ours = (f"{self.api}/", "/did:", "/.well-known/atproto-did", f"{oauth.ROOT}/")
        return path.startswith(ours) or path in oauth.WELL_KNOWN

    def real_path(self, path: str) -> str:
        return path

    def is_dialog(self, path: str) -> bool:
        return path == oauth.AUTHORIZE

    def authorize(self, world: World, request: Request) -> Response:
        return oauth.authorize(world, request, self)

    def client(self, env: Mapping[str, str]) -> Client:
        """People sign in with a password that they made for an app: no app is known there."""
        return Client("", "", "/channels/")

    def show(self, world: World, parts: list[str]) -> Response | None:
        return pages.show(world, self, parts)

    def malformed(self, message: str, status: int) -> Response:
        return BlueskyError(status, "InvalidRequest", message).response()

    def broken(self) -> Response:
        return BlueskyError(500, "InternalServerError", "Internal Server Error").response()

    def account_named(self, world: World, name: str) -> str | None:
        account = world.bluesky.account_named(name)
        return account.handle if account else None

    def rows(self, world: World) -> Iterator[Row]:
        return (truth.row_of(world, post) for post in world.bluesky.posts.values())

    def row(self, world: World, id: str) -> Row | None:
        post = self.record(world, id)
        return truth.row_of(world, post) if post else None

    def record(self, world: World, id: str) -> Record | None:
        return world.bluesky.posts.get(id)

    def edit(self, world: World, id: str, text: str) -> Row:
        return truth.row_of(world, store.edit(world, world.bluesky.posts[id], text))

    def byline(self, row: Row) -> dict[str, str]:
        return {
            "handle": f"@{row['account']}",
            "image": f"/bluesky/avatars/{row['author_id']}.svg",
            "shape": "round",
            "profile": f"/bluesky/profile/{row['author_id']}",
        }

    def limit(self, world: World, endpoint: str, limit: int, window: int | None, who: str) -> None:
        world.bluesky.limits.override(endpoint, limit, window)
