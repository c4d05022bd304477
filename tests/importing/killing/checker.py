"""What is wrong with a timeline once nothing moves any more."""

from collections.abc import Iterator
from itertools import pairwise

from django.conf import settings

from importing.models import ImportRun, Timeline

from .people import Somebody


def wrong_with(somebody: Somebody) -> Iterator[str]:
    timeline = Timeline.objects.with_all().get(pk=somebody.timeline.pk)
    for said in (*wrong_with_items(timeline, somebody), *wrong_with_runs(timeline)):
        yield f"{timeline}: {said}"


def wrong_with_items(timeline: Timeline, somebody: Somebody) -> Iterator[str]:
    there = somebody.shown()
    rows = list(timeline.items.values_list("remote_id", "text"))
    here = dict(rows)
    if len(rows) != len(here):
        yield "a row is there twice"
    if here.keys() != there.keys():
        lost, more = there.keys() - here.keys(), here.keys() - there.keys()
        yield f"{len(lost)} are lost: {sorted(lost)[-3:]}; {len(more)} too many: {sorted(more)[:3]}"
    # An edit on X is a new post; Facebook's is seen by who reads that post again.
    looked_at = list(there)[: None if timeline.network_name == "x" else settings.IMPORT_REREAD]
    old = [id for id in looked_at if here.get(id, there[id]) != there[id]]
    if old:
        yield f"{len(old)} are as they were before an edit: {old[:3]}"
    if timeline.stored != len(rows):
        yield f"it counts {timeline.stored} of {len(rows)}"
    if timeline.position.reading or timeline.position.gaps:
        yield "something was left out"


def wrong_with_runs(timeline: Timeline) -> Iterator[str]:
    runs = list(ImportRun.objects.filter(timeline=timeline).order_by("id"))
    if not runs or not runs[-1].is_finished:
        yield f"it was not read to its end: {runs and (runs[-1].state, runs[-1].reason)}"
    for run in runs:
        if run.is_open:
            yield f"run {run.pk} is {run.state}, for ever"
        elif run.started_at is None or run.finished_at < run.started_at:
            yield f"run {run.pk} ended before it began"
    ended = [run for run in runs if run.started_at and run.finished_at]
    for one, other in pairwise(ended):
        if other.started_at < one.finished_at:
            yield f"runs {one.pk} and {other.pk} overlap"
    # Each item was counted by the one run that brought it, although so many died.
    if sum(run.added for run in runs) != timeline.stored:
        yield f"the runs added {sum(run.added for run in runs)}, there are {timeline.stored}"
