"""What workers do for this room: each job takes one id and calls one method of its row."""

from .models import ImportRun, Interest, Statistics, Suggestion


def run_import(run_id: int) -> None:
    run = ImportRun.objects.claim(run_id)
    if run is not None:
        run.run()


def start_due() -> None:
    ImportRun.objects.wake_forgotten()
    ImportRun.objects.start_due()


def prune() -> None:
    ImportRun.objects.prune()


def calculate_statistics(user_id: int) -> None:
    row = Statistics.objects.filter(pk=user_id).first()
    if row is not None:
        row.calculate()
        Interest.objects.recompute(user_id)
        Suggestion.objects.refill(row.user)


def sweep_statistics() -> None:
    Statistics.objects.sweep()


def check_suggestion(suggestion_id: int) -> None:
    suggestion = Suggestion.objects.with_all().filter(pk=suggestion_id).first()
    if suggestion is not None:
        suggestion.look_up()
