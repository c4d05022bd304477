from django.apps import AppConfig


class HazardsConfig(AppConfig):
    name = "tests.hazards"
    jobs = tuple(
        f"tests.hazards.tasks.{name}"
        for name in ("note", "die", "leave", "fail", "wait", "hang", "return_a_lambda")
    )
