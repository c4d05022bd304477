"""What `python -m tests.structure` counts, on a house of five files; and its own run."""

import sys
import textwrap

import pytest

from . import counts
from .path import OURS, recorded
from .source import modules_of

FILES = {
    "project/__init__.py": "",
    "project/kitchen.py": '''
        """Docstrings with facebook in them do not count."""
        from .cellar import LIMIT, Door
        LIMIT, OTHER = 1, 2
        class Door:
            NAME = "facebook"
        class Command: ...
    ''',
    "project/cellar.py": """
        from typing import TYPE_CHECKING

        # not a line that is written
        LIMIT: int = 3
        class Door:
            def open(self):
                import project.attic

                return "x"
        class Command: ...
    """,
    "project/attic.py": "from project import kitchen\nX_REASON = 'lost'\nf'{1:x}x{2}'\n",
    "project/reasons.py": """
        class Reason(StrEnum):
            LOST = "lost", "It is lost."
            FOUND = "found"
        SAID = "lost"
    """,
    "project/migrations/__init__.py": "from project import attic\n",
    "project/sandbox/alone.py": "LIMIT = 1\n",
}


@pytest.fixture
def modules(tmp_path):
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
    return modules_of(tmp_path, ["project"])


def test_history_and_the_sandbox_are_left_out(modules):
    names = {"attic", "cellar", "kitchen", "reasons"}
    assert set(modules) == {"project"} | {f"project.{name}" for name in names}


def test_a_circle_is_found_also_through_a_function(modules):
    assert counts.circles(modules) == [["project.attic", "project.cellar", "project.kitchen"]]


def test_without_one_of_its_imports_there_is_no_circle(modules):
    del modules["project.attic"]
    assert counts.circles(modules) == []


def test_classes_and_constants_that_are_defined_twice(modules):
    where = ["project.cellar", "project.kitchen"]
    assert counts.defined_twice(modules, counts.classes) == {"Door": where}
    assert counts.defined_twice(modules, counts.constants) == {"LIMIT": where}


def test_functions_by_their_length(modules):
    assert counts.functions_by_length(modules) == [(4, "project.cellar:open")]


def test_lines_that_are_empty_or_comments_are_not_written(modules):
    cellar = modules["project.cellar"]
    assert cellar.lines - cellar.written == 4


def test_the_names_of_networks_outside_docstrings(modules, monkeypatch):
    monkeypatch.setattr(counts, "network_names", lambda: ["facebook", "x"])
    found = counts.network_literals(modules)
    assert [(module, text) for module, _, text in found] == [
        ("project.cellar", "x"),
        ("project.kitchen", "facebook"),
    ]


def test_reasons_that_are_written_outside_their_list(modules):
    assert counts.reasons(modules) == ("project.reasons", {"lost", "found"})
    assert counts.reason_literals(modules) == {("lost", "project.attic")}


def test_words_of_another_vocabulary_are_no_reasons(modules, tmp_path):
    text = """
        HIDDEN, FOUND = "hidden", "found"
        class State(StrEnum):
            LOST = "lost"
        refuse("Look for it.", code="lost")
        CODES = ("lost", "stolen")
        PLACES = {"lost": "here", "stolen": "there"}
        raise ValidationError("Look for it.", "lost")
        is_gone = "lost" in detail
    """
    (tmp_path / "project/attic.py").write_text(textwrap.dedent(text))
    assert counts.reason_literals(modules_of(tmp_path, ["project"])) == set()
    (tmp_path / "project/attic.py").write_text('refuse("lost")\nmove(reason="found")\n')
    found = counts.reason_literals(modules_of(tmp_path, ["project"]))
    assert found == {("lost", "project.attic"), ("found", "project.attic")}


def test_a_path_has_our_functions_and_nobody_elses():
    from social.polling import poll_delay

    with recorded() as path:
        textwrap.dedent("")
        poll_delay(1)
    assert path.calls == {("social/polling.py", "poll_delay")} and path.files
    assert sys.getprofile() is None and OURS


def test_the_app_itself_can_be_read():
    modules = modules_of()
    assert "social.models.connection" in modules
    assert counts.functions_by_length(modules)[0][0] > 0
