"""People at the pages: they post by real HTTP, and press the button again when nothing comes.

Of three posts one was saved as a draft before, and its button is pressed twice at once; one is sent
by a program, with a key."""

import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from typing import Any

import requests
from django.conf import settings
from django.contrib.auth import (
    BACKEND_SESSION_KEY,
    HASH_SESSION_KEY,
    SESSION_KEY,
    get_user_model,
)
from django.contrib.sessions.backends.db import SessionStore

from project.api.models import TOKEN_SCOPES, ApiToken
from tests.publishing.factories import page_channel, x_channel
from tests.sandbox import Sandbox
from tests.social.dancing import channel_of, connect

from . import programs

CSRF = "c" * 32
PATIENCE = 3  # seconds that a page may take
GIVE_UP = 120  # seconds after which somebody stops pressing the button
DRAFT, PROGRAM, PAGE = "draft", "program", "page"
WAYS = (DRAFT, PROGRAM, PAGE)  # each person's posts go by one after the other
WORDS = "bread cake plum tea rye crust oven salt seed yeast".split()


@dataclass
class Person:
    session: str
    channels: list[str]
    secret: str  # of a token
    written: int = 0


@dataclass
class Posting:
    """A few threads that write until `wanted` deliveries are asked for."""

    address: str
    people: list[Person]
    wanted: int
    seed: int
    has_room: Callable[[], bool]
    ways: Sequence[str] = WAYS
    promised: list[str] = field(default_factory=list)  # job ids that a page has shown
    unanswered: int = 0
    again: int = 0
    saved: int = 0  # drafts, before they were published
    by_program: int = 0  # posts
    refused: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lock, self.over = threading.Lock(), threading.Event()
        self.left = self.wanted
        self.random = Random(self.seed)
        self.threads = [threading.Thread(target=self.write_on, daemon=True) for _ in range(16)]

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def is_over(self) -> bool:
        return not any(thread.is_alive() for thread in self.threads)

    def write_on(self) -> None:
        while not self.over.is_set() and (work := self.next_post()):
            while not self.has_room() and not self.over.is_set():
                time.sleep(0.05)
            self.send_until_answered(*work)

    def next_post(self) -> tuple[Person, str] | None:
        with self.lock:
            if self.left <= 0:
                return None
            somebody = self.random.choice(self.people)
            somebody.written += 1
            self.left -= len(somebody.channels)
            return somebody, self.text(somebody.written)

    def text(self, number: int) -> str:
        """Each its own, and one in ten nearly the one before."""
        dot = "!" if number % 10 == 0 else "."
        word = WORDS[number // 10 % len(WORDS)] if number % 10 in (0, 9) else WORDS[number % 10]
        number -= number % 10 == 0
        return f"Fresh {word} & <b>tea</b> no. {number}{dot} https://example.com/{word}?a=1"

    def send_until_answered(self, somebody: Person, text: str) -> None:
        way = self.ways[somebody.written % len(self.ways)]
        send = self.ask_by_program if way == PROGRAM else self.press_button
        prepared = self.form_of(somebody, text, way)
        until = time.monotonic() + GIVE_UP
        while not self.over.is_set() and time.monotonic() < until:
            if send(somebody, prepared, 2 if way == DRAFT else 1):
                return
            self.again += 1
            time.sleep(0.2)
        self.unanswered += 1

    def form_of(self, somebody: Person, text: str, way: str) -> dict[str, Any]:
        form = {"text": text, "channels": somebody.channels, "submit_key": str(uuid.uuid4())}
        if way != PROGRAM:
            form |= {"when": "now", "revision": 0, "csrfmiddlewaretoken": CSRF}
        if way == DRAFT:
            self.save_draft(somebody, form)
        return form

    def press_button(self, somebody: Person, form: dict[str, Any], times: int) -> bool:
        return self.was_answered(self.press_at_once(somebody, form, times))

    def ask_by_program(self, somebody: Person, form: dict[str, Any], _: int) -> bool:
        body = {"text": form["text"], "channels": form["channels"]}
        is_cut = self.random.random() < 0.5
        jobs, wrong = programs.ask_until_told(
            self.address, somebody.secret, form["submit_key"], body, is_cut
        )
        with self.lock:
            self.promised += jobs
            self.refused += wrong
            self.by_program += bool(jobs)
        return bool(jobs or wrong)

    def was_answered(self, answers: list[requests.Response]) -> bool:
        """Whether one says what became of it; of two, both name the same deliveries."""
        jobs = {
            tuple(job["job_id"] for job in answer.json()["jobs"])
            for answer in answers
            if answer.status_code == 201
        }
        refused = [answer for answer in answers if 201 != answer.status_code < 500]
        self.refused += [f"{answer.status_code} {answer.text[:200]}" for answer in refused]
        if len(jobs) > 1:
            self.refused.append(f"two clicks are two posts: {jobs}")
        with self.lock:
            self.promised += sorted({job_id for each in jobs for job_id in each})
        return bool(jobs or refused)

    def save_draft(self, somebody: Person, form: dict[str, Any]) -> None:
        """Once, as the script does; when no answer comes the page knows of no revision."""
        answer = self.press(somebody, form, f"/drafts/{form['submit_key']}/")
        if answer is not None and answer.status_code == 200:
            form["revision"] = answer.json()["revision"]
            self.saved += 1

    def press_at_once(
        self, somebody: Person, form: dict[str, Any], times: int
    ) -> list[requests.Response]:
        if times == 1:
            answers = [self.press(somebody, form)]
        else:
            with ThreadPoolExecutor(times) as threads:
                answers = list(threads.map(lambda _: self.press(somebody, form), range(times)))
        return [answer for answer in answers if answer is not None]

    def press(
        self, somebody: Person, form: dict[str, Any], path: str = "/posts/"
    ) -> requests.Response | None:
        cookies = {settings.SESSION_COOKIE_NAME: somebody.session, "csrftoken": CSRF}
        try:
            return requests.post(
                f"{self.address}{path}",
                data=form,
                cookies=cookies,
                headers={"Accept": "application/json", "Referer": f"{self.address}/"},
                timeout=PATIENCE,
                allow_redirects=False,
            )
        except requests.RequestException:
            return None


def crowd(sandbox: Sandbox, number: int, places: int | None = None) -> Iterator[Person]:
    """Each with an account at every network, or at the first so many."""
    for index in range(number):
        name = f"crowd{index:03d}"
        user = get_user_model().objects.create(username=name)
        told = sandbox.token("facebook", str(910000000000000 + index))
        channels = [x_channel(user, told=sandbox.token("x", name)), page_channel(user, told=told)]
        for network, who in (("bluesky", f"{name}.test"), ("mastodon", name)):
            connect(sandbox, user, network, who)
            channels.append(channel_of(user, network))
        _, secret = ApiToken.objects.give(user, "Chaos", TOKEN_SCOPES)
        yield Person(sign_in(user), [str(channel.id) for channel in channels[:places]], secret)


def sign_in(user: Any) -> str:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session.session_key
