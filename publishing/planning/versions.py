"""What a draft said before comes back as its next revision."""

from .draft import Draft, DraftVersion


def restore_version(draft: Draft, version: DraftVersion, seen: int) -> Draft | None:
    """Make `draft` say what it said then, if `seen` is still its revision; what it says now stays
    as a version. One that was published or discarded is not brought back: a new draft says it."""
    if not draft.is_live:
        new = Draft(user=draft.user, fields=version.fields)
        return new if new.create() else None
    if draft.revision != seen:
        return None
    return draft if draft.rewrite(version.fields, keeps_old=True) else None
