"""What can happen to somebody who writes. Each is played at a moment that its seed draws, and says
what had to be there afterwards."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Error, Page, expect

from publishing.models import Draft, Post
from tests.browser.sessions import session_cookie
from tests.browser.steps import sign_in
from tests.hazards.stage import eventually

from .desk import Desk, texts_at_server
from .server import Server

PATIENCE_SECONDS = 45
WRITING_SECONDS = (0.2, 4.0)
OFFLINE_SECONDS = (0.3, 4.0)
LONG_CUT_SECONDS = 30.0


class PromiseBroken(AssertionError):
    """Letters were lost, or a post went out twice."""


@dataclass
class Stage:
    """Where disasters are played: a browser, a server, and who writes."""

    browser: Browser
    server: Server
    user: Any
    contexts: list[BrowserContext]

    def device(self) -> BrowserContext:
        """A browser of theirs, signed in."""
        context = self.browser.new_context(base_url=self.server.url)
        context.set_default_timeout(PATIENCE_SECONDS * 1000)
        self.sign_in(context)
        self.contexts.append(context)
        return context

    def sign_in(self, context: BrowserContext) -> None:
        cookie: Any = session_cookie(self.user, self.server.url)
        context.add_cookies([cookie])

    def close(self) -> None:
        for context in self.contexts:
            context.close()
        self.contexts.clear()


@dataclass
class Round:
    """One disaster: `name` and `seed` play the same again."""

    stage: Stage
    name: str
    seed: str

    def __post_init__(self) -> None:
        self.random = Random(f"{self.name} {self.seed}")
        self.mark = f"Round{self.random.randrange(10**9)}"
        self.context = self.stage.device()
        self.desk = self.new_desk(self.context)

    def play(self) -> None:
        """Raises PromiseBroken."""
        try:
            self.desk.open()
            self.desk.begin(self.mark)
            DISASTERS[self.name](self)
        finally:
            self.stage.close()
        published = Post.objects.filter(text__startswith=self.mark)
        texts = list(published.values_list("text", flat=True))
        self.promise(len(texts) <= 1, "published once", texts)

    # ── what happens ──
    def new_desk(self, context: BrowserContext) -> Desk:
        return Desk(context.new_page(), self.random)

    def write(self, desk: Desk | None = None) -> None:
        (desk or self.desk).write(self.random.uniform(*WRITING_SECONDS))

    def is_likely(self, chance: float = 0.5) -> bool:
        return self.random.random() < chance

    def publish_and_check(self, desk: Desk) -> None:
        """Pressed twice, as people do."""
        desk.publish()
        if self.is_likely():
            try:
                desk.page.locator("form.composer .actions .primary").click(timeout=300)
            except Error:
                pass  # the page had gone on
        expect(desk.page.locator(".post-text").first).to_contain_text(
            self.mark, timeout=PATIENCE_SECONDS * 1000
        )
        desk.page.wait_for_timeout(1300)  # for a save that comes late
        drafts = Draft.objects.filter(excerpt__startswith=self.mark, published_as=None)
        self.promise(not drafts.exists(), "no draft beside the post", list(drafts))

    # ── what had to hold ──
    def promise(self, held: bool, what: str, *facts: object) -> None:
        if not held:
            shown = "; ".join(repr(fact) for fact in facts)
            raise PromiseBroken(f"{self.name} {self.seed}: {what}: {shown}")

    def expect_there(self, wanted: str, text: str) -> None:
        self.promise(text.startswith(wanted), "letters lost", wanted, text)

    def expect_saved(self, desk: Desk) -> None:
        saved = eventually(desk.is_saved, PATIENCE_SECONDS)
        there = texts_at_server(desk.draft_id)
        self.promise(saved, "saved at the server", desk.text, there, said(desk.page))

    def find(self, wanted: str) -> str:
        """Where somebody looks who had lost a tab: where a post begins, then among the drafts."""
        desk = self.new_desk(self.context)
        desk.page.wait_for_timeout(300)  # as a person needs at least
        desk.open()
        if desk.shown().startswith(wanted) and wanted:
            desk.text = desk.shown()
            self.expect_saved(desk)
            return desk.text
        texts = [draft.fields["text"][0] for draft in Draft.objects.filter(published_as=None)]
        return next((text for text in texts if text.startswith(self.mark)), "")


def said(page: Page) -> str:
    return page.locator("#saved").inner_text() if page.locator("#saved").count() else page.url


# ── The disasters ─────────────────────────────────────────────────────────────────────────────
def reload(round: Round) -> None:
    round.write()
    moment = time.monotonic()
    round.desk.page.reload()
    round.desk.settle()
    round.expect_there(round.desk.safe(moment), round.desk.shown())
    round.desk.text = round.desk.shown()
    round.write()
    round.expect_saved(round.desk)
    round.publish_and_check(round.desk)


def back_and_forward(round: Round) -> None:
    page = round.desk.page
    round.write()
    moment = time.monotonic()
    page.goto("/posts/")
    for step in round.random.choice((["back"], ["back", "forward", "back"])):
        travel(page, step)
    round.desk.settle()
    round.expect_there(round.desk.safe(moment), round.desk.shown())
    round.desk.text = round.desk.shown()
    round.write()
    round.expect_saved(round.desk)
    if round.is_likely():
        round.publish_and_check(round.desk)
        travel(page, "back")


def travel(page: Page, step: str) -> None:
    """As the buttons of a browser do, which wait for nothing."""
    try:
        (page.go_back if step == "back" else page.go_forward)(wait_until="commit")
    except Error:  # another page came first
        page.wait_for_timeout(500)
    page.wait_for_load_state()


def closed_tab(round: Round) -> None:
    round.write()
    moment = time.monotonic()
    round.desk.page.close(run_before_unload=False)
    wanted = round.desk.safe(moment)
    round.expect_there(wanted, round.find(wanted))


def session_ended(round: Round) -> None:
    page = round.desk.page
    round.write()
    round.context.clear_cookies()
    round.write()
    if round.is_likely(0.3):  # they load the page, and are asked to sign in
        moment = time.monotonic()
        page.reload()
        sign_in(page, round.stage.user.username)
        round.desk.settle()
        round.expect_there(round.desk.safe(moment), round.desk.shown())
        round.desk.text = round.desk.shown()
    else:
        round.stage.sign_in(round.context)  # in another window
        page.evaluate("dispatchEvent(new Event('focus'))")
    round.expect_saved(round.desk)
    round.publish_and_check(round.desk)


def server_killed(round: Round) -> None:
    desk, server = round.desk, round.stage.server
    round.write()
    is_publishing = round.is_likely()
    if is_publishing:
        desk.publish()
        desk.page.wait_for_timeout(round.random.uniform(0, 150))
    server.kill()
    moment = time.monotonic()
    if not is_publishing:
        round.write()
    server.start()
    server.wait()
    if is_publishing:
        reload_what_did_not_load(desk.page)
        outcome = desk.page.locator(".post-text, form.composer .failure").first
        expect(outcome).to_be_visible(timeout=PATIENCE_SECONDS * 1000)
        if desk.page.locator(".post-text").count():
            return
        round.expect_there(desk.safe(moment), desk.shown())
        round.publish_and_check(desk)
    elif round.is_likely():
        round.expect_saved(desk)
        round.publish_and_check(desk)
    else:
        moment = time.monotonic()
        desk.page.close()
        wanted = desk.safe(moment)
        round.expect_there(wanted, round.find(wanted))


def reload_what_did_not_load(page: Page) -> None:
    """Where the post is shown, in the moment of the kill: the browser says that nobody answers."""
    page.wait_for_timeout(300)  # whatever was on its way
    try:
        page.wait_for_load_state()
        has_failed = page.evaluate("location.protocol") == "chrome-error:"
    except Error:  # another page came just now
        has_failed = False
    if has_failed:
        page.reload()


def network_cut(round: Round) -> None:
    seconds = round.random.uniform(*OFFLINE_SECONDS)
    cut(round, seconds)


def long_network_cut(round: Round) -> None:
    cut(round, LONG_CUT_SECONDS)


def cut(round: Round, seconds: float) -> None:
    desk = round.desk
    round.write()
    round.context.set_offline(True)
    desk.write(seconds)
    if round.is_likely(0.3):
        moment = time.monotonic()
        desk.page.close()
        round.context.set_offline(False)
        wanted = desk.safe(moment)
        round.expect_there(wanted, round.find(wanted))
        return
    round.context.set_offline(False)
    round.expect_saved(desk)
    round.publish_and_check(desk)


def two_tabs(round: Round) -> None:
    both_write(round, round.context)


def two_devices(round: Round) -> None:
    both_write(round, round.stage.device())


def both_write(round: Round, context: BrowserContext) -> None:
    """The same draft in two places: a conflict shows both, and both can be had afterwards."""
    one, other = round.desk, round.new_desk(context)
    round.write()
    round.expect_saved(one)
    draft_id = one.draft_id
    other.open(f"/drafts/{draft_id}/")
    other.text = other.shown()
    round.expect_there(one.text, other.text)
    for desk in round.random.sample([one, other], 2):
        desk.type(f"[{round.random.randrange(10**6)}]")
        round.write(desk)
    kept = [one.text, other.text]
    asked = [desk for desk in (one, other) if eventually(partial(is_asked, desk), 4)]
    round.promise(bool(asked), "a conflict shows both", *kept, said(one.page), said(other.page))
    [desk] = asked
    fragment = desk.page.locator("#conflict").inner_text()
    marks = [text.rstrip().rsplit("[", 1)[1].split("]")[0] for text in kept]
    round.promise(all(mark in fragment for mark in marks), "both are shown", marks, fragment)
    desk.page.locator(f"#conflict [value={round.random.choice(('mine', 'theirs'))}]").click()
    expect(desk.page.locator("#saved")).to_contain_text("Saved")
    there = texts_at_server(draft_id)
    round.promise(all(text in there for text in kept), "both are kept", kept, there)
    if round.is_likely():
        desk.publish()
        expect(desk.page.locator(".post-text").first).to_contain_text(round.mark)


def is_asked(desk: Desk) -> bool:
    return desk.page.locator("#conflict [name=use]").count() > 0


DISASTERS: dict[str, Callable[[Round], None]] = {
    "reload": reload,
    "back_and_forward": back_and_forward,
    "closed_tab": closed_tab,
    "session_ended": session_ended,
    "server_killed": server_killed,
    "network_cut": network_cut,
    "two_tabs": two_tabs,
    "two_devices": two_devices,
}
