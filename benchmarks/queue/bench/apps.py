from importlib import import_module

from django.apps import AppConfig
from django.conf import settings


class BenchConfig(AppConfig):
    name = "benchmarks.queue.bench"
    default_auto_field = "django.db.models.BigAutoField"
    jobs = ("benchmarks.queue.bench.jobs.send", "benchmarks.queue.bench.jobs.wait")

    def ready(self) -> None:
        # Where a rival keeps its task: client and workers both learn it this way.
        import_module(settings.BENCH_QUEUE)
        if settings.BENCH_STATEMENTS:
            import_module("benchmarks.queue.bench.counting")
