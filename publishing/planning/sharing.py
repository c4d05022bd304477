"""Where a post begins, also with what a phone or a bookmark shares. What is shared only ever begins
a draft: its form has no token of ours, and nothing goes out by it."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext, ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from publishing.media.composer import ComposerMedia
from publishing.models import Draft
from publishing.posts.composing import last_choice, shared_text
from publishing.posts.views import compose

from .fields import fields_in, has_content

SHARED_KEY = "what_was_shared"  # in the session, until somebody has signed in
SHARED_CHARACTERS = 70_000  # of a stranger; the longest post of any network fits
OTHER_SITES = ("cross-site", "same-site")  # Sec-Fetch-Site


@csrf_exempt
@require_http_methods(["GET", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """A browser sends no session of ours along with another site's form; a page that sends one all
    the same gets an empty composer."""
    user, is_shared = request.user, request.method == "POST"
    if is_shared and request.headers.get("Sec-Fetch-Site") in OTHER_SITES:
        return redirect("posts:compose")
    if is_shared and not user.is_authenticated:
        lost = len(request.FILES.getlist("files"))
        text = shared_text(request.POST)[:SHARED_CHARACTERS]
        request.session[SHARED_KEY] = {"text": text, "lost": lost}
        return redirect("posts:compose")
    if is_shared:
        return begin_draft(request, shared_text(request.POST))
    kept = request.session.pop(SHARED_KEY, None) if user.is_authenticated else None
    return compose(request) if kept is None else begin_draft(request, **kept)


def begin_draft(request: HttpRequest, text: str, lost: int = 0) -> HttpResponse:
    """`lost` pictures came while nobody was signed in."""
    user: Any = request.user
    pictures = ComposerMedia.sent(user, QueryDict(), request.FILES)
    try:
        fields = fields_in(with_choice(user, text, pictures))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("posts:compose")
    for said in (*pictures.problems, *pictures.notes):
        messages.info(request, said)
    if lost:
        sentence = ngettext(
            "A picture came before you had signed in. Add it once more.",
            "Pictures came before you had signed in. Add them once more.",
            lost,
        )
        messages.info(request, sentence)
    draft = Draft(user=user, public_id=uuid.uuid4(), fields=fields)
    if not has_content(fields) or not draft.create():
        return redirect("posts:compose")
    messages.success(request, gettext("Here is what you shared. It is a draft."))
    return redirect(draft)


def with_choice(user: Any, text: str, pictures: ComposerMedia) -> QueryDict:
    """The fields of a composer that has it."""
    fields, choice = QueryDict(mutable=True), last_choice(user)
    fields["text"], fields["when"] = text, choice["when"]
    fields.setlist("channels", [str(id) for id in choice["channels"]])
    fields.setlist("media", [str(picture.public_id) for picture in pictures.media])
    return fields
