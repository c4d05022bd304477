"""Servers in memory. Who holds a token is who it names; a post is there as soon as it is made."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import requests

from social.networks import clocks
from social.networks.base import Network
from social.networks.errors import AuthorizationLost, Rejected, TemporaryError
from social.networks.homes import host_named
from social.networks.shapes import (
    Found,
    Grant,
    Item,
    Length,
    Page,
    Person,
    Place,
    Places,
    Published,
    Recent,
    Server,
    SignInField,
)

from .settings import SETTINGS


class Shore:
    """One server: how long posts may be there, how its clock goes, and whether it answers."""

    def __init__(self, longest: int):
        self.longest, self.ahead, self.is_dead = longest, timedelta(0), False
        self.posts: list[Found] = []

    def now(self):
        return datetime.now(UTC) + self.ahead


class Pond(Network):
    declared = SETTINGS
    place_word, place_words = "lily pad", "lily pads"
    your_places, a_place = "your lily pads", "a lily pad"
    to_post, has_demo = "croak", False
    offers_places = places_have_tokens = renews_on_refresh = False
    kinds, by_id, page_sizes = ("post",), ("post",), {"post": 100}
    sign_in, asks_home = "form", True
    sign_in_fields = (SignInField("name", "Name"), SignInField("password", "Password", True))

    def __init__(self):
        self.servers = {"green.example": Shore(100), "blue.example": Shore(50)}

    def home_of(self, typed):
        host = host_named(typed)
        if host not in self.servers:
            raise Rejected("home_unknown")
        return Server(host, "pond", {"length": self._asked(Grant("", home=host)).longest})

    def grant_for(self, answers, home):
        if answers["password"] != "lily":
            raise Rejected("sign_in_refused")
        return Grant(answers["name"], home=home, extra={"song": "croak"})

    def _asked(self, grant):
        """The server, which has answered."""
        server, answer = self.servers[grant.home], requests.Response()
        if server.is_dead:
            raise TemporaryError("unreachable")
        answer.headers["Date"] = format_datetime(server.now(), usegmt=True)
        clocks.note(grant.home, answer)
        return server

    def length(self, text, limits=None, extras=()):
        return Length(len(text), (limits and limits.length) or 500)

    def person(self, grant):
        longest, name, home = self._asked(grant).longest, grant.access, grant.home
        if name == "dead":
            raise AuthorizationLost("token_dead")
        return Person(f"{name}@{home}", name.title(), f"{name}@{home}", longest=longest)

    def missing_permissions(self, grant):
        return ()

    def places(self, grant, person):
        return Places([Place(person.remote_id, person.name, person.handle)])

    def revoke(self, grant):
        pass

    def publish(self, place_id, handle, post, grant):
        server = self._asked(grant)
        number = f"croak-{len(server.posts) + 1}"
        url, remote_id = f"{self.place_url(place_id, handle)}/{number}", f"{number}@{grant.home}"
        server.posts.insert(0, Found(remote_id, url, post.text, server.now(), author_id=place_id))
        return Published(remote_id, url)

    def recent(self, place_id, handle, grant, since):
        server = self._asked(grant)
        return Recent(tuple(server.posts), complete=True, at=server.now())

    def timeline(self, kind, place_id, handle, grant, **asked):
        posts = self._asked(grant).posts
        items = [Item(it.remote_id, it.text, it.url, it.created_at) for it in posts]
        return Page(tuple(items), read=len(items))

    def is_there(self, remote_id, grant):
        return any(post.remote_id == remote_id for post in self._asked(grant).posts)

    def place_url(self, place_id, handle):
        name, _, home = handle.partition("@")
        return f"https://{home}/{name}"


NETWORK = Pond()
