"""How quickly what is read is stored: `python -m benchmarks.importing [store|wire]`.

store   1,000 at a time into an empty table and into one of ROWS (1,000,000 unless it is set), both
        in one run: new ones, the same ones again, and ones that have changed
wire    a first import of 3,200 posts, through tweepy and a sandbox at SANDBOX_URL, page by page
Everything on the database that DATABASE_URL names, in a person's rows that are wiped afterwards.
"""

import os
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from statistics import median

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from importing.models import ImportRun, Timeline  # noqa: E402
from importing.reading.importer import Importer  # noqa: E402
from importing.reading.storing import store  # noqa: E402
from importing.wiping import wipe  # noqa: E402
from project.jobs.worker.processes import share_connections  # noqa: E402
from social.connections.connect import connect  # noqa: E402
from social.models import Channel, Connection  # noqa: E402
from social.networks import NETWORKS  # noqa: E402
from social.networks.shapes import Grant, Item, Person  # noqa: E402
from tests.sandbox import Sandbox  # noqa: E402

ROWS = int(os.environ.get("ROWS", "1000000"))
ITEMS_PER_BATCH = 1_000
BATCHES = int(os.environ.get("BATCHES", "15"))
WORDS = "bread rye spelt oven dawn garden seed rain tram letter harbour fog bench book".split()
NEWEST = datetime(2026, 11, 1, tzinfo=UTC)


def items(start: int, many: int = ITEMS_PER_BATCH, likes: int = 0) -> list[Item]:
    """As a first reading gives them: each older than the one before."""
    dice = random.Random(start)
    return [
        Item(
            str(1_990_000_000_000_000_000 - number),
            text=" ".join(dice.choices(WORDS, k=18)) + f" #{dice.choice(WORDS)}",
            url=f"https://x.com/alice/status/{number}",
            created_at=NEWEST - timedelta(minutes=7 * number),
            author_id="17",
            author_handle="alice",
            likes=likes + dice.randrange(50),
            reposts=dice.randrange(10),
            replies=0,
            views=dice.randrange(1000),
            entities={"hashtags": [dice.choice(WORDS)], "urls": ["https://example.org/a"]},
        )
        for number in range(start, start + many)
    ]


def person(name: str, told: dict | None = None) -> Timeline:
    user, _ = get_user_model().objects.get_or_create(username=f"bench-{name}")
    who = told["user"] if told else {"id": f"9{name}", "name": name, "username": name}
    grant = Grant(told["access_token"] if told else "nobody's")
    connected = connect(user, NETWORKS["x"], Person(who["id"], name, who["username"]), grant)
    row, _ = Timeline.objects.of_owner(connected.channels.get(), "post")
    return Timeline.objects.with_all().get(pk=row.pk)


def seconds_to_store(timeline: Timeline, batch: list[Item]) -> float:
    begun = time.perf_counter()
    with transaction.atomic():
        store(timeline, batch)
    return time.perf_counter() - begun


def rate(timeline: Timeline, batches: Iterator[list[Item]]) -> float:
    return ITEMS_PER_BATCH / median(seconds_to_store(timeline, batch) for batch in batches)


def measure_store() -> None:
    empty, full = person("empty"), person("full")
    empty_rates = measure_table(empty, 0)
    print(f"filling a table of {ROWS:,} …", flush=True)
    begun = time.perf_counter()
    for start in range(0, ROWS, ITEMS_PER_BATCH):
        store(full, items(start))
    print(f"  {ROWS / (time.perf_counter() - begun):,.0f} items/s, from making them on", flush=True)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE importing_importeditem")
    full_rates = measure_table(full, ROWS)
    again = measure_table(person("again"), 0, wanted=("new",))
    print(f"{connection.vendor}: items/s in batches of {ITEMS_PER_BATCH:,}, median of {BATCHES}")
    for name, value in empty_rates.items():
        ratio = full_rates[name] / value
        print(f"  {name:9} {value:9,.0f} empty  {full_rates[name]:9,.0f} full  ratio {ratio:.2f}")
    print(f"  new ones of somebody without any, in the full table: {again['new']:,.0f}")
    show_memory()


def measure_table(
    timeline: Timeline, start: int, wanted: tuple[str, ...] = ("new", "the same", "changed")
) -> dict[str, float]:
    kinds: dict[str, Callable[[int], list[Item]]] = {
        "new": items,
        "the same": items,
        "changed": lambda at: items(at, likes=100),
    }
    batches = range(start, start + BATCHES * ITEMS_PER_BATCH, ITEMS_PER_BATCH)
    return {name: rate(timeline, (kinds[name](at) for at in batches)) for name in wanted}


def measure_wire() -> None:
    sandbox = Sandbox(os.environ["SANDBOX_URL"])
    sandbox.call("POST", "/reset", json={"fixture": "large"})
    timeline = person("wire", sandbox.token("x", "alice"))
    timeline.items.all().delete()
    timeline.set(cursor={}, stored=0, read_at=None)
    connection.close()
    share_connections()  # as every worker does
    begun, worked = time.perf_counter(), time.process_time()
    run = ImportRun.objects.claim(ImportRun.objects.start(timeline).pk)
    Importer(run).work()
    seconds, worked = time.perf_counter() - begun, time.process_time() - worked
    print(f"wire: {run.added:,} posts in {seconds:.2f} s, {run.added / seconds:,.0f} items/s")
    print(f"  of this process {worked:.2f} s, {run.added / worked:,.0f} items a second of it")
    print(f"  {run.state} {run.reason}, {run.pages} pages")
    show_memory()


def show_memory() -> None:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  this process took {most:.0f} MB at most")


def clean() -> None:
    users = get_user_model().objects.filter(username__startswith="bench-")
    wipe(Timeline.objects.filter(user__in=users))
    Channel.objects.filter(connection__user__in=users).delete()
    Connection.objects.filter(user__in=users).delete()
    users.delete()


if __name__ == "__main__":
    settings.DEBUG = False  # else Django keeps every statement
    try:
        {"store": measure_store, "wire": measure_wire}[(sys.argv[1:] or ["store"])[0]]()
    finally:
        clean()
