"""A form carries the clock that it showed: what nobody touched stays the same moment."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from project.accounts.models import Profile
from publishing.models import Post
from publishing.posts.times import clock_in
from tests.publishing.pages import page_of

pytestmark = pytest.mark.django_db
BERLIN, NEW_YORK = "Europe/Berlin", "America/New_York"
TOMORROW = (timezone.now() + timedelta(days=1)).replace(second=30, microsecond=0)


@pytest.fixture
def her(alice, channel, client_for):
    return client_for(alice)


def live_in(person, zone: str) -> None:
    Profile.objects.of(person).choose_time_zone(zone)


def twice(zone: str) -> datetime:
    """The second time that a clock there shows the same, when the next summer ends."""
    day = timezone.now().replace(minute=30, second=0, microsecond=0)
    for hours in range(24 * 400):
        at = (day + timedelta(hours=hours)).astimezone(ZoneInfo(zone))
        if at.fold:
            return at.astimezone(UTC)
    raise AssertionError(f"{zone} has no summer")


def shown(page) -> dict[str, str]:
    """The form as a browser would send it, untouched."""
    form = page.context["form"]
    names = ("text", "when", "zone", "seen", "moment")
    values = {name: form[name].value() for name in names}
    moment = datetime.fromisoformat(values["moment"])
    return values | {"at": clock_in(form.clock_zone, moment).isoformat("T", "minutes")}


@pytest.mark.parametrize("moves_before_it_is_shown", [True, False])
@pytest.mark.parametrize("at", [TOMORROW, twice(BERLIN), twice(NEW_YORK)])
def test_another_text_in_another_zone_moves_nothing(
    her, alice, channel, at, moves_before_it_is_shown
):
    live_in(alice, BERLIN)
    post = Post.objects.publish(alice, "A tpyo.", [channel], at)
    url = f"{post.get_absolute_url()}edit/"
    if moves_before_it_is_shown:
        live_in(alice, NEW_YORK)
    form = shown(her.get(url))
    assert f'name="zone" value="{form["zone"]}"' in page_of(her.get(url))
    live_in(alice, NEW_YORK)
    assert her.post(url, form | {"text": "A typo."}).status_code == 302
    post.refresh_from_db()
    assert (post.text, post.due_at, post.time_zone) == ("A typo.", at, BERLIN)
    assert post.deliveries.get().due_at == at


def test_a_time_that_was_typed_means_the_clock_of_its_page(her, alice, channel):
    live_in(alice, BERLIN)
    form = shown(edit_page(her, alice, channel))
    live_in(alice, NEW_YORK)
    wall = datetime(timezone.now().year + 1, 7, 1, 10, 0)
    her.post(f"{Post.objects.get().get_absolute_url()}edit/", form | {"at": wall.isoformat()})
    post = Post.objects.get()
    assert post.due_at == wall.replace(tzinfo=ZoneInfo(BERLIN)) and post.time_zone == BERLIN


def edit_page(her, alice, channel):
    post = Post.objects.publish(alice, "Hello.", [channel], TOMORROW)
    return her.get(f"{post.get_absolute_url()}edit/")


def test_a_new_post_means_the_clock_of_its_page_also_when_it_comes_back_refused(
    her, alice, channel
):
    live_in(alice, BERLIN)
    assert her.get("/posts/new/").context["form"]["zone"].value() == BERLIN
    live_in(alice, NEW_YORK)
    wall = datetime(timezone.now().year + 1, 7, 1, 10, 0)
    fields = {"text": "a" * 300, "channels": [channel.pk], "when": "later", "zone": BERLIN}
    fields["at"] = wall.isoformat("T", "minutes")
    page = page_of(her.post("/posts/", fields))
    assert (
        f"<span data-zone>{BERLIN}</span> time" in page and f'name="zone" value="{BERLIN}"' in page
    )
    her.post("/posts/", fields | {"text": "Hello."})
    post = Post.objects.get()
    assert post.due_at == wall.replace(tzinfo=ZoneInfo(BERLIN)) and post.time_zone == BERLIN
    page = page_of(her.get(post.get_absolute_url()))
    assert "10:00</time> (Europe/Berlin)" in page


@pytest.mark.parametrize(
    ("moment", "zone"),
    [("0001-01-01T00:00+00:00", NEW_YORK), ("9999-12-31T23:59+00:00", "Asia/Tokyo")],
)
def test_a_moment_beyond_the_calendar_is_none(her, channel, moment, zone):
    fields = {"text": "Hello.", "channels": [channel.pk], "when": "later", "zone": zone}
    at = clock_in(zone, TOMORROW)
    her.post("/posts/", fields | {"moment": moment, "at": at.isoformat("T", "minutes")})
    assert Post.objects.get().due_at == at.replace(tzinfo=ZoneInfo(zone))


def test_a_zone_that_only_a_browser_knows_keeps_nobody_from_publishing_now(her, channel):
    fields = {"text": "Hello.", "channels": [channel.pk], "when": "now", "zone": "Mars/Olympus"}
    assert her.post("/posts/", fields).status_code == 302
    later = fields | {"when": "later", "at": clock_in(BERLIN, TOMORROW).isoformat()}
    assert "does not know the time zone Mars/Olympus" in page_of(her.post("/posts/", later))


def test_a_zone_that_is_none_is_said_and_changes_nothing(her, alice, channel):
    page = edit_page(her, alice, channel)
    url = f"{Post.objects.get().get_absolute_url()}edit/"
    answer = her.post(url, shown(page) | {"zone": "Mars/Olympus", "text": "Hi."})
    assert answer.status_code == 200 and "not know the time zone" in page_of(answer)
    assert Post.objects.get().text == "Hello."
