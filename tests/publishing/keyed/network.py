"""Two kinds in one: with `finds_by_key` a store of records by key, which tells what is there and
takes no second content under it; without it one that answers a known key with its first post, for
an hour, and shows posts on a timeline only."""

import hashlib
import json
import os
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.utils import timezone

from social.networks.base import Network
from social.networks.errors import OutcomeUnknown, Rejected, TemporaryError
from social.networks.shapes import (
    Extra,
    Found,
    Outgoing,
    Person,
    Published,
    Recent,
    Uploaded,
)

from .settings import SETTINGS

KILLED = 137  # as a shell says it


class Keyed(Network):
    declared = SETTINGS
    longest_post, pictures = 100, 4
    extras = (
        Extra("seen", "Who sees it", (("", "As usual"), ("few", "Few")), help="Few means few."),
        Extra("warning", "Content warning"),
    )

    def __init__(self) -> None:
        self.begin(Path())

    def begin(self, folder: Path, finds: bool = True) -> None:
        """Empty, in this folder."""
        self.folder, self.finds_by_key = folder, finds
        self.safe_for = timedelta.max if finds else timedelta(minutes=50)
        self.fates: list[str] = []  # of the next requests
        self.is_shown, self.is_heard, self.uploaded = True, True, 0

    # ── What is there ─────────────────────────────────────────────────────────────────────────
    def lines(self, name: str) -> list[dict]:
        with suppress(FileNotFoundError):
            return [json.loads(line) for line in (self.folder / name).read_text().splitlines()]
        return []

    def add(self, name: str, line: dict) -> None:
        with (self.folder / name).open("a") as file:
            file.write(json.dumps(line) + "\n")

    @property
    def posts(self) -> list[dict]:
        return self.lines("posts")

    @property
    def requests(self) -> list[dict]:
        return self.lines("requests")

    @property
    def questions(self) -> list[dict]:
        return self.lines("questions")

    def ask(self, what: str) -> None:
        self.add("questions", {"what": what})
        if self.fates[:1] == ["away"]:
            raise TemporaryError(self.fates.pop(0) and "unreachable")

    # ── As every network ──────────────────────────────────────────────────────────────────────
    def weigh(self, text, extras):
        return len(text) + len(extras.get("warning", ""))

    def person(self, grant):
        return Person(f"shelf-{grant.access}", grant.access.title(), grant.access)

    def server_time(self, home=""):
        return timezone.now() if self.is_heard else None

    def place_url(self, place_id, handle):
        return f"https://keyed.example/{handle}"

    def key(self, job_id, made_at, digest):
        of_content = "" if self.finds_by_key else digest
        return hashlib.sha256(f"{job_id}{made_at.isoformat()}{of_content}".encode()).hexdigest()

    def repeats_for(self, home, software):
        return self.safe_for

    def upload(self, place_id, grant, picture, patience):
        self.uploaded += 1
        ends = timezone.now() + timedelta(hours=5)
        return Uploaded(f"picture-{self.uploaded}", ends, {"bytes": len(picture.data)})

    def publish(self, place_id, handle, post: Outgoing, grant):
        request = {
            "text": post.text,
            "key": post.key,
            "at": post.at.isoformat(),
            "pictures": [[held.remote_id, held.alt, dict(held.about)] for held in post.pictures],
            "extras": dict(post.extras),
        }
        self.add("requests", request)
        fate = self.fates.pop(0) if self.fates else "made"
        if fate == "refused":
            raise Rejected("policy")
        if fate == "killed before":
            os._exit(KILLED)
        if fate != "cut before":
            published = self.made(place_id, request)
        if fate == "killed after":
            os._exit(KILLED)
        if fate.startswith("cut"):
            raise OutcomeUnknown("cut_off")
        return published

    def made(self, place_id, request) -> Published:
        for there in self.posts:
            if there["key"] == request["key"]:
                if self.finds_by_key and {**there, **request} != there:
                    raise Rejected("duplicate")
                return self.published(there)
        number = f"put-{place_id}-{len(self.posts) + 1}"
        there = {**request, "id": number, "place": place_id, "made": timezone.now().isoformat()}
        self.add("posts", there)
        return self.published(there)

    def published(self, there) -> Published:
        return Published(there["id"], f"https://keyed.example/{there['id']}")

    def find(self, place_id, post, grant):
        self.ask("find")
        there = [it for it in self.posts if it["key"] == post.key]
        return self.published(there[0]) if there else None

    def recent(self, place_id, handle, grant, since):
        self.ask("recent")
        shown = [
            Found(
                it["id"],
                self.published(it).url,
                it["text"],
                datetime.fromisoformat(it["made"]),
                author_id=place_id,
            )
            for it in self.posts
            if self.is_shown and it["place"] == place_id
        ]
        return Recent(tuple(shown), complete=True, at=timezone.now().astimezone(UTC))


NETWORK = Keyed()
