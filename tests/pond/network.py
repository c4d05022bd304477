"""Who holds a token is who it names; a post is there as soon as it is made."""

from datetime import UTC, datetime

from social.networks.base import Network
from social.networks.errors import AuthorizationLost
from social.networks.shapes import (
    Found,
    Item,
    Length,
    Page,
    Person,
    Place,
    Places,
    Published,
    Recent,
)

from .settings import SETTINGS


class Pond(Network):
    declared = SETTINGS
    place_word, place_words = "lily pad", "lily pads"
    your_places, a_place = "your lily pads", "a lily pad"
    to_post, has_demo = "croak", False
    offers_places = places_have_tokens = renews_on_refresh = False
    kinds, by_id, page_sizes = ("post",), ("post",), {"post": 100}

    def __init__(self):
        self.posts: list[Found] = []

    def length(self, text, limits=None, extras=()):
        return Length(len(text), 100)

    def person(self, grant):
        if grant.access == "dead":
            raise AuthorizationLost("token_dead")
        return Person(f"frog-{grant.access}", grant.access.title(), grant.access)

    def missing_permissions(self, grant):
        return ()

    def places(self, grant, person):
        return Places([Place(person.remote_id, person.name, person.handle)])

    def revoke(self, grant):
        pass

    def publish(self, place_id, handle, post, grant):
        number, at = f"croak-{len(self.posts) + 1}", datetime.now(UTC)
        url = f"{self.place_url(place_id, handle)}/{number}"
        self.posts.insert(0, Found(number, url, post.text, at, author_id=place_id))
        return Published(number, url)

    def recent(self, place_id, handle, grant, since):
        return Recent(tuple(self.posts), complete=True, at=datetime.now(UTC))

    def timeline(self, kind, place_id, handle, grant, **asked):
        items = [Item(it.remote_id, it.text, it.url, it.created_at) for it in self.posts]
        return Page(tuple(items), read=len(items))

    def is_there(self, remote_id, grant):
        return any(post.remote_id == remote_id for post in self.posts)

    def place_url(self, place_id, handle):
        return f"https://pond.example/{handle}"


NETWORK = Pond()
