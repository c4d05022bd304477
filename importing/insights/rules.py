"""What a person could say next, and why: each rule on its own, from what is stored here. Rules run
in jobs, and ask no network."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.formats import date_format
from django.utils.translation import gettext, ngettext

from importing.reading.item import ImportedItem
from importing.reading.timeline import Timeline
from importing.states import LIKE
from publishing.posts.times import zone_of
from social.models import Channel
from social.networks import NETWORKS
from social.people import AnyUser

from .interest import Interest
from .past_posts import PastPost, keys_before, past_posts
from .prompts import INTEREST_PROMPTS, PLAIN_PROMPTS
from .topics import CATEGORY_TOPIC, HASHTAG_TOPIC
from .words import topic_words_of

ONE_DAY = timedelta(days=1)
YEAR = 365 * ONE_DAY
YEARS_BACK = 15
SUGGESTIONS_OF_A_RULE = 5
UNREPEATED = 60 * ONE_DAY  # for which a best post was not said again
BEST_SHARE = 10  # one post of so many is among the best
BEST_READ = 200  # of these
POSTS_OF_A_DAY = 200
RISING_SPAN, SPAN_BEFORE = 14 * ONE_DAY, 60 * ONE_DAY
RISING_POSTS = 3  # that speak of a rising topic, at least
RISING_FACTOR = 2  # times its rate before
POSTS_FOR_HOURS = 20
LIKES_READ = 200  # the latest ones
INTERESTS_READ = 20  # the strongest ones


@dataclass(frozen=True)
class Candidate:
    """What a rule suggests: the fields of a Suggestion."""

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
class Writer:
    """Whom a suggestion is for, and what all rules look at."""

    user: AnyUser
    now: datetime
    zone: ZoneInfo
    posts: list[PastPost]  # of a year

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def posts_of(self, span: timedelta) -> list[PastPost]:
        """Return the posts of the latest `span`."""
        return [post for post in self.posts if post.at >= self.now - span]

    def bounds_of(self, day: date) -> tuple[datetime, datetime]:
        """Return when a day of theirs begins and ends."""
        start = datetime(day.year, day.month, day.day, tzinfo=self.zone)
        end = day + ONE_DAY
        return start, datetime(end.year, end.month, end.day, tzinfo=self.zone)

    def day_of(self, item: ImportedItem) -> str:
        return date_format(item.created_at.astimezone(self.zone), "j F Y")


def candidates(user: AnyUser, now: datetime) -> list[Candidate]:
    """Return what all rules suggest; each key once, however many accounts or logins lead there."""
    writer = Writer(user, now, ZoneInfo(zone_of(user)), past_posts(user, now - YEAR))
    rules = (anniversary, elsewhere, best, rising, liked, usual_hour, interest, plain)
    suggested = list(chain.from_iterable(rule(writer) for rule in rules))
    first = {candidate.key: candidate for candidate in reversed(suggested)}
    return [candidate for candidate in suggested if candidate is first[candidate.key]]


def best(writer: Writer) -> Iterator[Candidate]:
    """Suggest their top tenth by likes and reposts, not repeated for 60 days."""
    posts = ImportedItem.objects.of(writer.user).posts()
    top = max(1, posts.count() // BEST_SHARE)
    heard = posts.best().filter(reactions__gt=0, gone_at=None)[: min(top, BEST_READ)]
    recent_keys = {post.key for post in writer.posts_of(UNREPEATED)}
    old = [PastPost.of_item(item) for item in heard if item.created_at < writer.now - UNREPEATED]
    unrepeated = [
        post.item for post in old if post.item and post.is_own and post.key not in recent_keys
    ]
    for item in unrepeated[:SUGGESTIONS_OF_A_RULE]:
        sentence = gettext(
            "One of your best posts ({likes:,} likes and {reposts:,} reposts), last said on {day}."
        )
        yield Candidate(
            "best",
            f"best:{item.first_id}",
            sentence.format(
                likes=item.likes or 0, reposts=item.reposts or 0, day=writer.day_of(item)
            ),
            text=item.text,
            item=item,
        )


def anniversary(writer: Writer) -> Iterator[Candidate]:
    """Suggest what they posted on this day in earlier years; of each year what was heard best."""
    _, midnight = writer.bounds_of(writer.today)
    for years in range(1, YEARS_BACK + 1):
        try:
            that_day = writer.today.replace(year=writer.today.year - years)
        except ValueError:  # a 29 February
            continue
        start, end = writer.bounds_of(that_day)
        posts = ImportedItem.objects.of(writer.user).posts().filter(gone_at=None)
        of_day = posts.filter(created_at__gte=start, created_at__lt=end).newest_first()
        own = [item for item in of_day[:POSTS_OF_A_DAY] if PastPost.of_item(item).is_own]
        if own:
            item = max(own, key=lambda item: item.reactions)
            sentence = ngettext(
                "A year ago today you said this on {network}.",
                "{years} years ago today you said this on {network}.",
                years,
            )
            yield Candidate(
                "anniversary",
                f"anniversary:{item.first_id}",
                sentence.format(years=years, network=item.network.label),
                text=item.text,
                item=item,
                fresh_until=midnight,
            )


def elsewhere(writer: Writer) -> Iterator[Candidate]:
    """Suggest what they said at one network in the past year, and never at another one that they
    post to."""
    channels: dict[str, list[Channel]] = {}
    for channel in Channel.objects.of(writer.user):
        channels.setdefault(channel.network_name, []).append(channel)
    unread = Channel.objects.of(writer.user).exclude(pk__in=Timeline.objects.channels_read())
    unsure = set(unread.values_list("network_name", flat=True))
    there = said_there(writer)
    suggested: Counter[str] = Counter()
    # What is younger than a day may be on its way there.
    old = [post for post in writer.posts if post.at <= writer.now - ONE_DAY and post.is_own]
    for post in sorted(old, key=lambda post: (post.reactions, post.at), reverse=True):
        for name in channels:
            if name == post.network_name or {post.key, post.post_id} & there[name]:
                continue
            there[name].add(post.key)
            suggested[name] += 1
            if suggested[name] <= SUGGESTIONS_OF_A_RULE:
                yield elsewhere_candidate(post, name, channels[name], name not in unsure)


def said_there(writer: Writer) -> dict[str, set[Any]]:
    """Return for each network the keys, and the ids of our posts, that are or were there."""
    there: dict[str, set[Any]] = {name: set() for name in NETWORKS}
    for post in writer.posts:
        there[post.network_name] |= {post.key, post.post_id or post.key}
    for network_name, key in keys_before(writer.user, writer.now - YEAR):
        there[network_name].add(key)
    return there


def elsewhere_candidate(
    post: PastPost, network_name: str, channels: list[Channel], is_sure: bool
) -> Candidate:
    """Return the suggestion. Whether they said it there by other means than ours is known
    (`is_sure`) where their own posts were read."""
    sentence = gettext("You said this on {here} on {day}, and never on {there}.")
    if not is_sure:
        sentence = gettext(
            "You said this on {here} on {day}, and not on {there}, as far as we know."
        )
    which = post.item.first_id if post.item else f"{post.at.timestamp():.0f}"
    return Candidate(
        "elsewhere",
        f"elsewhere:{network_name}:{which}",
        sentence.format(
            here=NETWORKS[post.network_name].label,
            there=NETWORKS[network_name].label,
            day=date_format(post.at, "j F"),
        ),
        text=post.text,
        channels=[str(channel.pk) for channel in channels],
        item=post.item,
    )


def rising(writer: Writer) -> Iterator[Candidate]:
    """Suggest topics of at least 3 posts in 14 days, twice as often as in the 60 days before."""
    posts = writer.posts_of(RISING_SPAN + SPAN_BEFORE)
    start = writer.now - RISING_SPAN
    new = posts_by_topic(post for post in posts if post.at >= start)
    old = posts_by_topic(post for post in posts if post.at < start)
    days, days_before = RISING_SPAN / ONE_DAY, SPAN_BEFORE / ONE_DAY
    risen = [
        (number, topic)
        for topic, number in new.items()
        if number >= RISING_POSTS and number / days >= RISING_FACTOR * old[topic] / days_before
    ]
    risen.sort(key=lambda pair: (-pair[0], pair[1]))
    for number, topic in risen[:SUGGESTIONS_OF_A_RULE]:
        sentence = gettext(
            "You spoke of {topic} {count} times in two weeks, and hardly ever before."
        )
        if old[topic]:
            sentence = gettext(
                "You spoke of {topic} {count} times in two weeks, much more often than before."
            )
        yield Candidate(
            "rising",
            f"rising:{topic}"[:160],
            sentence.format(topic=topic[:100], count=number),
            prompt=gettext("Go on about {topic}: what comes next?").format(topic=topic[:100]),
            text=f"{topic} " if topic.startswith("#") else "",
        )


def posts_by_topic(posts: Iterable[PastPost]) -> Counter[str]:
    """Return for each topic how many posts speak of it; the same words at two networks on one day
    are one post."""
    once = {(post.key, post.at.date()): post.text for post in posts}
    return Counter(topic for text in once.values() for topic in topic_words_of(text))


def liked(writer: Writer) -> Iterator[Candidate]:
    """Suggest to comment on posts that they liked and that speak of what they are interested in."""
    strongest = Interest.objects.of(writer.user).strongest()[:INTERESTS_READ]
    weights = {str(interest).lower(): interest.weight for interest in strongest}
    likes = ImportedItem.objects.of(writer.user).filter(kind=LIKE, gone_at=None).exclude(url="")
    matches = []
    for item in likes.newest_first()[:LIKES_READ]:
        shared = [
            (weights[topic], topic) for topic in topic_words_of(item.text) if topic in weights
        ]
        if shared:
            matches.append((max(shared), item))
    matches.sort(key=lambda pair: -pair[0][0])
    for (_, topic), item in matches[:SUGGESTIONS_OF_A_RULE]:
        by = f"@{item.author_handle}" if item.author_handle else item.author_name
        by = by or gettext("somebody")
        yield Candidate(
            "liked",
            f"liked:{item.first_id}",
            gettext("You liked this by {name}, and {topic} is a topic of yours.").format(
                name=by[:100], topic=topic[:60]
            ),
            prompt=item.text[:280],
            text=f"\n\n{item.url}",
            item=item,
        )


def usual_hour(writer: Writer) -> Iterator[Candidate]:
    """Suggest the hour in their zone in which most of their posts went out, from 20 posts on."""
    times = [(post.key, post.at.astimezone(writer.zone)) for post in writer.posts]
    once = {(key, at.date()): at.hour for key, at in times}  # at several networks
    if len(once) < POSTS_FOR_HOURS:
        return
    [(hour, _)] = Counter(once.values()).most_common(1)
    at = writer.now.astimezone(writer.zone).replace(hour=hour, minute=0, second=0, microsecond=0)
    at += ONE_DAY if at <= writer.now else timedelta()
    yield Candidate(
        "hour",
        f"hour:{hour}",
        gettext("Most of your posts go out between {hour}:00 and {next_hour}:00.").format(
            hour=hour, next_hour=(hour + 1) % 24
        ),
        prompt=gettext("Write something for your usual hour."),
        at=at,
        fresh_until=at,
    )


def interest(writer: Writer) -> Iterator[Candidate]:
    """Suggest something they like or do, at random, another one each day."""
    strongest = list(Interest.objects.of(writer.user).strongest()[:INTERESTS_READ])
    chance = random.Random(f"{writer.user.pk}:{writer.today}")  # noqa: S311
    for row in chance.sample(strongest, min(SUGGESTIONS_OF_A_RULE, len(strongest))):
        topic = str(row)[:100]
        sentence = gettext("{topic} comes up again and again with you.")
        if row.sort == CATEGORY_TOPIC:
            sentence = gettext("Pages about {topic} are among those you like.")
        yield Candidate(
            "interest",
            f"interest:{row.sort}:{row.word}"[:160],
            sentence.format(topic=topic),
            prompt=chance.choice(INTEREST_PROMPTS).format(topic=topic),
            text=f"{topic} " if row.sort == HASHTAG_TOPIC else "",
        )


def plain(writer: Writer | None = None) -> Iterator[Candidate]:
    """Suggest questions for who has nothing to repeat; the same for everybody."""
    for name, prompt in PLAIN_PROMPTS.items():
        yield Candidate("plain", f"plain:{name}", prompt=str(prompt))
