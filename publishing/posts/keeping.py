"""What somebody wrote on a page whose session had ended, without JavaScript: it waits in the new
session of that browser until its writer has signed in, and is shown to nobody else."""

from typing import Any

from django.core import signing
from django.http import HttpRequest, QueryDict

WRITER_SALT = "publishing.writer"
SIGNED_FOR = 14 * 24 * 3600  # seconds; as long as a session may be
INPUT_CHARACTERS = (
    500_000  # letters of all fields; the words of a post with a thousand channels fit
)
WRITTEN_KEY = "what_was_written"  # in the session
NOT_KEPT = ("csrfmiddlewaretoken",)


def signature_of(user: Any) -> str:
    """Whose page this is: a form carries it, because a session that is over names nobody."""
    return signing.dumps(user.pk, salt=WRITER_SALT)


def writer_of(fields: QueryDict) -> int | None:
    """The id of the user whose page this was; None when that is not signed."""
    try:
        return signing.loads(fields.get("writer", ""), salt=WRITER_SALT, max_age=SIGNED_FOR)
    except signing.BadSignature:
        return None


def keep(request: HttpRequest, page: str) -> bool:
    """Keep what was posted for the form at `page`, if it says whose it is."""
    writer = writer_of(request.POST)
    lists = [(name, values) for name, values in request.POST.lists() if name not in NOT_KEPT]
    size = sum(len(value) for _, values in lists for value in values)
    if writer is None or size > INPUT_CHARACTERS:
        return False
    if files := request.FILES.getlist("files"):
        lists.append(("lost_pictures", [str(len(files))]))
    request.session[WRITTEN_KEY] = {"writer": writer, "page": page, "fields": lists}
    return True


def kept_for(request: HttpRequest) -> QueryDict | None:
    """What the person who is signed in had written for this page."""
    page, fields = kept_of(request, request.user)
    return fields if page == request.path else None


def kept_of(request: HttpRequest, user: Any) -> tuple[str, QueryDict | None]:
    """What `user` had written, and for which page."""
    kept = request.session.get(WRITTEN_KEY)
    if not kept or kept["writer"] != user.pk:
        return "", None
    fields = QueryDict(mutable=True)
    for name, values in kept["fields"]:
        fields.setlist(name, values)
    return kept["page"], fields


def forget(request: HttpRequest) -> None:
    """It is published, or its writer wants it no more."""
    if WRITTEN_KEY in request.session:
        del request.session[WRITTEN_KEY]
