"""Everything that can happen to one draft that is open in two windows: saves that arrive, get lost
or come late, publishing, the trash, versions. One transaction an example, which is rolled back.
"""

import uuid
from itertools import count

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from publishing.models import Draft, DraftVersion, Post
from tests.publishing.planning.pages import JSON

WINDOWS = st.sampled_from([0, 1])
FATES = st.sampled_from(["arrives", "arrives", "request lost", "answer lost"])
TYPED = st.sampled_from(["", "more", "more", "anew"])


class Window:
    """What one window knows."""

    def __init__(self, draft_id):
        self.id, self.revision, self.text = draft_id, 0, ""

    def fields(self, **more):
        own = {"text": self.text, "submit_key": str(self.id), "revision": self.revision}
        return own | more

    @property
    def address(self):
        return f"/drafts/{self.id}/"


class DraftMachine(RuleBasedStateMachine):
    user = channel = browser = None  # set once, outside of the examples

    def __init__(self):
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        draft_id = uuid.uuid4()
        self.windows = [Window(draft_id), Window(draft_id)]
        self.words = count(1)
        self.kept = set()  # texts that somebody has not seen before they were overwritten
        self.head = {}  # draft's id → the text of the last save that was accepted
        self.posts = {}  # draft's id → addresses of its posts
        self.late = []

    def teardown(self):
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    # ── What people do ──
    def window(self, number, typed=""):
        """That window, after somebody typed in it: some words more, or all of them anew."""
        window = self.windows[number]
        if typed:
            before = window.text if typed == "more" else ""
            window.text = f"{before} w{next(self.words)}".strip()
        return window

    @rule(number=WINDOWS)
    def open(self, number):
        """What a reload of the draft's address shows."""
        window = self.windows[number]
        draft = Draft.objects.live().filter(public_id=window.id).first()
        if draft:
            window.text, window.revision = draft.fields["text"][0], draft.revision

    @rule(number=WINDOWS, fate=FATES, typed=TYPED)
    def save(self, number, fate, typed):
        window = self.window(number, typed)
        if fate == "request lost":
            return
        answer = self.send(window.address, window.fields())
        if fate == "arrives":
            self.hear(window, answer)

    @rule(number=WINDOWS, typed=TYPED)
    def save_late(self, number, typed):
        """It is on its way, and comes after whatever follows."""
        window = self.window(number, typed)
        self.late.append((window.address, window.fields()))

    @rule()
    def arrive(self):
        if self.late:
            self.send(*self.late.pop(0))

    @rule(number=WINDOWS, typed=TYPED, choice=st.sampled_from(["mine", "theirs"]))
    def decide(self, number, typed, choice):
        """A save is refused, and somebody chooses."""
        window = self.window(number, typed)
        answer = self.send(window.address, window.fields())
        if answer.status_code != 409:
            return self.hear(window, answer)
        theirs = answer.json()
        window.revision = theirs["revision"]
        self.kept.add(window.text if choice == "theirs" else theirs["fields"]["text"][0])
        answer = self.send(window.address, window.fields(use=choice))
        assert answer.status_code == 200
        window.revision = answer.json()["revision"]
        if choice == "theirs":
            window.text = answer.json()["fields"]["text"][0]

    @rule(number=WINDOWS, fate=FATES, typed=TYPED)
    def publish(self, number, fate, typed):
        window = self.window(number, typed)
        if fate == "request lost":
            return
        draft = Draft.objects.live().filter(public_id=window.id).first()
        form = window.fields(channels=[self.channel.pk], when="now")
        answer = self.browser.post("/posts/", form)
        if answer.status_code == 302:
            self.posts.setdefault(window.id, set()).add(answer.url)
            self.head.pop(window.id, None)
            if draft and draft.revision != window.revision:
                self.kept.add(draft.fields["text"][0])
        if answer.status_code == 409 and fate == "arrives":
            form = answer.context["form"]
            assert form["text"].value() == window.text
            window.id, window.revision = uuid.UUID(str(form["submit_key"].value())), 0

    @rule(number=WINDOWS)
    def discard(self, number):
        self.browser.post(f"{self.windows[number].address}discards/")

    @rule(number=WINDOWS)
    def restore(self, number):
        self.browser.post(f"{self.windows[number].address}restorations/")

    @rule(number=WINDOWS, which=st.integers(0, 5))
    def restore_version(self, number, which):
        window = self.windows[number]
        draft = Draft.objects.filter(public_id=window.id).first()
        versions = list(DraftVersion.objects.filter(draft=draft)) if draft else []
        if not versions:
            return
        version = versions[which % len(versions)]
        if draft.is_live:
            self.kept.add(draft.fields["text"][0])
            self.head[window.id] = version.fields["text"][0]
        where = f"{window.address}versions/{version.pk}/restorations/"
        self.browser.post(where, {"revision": draft.revision})

    # ── What happens then ──
    def send(self, address, fields):
        answer = self.browser.post(address, fields, **JSON)
        if answer.status_code == 200 and answer.json()["revision"]:
            if fields.get("use") != "theirs":
                self.head[uuid.UUID(fields["submit_key"])] = fields["text"]
        return answer

    def hear(self, window, answer):
        if answer.status_code == 200:
            window.revision = answer.json()["revision"]
        elif answer.status_code == 410 and answer.json()["url"]:
            window.id, window.revision = uuid.uuid4(), 0  # another post, if anything

    # ── What holds ──
    @invariant()
    def nothing_is_lost_that_was_saved(self):
        rows = [*Draft.objects.of(self.user), *DraftVersion.objects.all()]
        there = {row.fields["text"][0] for row in rows if row.fields}
        there |= set(Post.objects.of(self.user).values_list("text", flat=True))
        wanted = {text for text in (*self.kept, *self.head.values()) if text}
        assert wanted <= there, wanted - there

    @invariant()
    def a_draft_becomes_one_post(self):
        assert all(len(urls) == 1 for urls in self.posts.values())
        tombstones = Draft.objects.of(self.user).tombstones()
        posts = {draft.published_as_id for draft in tombstones}
        assert Post.objects.of(self.user).count() == len(posts) == len(self.posts)

    @invariant()
    def no_tombstone_is_revived(self):
        for draft_id in self.posts:
            draft = Draft.objects.of(self.user).get(public_id=draft_id)
            assert draft.published_as_id and draft.fields == {} and not draft.excerpt
