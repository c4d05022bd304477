"""Saving a draft: by the revision that its page had seen, so that nothing is overwritten unseen,
and a save that comes twice or late does no harm."""

from dataclasses import dataclass
from enum import Enum

from .draft import Draft
from .fields import Fields, has_content


class Kind(Enum):
    """How a save ended."""

    SAVED = "saved"
    NOTHING = "nothing"  # there is nothing to save, and no row was made
    CONFLICT = "conflict"  # it says something else by now
    PUBLISHED = "published"
    TRASHED = "trashed"
    GONE = "gone"


@dataclass(frozen=True)
class Outcome:
    """How a save ended, and the draft as it is now."""

    kind: Kind
    draft: Draft | None = None


def save(new: Draft, seen: int, overwrites: bool = False, is_nothing: bool = False) -> Outcome:
    """Save the fields of `new` under its id, if the row's revision is `seen` (0: there is none) or
    it says just this already: the answer to the first such save may have got lost. With
    `overwrites` what is there stays as a version. A first one that `is_nothing` makes no row."""
    while True:  # until nobody was quicker
        known = Draft.objects.of(new.user_id).filter(public_id=new.public_id).first()
        if outcome := outcome_of(known, new.fields, seen):
            return outcome
        if known is not None:
            if known.rewrite(new.fields, overwrites):
                return Outcome(Kind.SAVED, known)
        elif is_nothing:
            return Outcome(Kind.NOTHING)
        elif new.create():
            return Outcome(Kind.SAVED, new)


def outcome_of(known: Draft | None, fields: Fields, seen: int) -> Outcome | None:
    """What a save of `fields` comes to without writing anything; None where it is to be written."""
    if known is None and seen:
        return Outcome(Kind.GONE)
    if known is None:
        return None if has_content(fields) else Outcome(Kind.NOTHING)
    if not known.is_live:
        return Outcome(Kind.PUBLISHED if known.published_as_id else Kind.TRASHED, known)
    if known.fields == fields:
        return Outcome(Kind.SAVED, known)
    return Outcome(Kind.CONFLICT, known) if known.revision != seen else None
