"""How much of a connection may be read a day, and what of a page counts."""

from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Q, Sum
from django.utils import timezone

from social.networks.shapes import Page

from .import_interval import day_start
from .run import ImportRun
from .timeline import Timeline


class DailyLimit:
    """What the connection of one timeline may still read this day (UTC), all its timelines
    together."""

    def __init__(self, timeline: Timeline) -> None:
        self.timeline = timeline

    def items_left(self) -> int:
        """Return how many items; below 1 when the day is used up. A run that goes on after midnight
        counts as a whole: rather once too much than no limit."""
        midnight = day_start(timezone.now())
        today = Q(finished_at=None) | Q(finished_at__gte=midnight)
        runs = ImportRun.objects.filter(today, timeline__in=self._timeline_ids)
        rows = Timeline.objects.filter(pk__in=self._timeline_ids, checked_on=midnight.date())
        read = runs.aggregate(sum=Sum("items"))["sum"] or 0
        checked = rows.aggregate(sum=Sum("checks"))["sum"] or 0
        return settings.IMPORT_DAILY_ITEMS - read - checked

    def billed(self, page: Page, added: int) -> int:
        """Return how many items of `page` are billed, when `added` of them were new. Networks bill
        an item once a day; what lies at the top was read by the reading before."""
        again = min(len(page.items) - added, settings.IMPORT_REREAD + 1)
        read_at = self.timeline.read_at
        return page.read - (again if read_at and read_at >= day_start(timezone.now()) else 0)

    @cached_property
    def _timeline_ids(self) -> list[Any]:
        """All timelines of the connection: asked for once, used for each page of a run."""
        timelines = Timeline.objects.of_connection(self.timeline.grantor)
        return list(timelines.values_list("pk", flat=True))
