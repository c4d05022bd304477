"""Where somebody is signed in: listed, ended elsewhere, and known to nobody else."""

from importlib import import_module

import pytest
from allauth.usersessions.models import UserSession
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from project.jobs.tasks import clear_sessions
from tests.exporting import exported
from tests.people import PASSWORD

pytestmark = pytest.mark.django_db
PAGE = "/accounts/sessions/"


def signed_in(user, browser: str) -> Client:
    """By the page: that is listed, and its password is fresh."""
    client = Client(headers={"User-Agent": browser})
    form = {"login": user.username, "password": PASSWORD}
    assert client.post("/accounts/login/", form).status_code == 302
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def test_other_browsers_are_listed_and_signed_out(alice, bob):
    here, elsewhere = signed_in(alice, "A desk"), signed_in(alice, "A phone")
    his = signed_in(bob, "A stranger's")
    html = here.get(PAGE).content.decode()
    assert "A desk" in html and "A phone" in html and "stranger" not in html
    assert html.count("<bdi>127.0.0.1</bdi>") == 2
    assert [row["user_agent"] for row in exported(alice)["sessions"]] == [
        "A desk",
        "A phone",
    ]
    assert here.post(PAGE).url == PAGE
    assert elsewhere.get("/settings/").status_code == 302
    assert here.get("/settings/").status_code == his.get("/settings/").status_code == 200
    assert Client().get(PAGE).url.startswith("/accounts/login/")
    Session.objects.update(expire_date=timezone.now())
    clear_sessions()
    assert not UserSession.objects.exists()


def test_what_began_before_is_listed_by_the_migration(alice, client_for):
    client_for(alice)  # not by the page: as if it had begun before
    migration = import_module("project.accounts.migrations.0008_sessions")
    migration.list_sessions(apps, None)
    migration.list_sessions(apps, None)
    [row] = UserSession.objects.all()
    assert (row.user, row.ip) == (alice, "0.0.0.0")
