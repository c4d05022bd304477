"""The make-believe X."""

from collections.abc import Iterator, Mapping

from ..core.clients import Client
from ..core.network import Network, Row
from ..core.wire import Request, Response, json_response
from ..core.world import World
from . import changes, dialog, fixtures, minting, pages, presets, routes, store, truth
from .errors import XError, invalid_request
from .limits import RULES
from .links import links_in
from .state import State, Tweet


class X(Network):
    name, label, mark, heading = "x", "X", "X", "Posts on X"
    api, web, authorize_path = "/x-api", "/x", r"/i/oauth2/authorize$"
    presets, creates, preset_prefix = presets.PRESETS, presets.CREATE, "x"
    fixtures = fixtures.FIXTURES
    endpoints = tuple(RULES)
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

    def client(self, env: Mapping[str, str]) -> Client:
        return Client(
            env.get("X_CLIENT_ID") or "sandbox-x-client",
            env.get("X_CLIENT_SECRET") or "sandbox-x-secret",
            "/accounts/twitter_oauth2/login/callback/",
        )

    def authorize(self, world: World, request: Request) -> Response:
        return dialog.answer(world, request, self)

    def show(self, world: World, parts: list[str]) -> Response | None:
        return pages.show(world, self, parts)

    def malformed(self, message: str, status: int) -> Response:
        return XError(status, invalid_request(message).body).response()

    def broken(self) -> Response:
        body = {"title": "Internal Server Error", "detail": "Internal Server Error"}
        return json_response(body | {"type": "about:blank", "status": 500}, 500)

    def account_named(self, world: World, name: str) -> str | None:
        user = world.x.user_named(name)
        return user.username if user else None

    def rows(self, world: World) -> Iterator[Row]:
        return (truth.row_of(world, tweet) for tweet in world.x.tweets.values())

    def row(self, world: World, id: str) -> Row | None:
        tweet = self.record(world, id)
        return truth.row_of(world, tweet) if tweet else None

    def record(self, world: World, id: str) -> Tweet | None:
        return world.x.tweets.get(id)

    def edit(self, world: World, id: str, text: str) -> Row:
        return truth.row_of(world, store.edit_tweet(world, world.x.tweets[id], text))

    def byline(self, row: Row) -> dict[str, str]:
        return {
            "handle": f"@{row['account']}",
            "image": f"/x/avatars/{row['author_id']}.svg",
            "shape": "round",
            "profile": f"/x/{row['account']}",
        }

    def links_in(self, text: str) -> list[tuple[int, int]]:
        return list(links_in(text))

    def limit(self, world: World, endpoint: str, limit: int, window: int | None, who: str) -> None:
        world.x.limits.override(endpoint, limit, window, who)
