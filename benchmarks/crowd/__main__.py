"""A crowd for the benchmarks, made inside Django: `python -m benchmarks.crowd connect 400` gives
so many people of the sandbox's fixture `crowd` an account here and both networks; `… post 5 9.5`
writes five posts for each, due in 9.5 seconds, and prints when that is; `… watch 400 DUE` waits
until so many deliveries were sent since then, and prints when each was; `… bare 2 24` sends what is
due by a bare loop (bare.py)."""

import json
import os
import sys
import time
from datetime import UTC, datetime, timedelta
from urllib.request import Request, urlopen

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.utils import timezone  # noqa: E402
from django_q.models import OrmQ  # noqa: E402

from benchmarks.crowd.bare import send_all  # noqa: E402
from publishing.models import Delivery, Post  # noqa: E402
from social.connections.connect import connect  # noqa: E402
from social.connections.refresh import refresh  # noqa: E402
from social.networks import NETWORKS  # noqa: E402
from social.networks.shapes import Grant  # noqa: E402

User = get_user_model()
PATIENCE = 180  # seconds


def main(command: str, *numbers: str) -> None:
    commands = {
        "connect": connect_many,
        "post": post_many,
        "watch": watch,
        "bare": send_all,
        "forget": forget,
    }
    commands[command](*map(float, numbers))


def connect_many(people: float) -> None:
    for number in range(int(people)):
        name = f"crowd{number:03d}"
        user = User.objects.create(username=name, email=f"{name}@example.org")
        connect_x(user, name)
        connect_facebook(user, str(910000000000000 + number))


def connect_x(user: User, name: str) -> None:
    token = mint(network="x", user=name)
    network = NETWORKS["x"]
    grant = Grant(token["access_token"], token["refresh_token"])
    connect(user, network, network.person(grant), grant)


def connect_facebook(user: User, person: str) -> None:
    token = mint(network="facebook", user=person)
    network = NETWORKS["facebook"]
    grant = Grant(token["access_token"])
    connection = connect(user, network, network.person(grant), grant)
    refresh(connection)
    for channel in connection.channels.offered():
        channel.choose()


def mint(**given: str) -> dict:
    home = settings.X_API_URL.removesuffix("/x-api")
    url = home.replace("https://", "http://", 1) + "/_sandbox/tokens"  # asked in the clear
    request = Request(url, json.dumps(given).encode(), {"Content-Type": "application/json"})
    with urlopen(request, timeout=10) as answer:
        return json.load(answer)


def post_many(each: float, seconds: float) -> None:
    people = list(User.objects.filter(username__startswith="crowd").order_by("id"))
    at = timezone.now() + timedelta(seconds=seconds)
    for number in range(int(each)):
        for user in people:
            text = f"Number {number} of {user.username} for {at:%H:%M:%S}"
            Post.objects.publish(user, text, at=at)
    print(at.timestamp())


def forget() -> None:
    """The jobs of what was sent without them."""
    OrmQ.objects.all().delete()


def watch(wanted: float, due: float) -> None:
    since, until = datetime.fromtimestamp(due, UTC), time.monotonic() + PATIENCE
    sent = Delivery.objects.filter(state="sent", finished_at__gte=since)
    crowd = sent.filter(post__user__username__startswith="crowd")
    while crowd.count() < wanted and time.monotonic() < until:
        time.sleep(1)
    singles = sent.exclude(post__user__username__startswith="crowd").filter(created_at__gte=since)
    print(
        json.dumps(
            {
                "times": sorted(d.finished_at.timestamp() - due for d in crowd.only("finished_at")),
                "singles": [(d.finished_at - d.created_at).total_seconds() for d in singles],
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
