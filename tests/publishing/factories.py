"""Channels, deliveries and their times, made as they come about."""

import re
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db.models import F
from django.utils import timezone
from django_q.models import OrmQ

from project.jobs.queue.job import Job
from publishing.deliveries.claims import take
from publishing.deliveries.send import Sender
from publishing.deliveries.settle import mark_sent
from publishing.deliveries.verify import Verifier, claim_verification
from publishing.models import Attempt, Comment, Delivery, Post, PostingTime, Verification
from social.connections.connect import accept_grant, connect
from social.connections.refresh import refresh, store_answer
from social.models import Channel, CircuitBreaker
from social.models.circuit_breaker import forget_known_breakers
from social.networks import NETWORKS
from social.networks.errors import NetworkError, OutcomeUnknown, Rejected
from social.networks.shapes import Grant, Person, Place, Published

HOUR = timedelta(hours=1)
X_SCOPES = ("tweet.read", "tweet.write", "users.read", "offline.access")


def x_channel(user: Any, name: str = "alice", told: dict[str, Any] | None = None) -> Channel:
    """`told` is a grant of the sandbox's; without it nothing can be sent."""
    who = told["user"] if told else {"id": f"1{name}", "name": name.title(), "username": name}
    person = Person(who["id"], who["name"], who["username"])
    tokens = told or {"access_token": f"access-{name}", "refresh_token": f"refresh-{name}"}
    ends = timezone.now() + 2 * HOUR
    grant = Grant(tokens["access_token"], tokens["refresh_token"], ends, X_SCOPES)
    return connect(user, NETWORKS["x"], person, grant).channels.get()


def page_channel(user: Any, name: str = "Bakery", told: dict[str, Any] | None = None) -> Channel:
    page = told["pages"][0] if told else {"id": f"6{name}", "name": name, "access_token": "page"}
    who = told["user"] if told else {"id": f"1{user.username}", "name": user.username.title()}
    grant = Grant(told["access_token"] if told else "user-token")
    connection = connect(user, NETWORKS["facebook"], Person(who["id"], who["name"]), grant)
    OrmQ.objects.all().delete()  # the job that looks around; here is what it would find
    place = Place(page["id"], page["name"], page["name"].lower(), token=page["access_token"])
    store_answer(connection, (), [place])
    channel = connection.channels.get(remote_id=page["id"])
    channel.choose()
    return Channel.objects.select_related("connection").get(pk=channel.pk)


def publish(channel: Channel, text: str = "Hello, world!", **more: Any) -> Delivery:
    """Publish to one channel; the one delivery."""
    post = Post.objects.publish(channel.connection.user, text, [channel], **more)
    return Delivery.objects.with_all().get(post=post)


def posting_times(user: Any, *clocks: str, weekdays: Iterable[int] = range(7)) -> None:
    """These clocks on each of `weekdays`."""
    rows = [
        PostingTime(user=user, weekday=day, clock=clock) for day in weekdays for clock in clocks
    ]
    PostingTime.objects.bulk_create(rows)


def reloaded(delivery: Delivery) -> Delivery:
    """As it stands in the database now."""
    return Delivery.objects.with_all().get(pk=delivery.pk)


def let_time_pass(**by: float) -> None:
    """Everything that is written down happened that much earlier."""
    written = {
        Delivery: (
            "due_at",
            "next_attempt_at",
            "next_verification_at",
            "woken_at",
            "lease_until",
            "doubted_since",
        ),
        Attempt: ("started_at", "finished_at", "server_time"),
        Verification: ("verified_at", "server_time"),
        Comment: ("next_at", "lease_until", "begun_at", "finished_at"),
    }
    for model, fields in written.items():
        model.objects.update(**{field: F(field) - timedelta(**by) for field in fields})
    OrmQ.objects.update(lock=F("lock") - timedelta(**by))
    for field in ("tripped_at", "until", "reset_at"):
        CircuitBreaker.objects.update(**{field: F(field) - timedelta(**by)})
    forget_known_breakers()


def verify_once(delivery: Delivery) -> None:
    """The time of its next look comes, and a worker looks."""
    wait = reloaded(delivery).next_verification_at - timezone.now()
    let_time_pass(seconds=max(0, wait.total_seconds()) + 0.001)
    taken = claim_verification(delivery.job_id)
    assert taken is not None
    Verifier(taken).verify()


def verify_until_settled(delivery: Delivery) -> None:
    for _ in range(20):
        if not reloaded(delivery).is_verifying:
            return
        verify_once(delivery)
    raise AssertionError("it looks for ever")


def delivery_in_state(channel: Channel, state: str) -> Delivery:
    """A delivery that came to `state` as deliveries do."""
    delivery = publish(channel, f"This will be {state}.")
    if state == "canceled":
        delivery.cancel()
    elif state != "queued":
        assert take(delivery)
        if state != "sending":
            finish_send(delivery, ANSWERS_BY_STATE[state])
    return reloaded(delivery)


def finish_send(delivery: Delivery, answer: Published | NetworkError) -> Attempt:
    """The rest of a send: written ahead, and answered with `answer`."""
    attempt = Sender(delivery).write_ahead()
    if isinstance(answer, Published):
        mark_sent(delivery, answer, attempt)
    else:
        Sender(delivery).mark_failed(answer, attempt)
    return attempt


PUBLISHED = Published("1234567", "https://x.example/alice/status/1234567")
ANSWERS_BY_STATE = {
    "sent": PUBLISHED,
    "unconfirmed": OutcomeUnknown("no_answer"),
    "failed": Rejected("policy"),
}


def post_by_hand(sandbox, place, text="Hello, world!", **more):
    account = "alice" if place.network_name == "x" else place.remote_id
    asked = {"network": place.network_name, "account": account, "text": text, **more}
    return sandbox.call("POST", "/posts", json=asked)


def state_and_reason(delivery):
    delivery = reloaded(delivery)
    return delivery.state, delivery.waiting_for, delivery.reason


TEXT = "Hello, world!"
CREATE_PATHS = re.compile(r"/2/tweets$|/\d+/(feed|photos)$")


def create_requests(sandbox):
    """The requests to create a post that reached the networks."""
    return [
        e for e in sandbox.journal() if e["method"] == "POST" and CREATE_PATHS.search(e["path"])
    ]


def jobs_of(delivery):
    return [row for row in OrmQ.objects.all() if str(delivery.job_id) in Job.read(row.payload).args]


def reconnect(channel, sandbox):
    connection = channel.connection
    connection.refresh_from_db()
    if channel.network_name == "x":
        told = sandbox.token("x", "alice")
        grant = type(connection.grant())(told["access_token"], told["refresh_token"])
        accept_grant(connection, connection.person, grant)
    else:
        told = sandbox.token("facebook", "100000000000001", pages=["alicesbakery"])
        accept_grant(connection, connection.person, type(connection.grant())(told["access_token"]))
        refresh(connection)


def more_channels(channel, count):
    """Places of the same person, so many that inserting them one by one would be noticed."""
    rows = [
        Channel(
            connection=channel.connection,
            network_name="x",
            remote_id=f"9{number}",
            name=f"Number {number}",
            chosen_at=timezone.now(),
        )
        for number in range(count)
    ]
    Channel.objects.bulk_create(rows)
    return list(Channel.objects.of(channel.connection.user))
