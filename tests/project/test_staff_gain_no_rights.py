"""Staff who are not superusers cannot become one, nor get at anybody's way in: tried as an attack,
with every permission that there is."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group, Permission
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django_q.models import Schedule

from project.accounts.models import OutgoingMail
from social.models import Connection
from tests.addresses import fill_the_admin, things_of
from tests.people import create_person

User = get_user_model()
pytestmark = pytest.mark.django_db
# What anybody's rights and ways in are made of.
POWER = (User, Group, EmailAddress, SocialAccount, SocialApp, SocialToken)
WANTED = {
    "is_superuser": "on",
    "is_staff": "on",
    "is_active": "on",
    "username": "mallory",
    "email": "mallory@example.org",
    "primary": "on",
    "verified": "on",
    "password": "x",
    "password1": "another good sentence",
    "password2": "another good sentence",
    "usable_password": "true",
    "date_joined_0": "2026-01-01",
    "date_joined_1": "00:00:00",
    "name": "Editors",
    "provider": "facebook",
    "uid": "4711",
    "extra_data": "{}",
    "func": "os.system",
    "args": '"id"',
    "schedule_type": "O",
    "repeats": "-1",
    "next_run_0": "2026-01-01",
    "next_run_1": "00:00:00",
    "post": "yes",
}


@pytest.fixture
def root(db: None) -> Any:
    root = User.objects.create_superuser("root", "root@example.org", "x")
    EmailAddress.objects.create(user=root, email=root.email, primary=True, verified=True)
    return root


@pytest.fixture
def mallory(db: None) -> Any:
    """Staff, with every permission, by themselves and by a group."""
    mallory = create_person("mallory")
    mallory.is_staff = True
    mallory.save()
    mallory.user_permissions.set(Permission.objects.all())
    group = Group.objects.create(name="Everything")
    group.permissions.set(Permission.objects.all())
    mallory.groups.add(group)
    return User.objects.get(pk=mallory.pk)


@pytest.fixture
def climber(mallory, client_for) -> Client:
    return client_for(mallory)


def power() -> list[Any]:
    """Every row that decides who may do what; not when somebody was here last."""
    rows = [
        [model.__name__, {k: v for k, v in row.items() if k != "last_login"}]
        for model in POWER
        for row in model.objects.order_by("pk").values()
    ]
    members = list(User.groups.through.objects.order_by("pk").values())
    theirs = list(User.user_permissions.through.objects.order_by("pk").values())
    groups = list(Group.permissions.through.objects.order_by("pk").values())
    return [rows, members, theirs, groups]


def addresses_of_the_admin() -> list[str]:
    """To add, change, delete and act, on every row of every model that has a page."""
    found = []
    for model in admin.site._registry:
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        found += [base, f"{base}add/"]
        for row in model._default_manager.all():
            found += [f"{base}{row.pk}/{page}/" for page in ("change", "delete", "password")]
    return found


def test_nothing_that_staff_sends_changes_anybodys_rights(climber, root, mallory, alice):
    things_of(alice)
    fill_the_admin(alice)
    before, schedules = power(), Schedule.objects.count()
    permissions = list(Permission.objects.values_list("pk", flat=True))
    for where in addresses_of_the_admin():
        for user in (root.pk, mallory.pk):
            lists = {"user": user, "permissions": permissions, "user_permissions": permissions}
            climber.post(where, WANTED | lists)
    for model, page in admin.site._registry.items():
        base = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        rows = [str(row.pk) for row in model._default_manager.all()]
        for action in ("make_verified", "delete_selected", *map(str, page.actions or ())):
            chosen = {"action": action, "_selected_action": rows, "post": "yes"}
            climber.post(base, chosen)
    assert power() == before
    assert Schedule.objects.count() <= schedules
    assert not Schedule.objects.filter(func="os.system").exists()


def test_a_superuser_still_can(root, mallory, client_for):
    """So the attack above is turned away for who asks, not because its forms are wrong."""
    client = client_for(root)
    for where in (
        reverse("admin:auth_user_change", args=[mallory.pk]),
        reverse("admin:auth_user_password_change", args=[mallory.pk]),
        reverse("admin:account_emailaddress_add"),
    ):
        answer = client.post(where, WANTED | {"user": mallory.pk})
        assert answer.status_code == 302, where
    mallory.refresh_from_db()
    assert mallory.is_superuser and mallory.email == "mallory@example.org"
    assert mallory.check_password("another good sentence")
    assert EmailAddress.objects.get(user=mallory).verified


def test_staff_who_may_look_at_people_can(climber, root):
    for name in ("auth_user", "auth_group", "account_emailaddress"):
        assert climber.get(reverse(f"admin:{name}_changelist")).status_code == 200
    page = climber.get(reverse("admin:auth_user_change", args=[root.pk]))
    assert page.status_code == 200 and root.password not in page.content.decode()


@pytest.mark.parametrize("model", [SocialApp, SocialToken, SocialAccount, Session, Permission])
def test_what_nobody_needs_has_no_page(model):
    assert model not in admin.site._registry


@pytest.mark.parametrize(
    "question",
    [
        "accounts/outgoingmail/?text__contains=secret",
        "accounts/outgoingmail/?html__startswith=a",
        "auth/user/?password__startswith=md5",
        "account/emailaddress/?user__password__startswith=md5",
        "social/connection/?access_sealed__startswith=gAAA",
        "social/connection/?user__password__startswith=md5",
        "social/channel/?token_sealed__startswith=gAAA",
        "publishing/post/?user__password__startswith=md5",
        "publishing/delivery/?post__user__password__startswith=md5",
        "importing/timeline/?connection__access_sealed__startswith=gAAA",
    ],
)
def test_what_no_page_shows_cannot_be_asked_for_letter_by_letter(climber, alice, question):
    """A link that lets its reader in, in a mail on its way; a password's hash; a token."""
    things_of(alice)
    fill_the_admin(alice)
    Connection.objects.update(access_sealed="gAAA")
    assert climber.get(f"/admin/{question}").status_code == 400


def test_nobody_climbs_by_the_mail_that_is_on_its_way(climber, root, mallory, run_jobs):
    """The attack in full: ask for a superuser's new password, and read the link."""
    Client().post(reverse("account_reset_password"), {"email": root.email})
    for row in OutgoingMail.objects.all():
        for name in ("changelist", "change", "history"):
            args = [] if name == "changelist" else [row.pk]
            page = climber.get(reverse(f"admin:accounts_outgoingmail_{name}", args=args))
            assert "password/reset/key" not in page.content.decode()
    assert not User.objects.get(pk=mallory.pk).is_superuser
