"""Whose token it is, where they post, and what they have to know."""

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router

from publishing.models import Notice
from publishing.posts.times import zone_of
from social.models import Channel

from ..access import person_of, token_of
from ..answers import reading
from ..keyset import MOST_ROWS, USUAL_ROWS, page_of
from ..once import KeptAnswer
from ..presenting import channel_as_json, me_as_json, notice_as_json
from ..schemas import ChannelsOut, MeOut, NoticesOut

router = Router(tags=["person"])


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
