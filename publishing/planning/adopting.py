"""A draft that was saved, without script, by a session that had ended: it is saved when its writer
has signed in."""

import re
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from publishing.models import Draft
from publishing.posts.form_fields import RevisionField
from publishing.posts.keeping import forget, kept_of

from .copies import bind
from .fields import fields_in
from .saving import Kind, save

DRAFT_PAGE = re.compile(r"/drafts/([0-9a-f-]{36})/$")


def adopt(request: HttpRequest, user: Any) -> None:
    """Save it, unless something else is there by now: then its page shows both."""
    page, sent = kept_of(request, user)
    draft_page = DRAFT_PAGE.search(page)
    if sent is None or draft_page is None:
        return
    try:
        draft = Draft(user=user, public_id=uuid.UUID(draft_page[1]), fields=fields_in(sent))
    except ValidationError:
        return
    seen = RevisionField().to_python(sent.get("revision"))
    outcome = save(draft, seen, is_nothing=not seen and bind(draft, sent))
    if outcome.kind in (Kind.SAVED, Kind.NOTHING):
        forget(request)
