"""Drafts: what is being written, saved by the revision that was seen."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from ninja import Query, Router

from publishing.models import Draft
from publishing.planning.fields import Fields
from publishing.planning.fields import as_sent as fields_as_sent
from publishing.planning.saving import Kind, Outcome, save
from publishing.planning.tombstones import AlreadyPublished
from publishing.planning.views import own_draft, sentence_of
from publishing.posts.times import zone_of

from ..access import person_of, token_of
from ..answers import WRITER, etag, reading, seen_revision, writing
from ..keyset import MOST_ROWS, USUAL_ROWS, page_of
from ..once import Act, KeptAnswer, once
from ..presenting import API_ROOT, accepted, address, draft_as_json, post_address, written_in
from ..problems import Problem, error_at, invalid, of_validation
from ..schemas import AcceptedOut, Change, DraftIn, DraftOut, DraftsOut
from ..writing import (
    as_sent,
    changed,
    check_named,
    check_places,
    composer,
    draft_fields,
    own_channels,
)

router = Router(tags=["drafts"])
LONGEST_REVISION = 9  # digits


@reading(router, "/drafts", DraftsOut)
def list_drafts(
    request: HttpRequest,
    limit: int = Query(USUAL_ROWS, ge=1, le=MOST_ROWS),
    after: str | None = Query(None, max_length=40),
) -> HttpResponse:
    """What you are writing, the newest first; not what is in the trash."""
    rows = Draft.objects.of(person_of(request)).live().select_related("post").order_by("-id")
    return KeptAnswer(200, page_of(request, rows, limit, after, draft_as_json)).as_response()


@writing(router, "POST", "/drafts", {201: DraftOut}, WRITER)
def create_draft(request: HttpRequest, payload: DraftIn) -> HttpResponse:
    """Begin a draft. It goes nowhere before you publish it."""
    return once(request, lambda: beginning(request, payload.model_dump()))


def beginning(request: HttpRequest, words: dict[str, Any]) -> Act:
    user = person_of(request)
    check_named(user, words)
    own_channels(user, words["channels"])
    fields = draft_fields(as_sent(words, zone_of(user)))

    def begin(key: uuid.UUID | None) -> KeptAnswer:
        draft = saved(Draft(user=user, public_id=key or uuid.uuid4(), fields=fields), 0)
        headers = {"Location": draft_address(draft), **etag(draft.revision)}
        return KeptAnswer(201, draft_as_json(draft), headers)

    return begin


@reading(router, "/drafts/{uuid:draft_id}", DraftOut)
def get_draft(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    """One draft, and as ETag its revision."""
    return shown(live(own_draft(request, draft_id)))


@writing(router, "PATCH", "/drafts/{uuid:draft_id}", {200: DraftOut}, WRITER, 428)
def change_draft(request: HttpRequest, draft_id: uuid.UUID, payload: Change) -> HttpResponse:
    """Save it anew, over the very revision that If-Match names. What you do not name stays."""
    draft = live(own_draft(request, draft_id))
    seen = seen_revision(request, str(draft.revision), is_needed=True)
    change = payload.model_dump(exclude_unset=True)
    words = changed(written_in(draft.fields), change)
    check_named(draft.user, words if "media" in change else words | {"media": []})
    own_channels(draft.user, change.get("channels", ()))
    sent = as_sent(words, zone_of(draft.user))
    for name in unnamed(draft.fields, "at" in change):
        sent.setlist(name, draft.fields[name])
    new = Draft(user=draft.user, public_id=draft_id, fields=draft_fields(sent))
    return shown(saved(new, number_of(seen)))


def unnamed(fields: Fields, is_time_new: bool) -> list[str]:
    """What a composer keeps in a draft and no change names: it stays. Also a time that is half."""
    times = ("when", "at", "zone", "moment", "slot")
    named = ("text", "channels", "media", *(times if is_time_new else ()))
    return [n for n in fields if n not in named and not n.startswith(("text_", "extra_", "alt_"))]


def number_of(revision: str) -> int:
    """0, which no row has, for what is no number."""
    return int(revision) if revision.isdecimal() and len(revision) <= LONGEST_REVISION else 0


@writing(router, "DELETE", "/drafts/{uuid:draft_id}", {204: None}, WRITER)
def discard_draft(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    """Put it into the trash, where it stays for 30 days."""
    draft = own_draft(request, draft_id)
    if draft.published_as_id:
        raise Problem("published")
    draft.discard()
    return HttpResponse(status=204)


@writing(router, "POST", "/drafts/{uuid:draft_id}/publications", {202: AcceptedOut})
def publish_draft(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    """Publish it as it stands, at its time if it has one. A draft becomes one post, once, also
    without a key. With If-Match: as it stood then, or not at all."""
    return once(request, lambda: publishing(request, own_draft(request, draft_id)))


def publishing(request: HttpRequest, draft: Draft) -> Act:
    """Everything is checked; what is left is one call."""
    live(draft)
    if draft.post_id:
        sentence = gettext("It changes a post that waits: change that post instead.")
        raise invalid([error_at("", sentence, "copy")])
    if seen_revision(request, str(draft.revision)) != str(draft.revision):
        raise Problem("revision", headers=etag(draft.revision))
    sent = fields_as_sent(draft.fields)
    sent["submit_key"], sent["revision"] = str(draft.public_id), str(draft.revision)
    form = composer(draft.user, zone_of(draft.user), sent)
    check_places(token_of(request), [channel.pk for channel in form.cleaned_data["channels"]])

    def publish(_key: uuid.UUID | None) -> KeptAnswer:
        try:
            post = form.publish()
        except AlreadyPublished as error:
            raise Problem("published") from error
        except ValidationError as error:
            raise of_validation(error) from error
        return KeptAnswer(202, accepted(post), {"Location": post_address(post)}, post)

    return publish


# ── One draft ─────────────────────────────────────────────────────────────────────────────────
def live(draft: Draft) -> Draft:
    """Raises Problem for what became a post, or is in the trash."""
    if draft.published_as_id:
        raise Problem("published")
    if draft.trashed_at:
        raise Problem("too-late", sentence_of(Outcome(Kind.TRASHED, draft)))
    return draft


def saved(new: Draft, seen: int) -> Draft:
    """`new` as it is stored. Raises Problem where it is not."""
    outcome = save(new, seen)
    if outcome.kind is Kind.SAVED and outcome.draft:
        return outcome.draft
    if outcome.kind is Kind.CONFLICT and outcome.draft:
        raise Problem("revision", headers=etag(outcome.draft.revision))
    if outcome.kind is Kind.NOTHING:
        raise invalid([error_at("/text", sentence_of(outcome), code="empty")])
    code = "published" if outcome.kind is Kind.PUBLISHED else "too-late"
    raise Problem(code, sentence_of(outcome))


def shown(draft: Draft) -> HttpResponse:
    return KeptAnswer(200, draft_as_json(draft), etag(draft.revision)).as_response()


def draft_address(draft: Draft) -> str:
    return address(f"{API_ROOT}/drafts/{draft.public_id}")
