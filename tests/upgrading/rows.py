"""Rows in every table, and deliveries in every state, made as the product makes them."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from allauth.account.models import EmailAddress, EmailConfirmation
from django.apps import apps
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import get_user_model
from django.test import Client
from django.utils import timezone

from importing.models import Interest, Statistics
from project.accounts.models import Founding, Profile
from project.jobs.models import ForgottenJobs, PausedQueue
from publishing.models import Delivery, Instance, Post
from social.models import Channel
from tests.addresses import fill_the_admin
from tests.pictures import drawn
from tests.publishing.factories import delivery_in_state, publish, reloaded, verify_once
from tests.sandbox import Sandbox
from tests.social.dancing import connect
from tests.workers import run_jobs

PASSWORD = "correct horse battery staple"
LATER = datetime(2099, 1, 1, 9, tzinfo=UTC)
HELD_BACK_BY = ("turn", "backoff", "rate_limit", "outage", "credits", "reconnect", "held", "paused")
# Nothing of ours ever writes these.
UNUSED = {"socialaccount.SocialApp", "socialaccount.SocialToken"}


def fill(sandbox: Sandbox) -> None:
    """Raises AssertionError where a table stays empty."""
    alice = get_user_model().objects.create_user("alice", "alice@example.org", PASSWORD)
    Founding.objects.claim()
    Profile.objects.of(alice)
    Client().force_login(alice)
    for network in ("x", "facebook"):
        connect(sandbox, alice, network)
    x, page = (
        Channel.objects.of(alice).filter(network_name=it).first() for it in ("x", "facebook")
    )
    run_jobs()
    fill_deliveries(sandbox, x, page)
    fill_the_rest(alice)
    empty = {model._meta.label for model in apps.get_models() if not has_rows(model)} - UNUSED
    assert not empty, f"No rows of {sorted(empty)}"


def has_rows(model: Any) -> bool:
    return model._meta.proxy or model._default_manager.exists()


def fill_deliveries(sandbox: Sandbox, x: Channel, page: Channel) -> None:
    owner = x.connection.user
    Post.objects.publish(owner, "It has a picture.", [x, page], media=[(drawn(), "Red")])
    publish(page, "It has a comment.", extras={"facebook": {"comment": "More of it."}})
    run_jobs()
    planned = publish(x, "It goes out in 2099.", at=timezone.now() + timedelta(days=1))
    Delivery.objects.filter(pk=planned.pk).update(due_at=LATER, next_attempt_at=LATER)
    sandbox.arm("x.reset.before")
    asked = publish(x, "Its user is asked about it.")
    run_jobs()
    verify_once(asked)
    assert reloaded(asked).ask("absent_again")
    for channel in (x, page):
        for state in ("canceled", "failed", "unconfirmed", "sending"):
            delivery_in_state(channel, state)
    for waiting_for in HELD_BACK_BY:
        delivery = publish(page, f"It waits for {waiting_for}.")
        at = None if waiting_for in ("reconnect", "held", "paused") else LATER
        row = Delivery.objects.filter(pk=delivery.pk)
        row.update(waiting_for=waiting_for, next_attempt_at=at, due_at=LATER)


def fill_the_rest(user: Any) -> None:
    now = timezone.now()
    fill_the_admin(user)
    Instance.objects.heartbeat()
    address = EmailAddress.objects.get(user=user)
    EmailConfirmation.objects.create(email_address=address, key="key", sent=now)
    LogEntry.objects.create(user=user, object_repr="it", action_flag=CHANGE, change_message="")
    PausedQueue.objects.pause("mail", by=user)
    Statistics.objects.mark_stale(user.pk)
    run_jobs(until=now + timedelta(minutes=5))
    Interest.objects.create(user=user, sort="hashtag", word="bread", weight=1, count=3)
    ForgottenJobs.objects.add(Counter({("publish", True): 12}))
