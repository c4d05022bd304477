"""A network is a folder and a line: one more connects, publishes, is read back and shown, and
nothing else is told of it. This one lives on two servers, and people sign in by a form of ours."""

import io
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.utils import timezone

from importing.models import ImportedItem
from project.jobs.models import AuditLogEntry
from publishing.deliveries.retrying import REPEAT_LATEST_SECONDS
from publishing.models import Attempt, Delivery, Notice
from publishing.notices.sync import sync_credits
from publishing.tasks import send_delivery
from social.connections.checking import check_ahead
from social.connections.probe import probe_tripped
from social.models import Channel, CircuitBreaker, Connection, Home
from social.models.circuit_breaker import forget_known_breakers
from social.networks.errors import OutcomeUnknown
from social.networks.shapes import Grant, Outgoing
from tests.publishing.factories import let_time_pass, publish, reloaded

GREEN, BLUE = "green.example", "blue.example"
pytestmark = pytest.mark.django_db


def connected(user, home: str, name: str = "ada") -> Channel:
    options = {"token": name, "home": home}
    call_command("connect", user.username, "pond", **options, stdout=io.StringIO())
    return Channel.objects.of(user).get(connection__home=home)


@pytest.fixture
def channel(pond, alice) -> Channel:
    return connected(alice, GREEN)


@pytest.fixture
def operator(alice, client_for):
    alice.is_superuser = alice.is_staff = True
    alice.save()
    return client_for(alice)


def test_it_is_connected_by_a_token(channel):
    assert (channel.label, channel.state) == ("pond:ada@green.example", "works")


@pytest.mark.parametrize(
    "options", [{"token": "dead", "home": GREEN}, {"token": "ada"}, {"token": "a", "home": "x.org"}]
)
def test_what_is_dead_or_nowhere_connects_nothing(options, pond, alice):
    with pytest.raises(CommandError):
        call_command("connect", alice.username, "pond", **options)
    assert not Connection.objects.exists() and not Home.objects.exists()


def test_no_other_network_is_asked_for_a_home(alice):
    with pytest.raises(CommandError, match="--home is for networks of many servers"):
        call_command("connect", alice.username, "x", token="t", home=GREEN)


def test_what_is_written_goes_out_there_once(channel, pond, run_jobs):
    delivery = publish(channel, "Croak")
    run_jobs()
    delivery = reloaded(delivery)
    assert (delivery.state, delivery.remote_url) == ("sent", "https://green.example/ada/croak-1")
    assert [post.text for post in pond.servers[GREEN].posts.values()] == ["Croak"]


def test_what_is_there_is_read_back(channel, pond, run_jobs):
    outgoing, grant = Outgoing("From elsewhere"), Grant("ada", home=GREEN)
    pond.publish(channel.remote_id, channel.handle, outgoing, grant)
    call_command("import_now", channel.connection.user.username, stdout=io.StringIO())
    run_jobs()
    assert ImportedItem.objects.get().text == "From elsewhere"


@pytest.mark.parametrize("page", ["/channels/", "/posts/new/", "/imports/", "/numbers/", "/jobs/"])
def test_pages_show_it(page, channel, operator, run_jobs):
    publish(channel, "Croak")
    run_jobs()
    shown = operator.get(page).content.decode()
    assert "Pond" in shown or "Ada" in shown


def test_its_folder_is_small():
    folder = Path(__file__).parent / "pond"
    assert sum(len(file.read_text().splitlines()) for file in folder.glob("*.py")) <= 80


def test_a_page_speaks_of_all_of_them(pond, client):
    page = client.get("/").content.decode()
    assert "your Bluesky account, your Mastodon account and your Pond account" in page


# ── Two servers ───────────────────────────────────────────────────────────────────────────────
def test_two_people_of_one_name_on_two_servers_both_connect(channel, bob, run_jobs):
    other = connected(bob, BLUE)
    deliveries = [publish(channel, "Green"), publish(other, "Blue")]
    run_jobs()
    sent = Delivery.objects.filter(pk__in=[it.pk for it in deliveries])
    assert set(sent.values_list("account", "remote_id", "state")) == {
        ("pond:ada@green.example", "croak-1@green.example", "sent"),
        ("pond:ada@blue.example", "croak-1@blue.example", "sent"),
    }


def test_one_person_has_an_account_on_each(channel, alice):
    connected(alice, BLUE)
    grants = {connection.grant().home for connection in Connection.objects.of(alice)}
    assert grants == {GREEN, BLUE}


def test_each_server_says_how_long_posts_may_be(channel, alice, client_for):
    form = {"text": "a" * 101, "channels": [channel.pk]}
    assert "101</output> of 100" in client_for(alice).post("/posts/lengths/", form).content.decode()
    form["channels"].append(connected(alice, BLUE).pk)
    assert "101</output> of 50" in client_for(alice).post("/posts/lengths/", form).content.decode()


def test_what_a_server_allows_is_read_again_before_a_post(channel, pond):
    pond.servers[GREEN].longest = 200
    check_ahead(channel.connection)
    assert Connection.objects.get().longest == 200


def test_what_its_extra_says_goes_out_and_what_is_in_doubt_is_found_by_its_key(
    channel, alice, client_for, pond, run_jobs, monkeypatch
):
    assert "Mood" in client_for(alice).get("/posts/new/").content.decode()
    publish_there = pond.publish

    def cut_off(*asked):
        publish_there(*asked)
        raise OutcomeUnknown("cut_off")

    delivery = publish(channel, "Croak", extras={"pond": {"mood": "loud"}})
    with monkeypatch.context() as cut:
        cut.setattr(pond, "publish", cut_off)
        run_jobs()
    assert (reloaded(delivery).state, reloaded(delivery).is_repeat) == ("queued", True)
    let_time_pass(seconds=REPEAT_LATEST_SECONDS)
    run_jobs()
    assert reloaded(delivery).remote_id == "croak-1loud@green.example"
    assert len(pond.servers[GREEN].posts) == 1


def test_a_dead_server_trips_only_itself_and_is_probed_and_reset(
    channel, pond, bob, operator, run_jobs
):
    other, server = connected(bob, BLUE), pond.servers[GREEN]
    server.is_dead = True
    in_the_dark = [publish(channel, f"Into the dark {number}") for number in range(8)]
    unharmed = publish(other, "All is well")
    run_jobs()
    breaker = CircuitBreaker.objects.get()
    assert (breaker.scope, breaker.kind) == ("pond@green.example", "outage")
    assert "Pond (green.example) could not be reached." in operator.get("/jobs/").content.decode()
    assert reloaded(unharmed).state == "sent"
    assert "outage" in {reloaded(delivery).waiting_for for delivery in in_the_dark}

    let_time_pass(minutes=20)
    probe_tripped()  # the server that answers is not the one that is asked
    assert CircuitBreaker.objects.tripped().exists()
    server.is_dead = False
    let_time_pass(minutes=20)
    probe_tripped()
    assert not CircuitBreaker.objects.tripped().exists()
    run_jobs()
    let_time_pass(minutes=2)
    run_jobs(until=timezone.now() + timedelta(minutes=10))
    assert {reloaded(delivery).state for delivery in in_the_dark} == {"sent"}


def test_a_slow_server_holds_up_nobody_but_its_own_account(
    channel, pond, alice, run_jobs, monkeypatch
):
    """While it takes its time with one post, what goes elsewhere is sent, also of one person."""
    elsewhere = publish(connected(alice, BLUE), "All is well")
    slow, behind = publish(channel, "Slow"), publish(channel, "In its turn")
    publish_there, seen = pond.publish, []

    def take_time(place_id, handle, post, grant):
        if grant.home == GREEN and not seen:
            for delivery in (elsewhere, behind):
                send_delivery(str(delivery.job_id))
            seen.extend(reloaded(it).state for it in (slow, elsewhere, behind))
        return publish_there(place_id, handle, post, grant)

    monkeypatch.setattr(pond, "publish", take_time)
    send_delivery(str(slow.job_id))
    assert seen == ["sending", "sent", "queued"]
    run_jobs()
    assert {reloaded(it).state for it in (slow, elsewhere, behind)} == {"sent"}


def test_what_comes_back_is_what_waited_at_that_server(channel, bob, run_jobs):
    other = connected(bob, BLUE)
    for home in (GREEN, BLUE):
        CircuitBreaker.objects.trip("pond", "credits", "credits", home=home)
    publish(channel, "Green"), publish(other, "Blue")
    run_jobs()
    assert Delivery.objects.queued().filter(waiting_for="credits").count() == 2
    CircuitBreaker.objects.reset("pond@green.example", "credits")
    run_jobs()
    still = Delivery.objects.queued().get(waiting_for="credits")
    assert still.account == other.account


def test_staff_is_told_which_server_is_used_up(channel, operator, run_jobs):
    CircuitBreaker.objects.trip("pond", "credits", "credits", home=GREEN)
    publish(channel, "Croak")
    run_jobs()
    sync_credits()
    notice = Notice.objects.get()
    assert (notice.count, notice.text.title) == (1, "Credits at Pond (green.example) are used up")


def test_its_clock_is_its_own(channel, pond, bob, run_jobs):
    other = connected(bob, BLUE)
    pond.servers[GREEN].ahead = timedelta(hours=3)
    pond.person(Grant("ada", home=GREEN))
    publish(channel, "Early"), publish(other, "On time")
    run_jobs()
    ahead = {
        attempt.delivery.account: attempt.server_time - attempt.started_at
        for attempt in Attempt.objects.select_related("delivery")
    }
    assert ahead[channel.account] > timedelta(hours=2)
    assert abs(ahead[other.account]) < timedelta(minutes=1)


def test_it_is_paused_as_a_network(channel, bob, operator, run_jobs):
    other = connected(bob, BLUE)
    operator.post("/jobs/networks/pond/pauses/")
    publish(channel, "Green"), publish(other, "Blue")
    run_jobs()
    assert CircuitBreaker.objects.get().scope == "pond"
    assert Delivery.objects.queued().filter(waiting_for="paused").count() == 2


def test_operators_see_and_open_one_server(channel, operator, sandbox, settings):
    CircuitBreaker.objects.trip("pond", "outage", "unreachable", home=GREEN)
    with pytest.raises(CommandError):
        call_command("doctor", stdout=(said := io.StringIO()))
    assert "Pond (green.example) could not be reached." in said.getvalue()
    for page in ("circuitbreaker", "home", "connection"):
        assert GREEN in operator.get(f"/admin/social/{page}/").content.decode()
    bearer = {"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    metrics = operator.get("/metrics", headers=bearer).content.decode()
    assert 'network_homes_closed{network="pond"} 1' in metrics
    operator.post("/jobs/networks/pond/openings/", {"kind": "outage", "home": GREEN})
    forget_known_breakers()
    assert not CircuitBreaker.objects.tripped().exists()
    assert AuditLogEntry.objects.get().to == "green.example, of the network Pond"


# ── The form ──────────────────────────────────────────────────────────────────────────────────
TYPED = {"home": "https://Green.Example/@ada", "name": "ada", "password": "lily"}


@pytest.fixture
def page(pond, alice, client_for):
    cache.clear()
    return client_for(alice)


def test_whoever_types_what_is_right_is_connected(page, alice):
    assert 'href="/channels/connect/pond/"' in page.get("/channels/").content.decode()
    assert page.post("/channels/connect/pond/", TYPED).url == "/channels/"
    connection = Connection.objects.get()
    assert (connection.remote_id, connection.home) == ("ada@green.example", GREEN)
    assert connection.grant() == Grant("ada", home=GREEN, extra={"song": "croak"})
    assert "lily" not in str(Connection.objects.values())
    assert str(Home.objects.get()) == "pond@green.example"


@pytest.mark.parametrize(
    "wrong, said",
    [
        ({"password": "rose"}, "Pond (green.example) did not accept that."),
        ({"home": "red.example"}, "not the address of a Pond server"),
        ({"home": "http://green.example"}, "not the address of a Pond server"),
        ({"home": ""}, "required"),
    ],
)
def test_what_is_wrong_is_said_and_no_secret_is_shown_again(wrong, said, page):
    answer = page.post("/channels/connect/pond/", {**TYPED, "home": GREEN, **wrong})
    assert answer.status_code == 400 and said in answer.content.decode()
    assert "lily" not in answer.content.decode() and "rose" not in answer.content.decode()
    assert not Connection.objects.exists() and not Home.objects.exists()


def test_an_account_is_one_persons(page, bob):
    connected(bob, GREEN)
    answer = page.post("/channels/connect/pond/", TYPED)
    assert "connected by somebody else here" in answer.content.decode()


def test_tries_are_counted(page):
    wrong = {**TYPED, "password": "rose"}
    codes = [page.post("/channels/connect/pond/", wrong).status_code for _ in range(21)]
    assert codes[19:] == [400, 429]
    cache.clear()


def test_there_is_no_such_page_for_others(page):
    assert page.get("/channels/connect/x/").status_code == 404
    assert page.get("/channels/connect/nowhere/").status_code == 404


def test_who_is_cut_off_finds_the_way_back_to_that_server(channel, page, run_jobs):
    channel.connection.mark_lost("token_dead")
    run_jobs()
    for address in ("/channels/", "/notices/"):
        shown = page.get(address).content.decode()
        assert 'href="/channels/connect/pond/?home=green.example"' in shown
    assert (
        'value="green.example"'
        in page.get(f"/channels/connect/pond/?home={GREEN}").content.decode()
    )
    page.post("/channels/connect/pond/", TYPED)
    assert Channel.objects.get().state == "works"


def test_it_is_disconnected(channel, page, run_jobs):
    page.post(f"/channels/connections/{channel.connection_id}/disconnections/")
    run_jobs()
    gone = Connection.objects.get()
    assert (gone.is_connected, gone.access_sealed, gone.extra_sealed) == (False, "", "")
