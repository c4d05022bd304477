"""The people and posts that X starts with."""

from ..core.world import World
from .state import XUser
from .store import add_tweet, follow, like

DAY = 86400
ALICE, BOB, CHARLIE = "1700000000000000001", "1700000000000000002", "1700000000000000003"

PEOPLE = [
    XUser(ALICE, "alice", "Alice Example", "Bakes before dawn, gardens after."),
    XUser(BOB, "bob", "Bob Builder-Smith", "Sourdough, spirit levels, Saturdays."),
    XUser(CHARLIE, "charlie", "Charlie O'Neil", "Nothing to see here."),
    XUser("1700000000000000004", "paula", "Paula Premium", "Writes long.", max_length=25_000),
]
FILLERS = [
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


def people(world: World) -> None:
    """Who exists. Records are copied: a reset must not hand out yesterday's changes."""
    for user in PEOPLE:
        kept = XUser(**vars(user))
        kept.created_at = world.now() - 900 * DAY
        world.x.users[kept.id] = kept
    for number, (username, name, about) in enumerate(FILLERS, 5):
        add_filler(world, number, username, name, about)


def add_filler(world: World, number: int, username: str, name: str, about: str) -> XUser:
    user = XUser(str(1700000000000000000 + number), username, name, about, filler=True)
    user.created_at = world.now() - 700 * DAY
    world.x.users[user.id] = user
    return user


def default(world: World) -> None:
    people(world)
    for index, (name, texts) in enumerate(TWEETS.items()):
        author = world.x.user_named(name)
        for age, text in enumerate(texts):
            moment = world.now() - (age * 9 + index + 1) * 3600
            add_tweet(world, author, text, moment, origin="fixture")
    alice = world.x.users[ALICE]
    for user in list(world.x.users.values()):
        if user.filler or user.id == BOB:
            follow(world, alice, user)
    follow(world, world.x.users[BOB], alice)
    for name in ("daily_bread", "moss_and_fern", "plainwords"):
        author = world.x.user_named(name)
        like(world, alice, world.x.by_author[author.id][0])


def large(world: World) -> None:
    """As much as X lets a client page through: 3,200 posts, 500 likes, 1,000 followings."""
    default(world)
    alice, hour = world.x.users[ALICE], 3600
    for index in range(3_200 - len(world.x.by_author[ALICE])):
        moment = world.now() - 2 * DAY - (3_200 - index) * hour
        add_tweet(world, alice, f"Loaf number {index + 1}.", moment, origin="fixture")
    fillers = [user for user in world.x.users.values() if user.filler]
    for number in range(len(fillers), 1_000):
        name = f"reader{number:04d}"
        fillers.append(add_filler(world, 100 + number, name, f"Reader {number}", "Reads."))
    followed = {user for _, user in world.x.follows[ALICE]}
    for user in fillers:
        if user.id not in followed and len(world.x.follows[ALICE]) < 1_000:
            follow(world, alice, user)
    for number in range(500 - len(world.x.likes[ALICE])):
        author, moment = fillers[number % len(fillers)], world.now() - (600 - number) * hour
        tweet = add_tweet(world, author, f"Note {number + 1}.", moment, origin="fixture")
        like(world, alice, tweet.id)


def crowd(world: World) -> None:
    """Many accounts: 400 people, or as many as are wanted."""
    people(world)
    for number in range(world.crowd):
        add_filler(
            world, 5000 + number, f"crowd{number:03d}", f"Crowd {number:03d}", "One of many."
        )


FIXTURES = {"default": default, "large": large, "empty": people, "crowd": crowd}
