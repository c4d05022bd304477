"""What is done to one entry of a calendar: it gets another time, by a form, a key or the mouse."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from publishing.models import Draft, Post
from publishing.notices.views import way_back
from publishing.planning.free_times import free_instants
from publishing.planning.moving import move, move_to_next_free, plan
from publishing.planning.views import own_draft
from publishing.posts.browsing import uuid_in
from publishing.posts.contents import check_time, excerpt
from publishing.posts.form_fields import MomentField
from publishing.posts.times import Meant, clock_in, meant
from publishing.posts.views import own_post
from social.toasts import say_with_undo

from .days import DAY, clock_time, day_words
from .pages import address_of, with_tag
from .views import first_weekday_of

DAYS_MOVED_BY = (-7, -1, 1, 7)  # by keys and buttons


class NoSuchTime(ValueError):
    """The clock never shows that; `after` is the first time that it does."""

    def __init__(self, sentence: str, after: datetime) -> None:
        super().__init__(sentence)
        self.after = after


@dataclass(frozen=True)
class MovablePost:
    """A post, for who gives it another time."""

    post: Post
    is_draft = False

    @property
    def public_id(self) -> uuid.UUID:
        return self.post.public_id

    @property
    def words(self) -> str:
        own = (row.text for row in self.post.deliveries.all() if row.text)
        return excerpt(self.post.text) or excerpt(next(own, "")) or gettext("Pictures")

    @property
    def address(self) -> str:
        return reverse("posts:post", args=[self.public_id])

    @property
    def times_address(self) -> str:
        return reverse("calendar:post_times", args=[self.public_id])

    @property
    def at(self) -> datetime | None:
        """When the first of it goes out."""
        times = [row.due_at for row in self.post.deliveries.all() if not row.is_done]
        return min(times, default=None)

    @property
    def why_fixed(self) -> str:
        return self.post.why_fixed

    def move(self, at: datetime, seen: datetime | None) -> bool:
        return seen is not None and move(self.post, at, seen)

    def move_to_next_free(self, seen: datetime | None) -> Meant | None:
        at = move_to_next_free(self.post, seen) if seen else None
        return Meant(at) if at else None

    @property
    def next_free(self) -> datetime | None:
        """The posting time that it would get."""
        going = [row.channel for row in self.post.deliveries.all() if not row.is_done]
        free = free_instants(self.post.user, going, count=1, moving=[self.post.pk])
        return free[0] if free else None


@dataclass(frozen=True)
class PlannedDraft:
    """A draft, for who plans it for another time."""

    draft: Draft
    is_draft = True

    @property
    def public_id(self) -> uuid.UUID:
        return self.draft.public_id

    @property
    def words(self) -> str:
        return self.draft.excerpt or gettext("Pictures")

    @property
    def address(self) -> str:
        return reverse("drafts:draft", args=[self.public_id])

    @property
    def times_address(self) -> str:
        return reverse("calendar:draft_times", args=[self.public_id])

    @property
    def at(self) -> datetime | None:
        return self.draft.planned_at

    @property
    def why_fixed(self) -> str:
        if self.draft.published_as_id:
            return gettext("It was published already.")
        return gettext("It is in the trash.") if self.draft.trashed_at else ""

    @property
    def next_free(self) -> datetime | None:
        """It takes none before it is a post."""
        return None

    def move_to_next_free(self, seen: datetime | None) -> Meant | None:
        return None

    def move(self, at: datetime, seen: datetime | None) -> bool:
        return plan(self.draft, at, seen)


Movable = MovablePost | PlannedDraft


@login_required
@require_http_methods(["GET", "POST"])
def post_times(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    return ask_or_move(request, MovablePost(own_post(request, public_id)))


@login_required
@require_http_methods(["GET", "POST"])
def draft_times(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    return ask_or_move(request, PlannedDraft(own_draft(request, draft_id)))


def ask_or_move(request: HttpRequest, thing: Movable) -> HttpResponse:
    # Undo is a form without fields of its own: what it would do stands in its address.
    given = request.GET.dict() | request.POST.dict()
    seen = MomentField().to_python(given.get("seen")) or (None if thing.is_draft else thing.at)
    if request.method == "GET":
        return ask(request, thing, seen or thing.at, given)
    zone, back = timezone.get_current_timezone_name(), way_back(request, thing.address)
    try:
        taken = carry_out(thing, given, seen, zone)
    except NoSuchTime as error:
        messages.error(request, str(error))
        offer = {"seen": given.get("seen", ""), "offer": error.after.isoformat(), "next": back}
        return leave_to(request, f"{thing.times_address}?{urlencode(offer)}")
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(back)
    if taken:
        say_moved(request, thing, taken, seen, "follow" in given)
        return redirect(page_after(request, thing, back, taken.at, follows="follow" in given))
    meanwhile = gettext("It has changed meanwhile: this is how it stands now.")
    messages.error(request, thing.why_fixed or meanwhile)
    return redirect(back)


def carry_out(
    thing: Movable, given: Mapping[str, str], seen: datetime | None, zone: str
) -> Meant | None:
    """Move it as was asked for: when it is due now, or None."""
    if "next_free" in given:
        return thing.move_to_next_free(seen)
    wanted = time_wanted(given, seen, zone)
    return wanted if thing.move(wanted.at, seen) else None


# ── For when? ─────────────────────────────────────────────────────────────────────────────────
def time_wanted(given: Mapping[str, str], seen: datetime | None, zone: str) -> Meant:
    """What was asked for: `at`, a clock time in `zone` or a moment; or the same clock time as
    `seen` on another `day`, or so many `days` on. Raises ValidationError for what is no time, and
    NoSuchTime for one that clocks there leave out."""
    try:
        clock = clock_wanted(given, seen, zone)
    except (ValueError, OverflowError) as error:
        sentence = gettext("That is not a date and time.")
        raise ValidationError(sentence, code="invalid") from error
    if clock.tzinfo:
        return Meant(clock.astimezone(UTC))
    try:
        return meant(clock, zone)
    except ValueError as error:
        raise NoSuchTime(str(error), first_after(clock, zone)) from error


def clock_wanted(given: Mapping[str, str], seen: datetime | None, zone: str) -> datetime:
    """Naive where a clock time is meant. Raises ValueError."""
    if at := given.get("at"):
        return datetime.fromisoformat(at)
    clock = clock_in(zone, seen) if seen else None
    if clock is None:
        raise ValueError("there is no time to begin with")
    if day := given.get("day"):
        return datetime.combine(date.fromisoformat(day), clock.time())
    days = int(given.get("days", ""))
    if days not in DAYS_MOVED_BY:
        raise ValueError(f"not by {days} days")
    return clock + timedelta(days=days)


def first_after(clock: datetime, zone: str) -> datetime:
    """The first minute that clocks in `zone` show after one that they leave out."""
    while True:
        clock += timedelta(minutes=1)
        try:
            return meant(clock, zone).at
        except ValueError:
            continue


# ── What became of it ─────────────────────────────────────────────────────────────────────────
def say_moved(
    request: HttpRequest, thing: Movable, wanted: Meant, seen: datetime | None, follows: bool
) -> None:
    """In words; with Undo, while its former time is still to come."""
    sentence = (
        gettext("Planned for {day}, {time}. Still a draft.")
        if thing.is_draft
        else gettext("Moved to {day}, {time}.")
    )
    words = sentence.format(**day_and_time(wanted.at))
    words = f"{words} {wanted.note}" if wanted.note else words
    if seen is None or not may_be(seen):
        messages.success(request, words)
        return
    undo = {"at": seen.isoformat(), "seen": wanted.at.isoformat()}
    undo |= {"follow": "1"} if follows else {}
    say_with_undo(request, words, f"{thing.times_address}?{urlencode(undo)}")


def may_be(at: datetime) -> bool:
    try:
        check_time(at)
    except ValidationError:
        return False
    return True


def day_and_time(at: datetime) -> dict[str, str]:
    zone = timezone.get_current_timezone()
    local, today = at.astimezone(zone).date(), timezone.localdate()
    return {"day": day_words(local, today), "time": clock_time(at, zone).words}


def page_after(request: HttpRequest, thing: Movable, back: str, at: datetime, follows: bool) -> str:
    """The page where one was; one that `follows` shows the days of `at` in the same way. A page
    that is loaded anew is told where one was."""
    try:
        path, _, query = back.partition("?")
        match = resolve(path)
    except Resolver404:
        return back
    name = match.url_name if match.namespace == "calendar" else None
    if follows and name in ("week", "month"):  # an agenda goes on as far as that
        there = address_of(name, timezone.localdate(at), first_weekday_of(request.user))
        return with_tag(there, uuid_in(QueryDict(query).get("tag", "")))
    return (
        f"{back}#entry-{thing.public_id}" if name and "HX-Request" not in request.headers else back
    )


def leave_to(request: HttpRequest, address: str) -> HttpResponse:
    """A script shows it as a page of its own."""
    if "HX-Request" not in request.headers:
        return redirect(address)
    response = HttpResponse(status=204)
    response.headers["HX-Redirect"] = address
    return response


# ── The form ──────────────────────────────────────────────────────────────────────────────────
def ask(
    request: HttpRequest, thing: Movable, at: datetime | None, given: Mapping[str, str]
) -> HttpResponse:
    zone = timezone.get_current_timezone_name()
    offer = MomentField().to_python(given.get("offer"))
    clock = clock_in(zone, at) if at else None
    free = thing.next_free if not thing.why_fixed else None
    context: dict[str, Any] = {
        "thing": thing,
        "why": thing.why_fixed,
        "seen": at,
        "stands": day_and_time(at) if at else None,
        "clock": f"{clock:%Y-%m-%dT%H:%M}" if clock else "",
        "later": later_times(clock, zone),
        "free": day_and_time(free) if free else None,
        "offer": {"at": offer, **day_and_time(offer)} if offer else None,
        "zone": zone,
        "back": given.get("next", ""),
    }
    return render(request, "publishing/calendar/times.html", context)


def later_times(clock: datetime | None, zone: str) -> list[dict[str, Any]]:
    """The same clock time a day and a week on, from today where its own day is past."""
    if clock is None:
        return []
    today = clock_in(zone, timezone.now())
    begin = (
        clock
        if today is None
        else datetime.combine(max(clock.date(), today.date()), time(clock.hour, clock.minute))
    )
    offers = []
    for words, days in ((gettext("A day later"), DAY), (gettext("A week later"), 7 * DAY)):
        try:
            at = meant(begin + days, zone).at
        except (ValueError, OverflowError):
            continue  # a form without it is no worse
        offers.append({"words": words, "at": at, **day_and_time(at)})
    return offers
