"""`manage.py connect USER NETWORK`: connect with a token that is there already."""

import sys
from dataclasses import replace
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser
from django.db import transaction

from social.connections.connect import AlreadyConnected, connect
from social.connections.refresh import store_answer
from social.models import Channel, Connection, Home
from social.networks import NETWORKS
from social.networks.base import Network
from social.networks.errors import NetworkError
from social.networks.homes import host_named
from social.networks.messages import sentence
from social.networks.shapes import Grant, Person
from social.shell import CommandRefused, PlainCommand, user_named

SEEN_BY_OTHERS = (
    "Others on this machine can read a token in the list of processes, and your shell keeps it:"
    " --token-stdin is safer."
)


class Command(PlainCommand):
    help = "Connect USER's account at a network with a token. It is checked there first."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="user name or e-mail address")
        parser.add_argument("network", choices=list(NETWORKS))
        whose = f" ({uses_of('token')})" if uses_of("token") else ""
        parser.add_argument(
            "--token",
            help=f"the access token{whose}; other people on this machine can read it in the list of"
            " processes: better --token-stdin",
        )
        parser.add_argument(
            "--token-stdin",
            action="store_true",
            help="read the token from the first line of standard input, and a refresh token from "
            "the second",
        )
        parser.add_argument("--refresh-token", default="", help=uses_of("refresh_token"))
        parser.add_argument("--home", metavar="HOST", help="the server that the account lives on")
        parser.add_argument("--page", metavar="ID", help=uses_of("page"))

    def run(self, *args: Any, **options: Any) -> None:
        user, network = user_named(options["user"]), NETWORKS[options["network"]]
        for name in ("page", "refresh_token"):
            if options[name] and name not in network.connect_options:
                others = [it.name for it in NETWORKS.values() if name in it.connect_options]
                raise CommandRefused(f"--{name.replace('_', '-')} is for {', '.join(others)}.")
        if options["home"] and not network.asks_home:
            raise CommandRefused(f"--home is for networks of many servers; {network.label} is one.")
        if network.asks_home and not options["home"]:
            raise CommandRefused("Say on which server the account lives: --home HOST.")
        grant = ask(network, network.with_home, read_grant(options))
        home, software = "", ""
        if network.asks_home:
            home, software = ask(
                network, network.home_behind, ask(network, host_named, options["home"])
            )
        grant = replace(grant, home=home or grant.home)
        owner = ask(network, network.person, grant)
        if Connection.objects.held_by_another(user, network.name, owner.remote_id):
            raise CommandRefused(str(AlreadyConnected(network)))
        channels = store(user, network, owner, grant, options["page"])
        if home:
            Home.objects.note(network.name, home, software)
        for channel in channels:
            self.stdout.write(f"{channel.label}  {channel.id}  {channel.state}")
        if options["token"] or options["refresh_token"]:
            self.stderr.write(SEEN_BY_OTHERS)


def uses_of(option: str) -> str:
    """What the networks that know it have it for."""
    uses = [(it.label, it.connect_options.get(option)) for it in NETWORKS.values()]
    return "; ".join(f"{label}: {use}" for label, use in uses if use)


def read_grant(options: dict[str, Any]) -> Grant:
    access, refresh = options["token"] or "", options["refresh_token"]
    if options["token_stdin"]:
        lines = [line.strip() for line in sys.stdin.read().splitlines() if line.strip()]
        access, refresh = [*lines, "", ""][:2]
    if not access:
        raise CommandRefused("Give a token with --token-stdin or --token.")
    if not all(token.isascii() and token.isprintable() for token in (access, refresh)):
        raise CommandRefused("A token is one line of plain characters.")
    return Grant(access=access, refresh=refresh)


def store(
    user: User, network: Network, owner: Person, grant: Grant, page: str | None
) -> list[Channel]:
    """Nothing is stored unless all of it works: the network's answers come first."""
    if network.renews_on_refresh:
        grant = ask(network, network.renew, grant)
    missing = ask(network, network.missing_permissions, grant)
    if missing:
        raise CommandRefused(f"{network.missing_sentence(missing)} Nothing was stored.")
    places = ask(network, network.places, grant, owner)
    usable = [place for place in places if not place.missing_permissions]
    if page is not None and page not in {place.remote_id for place in usable}:
        raise CommandRefused(f"This token may not post to a {network.place_word} {page!r}.")
    if not usable:
        raise CommandRefused(f"This token may not post to any {network.place_word}.")
    try:
        with transaction.atomic():
            connection = connect(user, network, owner, grant)
            store_answer(connection, missing, places)
            for channel in connection.channels.offered():
                if channel.may_be_chosen and page in (None, channel.remote_id):
                    channel.choose()
    except AlreadyConnected as error:
        raise CommandRefused(str(error)) from error
    return list(connection.channels.chosen())


def ask(network: Network, question: Any, *args: Any) -> Any:
    try:
        return question(*args)
    except NetworkError as error:
        problem = sentence(error.reason, network.label)
        raise CommandRefused(f"{problem} Nothing was stored.") from error
