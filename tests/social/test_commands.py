"""What a shell can do: one line, exit code 2 and nothing stored, or it is done."""

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core.management import execute_from_command_line

from social.models import Channel, Connection
from social.sandbox import cli

from .dancing import ALICE, BAKERY, FB_ALICE, GARDEN, LIBRARY, connect

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Done:
    returncode: int
    stdout: str
    stderr: str


def manage(*arguments: str, typed: str = "") -> Done:
    """The command line as `manage.py` gets it."""
    said, complained, code = io.StringIO(), io.StringIO(), 0
    keyboard = mock.patch("sys.stdin", io.StringIO(typed))
    with keyboard, redirect_stdout(said), redirect_stderr(complained):
        try:
            execute_from_command_line(["manage.py", *arguments])
        except SystemExit as ended:
            code = int(ended.code or 0)
    return Done(code, said.getvalue(), complained.getvalue())


def process(*arguments: str, **environment: str) -> subprocess.CompletedProcess:
    """The same in a process of its own, which starts anew with other settings."""
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )


def refused(done: Done | subprocess.CompletedProcess, *words: str) -> None:
    lines = done.stderr.strip().splitlines()
    assert done.returncode == 2, done.stdout + done.stderr
    assert len(lines) == 1 and not done.stdout
    for word in words:
        assert word in lines[0]


# ── connect, in this process: quick ───────────────────────────────────────────────────────────
@pytest.mark.django_db
def test_connect_makes_the_same_rows_as_a_browser(alice, sandbox):
    connection = connect(sandbox, alice, "x")
    assert (connection.remote_id, connection.handle, connection.name) == (
        ALICE,
        "alice",
        "Alice Example",
    )
    assert connection.grant().refresh and not SocialAccount.objects.exists()
    assert [channel.label for channel in Channel.objects.of(alice)] == ["x:alice"]


@pytest.mark.django_db
def test_connect_facebook_chooses_every_page_that_may_be_posted_to(alice, sandbox):
    connection = connect(sandbox, alice, "facebook", long=False)
    assert {channel.remote_id for channel in Channel.objects.of(alice)} == {BAKERY, GARDEN}
    assert connection.channels.get(remote_id=LIBRARY).missing_permissions == ["CREATE_CONTENT"]
    assert (connection.access_expires_at - connection.renewed_at).days > 50  # exchanged


@pytest.mark.django_db
def test_connecting_again_by_command_mends_the_same_row(alice, sandbox):
    first = connect(sandbox, alice, "x")
    first.mark_lost("token_dead")
    again = connect(sandbox, alice, "x")
    assert (again.pk, again.blocked_reason) == (first.pk, "") and Connection.objects.count() == 1


# ── connect, from a shell: what people see ────────────────────────────────────────────────────
@pytest.fixture
def shell(transactional_db, alice, sandbox):
    yield sandbox
    assert not SocialAccount.objects.exists()


def test_a_shell_connects_and_says_what_it_has_done(shell):
    token = shell.token("x", "alice")
    done = manage("connect", "alice@example.org", "x", "--token", token["access_token"])
    channel = Channel.objects.get()
    assert done.returncode == 0 and done.stdout == f"x:alice  {channel.pk}  works\n"
    assert len(done.stderr.splitlines()) == 1 and "--token-stdin is safer" in done.stderr


def test_tokens_may_come_by_standard_input(shell):
    token = shell.token("x", "alice")
    typed = f"{token['access_token']}\n{token['refresh_token']}\n"
    done = manage("connect", "alice", "x", "--token-stdin", typed=typed)
    assert (done.returncode, done.stderr) == (0, "")
    assert Connection.objects.get().grant().refresh == token["refresh_token"]


def test_one_page_can_be_named(shell):
    token = shell.token("facebook", FB_ALICE)["access_token"]
    done = manage("connect", "alice", "facebook", "--token", token, "--page", GARDEN)
    assert done.returncode == 0
    assert [channel.remote_id for channel in Channel.objects.chosen()] == [GARDEN]


REFUSALS = {
    "a dead token": (["alice", "x", "--token", "dead"], "no longer accepts", "Nothing was stored"),
    "a dead token of Facebook": (["alice", "facebook", "--token", "dead"], "Nothing was stored"),
    "no token": (["alice", "x"], "--token"),
    "an empty one": (["alice", "x", "--token-stdin"], "--token"),
    "a token with a line break": (["alice", "x", "--token", "a\nb"], "one line"),
    "a token beyond ASCII": (["alice", "x", "--token", "ключ"], "plain characters"),
    "nobody": (["zoe", "x", "--token", "t"], "'zoe'"),
    "another network": (["alice", "myspace", "--token", "t"], "myspace"),
    "no user": ([], "required"),
    "nonsense": (["alice", "x", "--token", "t", "--nonsense"], "--nonsense"),
    "a Page of X": (["alice", "x", "--token", "t", "--page", "1"], "--page is for facebook"),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_connect_refuses_in_one_line(shell, what):
    arguments, *words = REFUSALS[what]
    refused(manage("connect", *arguments), *words)
    assert not Connection.objects.exists()


def test_connect_refuses_a_page_that_the_token_may_not_post_to(shell):
    token = shell.token("facebook", FB_ALICE)["access_token"]
    for page in (LIBRARY, "12345"):
        refused(manage("connect", "alice", "facebook", "--token", token, "--page", page), page)
    assert not Connection.objects.exists()


def test_connect_refuses_a_person_without_pages(shell):
    token = shell.token("facebook", "100000000000003")["access_token"]
    refused(manage("connect", "alice", "facebook", "--token", token), "any Page")
    assert not Connection.objects.exists()


def test_connect_refuses_an_account_of_somebody_elses(shell, bob):
    connect(shell, bob, "x", "bob")
    before = Connection.objects.values().get()
    token = shell.token("x", "bob")["access_token"]
    refused(manage("connect", "alice", "x", "--token", token), "connected by somebody else")
    assert Connection.objects.values().get() == before


def test_connect_says_when_the_network_is_away(shell):
    shell.call("POST", "/faults", json={"action": {"close": True}, "times": None})
    refused(manage("connect", "alice", "x", "--token", "t"), "X could not be reached")


def test_a_half_made_facebook_connection_is_not_stored(shell):
    """The person is known, and then Facebook goes away."""
    match = {"path_regex": "/me/accounts$"}
    shell.call("POST", "/faults", json={"match": match, "action": {"close": True}, "times": None})
    token = shell.token("facebook", FB_ALICE)["access_token"]
    refused(manage("connect", "alice", "facebook", "--token", token), "Nothing was stored")
    assert not Connection.objects.exists() and not Channel.objects.exists()


@pytest.mark.parametrize(
    "address", ["sqlite:////nowhere/at/all.sqlite3", "postgres://nobody@127.0.0.1:9/nothing"]
)
def test_a_database_that_cannot_be_reached_is_one_line_too(address):
    command = ["connect", "alice", "x", "--token", "t"]
    refused(process(*command, DATABASE_URL=address), "The database cannot be used")


def test_no_token_is_in_what_a_command_says(shell):
    token = shell.token("x", "alice")["access_token"]
    shell.change("revoke", network="x", user="alice")
    done = process("connect", "alice", "x", "--token", token, LOG="verbose")
    assert done.returncode == 2 and token not in done.stdout + done.stderr


# ── The others ────────────────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    "command", ["connect", "remove_second_step", "rotate_token_keys", "sandbox"]
)
def test_every_command_explains_itself(command):
    done = manage(command, "--help")
    assert done.returncode == 0 and "usage:" in done.stdout and not done.stderr


@pytest.mark.parametrize("command", ["doctor", "qcluster", "rotate_token_keys", "sandbox"])
def test_every_command_refuses_in_one_line(command):
    refused(manage(command, "--bogus"), "--bogus")


def test_the_sandbox_is_the_same_program_behind_both_doors():
    helped = process("sandbox", "--help").stdout
    assert "--port" in helped and cli.DESCRIPTION.split(":")[0] in " ".join(helped.split())
    refused(manage("sandbox", "--host", "0.0.0.0"), "loopback")
    refused(manage("sandbox", "--port", "many"), "not a port")


def test_rotating_runs_from_a_shell(transactional_db, alice, sandbox):
    connect(sandbox, alice, "x")
    done = manage("rotate_token_keys")
    assert (done.returncode, done.stdout, done.stderr) == (0, "2 sealed anew, 0 unreadable\n", "")
