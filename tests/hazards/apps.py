import inspect

from django.apps import AppConfig

from . import tasks

NAMES = [name for name, _ in inspect.getmembers(tasks, inspect.isfunction) if name != "mark"]


class HazardsConfig(AppConfig):
    name = "tests.hazards"
    jobs = tuple(f"tests.hazards.tasks.{name}" for name in NAMES)
