"""The people and posts that Mastodon starts with."""

from ..core.world import World
from .state import Account
from .store import add, follow, like

DAY = 86_400
ALICE, BOB, CHARLIE = "109000000000000001", "109000000000000002", "109000000000000003"
PEOPLE = [
    (ALICE, "alice", "Alice Example", "Bakes before dawn, gardens after."),
    (BOB, "bob", "Bob Builder-Smith", "Sourdough, spirit levels, Saturdays."),
    (CHARLIE, "charlie", "Charlie O'Neil", "Nothing to see here."),
]
FILLERS = [
    ("breadnews", "Bread News", "Every loaf there is."),
    ("slowgarden", "The Slow Garden", "Nothing before its time."),
    ("nightlibrary", "The Night Library", "Open until two."),
    ("harbour", "Harbour Light", "Fog, gulls, coffee."),
]
POSTS = {
    "alice": [
        "Rye is in the oven. The whole street knows.",
        "Three things a good loaf needs: time, time & time.",
        "A starter is a pet that you can eat.",
    ],
    "bob": ["New shelves for the bakery: level, for once.", "Measured twice, cut twice."],
    "charlie": ["First."],
    "breadnews": ["Spelt is back.", "Ten bakers, one oven, no arguments."],
    "slowgarden": ["The medlars are bletting. Patience."],
    "nightlibrary": ["Tonight we read letters aloud."],
    "harbour": ["Fog until ten, then gulls."],
}


def people(world: World) -> None:
    """Who exists, as on the first day."""
    for id, username, name, about in PEOPLE:
        world.mastodon.accounts[id] = Account(id, username, name, about)
    for number, (username, name, about) in enumerate(FILLERS):
        add_filler(world, number, username, name, about)


def add_filler(world: World, number: int, username: str, name: str, about: str) -> Account:
    account = Account(str(109_000_000_000_100_000 + number), username, name, about, filler=True)
    world.mastodon.accounts[account.id] = account
    return account


def default(world: World) -> None:
    people(world)
    named = world.mastodon.account_named
    for index, (username, texts) in enumerate(POSTS.items()):
        for age, text in enumerate(texts):
            at = world.now() - (age * 7 + index + 1) * 3600
            add(world, named(username), text, at, origin="fixture")
    alice, bob = world.mastodon.accounts[ALICE], world.mastodon.accounts[BOB]
    for account in list(world.mastodon.accounts.values()):
        if account.filler or account is bob:
            follow(world, alice, account)
    follow(world, bob, alice)
    for username in ("breadnews", "slowgarden"):
        like(world, alice, world.mastodon.by_author[named(username).id][0])


def large(world: World) -> None:
    """Much to read: 1,000 posts and 500 people whom one follows."""
    default(world)
    alice = world.mastodon.accounts[ALICE]
    for number in range(1_000 - len(world.mastodon.by_author[ALICE])):
        at = world.now() - 2 * DAY - (1_000 - number) * 3600
        add(world, alice, f"Loaf number {number + 1}.", at, origin="fixture")
    for number in range(500):
        reader = add_filler(world, 100 + number, f"reader{number:03d}", "A reader", "Reads.")
        follow(world, alice, reader)


def crowd(world: World) -> None:
    """Many accounts: 400 people, or as many as are wanted."""
    people(world)
    for number in range(world.crowd):
        add_filler(
            world, 5_000 + number, f"crowd{number:03d}", f"Crowd {number:03d}", "One of many."
        )


FIXTURES = {"default": default, "large": large, "empty": people, "crowd": crowd}
