"""Deleting timelines with all that they hold."""

from .models import ImportedItem, ImportRun, Suggestion, Timeline
from .reading.timeline import TimelineQuerySet


def wipe(timelines: TimelineQuerySet) -> None:
    """Delete `timelines`, their runs and items, and the suggestions that speak of these: nobody
    needs them once their person is gone. A worker that is at one stops when its run is gone."""
    ids = list(timelines.values_list("pk", flat=True))
    Suggestion.objects.filter(item__timeline__in=ids).delete()
    for model in (ImportRun, ImportedItem):
        rows = model.objects.filter(timeline__in=ids)
        rows._raw_delete(rows.db)  # without reading a million items first
    Timeline.objects.filter(pk__in=ids).delete()
