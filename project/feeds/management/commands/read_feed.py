"""`manage.py read_feed [URL]`: read feeds now, those at one address or all that are due."""

from typing import Any

from django.core.management.base import CommandParser

from project.feeds.models import Feed
from project.feeds.reading import read_feed
from social.shell import CommandRefused, PlainCommand


class Command(PlainCommand):
    help = "Read the feeds at URL now, or all that are due; what is new begins a draft."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("url", metavar="URL", nargs="?", help="the address of a feed")

    def run(self, *args: Any, **options: Any) -> None:
        url = options["url"]
        feeds = Feed.objects.filter(url=url, user__is_active=True) if url else Feed.objects.due()
        rows = list(feeds.select_related("user"))
        if url and not rows:
            raise CommandRefused(f"Nobody reads a feed at {url}.")
        for feed in rows:
            made = read_feed(feed)
            self.stdout.write(f"{feed.user} {feed.url}: {feed.trouble or f'{made} drafts'}")
