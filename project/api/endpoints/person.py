"""Whose token it is, where they post, what they have to know, and what they could say."""

import uuid
from typing import Annotated

from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router

from importing.insights.views import SUGGESTIONS_LISTED, own_suggestion
from importing.models import Suggestion
from publishing.models import Notice
from publishing.notices.sync import sync_posts
from publishing.notices.views import own_notice
from publishing.posts.times import zone_of
from social.models import Channel

from ..access import person_of, token_of
from ..answers import WRITER, reading, writing
from ..keyset import MOST_ROWS, USUAL_ROWS, page_of
from ..once import Act, KeptAnswer, once
from ..presenting import channel_as_json, me_as_json, notice_as_json, suggestion_as_json
from ..problems import Problem
from ..schemas import MOST_ID, ChannelsOut, MeOut, NoticeAct, NoticeOut, NoticesOut
from ..schemas_of_planning import SuggestionOut, SuggestionsOut
from ..writing import check_places

router = Router(tags=["person"])
NoticeId = Annotated[int, Path(ge=1, le=MOST_ID)]


@reading(router, "/me", MeOut)
def get_me(request: HttpRequest) -> HttpResponse:
    """Whose token this is, and what it may do."""
    return KeptAnswer(200, me_as_json(token_of(request), zone_of(person_of(request)))).as_response()


@reading(router, "/channels", ChannelsOut)
def list_channels(request: HttpRequest) -> HttpResponse:
    """The channels that you post to, and whether they work."""
    items = [channel_as_json(channel) for channel in Channel.objects.of(person_of(request))]
    return KeptAnswer(200, {"items": items, "next": None}).as_response()


@reading(router, "/notices", NoticesOut)
def list_notices(
    request: HttpRequest,
    limit: int = Query(USUAL_ROWS, ge=1, le=MOST_ROWS),
    after: str | None = Query(None, max_length=40),
) -> HttpResponse:
    """What you have to know, the latest first. Reading them here does not mark them as read."""
    rows = Notice.objects.of(person_of(request)).with_all().order_by("-id")
    return KeptAnswer(200, page_of(request, rows, limit, after, notice_as_json)).as_response()


@writing(router, "POST", "/notices/{int:notice_id}/dismissals", {200: NoticeOut}, WRITER)
def dismiss_notice(request: HttpRequest, notice_id: NoticeId) -> HttpResponse:
    """You have seen it. A question stays open until it is settled."""

    def prepare() -> Act:
        notice = own_notice(request, notice_id)
        return lambda _key: dismissed(request, notice)

    return once(request, prepare)


def dismissed(request: HttpRequest, notice: Notice) -> KeptAnswer:
    Notice.objects.of(person_of(request)).filter(pk=notice.pk).dismiss()
    return KeptAnswer(200, notice_as_json(own_notice(request, notice.pk)))


@writing(router, "POST", "/notices/{int:notice_id}/acts", {200: NoticeOut})
def act_on_notice(request: HttpRequest, notice_id: NoticeId, payload: NoticeAct) -> HttpResponse:
    """Settle all that it is about at once: try again what failed, send or drop what is held. What
    may be live is asked about one by one: see its deliveries."""

    def prepare() -> Act:
        notice = own_notice(request, notice_id)
        check_places(token_of(request), [row.channel_id for row in notice.deliveries])
        return lambda _key: acted(request, notice, payload.verb)

    return once(request, prepare)


def acted(request: HttpRequest, notice: Notice, verb: str) -> KeptAnswer:
    if not notice.act(verb):
        raise Problem("changed")
    if notice.post_id:
        sync_posts([notice.post_id])
    return KeptAnswer(200, notice_as_json(own_notice(request, notice.pk)))


# ── Suggestions ───────────────────────────────────────────────────────────────────────────────
@reading(router, "/suggestions", SuggestionsOut)
def list_suggestions(request: HttpRequest) -> HttpResponse:
    """What you could say next. What it speaks of was there lately."""
    ready = Suggestion.objects.of(person_of(request)).ready().exclude(kind="plain")
    items = [suggestion_as_json(row) for row in ready[:SUGGESTIONS_LISTED]]
    return KeptAnswer(200, {"items": items, "next": None}).as_response()


@writing(
    router, "POST", "/suggestions/{uuid:suggestion_id}/dismissals", {200: SuggestionOut}, WRITER
)
def dismiss_suggestion(request: HttpRequest, suggestion_id: uuid.UUID) -> HttpResponse:
    """Never suggest it again, nor its post for another reason."""

    def prepare() -> Act:
        suggestion = own_suggestion(request, suggestion_id)

        def dismiss(_key: uuid.UUID | None) -> KeptAnswer:
            suggestion.dismiss()
            return KeptAnswer(200, suggestion_as_json(suggestion))

        return dismiss

    return once(request, prepare)
