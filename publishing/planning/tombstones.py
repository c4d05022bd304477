"""A draft that became a post: its row stays a while without its words, and says which post that is.
Whatever comes late, a save or another click, finds it."""

import json
import uuid
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from publishing.media.media import Media
from publishing.sql import claim_draft

from .draft import Draft, DraftVersion
from .fields import Fields, words_of


class AlreadyPublished(Exception):
    """This draft is a post already, with other words."""

    def __init__(self, post: Any) -> None:
        super().__init__(str(post))
        self.post = post


@dataclass
class DraftClaim:
    """Makes a draft the post that was just written, in the transaction of that: once, also where
    no draft was ever saved."""

    user: Any
    public_id: uuid.UUID
    seen: int  # the revision that the page had
    fields: Fields  # what is being published
    left_over: Draft | None = None  # it said something else, which is kept as a version

    def __call__(self, post: Any) -> None:
        """Raises AlreadyPublished."""
        row = Draft(user=self.user, public_id=self.public_id, revision=0, published_as=post)
        if not claim(row):
            known = Draft.objects.of(self.user).select_related("published_as")
            raise AlreadyPublished(known.get(public_id=self.public_id).published_as)
        if row.revision:
            is_other = row.revision != self.seen and says_more(row, self.fields)
            bury(row, post, keeps_words=is_other)
            self.left_over = row if is_other else None


@dataclass
class CopiesClaim:
    """Ends the working copies of a scheduled post once it says what its page had: also that of a
    page which never saved any."""

    post: Any
    public_id: uuid.UUID | None  # of the page's own copy
    seen: int
    fields: Fields

    def lock(self) -> list[Draft]:
        """The copies; what is saved in one meanwhile waits, and finds that it is over."""
        return list(Draft.objects.of(self.post.user_id).copies_of(self.post).select_for_update())

    def end(self, copies: list[Draft], revision: str) -> None:
        """`revision` of the post is what they began with."""
        for copy in copies:
            self.end_one(copy)
        if self.public_id and self.public_id not in [copy.public_id for copy in copies]:
            own = Draft(user_id=self.post.user_id, public_id=self.public_id, revision=0)
            own.post, own.post_revision = self.post, revision
            own.published_as = self.post
            if claim(own) and own.revision:  # saved for the first time this moment
                self.end_one(own)

    def end_one(self, copy: Draft) -> None:
        is_own = (copy.public_id, copy.revision) == (self.public_id, self.seen)
        bury(copy, self.post, keeps_words=not is_own and says_more(copy, self.fields))


def claim(row: Draft) -> bool:
    """Make the draft that `row` names what it became, in one statement; `row` then has the words
    and the revision of what was there, 0 where it was never saved. Whether nobody did before."""
    claimed = claim_draft(row)
    if claimed is None:
        return False
    row.pk, row.revision, fields, row.changed_at = claimed
    row.fields = json.loads(fields)
    return True


def says_more(draft: Draft, fields: Fields) -> bool:
    """Whether it says something else than `fields`."""
    return words_of(draft.fields) != words_of(fields)


def bury(draft: Draft, post: Any, keeps_words: bool) -> None:
    """Take its words and pictures: they are `post`'s now, or stay as a version."""
    if keeps_words:
        DraftVersion.of(draft).keep()
    now = timezone.now()
    values = {"published_as": post, "fields": {}, "excerpt": "", "changed_at": now}
    Draft.objects.filter(pk=draft.pk).update(**values)
    Media.objects.filter(draft=draft).update(draft=None)
