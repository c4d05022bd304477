"""The people and posts that Bluesky starts with."""

from ..core.world import World
from .state import Account
from .store import add, follow, like

DAY = 86_400
ALICE, BOB = "did:plc:alicealicealicealicealice"[:32], "did:plc:bobbobbobbobbobbobbobbob"
CHARLIE = "did:plc:charliecharliecharliechar"[:32]
MAIN_PASSWORD, APP_PASSWORD = "main-password-of-{}", "{}-aaaa-bbbb-cccc"

PEOPLE = [
    (ALICE, "alice.test", "Alice Example", "Bakes before dawn, gardens after."),
    (BOB, "bob.test", "Bob Builder-Smith", "Sourdough, spirit levels, Saturdays."),
    (CHARLIE, "charlie.test", "Charlie O'Neil", "Nothing to see here."),
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
    for did, handle, name, about in PEOPLE:
        first = handle.partition(".")[0]
        account = Account(did, handle, name, about, MAIN_PASSWORD.format(first))
        account.app_passwords = {app_password(first)}
        world.bluesky.accounts[did] = account
    for number, (first, name, about) in enumerate(FILLERS):
        add_filler(world, number, f"{first}.test", name, about)


def app_password(first: str) -> str:
    """Four times four letters, as theirs are."""
    return APP_PASSWORD.format((first * 4)[:4])


def add_filler(world: World, number: int, handle: str, name: str, about: str) -> Account:
    digits = f"{number:05d}".translate(str.maketrans("0123456789", "abcdefghij"))
    account = Account(f"did:plc:filler{digits:>18}".replace(" ", "x"), handle, name, about)
    account.filler = True
    world.bluesky.accounts[account.did] = account
    return account


def default(world: World) -> None:
    people(world)
    for index, (first, texts) in enumerate(POSTS.items()):
        author = world.bluesky.account_named(first)
        for age, text in enumerate(texts):
            add(world, author, text, world.now() - (age * 7 + index + 1) * 3600)
    alice, bob = world.bluesky.accounts[ALICE], world.bluesky.accounts[BOB]
    for account in list(world.bluesky.accounts.values()):
        if account.filler or account is bob:
            follow(world, alice, account)
    follow(world, bob, alice)
    for first in ("breadnews", "slowgarden"):
        author = world.bluesky.account_named(first)
        like(world, alice, world.bluesky.by_author[author.did][0])


def large(world: World) -> None:
    """Much to read: 1,000 posts and 500 people whom one follows."""
    default(world)
    alice = world.bluesky.accounts[ALICE]
    for number in range(1_000 - len(world.bluesky.by_author[ALICE])):
        moment = world.now() - 2 * DAY - (1_000 - number) * 3600
        add(world, alice, f"Loaf number {number + 1}.", moment)
    for number in range(500):
        reader = add_filler(world, 100 + number, f"reader{number:03d}.test", "A reader", "Reads.")
        follow(world, alice, reader)


def crowd(world: World) -> None:
    """Many accounts: 400 people, or as many as are wanted."""
    people(world)
    for number in range(world.crowd):
        name = f"Crowd {number:03d}"
        add_filler(world, 5_000 + number, f"crowd{number:03d}.test", name, "One of many.")


FIXTURES = {"default": default, "large": large, "empty": people, "crowd": crowd}
