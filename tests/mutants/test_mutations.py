"""What `make mutants` changes, and that it changes nothing else."""

import pytest

from .mutant import is_different
from .mutations import mutants_of
from .sql import faults_of_sql

SOURCE = '''
LIMIT = 50

def act(self, rows):
    """Docstrings stay: a and b."""
    if self.state == QUEUED and not rows:
        self.note()
        return self._move([QUEUED], SENDING, unchanged=("attempt", "due_at"))
    return rows.filter(pk=self.pk, state="queued").update(at=now() + 1)
'''

LAST = SOURCE.splitlines()[-1].strip()


@pytest.fixture
def changed(tmp_path):
    """(fault, line afterwards) of each change of a source."""

    def of(source):
        (tmp_path / "module.py").write_text(source)
        found = [it for it in mutants_of(tmp_path, ["module.py"]) if is_different(it, tmp_path)]
        return {(it.fault, it.difference(tmp_path)[1]) for it in found}

    return of


@pytest.mark.parametrize(
    "expected",
    [
        ("constant changed", "LIMIT = 500"),
        ("condition dropped", "if True and not rows:"),
        ("and ↔ or", "if self.state == QUEUED or not rows:"),
        ("comparison turned round", "if self.state != QUEUED and not rows:"),
        ("not dropped", "if self.state == QUEUED and bool(rows):"),
        ("QUEUED → SENDING", "if self.state == SENDING and not rows:"),
        ("guard dropped", "if False:"),
        ("call dropped", "pass"),
        ("argument dropped", "return self._move([QUEUED], SENDING)"),
        ("item dropped", 'return self._move([QUEUED], SENDING, unchanged=("attempt",))'),
        ("item dropped", 'return self._move([QUEUED], SENDING, unchanged=("due_at",))'),
        ("argument dropped", 'return rows.filter(state="queued").update(at=now() + 1)'),
        ("filter dropped", "return rows.update(at=now() + 1)"),
        ("filter → exclude", LAST.replace("filter", "exclude")),
        ("arithmetic turned round", LAST.replace("+", "-")),
        ("returns None", "return None"),
    ],
)  # fmt: skip
def test_it_works(changed, expected):
    assert expected in changed(SOURCE)


def test_words_for_people_stay(changed):
    """What logs, docstrings and classes say."""
    source = (
        'class A:\n    name = Field(3)\n\n    def __str__(self):\n        return self.a + "b"\n'
    )
    assert changed(source) == changed('def a():\n    """a and b"""\n    logger.info(1)\n') == set()


def test_conditions_of_sql_always_hold_or_are_turned_round():
    text = '"UPDATE t SET a = %s WHERE holder <> %s AND due <= %s"'
    after = {text[:start] + new + text[end:] for start, end, new, _ in faults_of_sql(text)}
    assert after == {
        '"UPDATE t SET a = %s WHERE (holder <> %s OR 1 = 1) AND due <= %s"',
        '"UPDATE t SET a = %s WHERE holder <> %s AND (due <= %s OR 1 = 1)"',
        '"UPDATE t SET a = %s WHERE holder = %s AND due <= %s"',
        '"UPDATE t SET a = %s WHERE holder <> %s AND due > %s"',
        '"UPDATE t SET a = %s WHERE holder <> %s OR due <= %s"',
    }
    assert not list(faults_of_sql('"All is well, and due."'))
