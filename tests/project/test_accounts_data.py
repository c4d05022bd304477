"""Taking one's data along, and leaving."""

import base64
import json
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.sessions.models import Session
from django.db.models import CASCADE, PROTECT
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_q.models import OrmQ

from project.accounts.exporting import export_parts
from project.accounts.models import OutgoingMail, Profile
from project.accounts.signing_up import make_founder
from project.jobs.queue.job import Job
from publishing.models import (
    Attempt,
    ChannelGroup,
    Delivery,
    Draft,
    DraftVersion,
    Media,
    MediaBytes,
    Post,
    Snippet,
)
from social.models import Channel, Connection
from social.networks.shapes import Grant
from tests.people import PASSWORD
from tests.pictures import drawn, opened

User = get_user_model()
pytestmark = pytest.mark.django_db
ROOMS = ("project", "social", "publishing", "importing")
ACCESS, REFRESH = "canary-access-token-4711", "canary-refresh-token-4712"


def connect(user: Any, remote_id: str) -> Channel:
    connection = Connection(
        user=user,
        network_name="x",
        remote_id=remote_id,
        name=user.username.title(),
        handle=user.username,
        checked_at=timezone.now(),
    )
    connection.keep(Grant(access=ACCESS, refresh=REFRESH))
    connection.save()
    SocialAccount.objects.create(user=user, provider="twitter_oauth2", uid=remote_id)
    return Channel.objects.create(
        connection=connection,
        network_name="x",
        remote_id=remote_id,
        name=connection.name,
        handle=connection.handle,
        chosen_at=timezone.now(),
    )


def settle(user: Any, remote_id: str) -> Post:
    """Somebody with a history: a channel, a post in line, and a try at it."""
    post = Post.objects.publish(user, f"Hello from {user.username}", [connect(user, remote_id)])
    Attempt.objects.create(
        delivery=post.deliveries.get(), number=1, text=post.text, finished_at=timezone.now()
    )
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=True)
    return post


def delete(client: Client, password: str = PASSWORD):
    return client.post(reverse("settings_delete"), {"password": password})


# ── Export ────────────────────────────────────────────────────────────────────────────────────
def test_each_model_whose_rows_belong_to_somebody_says_what_an_export_holds_of_them():
    models = owned_models()
    assert not [model._meta.label for model in models if "export" not in vars(model)]
    parts = [part for _, part in export_parts()]
    assert len({part.name for part in parts}) == len(parts) > 20
    assert {model for model, _ in export_parts()} <= models


def owned_models() -> set[Any]:
    """Ours whose rows cannot be without a user, or without what cannot be without one."""
    owned = {User}
    while more := {model for model in apps.get_models() if hangs_from(model, owned)} - owned:
        owned |= more
    return {m for m in owned if m.__module__.split(".")[0] in ROOMS and not m._meta.proxy}


def hangs_from(model: Any, owned: set[Any]) -> bool:
    return any(
        field.related_model in owned and field.remote_field.on_delete in (CASCADE, PROTECT)
        for field in model._meta.fields
    )


def test_an_export_is_a_file_whatever_its_person_is_called(client_for, alice):
    for name, said in (
        ("zoë王", "filename*=utf-8''fanfare-zo%C3%AB%E7%8E%8B-"),
        ("o'hara", "o'hara"),
    ):
        alice.username = name
        alice.save()
        told = client_for(alice).post(reverse("settings_export")).headers["Content-Disposition"]
        assert told.startswith("attachment; filename") and said in told and ".json" in told


def test_export_holds_what_is_ours_of_alice_and_nothing_of_bob(client_for, alice, bob):
    post = settle(alice, "1")
    settle(bob, "2")
    response = client_for(alice).post(reverse("settings_export"))

    assert response.headers["Content-Disposition"].startswith(
        'attachment; filename="fanfare-alice-'
    )
    text = response.getvalue().decode()
    data = json.loads(text)
    assert data["account"]["email"] == "alice@example.org"
    assert [row["text"] for row in data["posts"]] == ["Hello from alice"]
    assert [row["handle"] for row in data["channels"]] == ["alice"]
    assert [row["job_id"] for row in data["deliveries"]] == [str(post.deliveries.get().job_id)]
    assert [row["number"] for row in data["attempts"]] == [1]
    assert "bob" not in text and data["media"] == []


def test_export_holds_what_is_being_written_and_deletion_ends_it(client_for, alice, bob):
    for user in (alice, bob):
        draft = Draft(user=user, fields={"text": [f"{user} is writing"]})
        draft.create()
        DraftVersion.of(draft).keep()
    settle(alice, "1")
    data = json.loads(client_for(alice).post(reverse("settings_export")).getvalue())
    assert [row["fields"] for row in data["drafts"]] == [{"text": ["alice is writing"]}]
    assert [row["fields"] for row in data["draft_versions"]] == [{"text": ["alice is writing"]}]
    delete(client_for(alice))
    assert Draft.objects.get().user == bob and DraftVersion.objects.get().draft.user == bob


def test_export_holds_what_is_kept_for_writing(client_for, alice, bob):
    channel = connect(alice, "1")
    for user in (alice, bob):
        Snippet.objects.create(user=user, name=f"Of {user}", text="#bread", network_name="x")
        ChannelGroup.objects.create(user=user, name=f"Of {user}").channels.add(channel)
    data = json.loads(client_for(alice).post(reverse("settings_export")).getvalue())
    [snippet] = data["snippets"]
    assert (snippet["name"], snippet["text"], snippet["network_name"]) == (
        "Of alice",
        "#bread",
        "x",
    )
    assert data["channel_groups"] == [{"name": "Of alice", "channels": [str(channel.pk)]}]


def test_export_says_what_was_said_anew_by_which_post(client_for, alice):
    old = settle(alice, "1")
    delivery = old.deliveries.get()
    Delivery.objects.filter(pk=delivery.pk).update(state="failed")
    new = Post.objects.publish(alice, "Better.", [delivery.channel], instead_of=old)
    data = json.loads(client_for(alice).post(reverse("settings_export")).getvalue())
    replaced = {row["job_id"]: row["replaced_by_public_id"] for row in data["deliveries"]}
    assert replaced[str(delivery.job_id)] == str(new.public_id)


def test_export_holds_the_pictures(client_for, alice, bob):
    for user in (alice, bob):
        Media.objects.keep(user, drawn(), f"{user}.jpg", "Red beside blue")
    Media.objects.keep(alice, drawn(format="PNG"))
    data = json.loads(client_for(alice).post(reverse("settings_export")).getvalue())
    one, two = data["media"]
    assert (one["name"], one["alt"]) == ("alice.jpg", "Red beside blue")
    assert opened(base64.b64decode(one["data"])).format == "JPEG"
    assert opened(base64.b64decode(two["data"])).format == "PNG"


def test_export_holds_the_thumbnail_of_what_was_pruned(client_for, alice):
    media = Media.objects.keep(alice, drawn())
    media.make_thumbnail()
    MediaBytes.objects.update(original=None)
    [one] = json.loads(client_for(alice).post(reverse("settings_export")).getvalue())["media"]
    assert opened(base64.b64decode(one["data"])).format == "WEBP"
    assert one["data_mime"] == "image/webp"


def test_export_holds_no_token_and_no_password(client_for, alice):
    channel = connect(alice, "1")
    text = client_for(alice).post(reverse("settings_export")).getvalue().decode()
    alice.refresh_from_db()
    secrets = (ACCESS, REFRESH, channel.connection.access_sealed, alice.password, "sealed")
    assert [secret for secret in secrets if secret and secret in text] == []


def test_export_is_a_post_of_somebody_signed_in(client, client_for, alice):
    assert client_for(alice).get(reverse("settings_export")).status_code == 405
    assert client.post(reverse("settings_export")).url.startswith(reverse("account_login"))


# ── Deletion ──────────────────────────────────────────────────────────────────────────────────
def test_deleting_removes_what_was_kept_for_writing(client_for, alice, bob):
    settle(alice, "1")
    for user in (alice, bob):
        Snippet.objects.create(user=user, name="Ours", text="#bread")
        ChannelGroup.objects.create(user=user, name="Ours")
    delete(client_for(alice))
    assert Snippet.objects.get().user == bob and ChannelGroup.objects.get().user == bob


def test_deleting_removes_the_pictures(client_for, alice, bob):
    post = settle(alice, "1")
    Media.objects.attach(post, [Media.objects.keep(alice, drawn())])
    Media.objects.keep(alice, drawn())
    theirs = Media.objects.keep(bob, drawn())
    delete(client_for(alice))
    assert Media.objects.get() == theirs and MediaBytes.objects.get().media == theirs


def test_somebody_without_a_history_is_gone(client_for, alice):
    EmailAddress.objects.create(user=alice, email=alice.email)
    response = delete(client_for(alice))
    assert "Your account is deleted" in response.content.decode()
    assert not User.objects.exists() and not Profile.objects.exists()


def test_somebody_with_a_history_leaves_the_evidence_and_no_name(client_for, alice):
    post = settle(alice, "1")
    delete(client_for(alice))

    user = User.objects.get()
    assert user.username.startswith("deleted-") and user.email == ""
    assert not user.is_active and not user.has_usable_password()
    assert not EmailAddress.objects.exists() and not SocialAccount.objects.exists()
    assert not Profile.objects.exists()
    assert Post.objects.get() == post and Attempt.objects.count() == 1


def test_deleting_disconnects_and_cancels_first(client_for, alice):
    settle(alice, "1")
    delete(client_for(alice))

    assert Delivery.objects.get().state == "canceled"
    assert not Connection.objects.connected().exists()
    jobs = [Job.read(row.payload).func for row in OrmQ.objects.all()]
    assert "social.tasks.revoke_connection" in jobs


def test_what_waited_on_a_channel_of_before_is_canceled_too(client_for, alice):
    post = settle(alice, "1")
    Connection.objects.update(disconnected_at=timezone.now())
    delete(client_for(alice))
    assert post.deliveries.get().state == "canceled"


def test_every_session_ends(client_for, alice, bob):
    settle(alice, "1")
    phone, laptop, of_bob = client_for(alice), client_for(alice), client_for(bob)
    delete(laptop)

    assert phone.get("/settings/").status_code == 302
    assert of_bob.get("/settings/").status_code == 200
    owners = [session.get_decoded().get("_auth_user_id") for session in Session.objects.all()]
    assert owners == [str(bob.pk)]


def test_a_deleted_person_cannot_come_back_by_password_or_reset(client_for, client, alice):
    settle(alice, "1")
    delete(client_for(alice))
    OutgoingMail.objects.all().delete()
    login = {"login": "alice", "password": PASSWORD}
    assert client.post(reverse("account_login"), login).status_code == 200
    client.post(reverse("account_reset_password"), {"email": "alice@example.org"})
    assert all("/password/reset/key/" not in row.text for row in OutgoingMail.objects.all())


def test_mail_on_its_way_to_them_is_gone(client_for, alice, bob):
    for user in (alice, bob):
        OutgoingMail.objects.create(to=user.email, subject="Hello", text="Hello")
    delete(client_for(alice))
    assert [row.to for row in OutgoingMail.objects.all()] == [bob.email]


def test_nothing_of_bob_is_touched(client_for, alice, bob):
    settle(alice, "1")
    settle(bob, "2")
    before = [User.objects.filter(pk=bob.pk).values().get(), *EmailAddress.objects.filter(user=bob)]
    delete(client_for(alice))

    bob.refresh_from_db()
    after = [User.objects.filter(pk=bob.pk).values().get(), *EmailAddress.objects.filter(user=bob)]
    assert after == before and bob.check_password(PASSWORD)
    assert Delivery.objects.of(bob).get().state == "queued"
    assert Connection.objects.of(bob).connected().count() == 1


@pytest.mark.parametrize("password", ["wrong", ""])
def test_without_the_password_nothing_happens(client_for, alice, password):
    settle(alice, "1")
    response = delete(client_for(alice), password)
    assert response.status_code == 200 and "Delete my account" in response.content.decode()
    alice.refresh_from_db()
    assert alice.is_active and Connection.objects.connected().exists()


def test_guessing_the_password_is_throttled(client_for, alice):
    client = client_for(alice)
    for _ in range(5):
        delete(client, "wrong")
    assert delete(client).status_code == 429
    assert User.objects.filter(username="alice").exists()


def test_somebody_without_a_password_types_their_user_name(client_for, alice):
    alice.set_unusable_password()
    alice.save()
    client, url = client_for(alice), reverse("settings_delete")
    assert "This is not your user name" in client.post(url, {"username": "bob"}).content.decode()
    client.post(url, {"username": "alice"})
    assert not User.objects.exists()


def test_a_get_deletes_nothing(client_for, alice):
    page = client_for(alice).get(reverse("settings_delete")).content.decode()
    assert "What is already on" in page and "stays there" in page
    assert User.objects.exists()


def test_the_last_one_who_runs_the_instance_is_told(client_for, alice, bob):
    make_founder(alice)
    warning = "the last person who runs this instance"
    assert warning in client_for(alice).get(reverse("settings_delete")).content.decode()
    assert warning not in client_for(bob).get(reverse("settings_delete")).content.decode()


def test_signing_up_stays_closed_after_the_first_person_left_a_history(client_for, settings, alice):
    settings.SIGN_UP = "first"
    settle(alice, "1")
    delete(client_for(alice))
    assert "Sign-up is closed" in Client().get(reverse("account_signup")).content.decode()
