from tests.hazards.stage import diary, hazardous  # noqa: F401  fixtures
