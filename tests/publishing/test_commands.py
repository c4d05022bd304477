"""`manage.py publish` and `manage.py status`: for people at a shell, and for scripts."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone
from django_q.models import OrmQ

from project.accounts.models import Profile
from publishing.models import Post
from tests.pictures import drawn
from tests.publishing.factories import delivery_in_state, page_channel, publish, x_channel
from tests.workers import ROOT

TOMORROW = f"{timezone.now().date() + timedelta(days=1)}T18:00"


def run(*args):
    output = StringIO()
    call_command(*args, stdout=output)
    return output.getvalue()


def refused(*args):
    """The one line that it says; nothing is stored."""
    with pytest.raises(CommandError) as caught:
        run(*args)
    assert caught.value.returncode == 2
    assert "\n" not in str(caught.value)
    assert not Post.objects.exists() and not OrmQ.objects.exists()
    return str(caught.value)


def shell(*args, **environment):
    """The same by a real process."""
    command = [sys.executable, "manage.py", *args]
    more = {**os.environ, **environment}
    return subprocess.run(command, cwd=ROOT, env=more, capture_output=True, text=True, timeout=60)


# ── publish ───────────────────────────────────────────────────────────────────────────────────
def test_it_works(channel):
    output = run("publish", "alice", "Hello, world!")
    delivery = Post.objects.get().deliveries.get()
    assert output == f"{delivery.job_id}  x:alice\n"
    assert OrmQ.objects.count() == 1


def test_json_is_what_a_program_gets_from_the_page_too(channel):
    answer = json.loads(run("publish", "alice", "Hello, world!", "--json"))
    post = Post.objects.get()
    job_id = str(post.deliveries.get().job_id)
    job = {"job_id": job_id, "status_url": f"/status/{job_id}", "channel": "x:alice"}
    assert answer == {"post": str(post.public_id), "jobs": [job]}


def test_it_goes_out_and_status_says_where(x, sandbox, run_jobs):
    job_id = json.loads(run("publish", "alice", "Hello!", "--json"))["jobs"][0]["job_id"]
    run_jobs()
    told = json.loads(run("status", job_id, "--json"))
    assert (told["state"], told["done"]) == ("sent", True)
    assert told["url"].endswith(sandbox.truth()[0]["id"])
    assert run("status", job_id) == f"x:alice  sent  {told['url']}\n"


TO = {"x": 1, "facebook": 2, "x,facebook": 3, "facebook:bakery": 1, "x,x:alice": 1}


@pytest.mark.parametrize(("to", "channels"), TO.items())
def test_to(to, channels, channel, alice):
    page_channel(alice), page_channel(alice, "Garden")
    answer = json.loads(run("publish", "alice", "Hello!", "--json", "--to", to))
    assert len(answer["jobs"]) == channels


def test_to_a_channels_id(channel, alice):
    page = page_channel(alice)
    run("publish", "alice", "Hello!", "--to", str(page.id))
    assert Post.objects.get().deliveries.get().channel == page


@pytest.mark.parametrize(
    ("at", "hour"), [(TOMORROW, 17), (f"{TOMORROW}Z", 18), (f"{TOMORROW}+05:00", 13)]
)
def test_at(at, hour, channel, alice):
    Profile.objects.of(alice).choose_time_zone("Africa/Lagos")  # one hour ahead all year
    run("publish", "alice", "Hello!", "--at", at)
    post = Post.objects.get()
    assert post.due_at.astimezone(UTC).hour == hour
    assert post.time_zone == "Africa/Lagos"


def test_the_user_is_known_by_mail_too(channel):
    assert "x:alice" in run("publish", "ALICE@example.org", "Hello!")


BAD = {
    "nobody": (["nobody", "Hello!"], "There is no user 'nobody'."),
    "empty": (["alice", "  "], "Write something first."),
    "too long": (["alice", "a" * 281], "Too long for X: 281 of 280 characters."),
    "unknown channel": (["alice", "Hi", "--to", "myspace"], "There is no channel 'myspace'."),
    "nowhere": (["alice", "Hi", "--to", ","], "Choose at least one channel."),
    "past": (["alice", "Hi", "--at", "2001-01-01T10:00"], "That time is past."),
    "far": (["alice", "Hi", "--at", "2999-01-01T10:00"], "That is more than three years away."),
    "nonsense": (["alice", "Hi", "--at", "tea time"], "'tea time' is not a time like"),
    "no moment": (["alice", "Hi", "--at", "9999-12-31T23:59"], "No calendar has that time."),
    "not text": (["alice", "\udcff"], ""),
}


@pytest.mark.parametrize(("args", "line"), BAD.values(), ids=BAD)
def test_bad_input(args, line, channel, alice):
    Profile.objects.of(alice).choose_time_zone("America/New_York")
    assert refused("publish", *args).startswith(line)


def test_without_a_channel(alice):
    assert refused("publish", "alice", "Hello!") == "Choose at least one channel."


def test_somebody_elses_channel(channel, bob):
    x_channel(bob, "bob")
    assert (
        refused("publish", "bob", "Hello!", "--to", "x:alice") == "There is no channel 'x:alice'."
    )
    assert refused("publish", "bob", "Hello!", "--to", str(channel.id)).startswith("There is no")


def test_a_person_who_left_does_not_post(channel, alice):
    alice.is_active = False
    alice.save()
    assert refused("publish", "alice", "Hello!") == "There is no user 'alice'."


def test_a_time_that_does_not_exist(channel, alice):
    Profile.objects.of(alice).choose_time_zone("Europe/Berlin")
    year = datetime.now().year + 1
    gaps = [f"{year}-03-{day}T02:30" for day in range(25, 32)]
    sunday = next(gap for gap in gaps if datetime.fromisoformat(gap).weekday() == 6)
    assert "02:30 does not exist on" in refused("publish", "alice", "Hi", "--at", sunday)


# ── status ────────────────────────────────────────────────────────────────────────────────────
def test_status_says_why(channel):
    delivery = delivery_in_state(channel, "failed")
    line = "x:alice  failed  X refused this post by its own rules. Change the text.\n"
    assert run("status", str(delivery.job_id)) == line


def test_status_as_json_is_what_the_page_gets(channel, alice, client_for):
    delivery = publish(channel)
    by_page = client_for(alice).get(f"/status/{delivery.job_id}").json()
    assert json.loads(run("status", str(delivery.job_id), "--json")) == by_page


@pytest.mark.django_db
@pytest.mark.parametrize("job_id", ["nonsense", "", "123"])
def test_status_of_what_is_no_job_id(job_id):
    assert refused("status", job_id) == f"{job_id!r} is not a job id."


@pytest.mark.django_db
def test_status_of_a_job_there_is_not():
    job_id = "00000000-0000-0000-0000-000000000000"
    assert refused("status", job_id) == f"There is no job {job_id}."


# ── By a real shell ───────────────────────────────────────────────────────────────────────────
UNREACHABLE = {
    "sqlite": "sqlite:////nonexistent/directory/fanfare.sqlite3",
    "postgres": "postgres://nobody@127.0.0.1:9/fanfare",
}


@pytest.mark.parametrize("address", UNREACHABLE.values(), ids=UNREACHABLE)
@pytest.mark.parametrize("args", [["publish", "alice", "Hi"], ["status", "0" * 32]])
def test_a_database_that_cannot_be_reached_is_one_line(address, args):
    done = shell(*args, DATABASE_URL=address)
    assert (done.returncode, done.stdout) == (2, "")
    assert "The database cannot be used: " in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.django_db(transaction=True)
def test_a_shell_gets_lines_and_exit_codes(alice):
    x_channel(alice)
    done = shell("publish", "alice", "Hello from a shell!", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    job_id = json.loads(done.stdout)["jobs"][0]["job_id"]
    assert shell("status", job_id).stdout.startswith("x:alice  queued")

    done = shell("publish", "nobody", "Hello!")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.endswith("There is no user 'nobody'.\n") and done.stderr.count("\n") == 1


# ── Pictures ──────────────────────────────────────────────────────────────────────────────────
def test_pictures_come_with_a_post(alice, tmp_path):
    x_channel(alice)
    plain, odd = tmp_path / "a.jpg", tmp_path / "b: c.png"
    plain.write_bytes(drawn())
    odd.write_bytes(drawn(format="PNG"))
    long = "A red loaf. " * 80  # longer than a file's name may be
    given = [str(plain), f"{plain}:Red: left", f"{odd}: Blue", f"{plain}:{long}"]
    run("publish", "alice", "", *(word for one in given for word in ("--media", one)))
    named = [(one.name, one.alt) for one in Post.objects.get().media.all()]
    assert named[:3] == [("a.jpg", ""), ("a.jpg", "Red: left"), ("b: c.png", "Blue")]
    assert named[3] == ("a.jpg", long.strip())


def test_pictures_that_will_not_do_are_one_line(alice, tmp_path):
    x_channel(alice)
    assert "There is no file" in refused("publish", "alice", "Hi.", "--media", "/no/such:Alt")
    text = tmp_path / "notes.txt"
    text.write_text("Hello")
    said = refused("publish", "alice", "Hi.", "--media", str(text))
    assert said.startswith("notes.txt cannot be read as a picture.")
    good = tmp_path / "a.jpg"
    good.write_bytes(drawn())
    assert "at most 4" in refused("publish", "alice", "Hi.", *["--media", str(good)] * 5)
