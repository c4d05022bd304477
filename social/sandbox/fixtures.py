"""The people, Pages and posts a fresh sandbox starts with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import facebook_store, x_store
from .records import FacebookUser, Page, XUser

if TYPE_CHECKING:
    from .world import World

DAY = 86400
ALICE, BOB, CHARLIE = "1700000000000000001", "1700000000000000002", "1700000000000000003"
FB_ALICE, FB_BOB, FB_CHARLIE = "100000000000001", "100000000000002", "100000000000003"
BAKERY, GARDEN, LIBRARY = "610000000000001", "610000000000002", "610000000000003"
BICYCLES = "610000000000004"

FULL_TASKS = ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"]
EDITOR_TASKS = ["ANALYZE", "CREATE_CONTENT", "MODERATE"]

X_PEOPLE = [
    XUser(ALICE, "alice", "Alice Example", "Bakes before dawn, gardens after."),
    XUser(BOB, "bob", "Bob Builder-Smith", "Sourdough, spirit levels, Saturdays."),
    XUser(CHARLIE, "charlie", "Charlie O'Neil", "Nothing to see here."),
    XUser("1700000000000000004", "paula", "Paula Premium", "Writes long.", max_length=25_000),
]
X_FILLERS = [
    ("daily_bread", "Daily Bread", "A loaf a day."),
    ("moss_and_fern", "Moss & Fern", "Shade gardening."),
    ("nightlibrary", "The Night Library", "Open until two."),
    ("tramspotter", "Tram Spotter", "Line 4, mostly."),
    ("plainwords", "Plain Words", "Short sentences."),
    ("harbourlight", "Harbour Light", "Fog, gulls, coffee."),
]
TWEETS = {
    "alice": [
        "Rye is in the oven. Doors open at seven.",
        "Three things a good loaf needs: time, time & time.",
        "The seed swap list is up: https://garden.example.org/seeds?year=2026",
    ],
    "bob": ["Measured twice, cut twice. It is that kind of day.", "New bench for the bakery!"],
    "charlie": ["First."],
    "daily_bread": ["Today: walnut and honey.", "A starter is a pet you can eat from."],
    "moss_and_fern": ["Ferns do not mind November. Neither do we.", "Mulch now. Thank us in May."],
    "nightlibrary": ["Tonight we read letters aloud.", "Lost: one umbrella. Found: eleven."],
    "tramspotter": ["4023 is back in green.", "Snow on the points at Harbour Square."],
    "plainwords": ["Say it once.", "Cut the first paragraph."],
    "harbourlight": ["Fog until ten, then gulls."],
}
PAGE_POSTS = {
    BAKERY: ["Good morning! Rye, spelt and walnut today.", "We are looking for an early riser."],
    GARDEN: ["Seed swap on Sunday, ten o'clock, by the old pump.", "The compost is ready."],
    LIBRARY: ["Story hour moves to Thursday."],
    BICYCLES: ["Winter check: brakes, lights, chain. Ten minutes, free."],
}


def pages() -> list[Page]:
    return [
        Page(
            BAKERY,
            "Alice's Bakery",
            "Bakery",
            "alicesbakery",
            {FB_ALICE: FULL_TASKS, FB_BOB: EDITOR_TASKS},
            412,
        ),
        Page(GARDEN, "City Garden Club", "Community", "", {FB_ALICE: FULL_TASKS}, 96),
        Page(LIBRARY, "Old Town Library", "Library", "oldtownlibrary", {FB_ALICE: ["ANALYZE"]}, 57),
        Page(BICYCLES, "Bob's Bicycles", "Bicycle Shop", "", {FB_BOB: FULL_TASKS}, 23),
    ]


def people(world: World) -> None:
    """Who exists. Records are copied: a reset must not hand out yesterday's changes."""
    for user in X_PEOPLE:
        kept = XUser(**vars(user))
        kept.created_at = world.now() - 900 * DAY
        world.x.users[kept.id] = kept
    for number, (username, name, about) in enumerate(X_FILLERS, 5):
        add_filler(world, number, username, name, about)
    friends = {FB_ALICE: [FB_BOB], FB_BOB: [FB_ALICE, FB_CHARLIE], FB_CHARLIE: [FB_BOB]}
    names = {FB_ALICE: "Alice Example", FB_BOB: "Bob Builder-Smith", FB_CHARLIE: "Charlie O'Neil"}
    for id, name in names.items():
        world.facebook.users[id] = FacebookUser(id, name, friends=friends[id])
    for page in pages():
        world.facebook.pages[page.id] = page


def add_filler(world: World, number: int, username: str, name: str, about: str) -> XUser:
    user = XUser(str(1700000000000000000 + number), username, name, about, filler=True)
    user.created_at = world.now() - 700 * DAY
    world.x.users[user.id] = user
    return user


def empty(world: World) -> None:
    people(world)


def default(world: World) -> None:
    people(world)
    for index, (name, texts) in enumerate(TWEETS.items()):
        author = world.x.user_named(name)
        for age, text in enumerate(texts):
            moment = world.now() - (age * 9 + index + 1) * 3600
            x_store.add_tweet(world, author, text, moment, origin="fixture")
    alice = world.x.users[ALICE]
    for user in list(world.x.users.values()):
        if user.filler or user.id == BOB:
            x_store.follow(world, alice, user)
    x_store.follow(world, world.x.users[BOB], alice)
    for name in ("daily_bread", "moss_and_fern", "plainwords"):
        author = world.x.user_named(name)
        x_store.like(world, alice, world.x.by_author[author.id][0])
    page_posts(world)


def page_posts(world: World) -> None:
    for page_id, texts in PAGE_POSTS.items():
        page = world.facebook.pages[page_id]
        for age, text in enumerate(reversed(texts)):
            moment = world.now() - (len(texts) - age) * 11 * 3600
            facebook_store.add_post(world, page, text, moment, origin="fixture")
    bakery = world.facebook.pages[BAKERY]
    visitor = "Do you still make the plum cake?"
    moment = world.now() - 5 * 3600
    facebook_store.add_post(
        world, bakery, visitor, moment, origin="fixture", author_id=FB_CHARLIE, kind="visitor"
    )
    world.facebook.users[FB_ALICE].likes = [
        {"id": BICYCLES, "name": "Bob's Bicycles", "created_time": world.now() - 40 * DAY},
        {"id": LIBRARY, "name": "Old Town Library", "created_time": world.now() - 90 * DAY},
    ]


def large(world: World) -> None:
    """As much as X lets a client page through: 3,200 posts, 500 likes, 1,000 followings."""
    default(world)
    alice, hour = world.x.users[ALICE], 3600
    for index in range(3_200 - len(world.x.by_author[ALICE])):
        moment = world.now() - 2 * DAY - (3_200 - index) * hour
        x_store.add_tweet(world, alice, f"Loaf number {index + 1}.", moment, origin="fixture")
    fillers = [user for user in world.x.users.values() if user.filler]
    for number in range(len(fillers), 1_000):
        name = f"reader{number:04d}"
        fillers.append(add_filler(world, 100 + number, name, f"Reader {number}", "Reads."))
    followed = {user for _, user in world.x.follows[ALICE]}
    for user in fillers:
        if user.id not in followed and len(world.x.follows[ALICE]) < 1_000:
            x_store.follow(world, alice, user)
    for number in range(500 - len(world.x.likes[ALICE])):
        author, moment = fillers[number % len(fillers)], world.now() - (600 - number) * hour
        tweet = x_store.add_tweet(world, author, f"Note {number + 1}.", moment, origin="fixture")
        x_store.like(world, alice, tweet.id)


def crowd(world: World) -> None:
    """Many accounts: 400 people (or as many as are wanted) at each network, at Facebook with a Page
    each."""
    people(world)
    for number in range(world.crowd):
        name, label = f"crowd{number:03d}", f"Crowd {number:03d}"
        add_filler(world, 5000 + number, name, label, "One of many.")
        person, page = str(910000000000000 + number), str(710000000000000 + number)
        world.facebook.users[person] = FacebookUser(person, label)
        world.facebook.pages[page] = Page(page, label, "Community", "", {person: FULL_TASKS}, 50)


FIXTURES = {"default": default, "large": large, "empty": empty, "crowd": crowd}
