"""What workers do for this room: each job takes one id and calls one method of its row."""

from .models import ImportRun


def run_import(run_id: int) -> None:
    run = ImportRun.objects.claim(run_id)
    if run is not None:
        run.run()


def start_due() -> None:
    ImportRun.objects.wake_forgotten()
    ImportRun.objects.start_due()


def prune() -> None:
    ImportRun.objects.prune()
