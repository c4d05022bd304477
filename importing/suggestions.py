"""What a person could say next, and why: each rule on its own, from what is stored here. Rules run
in jobs, and ask no network."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from importing.models.interest import Interest
from importing.models.item import ImportedItem
from importing.models.timeline import Timeline
from publishing.posts.times import zone_of
from social.models import Channel
from social.networks import NETWORKS

from .prompts import ABOUT, PLAIN
from .said import Said, keys_before, said_since
from .spoken import topics_of
from .states import LIKE
from .topics import CATEGORY, HASHTAG

DAY = timedelta(days=1)
A_FEW = 5
QUIET = 60 * DAY  # for which a best performer was not repeated
A_YEAR = 365 * DAY
EARLIEST = 15  # years back
RISING, BEFORE = 14 * DAY, 60 * DAY
USES, TIMES = 3, 2  # a rising topic has so many, and so many times their rate before
ENOUGH_FOR_HOURS = 20  # posts
LIKES = 200  # the latest ones
STRONG = 20  # interests
A_TENTH = 10
LOOKED_AT = 200  # of the best


@dataclass(frozen=True)
class Candidate:
    kind: str
    key: str
    reason: str = ""
    prompt: str = ""
    text: str = ""
    channels: Sequence[str] = ()
    at: datetime | None = None
    item: ImportedItem | None = None
    fresh_until: datetime | None = None


@dataclass(frozen=True)
class Person:
    """Whom it is for, and what the rules look at together."""

    user: Any
    now: datetime
    zone: ZoneInfo
    said: list[Said]  # of a year

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def since(self, long: timedelta) -> list[Said]:
        return [one for one in self.said if one.at >= self.now - long]

    def day(self, of: date) -> tuple[datetime, datetime]:
        start = datetime(of.year, of.month, of.day, tzinfo=self.zone)
        end = of + DAY
        return start, datetime(end.year, end.month, end.day, tzinfo=self.zone)


def candidates(user: Any, now: datetime) -> list[Candidate]:
    """Each key once, however many accounts or logins lead there."""
    person = Person(user, now, ZoneInfo(zone_of(user)), said_since(user, now - A_YEAR))
    rules = (anniversary, elsewhere, best, rising, liked, usual_hour, interest, plain)
    found = list(chain.from_iterable(rule(person) for rule in rules))
    first = {one.key: one for one in reversed(found)}
    return [one for one in found if one is first[one.key]]


def best(person: Person) -> Iterator[Candidate]:
    """Of their top tenth by likes and reposts, not repeated for 60 days."""
    posts = ImportedItem.objects.of(person.user).posts()
    top = max(1, posts.count() // A_TENTH)
    heard = posts.best().filter(reactions__gt=0, gone_at=None)[: min(top, LOOKED_AT)]
    lately = {one.key for one in person.since(QUIET)}
    old = [item for item in heard if item.created_at < person.now - QUIET]
    again = [item for item in old if said_of(item).is_own and said_of(item).key not in lately]
    for item in again[:A_FEW]:
        heard_by = f"{item.likes or 0:,} likes and {item.reposts or 0:,} reposts"
        yield Candidate(
            "best",
            f"best:{item.first_id}",
            f"One of your best posts ({heard_by}), last said on {spoken(person, item)}.",
            text=item.text,
            item=item,
        )


def anniversary(person: Person) -> Iterator[Candidate]:
    """This day in earlier years; of each year what was heard best."""
    _, midnight = person.day(person.today)
    for years in range(1, EARLIEST + 1):
        try:
            that = person.today.replace(year=person.today.year - years)
        except ValueError:  # a 29 February
            continue
        start, end = person.day(that)
        posts = ImportedItem.objects.of(person.user).posts().filter(gone_at=None)
        of_day = posts.filter(created_at__gte=start, created_at__lt=end).newest_first()[:LOOKED_AT]
        own = [item for item in of_day if said_of(item).is_own]
        if own:
            item = max(own, key=lambda one: one.reactions)
            ago = "A year ago today" if years == 1 else f"{years} years ago today"
            yield Candidate(
                "anniversary",
                f"anniversary:{item.first_id}",
                f"{ago} you said this on {item.network.label}.",
                text=item.text,
                item=item,
                fresh_until=midnight,
            )


def elsewhere(person: Person) -> Iterator[Candidate]:
    """Said at one network in the past year, and never at another one that they post to."""
    places: dict[str, list[Channel]] = {}
    for channel in Channel.objects.of(person.user):
        places.setdefault(channel.network_name, []).append(channel)
    unread = Channel.objects.of(person.user).exclude(pk__in=Timeline.objects.read_posts())
    unsure = set(unread.values_list("network_name", flat=True))
    known: dict[str, set[Any]] = {name: set() for name in NETWORKS}
    for one in person.said:
        known[one.network] |= {one.key, one.post or one.key}
    for network, key in keys_before(person.user, person.now - A_YEAR):
        known[network].add(key)
    told: Counter[str] = Counter()
    # What is younger may be on its way there.
    a_day_old = [one for one in person.said if one.at <= person.now - DAY]
    for one in sorted(a_day_old, key=lambda one: (one.reactions, one.at), reverse=True):
        for name in places:
            is_there = one.key in known[name] or one.post in known[name]
            if name == one.network or not one.is_own or is_there:
                continue
            known[name].add(one.key)
            told[name] += 1
            if told[name] <= A_FEW:
                yield elsewhere_too(one, name, places[name], name not in unsure)


def elsewhere_too(one: Said, name: str, channels: list[Channel], is_sure: bool) -> Candidate:
    """Who said it there by other means than ours is known where their own posts were read."""
    there, here = NETWORKS[name].label, NETWORKS[one.network].label
    never = f"never on {there}" if is_sure else f"not on {there}, as far as we know"
    which = one.item.first_id if one.item else f"{one.at.timestamp():.0f}"
    return Candidate(
        "elsewhere",
        f"elsewhere:{name}:{which}",
        f"You said this on {here} on {one.at.day} {one.at:%B}, and {never}.",
        text=one.text,
        channels=[str(channel.pk) for channel in channels],
        item=one.item,
    )


def rising(person: Person) -> Iterator[Candidate]:
    """Topics of at least 3 posts in 14 days, twice as often as in the 60 days before."""
    now_and_then = person.since(RISING + BEFORE)
    start = person.now - RISING
    new = topics(one for one in now_and_then if one.at >= start)
    old = topics(one for one in now_and_then if one.at < start)
    days, days_before = RISING / DAY, BEFORE / DAY
    risen = [
        (number, topic)
        for topic, number in new.items()
        if number >= USES and number / days >= TIMES * old[topic] / days_before
    ]
    for number, topic in sorted(risen, key=lambda pair: (-pair[0], pair[1]))[:A_FEW]:
        often = "much more often than before" if old[topic] else "and hardly ever before"
        yield Candidate(
            "rising",
            f"rising:{topic}"[:160],
            f"You spoke of {topic[:100]} {number} times in two weeks, {often}.",
            prompt=f"Go on about {topic[:100]}: what comes next?",
            text=f"{topic} " if topic.startswith("#") else "",
        )


def topics(said: Iterator[Said]) -> Counter[str]:
    """topic → how many posts; the same words at two networks on one day are one."""
    once = {(one.key, one.at.date()): one.text for one in said}
    return Counter(topic for text in once.values() for topic in topics_of(text))


def liked(person: Person) -> Iterator[Candidate]:
    """Posts that they liked and that speak of what they are interested in, to comment on."""
    strongest = Interest.objects.of(person.user).strongest()[:STRONG]
    interests = {str(one).lower(): one.weight for one in strongest}
    likes = ImportedItem.objects.of(person.user).filter(kind=LIKE, gone_at=None).exclude(url="")
    found = []
    for item in likes.newest_first()[:LIKES]:
        shared = [(interests[topic], topic) for topic in topics_of(item.text) if topic in interests]
        if shared:
            found.append((max(shared), item))
    for (_, topic), item in sorted(found, key=lambda pair: -pair[0][0])[:A_FEW]:
        by = f"@{item.author_handle}" if item.author_handle else item.author_name or "somebody"
        yield Candidate(
            "liked",
            f"liked:{item.first_id}",
            f"You liked this by {by[:100]}, and {topic[:60]} is a topic of yours.",
            prompt=item.text[:280],
            text=f"\n\n{item.url}",
            item=item,
        )


def usual_hour(person: Person) -> Iterator[Candidate]:
    """The hour in their zone in which most of their posts went out, from 20 posts on."""
    times = [(one.key, one.at.astimezone(person.zone)) for one in person.said]
    once = {(key, at.date()): at.hour for key, at in times}  # at several networks
    if len(once) < ENOUGH_FOR_HOURS:
        return
    [(hour, _)] = Counter(once.values()).most_common(1)
    at = person.now.astimezone(person.zone).replace(hour=hour, minute=0, second=0, microsecond=0)
    at += DAY if at <= person.now else timedelta()
    yield Candidate(
        "hour",
        f"hour:{hour}",
        f"Most of your posts go out between {hour}:00 and {(hour + 1) % 24}:00.",
        prompt="Write something for your usual hour.",
        at=at,
        fresh_until=at,
    )


def interest(person: Person) -> Iterator[Candidate]:
    """Something they like or do, at random, another one each day."""
    strongest = list(Interest.objects.of(person.user).strongest()[:STRONG])
    chance = random.Random(f"{person.user.pk}:{person.today}")  # noqa: S311
    for one in chance.sample(strongest, min(A_FEW, len(strongest))):
        topic = str(one)[:100]
        pages = f"Pages about {topic} are among those you like."
        yield Candidate(
            "interest",
            f"interest:{one.sort}:{one.word}"[:160],
            pages if one.sort == CATEGORY else f"{topic} comes up again and again with you.",
            prompt=chance.choice(ABOUT).format(topic=topic),
            text=f"{topic} " if one.sort == HASHTAG else "",
        )


def plain(person: Person) -> Iterator[Candidate]:
    for name, said in PLAIN.items():
        yield Candidate("plain", f"plain:{name}", prompt=said)


def said_of(item: ImportedItem) -> Said:
    return Said(item.text, item.created_at, item.network_name, item.reactions, item)


def spoken(person: Person, item: ImportedItem) -> str:
    at = item.created_at.astimezone(person.zone)
    return f"{at.day} {at:%B %Y}"
