"""Who comes first runs the instance. That somebody did is remembered for good."""

import importlib
import threading

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from project.accounts.deleting import delete_account
from project.accounts.models import Founding
from project.accounts.signing_up import is_instance_fresh, is_sign_up_open
from social.demo import USERNAME as DEMO_USERNAME
from tests.addresses import things_of
from tests.people import PASSWORD, create_person

User = get_user_model()
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def only_the_first(settings):
    settings.SIGN_UP = "first"


def sign_up(name: str, client: Client | None = None):
    form = {"username": name, "email": f"{name}@example.org"}
    form |= {"password1": PASSWORD, "password2": PASSWORD}
    return (client or Client()).post(reverse("account_signup"), form)


def nobody_gets_in(name: str = "mallory") -> bool:
    said = sign_up(name).content.decode()
    return "Sign-up is closed" in said and not User.objects.filter(username=name).exists()


def test_the_only_person_deletes_the_account_and_a_stranger_stays_outside(client):
    sign_up("alice", client)
    assert User.objects.get().is_superuser
    client.post(reverse("settings_delete"), {"password": PASSWORD})
    assert not User.objects.exists()
    assert nobody_gets_in()
    assert "first person here" not in Client().get(reverse("account_signup")).content.decode()


def test_where_everybody_may_sign_up_the_next_person_is_one_like_all(client, settings):
    settings.SIGN_UP = "open"
    sign_up("alice", client)
    delete_account(User.objects.get())
    sign_up("bob")
    assert not User.objects.get().is_superuser and not User.objects.get().is_staff


def test_a_scrubbed_account_counts(alice):
    things_of(alice)
    delete_account(alice)
    assert nobody_gets_in()


@pytest.mark.parametrize("how", ["row", "queryset", "admin"])
def test_whoever_deletes_the_person(how, alice):
    Founding.objects.all().delete()  # as before a migration, or for somebody made by SQL
    if how == "row":
        alice.delete()
    elif how == "queryset":
        User.objects.all().delete()
    else:
        root = User.objects.create_superuser("root", "root@example.org", "x")
        client = Client()
        client.force_login(root)
        client.post(reverse("admin:auth_user_delete", args=[alice.pk]), {"post": "yes"})
        root.delete()
    assert not User.objects.exists()
    assert nobody_gets_in()


def test_a_person_of_the_command_line_counts(monkeypatch):
    monkeypatch.setenv("DJANGO_SUPERUSER_PASSWORD", PASSWORD)
    call_command("createsuperuser", username="root", email="r@example.org", interactive=False)
    User.objects.all().delete()
    assert nobody_gets_in()


def test_a_person_put_there_by_other_means_counts():
    User.objects.bulk_create([User(username="restored")])
    assert not Founding.objects.exists()
    assert nobody_gets_in()


def test_the_demo_person_founds_nothing(settings):
    settings.DEBUG = settings.SANDBOX_MODE = True
    demo = User.objects.create_user(DEMO_USERNAME)
    assert is_instance_fresh() and is_sign_up_open()
    demo.delete()
    assert is_instance_fresh()
    settings.DEBUG = False
    User.objects.create_user(DEMO_USERNAME)
    assert not is_instance_fresh()


def test_a_sign_up_that_fails_founds_nothing():
    with transaction.atomic():
        create_person("alice")
        transaction.set_rollback(True)
    assert is_instance_fresh()
    sign_up("alice")
    assert User.objects.get().is_superuser


def test_the_migration_remembers_who_is_there():
    remember = importlib.import_module("project.accounts.migrations.0004_founding").remember
    remember(apps, None)
    assert not Founding.objects.exists()
    User.objects.bulk_create([User(username="here-before")])
    remember(apps, None)
    assert Founding.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("word", ["first", "open"])
def test_of_many_who_come_first_in_the_same_moment_one_runs_the_instance(word, settings):
    settings.SIGN_UP = word
    ready = threading.Barrier(4)

    def come(name: str) -> None:
        ready.wait()
        sign_up(name)
        connection.close()

    threads = [threading.Thread(target=come, args=[f"person{number}"]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert User.objects.filter(is_superuser=True).count() == 1
    assert User.objects.count() == (1 if word == "first" else 4)


@pytest.mark.django_db(transaction=True)
def test_who_claims_second_waits_for_the_first():
    """On PostgreSQL the second insert waits; on SQLite the second transaction does."""
    claimed, began = [], threading.Event()

    def second() -> None:
        began.set()
        with transaction.atomic():
            claimed.append(Founding.objects.claim())
        connection.close()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        claimed.append(Founding.objects.claim())
        thread.start()
        began.wait()
        thread.join(0.5)
    thread.join()
    assert claimed == [True, False]
