"""What workers do for this app: each job takes one id, or none, and calls one method."""

from .models import ImportRun, Interest, Statistics, Suggestion
from .reading.importer import Importer


def run_import(run_id: int) -> None:
    run = ImportRun.objects.claim(run_id)
    if run is not None:
        Importer(run).work()


def start_due() -> None:
    ImportRun.objects.wake_forgotten()
    ImportRun.objects.start_due()


def prune() -> None:
    ImportRun.objects.prune()


def calculate_statistics(user_id: int) -> None:
    statistics = Statistics.objects.filter(pk=user_id).first()
    if statistics is not None:
        statistics.calculate()
        Interest.objects.recompute(user_id)
        Suggestion.objects.refill(statistics.user)


def sweep_statistics() -> None:
    Statistics.objects.sweep()


def check_suggestion(suggestion_id: int) -> None:
    suggestion = Suggestion.objects.with_all().filter(pk=suggestion_id).first()
    if suggestion is not None:
        suggestion.check_item()
