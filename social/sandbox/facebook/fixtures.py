"""The people, Pages and posts that Facebook starts with."""

from ..core.world import World
from .state import FacebookUser, Page
from .store import add_post

DAY = 86400
FB_ALICE, FB_BOB, FB_CHARLIE = "100000000000001", "100000000000002", "100000000000003"
BAKERY, GARDEN, LIBRARY = "610000000000001", "610000000000002", "610000000000003"
BICYCLES = "610000000000004"

FULL_TASKS = ["ADVERTISE", "ANALYZE", "CREATE_CONTENT", "MESSAGING", "MODERATE", "MANAGE"]
EDITOR_TASKS = ["ANALYZE", "CREATE_CONTENT", "MODERATE"]

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
    """Who exists."""
    friends = {FB_ALICE: [FB_BOB], FB_BOB: [FB_ALICE, FB_CHARLIE], FB_CHARLIE: [FB_BOB]}
    names = {FB_ALICE: "Alice Example", FB_BOB: "Bob Builder-Smith", FB_CHARLIE: "Charlie O'Neil"}
    for id, name in names.items():
        world.facebook.users[id] = FacebookUser(id, name, friends=friends[id])
    for page in pages():
        world.facebook.pages[page.id] = page


def default(world: World) -> None:
    people(world)
    for page_id, texts in PAGE_POSTS.items():
        page = world.facebook.pages[page_id]
        for age, text in enumerate(reversed(texts)):
            moment = world.now() - (len(texts) - age) * 11 * 3600
            add_post(world, page, text, moment, origin="fixture")
    bakery = world.facebook.pages[BAKERY]
    visitor = "Do you still make the plum cake?"
    moment = world.now() - 5 * 3600
    add_post(world, bakery, visitor, moment, origin="fixture", author_id=FB_CHARLIE, kind="visitor")
    world.facebook.users[FB_ALICE].likes = [
        {"id": BICYCLES, "name": "Bob's Bicycles", "created_time": world.now() - 40 * DAY},
        {"id": LIBRARY, "name": "Old Town Library", "created_time": world.now() - 90 * DAY},
    ]


def crowd(world: World) -> None:
    """400 people, or as many as are wanted, with a Page each."""
    people(world)
    for number in range(world.crowd):
        label = f"Crowd {number:03d}"
        person, page = str(910000000000000 + number), str(710000000000000 + number)
        world.facebook.users[person] = FacebookUser(person, label)
        world.facebook.pages[page] = Page(page, label, "Community", "", {person: FULL_TASKS}, 50)


FIXTURES = {"default": default, "large": default, "empty": people, "crowd": crowd}
