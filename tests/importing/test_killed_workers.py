"""A few seconds of what `python -m tests.importing.killing` does for minutes."""

import pytest

from .killing.course import Course

pytestmark = [pytest.mark.programs, pytest.mark.django_db(transaction=True)]


def test_workers_that_are_killed_lose_and_double_nothing(sandbox, tmp_path, settings):
    settings.TIME_SCALE = 0.1
    course = Course(sandbox, tmp_path, n=3, posts=220, kills=2, seconds=90, scale=0.1)
    assert not course.run(), course.says()
    assert course.killer.hits >= 2
