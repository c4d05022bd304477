"""The make-believe Facebook."""

from collections.abc import Iterator, Mapping

from ..core.clients import Client
from ..core.network import Network, Row
from ..core.templating import Safe, join, render
from ..core.wire import Request, Response
from ..core.world import World
from . import changes, dialog, fixtures, minting, pages, presets, routes, store, truth
from .errors import GraphError
from .limits import ENDPOINTS
from .state import FacebookPost, State


class Facebook(Network):
    name, label, mark, heading = "facebook", "Facebook", "f", "Posts on Facebook Pages"
    api, web, authorize_path = "/fb-graph", "/fb", r"/dialog/oauth$"
    presets, creates, preset_prefix = presets.PRESETS, presets.CREATE, "fb"
    fixtures = fixtures.FIXTURES
    endpoints = ENDPOINTS
    secret_fields = frozenset({"appsecret_proof", "fb_exchange_token", "input_token"})
    new_state = State
    answer = staticmethod(routes.answer)
    current = staticmethod(changes.current)
    users = staticmethod(truth.users)
    add = staticmethod(truth.add)
    mint = staticmethod(minting.mint)
    expire_access = staticmethod(changes.expire_access)
    revoke = staticmethod(changes.revoke)
    drop_scope = staticmethod(changes.drop_scope)
    changes = changes.CHANGES

    def client(self, env: Mapping[str, str]) -> Client:
        return Client(
            env.get("FACEBOOK_APP_ID") or "1000000000000001",
            env.get("FACEBOOK_APP_SECRET") or "sandbox-facebook-secret",
            "/accounts/facebook/login/callback/",
            "app_id",
        )

    def authorize(self, world: World, request: Request) -> Response:
        return dialog.answer(world, request, self)

    def show(self, world: World, parts: list[str]) -> Response | None:
        return pages.show(world, self, parts)

    def malformed(self, message: str, status: int) -> Response:
        return GraphError(100, f"Invalid request: {message}", status=status).response()

    def broken(self) -> Response:
        return GraphError(1, "An unknown error has occurred.", status=500).response()

    def account_named(self, world: World, name: str) -> str | None:
        page = world.facebook.page_named(name)
        return page.id if page else None

    def rows(self, world: World) -> Iterator[Row]:
        store.publish_due(world)
        return (truth.row_of(world, post) for post in world.facebook.posts.values())

    def row(self, world: World, id: str) -> Row | None:
        post = self.record(world, id)
        return truth.row_of(world, post) if post else None

    def record(self, world: World, id: str) -> FacebookPost | None:
        return world.facebook.posts.get(id)

    def edit(self, world: World, id: str, text: str) -> Row:
        post = world.facebook.posts[id]
        store.edit_post(world, post, text)
        return truth.row_of(world, post)

    def byline(self, row: Row) -> dict[str, str]:
        """A visitor's post stands on the Page under the visitor's own name."""
        is_visitor = row["author"] != row["account_name"]
        return {
            "handle": f"to {row['account_name']}" if is_visitor else "Page",
            "image": f"/fb/pictures/{row['author_id']}.svg",
            "shape": "round" if is_visitor else "square",
            "profile": f"/fb/{row['account']}",
        }

    def is_picture(self, media: Row) -> bool:
        return True

    def controls(self, world: World) -> Safe:
        people = [
            render("facebook/option", value=user.id, text=user.name)
            for user in world.facebook.users.values()
        ]
        return render("facebook/controls", people=join(people))

    def limit(self, world: World, endpoint: str, limit: int, window: int | None, who: str) -> None:
        world.facebook.limits.override(endpoint, limit)
