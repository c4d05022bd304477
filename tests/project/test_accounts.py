"""Signing up, signing in, and the settings of a person."""

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from project.accounts.models import Profile
from tests.people import PASSWORD

User = get_user_model()
pytestmark = pytest.mark.django_db


def sign_up(client: Client, name: str, **more: str):
    form = {
        "username": name,
        "email": f"{name}@example.org",
        "password1": PASSWORD,
        "password2": PASSWORD,
        **more,
    }
    return client.post(reverse("account_signup"), form)


def sign_in(client: Client, login: str, password: str = PASSWORD, **more: str):
    return client.post(reverse("account_login"), {"login": login, "password": password, **more})


def signed_in_as(client: Client) -> str | None:
    key = client.session.get("_auth_user_id")
    return key and User.objects.get(pk=key).username


# ── Signing up ────────────────────────────────────────────────────────────────────────────────
def test_it_works(client):
    response = sign_up(client, "alice", time_zone="Europe/Berlin")

    assert response.status_code == 302 and response.url == "/"
    assert signed_in_as(client) == "alice"
    profile = Profile.objects.get(user__username="alice")
    assert (profile.time_zone, profile.time_zone_guessed) == ("Europe/Berlin", True)


def test_the_first_person_runs_the_instance_and_the_page_says_so(client):
    assert "first person here" in client.get(reverse("account_signup")).content.decode()
    sign_up(client, "alice")
    sign_up(Client(), "bob")

    alice, bob = User.objects.get(username="alice"), User.objects.get(username="bob")
    assert alice.is_staff and alice.is_superuser
    assert not bob.is_staff and not bob.is_superuser
    assert "first person here" not in Client().get(reverse("account_signup")).content.decode()


def test_sign_up_first_takes_one_person_only(client, settings):
    settings.SIGN_UP = "first"
    assert sign_up(client, "alice").status_code == 302
    response = sign_up(Client(), "bob")

    assert "Sign-up is closed" in response.content.decode()
    assert not User.objects.filter(username="bob").exists()


def test_sign_up_first_stays_closed_when_two_come_in_the_same_moment(client, settings, monkeypatch):
    settings.SIGN_UP = "first"
    sign_up(client, "alice")
    for place in ("signing_up", "adapter"):  # bob's page and form saw an empty instance
        monkeypatch.setattr(f"project.accounts.{place}.is_instance_fresh", lambda: True)
    response = sign_up(Client(), "bob")

    assert "Sign-up is closed" in response.content.decode()
    assert not User.objects.filter(username="bob").exists()


@pytest.mark.parametrize("word", ["closed", "a word that nobody knows"])
def test_sign_up_closed(client, settings, word):
    settings.SIGN_UP = word
    assert "Sign-up is closed" in client.get(reverse("account_signup")).content.decode()
    assert "Sign-up is closed" in sign_up(client, "alice").content.decode()
    assert not User.objects.exists()
    assert "Sign up" not in client.get("/").content.decode()


def test_a_time_zone_that_does_not_exist_turns_nobody_away(client):
    sign_up(client, "alice", time_zone="Mars/Olympus")
    assert Profile.objects.get(user__username="alice").time_zone == "UTC"


# ── Signing in ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("login", ["alice", "alice@example.org"])
def test_sign_in_by_user_name_and_by_email(client, alice, login):
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    assert sign_in(client, login).status_code == 302
    assert signed_in_as(client) == "alice"


def test_a_wrong_password_is_said_kindly(client, alice):
    response = sign_in(client, "alice", "wrong")
    assert response.status_code == 200 and "not correct" in response.content.decode()
    assert signed_in_as(client) is None


def test_too_many_failures_answer_429_in_every_process(alice):
    for _ in range(5):
        assert sign_in(Client(), "alice", "wrong").status_code == 200
    response = sign_in(Client(), "alice")

    assert response.status_code == 429
    assert "Too many tries" in response.content.decode()
    with connection.cursor() as cursor:  # counted in a table, not in this process's memory
        cursor.execute("SELECT COUNT(*) FROM cache WHERE cache_key LIKE '%%login_failed%%'")
        assert cursor.fetchone()[0] >= 1


def test_failures_for_alice_do_not_lock_out_bob(alice, bob):
    for _ in range(6):
        sign_in(Client(REMOTE_ADDR="10.0.0.9"), "alice", "wrong")
    client = Client()
    assert sign_in(client, "bob").status_code == 302
    assert signed_in_as(client) == "bob"


@pytest.mark.parametrize(
    "target",
    ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "http://localhost/"],
)
def test_redirects_stay_on_this_host(client, alice, target):
    """localhost is in ALLOWED_HOSTS too, and still another place."""
    assert sign_in(client, "alice", next=target).url == "/"


def test_a_redirect_within_the_site_is_followed(client, alice):
    assert sign_in(client, "alice", next="/settings/").url == "/settings/"


def test_sign_out_is_a_post(client_for, alice):
    client = client_for(alice)
    client.get(reverse("account_logout"))
    assert signed_in_as(client) == "alice"
    client.post(reverse("account_logout"))
    assert signed_in_as(client) is None


# ── Time zones ────────────────────────────────────────────────────────────────────────────────
def test_the_zone_follows_the_browser_until_the_person_chooses(client_for, alice):
    client, url = client_for(alice), reverse("settings_time_zone")
    assert f'data-time-zone-url="{url}"' in client.get("/settings/").content.decode()

    assert client.post(url, {"time_zone": "Asia/Tokyo"}).status_code == 204
    assert Profile.objects.get(user=alice).time_zone == "Asia/Tokyo"

    assert client.post("/settings/", {"time_zone": "Africa/Lagos"}).status_code == 302
    assert client.post(url, {"time_zone": "Asia/Tokyo"}).status_code == 204
    profile = Profile.objects.get(user=alice)
    assert (profile.time_zone, profile.time_zone_guessed) == ("Africa/Lagos", False)
    assert "data-time-zone-url" not in client.get("/settings/").content.decode()


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "x" * 5000])
def test_a_guess_that_is_no_zone_is_refused(client_for, alice, zone):
    client = client_for(alice)
    assert client.post(reverse("settings_time_zone"), {"time_zone": zone}).status_code == 400
    assert client.post("/settings/", {"time_zone": zone}).status_code == 200
    assert Profile.objects.of(alice).time_zone == "UTC"


def test_a_zone_off_the_list_stays_choosable(client_for, alice):
    """Some browsers say Etc/GMT+3 or CET."""
    Profile.objects.of(alice).guess_time_zone("Etc/GMT+3")
    assert (
        '<option value="Etc/GMT+3" selected>'
        in client_for(alice).get("/settings/").content.decode()
    )


def test_pages_are_in_the_zone_of_their_reader(client_for, alice, bob, rf):
    from project.accounts.middleware import TimeZoneMiddleware

    Profile.objects.of(alice).choose_time_zone("Asia/Tokyo")
    Profile.objects.of(bob).choose_time_zone("America/Lima")
    seen = []
    middleware = TimeZoneMiddleware(
        lambda request: seen.append(str(timezone.get_current_timezone()))
    )
    for user in (alice, bob):
        request = rf.get("/")
        request.user = User.objects.get(pk=user.pk)
        middleware(request)

    assert seen == ["Asia/Tokyo", "America/Lima"]
    assert timezone.get_current_timezone_name() == "UTC"


def test_zone_data_that_went_away_reads_as_utc(alice):
    profile = Profile.objects.of(alice)
    profile.time_zone = "Gone/Away"
    assert str(profile.zone) == "UTC"


def test_the_middleware_costs_a_stranger_nothing(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        client.get(reverse("account_reset_password_done"))


def test_a_page_asks_once_who_somebody_is_and_nothing_of_rights(
    client_for, alice, django_assert_num_queries
):
    """Session; person with profile; posts; what each tab would show, in five; notices, and how
    many; is a worker alive. Each costs a way to the database, where a worker may stand in line
    before us."""
    alice.is_staff = alice.is_superuser = False
    alice.save()
    Profile.objects.of(alice)
    signed_in = client_for(alice)
    with django_assert_num_queries(11):
        signed_in.get(reverse("posts:list"))


# ── The front door ────────────────────────────────────────────────────────────────────────────
def test_home_is_the_composer_of_a_person_and_a_page_for_strangers(client, client_for, alice):
    assert client_for(alice).get("/").url == reverse("posts:compose")
    page = client.get("/").content.decode()
    for promise in ("Nothing gets lost", "Nothing goes out twice", "You never wait"):
        assert promise in page
