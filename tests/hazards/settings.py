from project.settings import *  # noqa: F403

INSTALLED_APPS += ["tests.hazards"]  # noqa: F405
