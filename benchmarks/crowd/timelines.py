"""Many timelines, made inside Django: `python -m benchmarks.crowd.timelines COMMAND …`.

make 10000     so many people of the sandbox's fixture `crowd` connect X; nothing is read yet
due            all of them are due now; prints when that is
post 4 60      four posts a second for 60 s by people of their own, or until all timelines were read
               if that is sooner (`post 4 600 read`); prints how long each took to be sent
spread SINCE   when their runs began since then and how they ended, and when they begin next
"""

import json
import os
import sys
import time
from collections import Counter
from datetime import UTC, datetime

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "project.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.db import transaction  # noqa: E402
from django.utils import timezone  # noqa: E402

from importing.models import ImportRun, Timeline  # noqa: E402
from publishing.models import Delivery, Post  # noqa: E402
from social.connections.connect import connect  # noqa: E402
from social.models import Channel  # noqa: E402
from social.networks import NETWORKS  # noqa: E402
from social.networks.shapes import Grant, Person  # noqa: E402
from tests.sandbox import Sandbox  # noqa: E402

POSTING = 20  # people who post, and have nothing read
PEOPLE_PER_BATCH = 500
PATIENCE = 60  # seconds until the last post is sent
User = get_user_model()


def main(command: str, *given: str) -> None:
    commands = {"make": make, "due": due, "post": post, "spread": spread}
    commands[command](*given)


def make(people: str) -> None:
    home = settings.X_API_URL.removesuffix("/x-api")
    sandbox = Sandbox(home.replace("https://", "http://", 1))  # its controls are asked in the clear
    numbers = range(int(people) + POSTING)
    for start in numbers[::PEOPLE_PER_BATCH]:
        some = numbers[start : start + PEOPLE_PER_BATCH]
        names = [str(1700000000000005000 + number) for number in some]
        told = sandbox.call("POST", "/tokens", json={"network": "x", "users": names})["tokens"]
        rows = [{"network": "x", "account": name, "text": "Hello, crowd."} for name in names]
        sandbox.call("POST", "/posts", json={"posts": rows})
        with transaction.atomic():
            for number, one in zip(some, told, strict=True):
                join(one, posts=number >= int(people))


def join(told: dict, posts: bool) -> None:
    who = told["user"]
    user = User.objects.create(username=("posting-" if posts else "") + who["username"])
    person = Person(who["id"], who["name"], who["username"])
    grant = Grant(told["access_token"], told["refresh_token"])
    channel = connect(user, NETWORKS["x"], person, grant).channels.get()
    if not posts:
        Timeline.objects.of_owner(channel, "post")


def due() -> None:
    now = timezone.now()
    Timeline.objects.update(next_import_at=now)
    print(now.timestamp())


def post(pace: str, seconds: str, until: str = "") -> None:
    channels = list(Channel.objects.filter(connection__user__username__startswith="posting-"))
    begun, sent = time.monotonic(), []
    unread = Timeline.objects.filter(read_at=None)
    while time.monotonic() - begun < float(seconds):
        channel = channels[len(sent) % len(channels)]
        made = Post.objects.publish(channel.connection.user, f"Number {len(sent)}", [channel])
        sent.append(made.pk)
        if until and not len(sent) % 8 and not unread.exists():
            break
        time.sleep(max(0.0, begun + len(sent) / float(pace) - time.monotonic()))
    print(json.dumps(latencies(sent)))


def latencies(posts: list) -> list[float]:
    rows, until = Delivery.objects.filter(post__in=posts, state="sent"), time.monotonic() + PATIENCE
    while rows.count() < len(posts) and time.monotonic() < until:
        time.sleep(0.5)
    times = rows.values_list("created_at", "finished_at")
    return [(finished - created).total_seconds() for created, finished in times]


def spread(since: str) -> None:
    begun = datetime.fromtimestamp(float(since), UTC)
    runs = ImportRun.objects.filter(created_at__gte=begun)
    started = runs.filter(started_at__isnull=False).values_list("started_at", flat=True)
    coming = Timeline.objects.filter(next_import_at__isnull=False)
    ends = Counter(
        f"{state} {reason}".strip() for state, reason in runs.values_list("state", "reason")
    )
    said = {
        "started": [at.timestamp() - begun.timestamp() for at in started],
        "next": [
            at.timestamp() - begun.timestamp()
            for at in coming.values_list("next_import_at", flat=True)
        ],
        "ends": ends,
        "read": Timeline.objects.filter(read_at__isnull=False).count(),
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main(*sys.argv[1:])
