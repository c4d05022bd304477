"""Servers in memory. Who holds a token is who it names; a post is there as soon as it is made."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace as Shore

from social.networks import clocks
from social.networks.base import Network
from social.networks.errors import AuthorizationLost, Rejected, TemporaryError
from social.networks.shapes import Extra, Found, Grant, Item, Page, Person, Published, Recent
from social.networks.shapes import SignInField as Field

from .settings import SETTINGS


class Pond(Network):
    declared = SETTINGS
    asks_home, finds_by_key, longest_post, page_sizes = True, True, 500, {"post": 100}
    sign_in_fields = (Field("name", "Name"), Field("password", "Password", is_secret=True))
    extras = (Extra("mood", "Mood", (("", "Calm"), ("loud", "Loud"))),)

    def __init__(self):
        self.servers = {
            home: Shore(longest=longest, ahead=timedelta(0), is_dead=False, posts={})
            for home, longest in {"green.example": 100, "blue.example": 50}.items()
        }

    def software_at(self, home):
        if home not in self.servers:
            raise Rejected("home_unknown")
        return "pond"

    def grant_for(self, answers, home):
        if answers["password"] != "lily":
            raise Rejected("sign_in_refused")
        return Grant(answers["name"], home=home, extra={"song": "croak"})

    def asked(self, grant):
        """The server, which has answered, and what time it is there."""
        if (server := self.servers[grant.home]).is_dead:
            raise TemporaryError("unreachable")
        clocks.note_time(grant.home, now := datetime.now(UTC) + server.ahead)
        return server, now

    def person(self, grant):
        if grant.access == "dead":
            raise AuthorizationLost("token_dead")
        name, handle = grant.access.title(), f"{grant.access}@{grant.home}"
        return Person(handle, name, handle, longest=self.asked(grant)[0].longest)

    def publish(self, place_id, handle, post, grant):
        server, now = self.asked(grant)
        name = f"croak-{len(server.posts) + 1}{post.extras.get('mood', '')}"
        url, remote_id = f"{self.place_url(place_id, handle)}/{name}", f"{name}@{grant.home}"
        server.posts.setdefault(post.key, Found(remote_id, url, post.text, now, author_id=place_id))
        return self.find(place_id, post, grant)

    def find(self, place_id, post, grant):
        made = self.asked(grant)[0].posts.get(post.key)
        return made and Published(made.remote_id, made.url)

    def recent(self, place_id, handle, grant, since):
        server, now = self.asked(grant)
        return Recent(tuple(reversed(server.posts.values())), complete=True, at=now)

    def timeline(self, kind, place_id, handle, grant, **options):
        posts = self.recent(place_id, handle, grant, None).posts
        items = tuple(Item(post.remote_id, post.text, post.url, post.created_at) for post in posts)
        return Page(items, read=len(items))

    def is_there(self, remote_id, grant):
        return any(it.remote_id == remote_id for it in self.asked(grant)[0].posts.values())

    def place_url(self, place_id, handle):
        return "https://{1}/{0}".format(*handle.split("@"))


NETWORK = Pond()
