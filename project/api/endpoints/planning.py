"""When posts go out: posting times and which of them are free, the days of the calendar, and
another time for what stands there."""

import hashlib
import uuid
from datetime import date
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from ninja import Query, Router

from publishing.calendar.days import DAY, is_shown, midnight
from publishing.calendar.entries import ENTRIES_SHOWN, Calendar
from publishing.models import Delivery, Draft, Post, PostingTime
from publishing.planning.free_times import free_instants
from publishing.planning.lineup import ListChange
from publishing.planning.moving import move, move_to_next_free, plan
from publishing.planning.views import own_draft
from publishing.planning.week import (
    PostingWeek,
    change_of,
    is_nothing,
    key_of_change,
    save_week,
)
from publishing.posts.times import zone_of
from publishing.posts.views import own_post
from social.models import Channel

from ..access import person_of, token_of
from ..answers import READER, WRITER, reading, writing
from ..once import Act, KeptAnswer, once
from ..presenting import draft_as_json, entry_as_json, moment, post_as_json
from ..problems import Problem, error_at, invalid, of_validation
from ..schemas import DraftOut, PostOut
from ..schemas_of_planning import (
    CalendarOut,
    DraftMove,
    FreeTimesOut,
    KnownMoment,
    PostMove,
    SeenWeekIn,
    WeekChangeOut,
    WeekIn,
    WeekOut,
)
from ..writing import check_places, own_channels
from .drafts import live

router = Router(tags=["planning"])
MOST_FREE_TIMES, USUAL_FREE_TIMES = 100, 10
CALENDAR_DAYS = 62
SomeChannels = Annotated[
    list[uuid.UUID], Query(description="Free at all of these; none named: at all of yours.")
]
FirstDay = Annotated[
    date, Query(alias="from", description="The first day, as clocks show it for you.")
]
LastDay = Annotated[date, Query(alias="to", description=f"The last; {CALENDAR_DAYS} days at most.")]


# ── Posting times ─────────────────────────────────────────────────────────────────────────────
@reading(router, "/posting-times", WeekOut)
def list_posting_times(request: HttpRequest) -> HttpResponse:
    """When you like to post: clock times of each week, in your time zone."""
    return KeptAnswer(200, week_as_json(person_of(request))).as_response()


@writing(router, "POST", "/posting-times/changes", {200: WeekChangeOut}, READER)
def compare_posting_times(request: HttpRequest, payload: WeekIn) -> HttpResponse:
    """Which posts would move if these were your posting times. Nothing is stored."""
    change = change_of(person_of(request), week_in(payload))
    return once(request, lambda: lambda _key: KeptAnswer(200, change_as_json(change)))


@writing(router, "PUT", "/posting-times", {200: WeekOut})
def replace_posting_times(request: HttpRequest, payload: SeenWeekIn) -> HttpResponse:
    """Replace the list. Where posts move by that, posting-times/changes says which, and you name
    the change that you have seen; another one by now is refused (409)."""
    user, week = person_of(request), week_in(payload)
    change = change_of(user, week)
    if name_of(change) != payload.change:
        raise Problem("changed", gettext("Posts move by that. See which, and name that change."))
    posts = [move.post.post_id for move in change.moves]
    going = Delivery.objects.filter(post__in=posts).values_list("channel", flat=True)
    check_places(token_of(request), set(going))
    if save_week(user, week, key_of_change(change)) is None:
        raise Problem("changed")
    return KeptAnswer(200, week_as_json(user)).as_response()


def week_in(payload: WeekIn) -> PostingWeek:
    """Raises Problem where a day has more than fit, or is on and off at once."""
    week, ons = PostingWeek(), {(row.weekday, row.is_on) for row in payload.items}
    for row in payload.items:
        week.add(row.weekday, row.clock)
    week.off = {day for day, is_on in ons if not is_on}
    errors = [error_at("/items", sentence) for sentence in dict.fromkeys(week.problems)]
    if any((day, True) in ons for day in week.off):
        errors.append(error_at("/items", gettext("A weekday is on or off as a whole.")))
    if errors:
        raise invalid(errors)
    return week


def name_of(change: ListChange) -> str:
    """Names the same change to a program; empty where no post moves."""
    if is_nothing(change):
        return ""
    return hashlib.sha256(key_of_change(change).encode()).hexdigest()[:32]


def week_as_json(user: Any) -> dict[str, Any]:
    rows = PostingTime.objects.of(user).values("weekday", "clock", "is_on")
    return {"items": list(rows), "time_zone": zone_of(user)}


def change_as_json(change: ListChange) -> dict[str, Any]:
    rows = [*(move.post for move in change.moves), *change.fixed]
    ids = dict(
        Post.objects.filter(pk__in=[row.post_id for row in rows]).values_list("pk", "public_id")
    )
    moves = [
        {"post": str(ids[row.post.post_id]), "seen": moment(row.seen), "at": moment(row.at)}
        for row in change.moves
    ]
    fixed = [str(ids[row.post_id]) for row in change.fixed]
    return {"change": name_of(change), "moves": moves, "fixed": fixed}


@reading(router, "/free-times", FreeTimesOut)
def list_free_times(
    request: HttpRequest,
    channels: SomeChannels = [],  # noqa: B006  the library copies it
    after: KnownMoment | None = None,
    count: int = Query(USUAL_FREE_TIMES, ge=1, le=MOST_FREE_TIMES),
) -> HttpResponse:
    """The next of your posting times that nothing of yours has taken. The first of them is what at:
    next means."""
    user = person_of(request)
    own_channels(user, channels)
    places = Channel.objects.of(user)
    places = places.filter(pk__in=channels) if channels else places
    free = free_instants(user, places, after, count)
    items = [moment(at) for at in free]
    return KeptAnswer(200, {"items": items, "time_zone": zone_of(user)}).as_response()


# ── Calendar ──────────────────────────────────────────────────────────────────────────────────
@reading(router, "/calendar", CalendarOut)
def get_calendar(
    request: HttpRequest,
    first: FirstDay,
    last: LastDay,
) -> HttpResponse:
    """What stands on some days: posts at the times that they were due, whatever became of them,
    drafts that are planned, and free posting times."""
    if not (is_shown(first) and is_shown(last)) or not first <= last < first + CALENDAR_DAYS * DAY:
        sentence = gettext("From a day to a later one, {count} days at most.")
        raise invalid([error_at("/to", sentence.format(count=CALENDAR_DAYS), "days")])
    user = person_of(request)
    zone = ZoneInfo(zone_of(user))
    start, end = midnight(first, zone), midnight(last + DAY, zone)
    calendar = Calendar(user)
    marks = calendar.marks(start, end)
    entries = calendar.entries(marks[:ENTRIES_SHOWN])
    shown = [entries[mark] for mark in marks if mark in entries]
    body = {
        "items": [entry_as_json(entry) for entry in shown],
        "free": [moment(at) for at in calendar.free_times(end) if start <= at < end],
        "first": first.isoformat(),
        "last": last.isoformat(),
        "time_zone": str(zone),
        "is_whole": len(marks) <= ENTRIES_SHOWN,
    }
    return KeptAnswer(200, body).as_response()


@writing(router, "POST", "/posts/{uuid:public_id}/moves", {200: PostOut})
def move_post(request: HttpRequest, public_id: uuid.UUID, payload: PostMove) -> HttpResponse:
    """Give a post another time, if it still has the one that you saw and nothing of it was
    tried."""

    def prepare() -> Act:
        post = own_post(request, public_id)
        going = [row.channel_id for row in post.deliveries.all() if not row.is_done]
        check_places(token_of(request), going)
        if post.why_fixed:
            raise Problem("too-late", post.why_fixed)
        return lambda _key: KeptAnswer(200, moved(request, post, payload))

    return once(request, prepare)


def moved(request: HttpRequest, post: Post, wish: PostMove) -> dict[str, Any]:
    try:
        if isinstance(wish.at, str):
            is_moved = move_to_next_free(post, wish.seen) is not None
        else:
            is_moved = move(post, wish.at, wish.seen)
    except ValidationError as error:
        raise of_validation(error) from error
    if not is_moved:
        raise Problem("changed")
    return post_as_json(own_post(request, post.public_id))


@writing(router, "POST", "/drafts/{uuid:draft_id}/moves", {200: DraftOut}, WRITER)
def move_draft(request: HttpRequest, draft_id: uuid.UUID, payload: DraftMove) -> HttpResponse:
    """Plan a draft for another time, if it is still planned for the one that you saw. It stays a
    draft."""

    def prepare() -> Act:
        draft = live(own_draft(request, draft_id))
        return lambda _key: KeptAnswer(200, planned(request, draft, payload))

    return once(request, prepare)


def planned(request: HttpRequest, draft: Draft, wish: DraftMove) -> dict[str, Any]:
    try:
        if not plan(draft, wish.at, wish.seen):
            raise Problem("changed")
    except ValidationError as error:
        raise of_validation(error) from error
    return draft_as_json(own_draft(request, draft.public_id))
