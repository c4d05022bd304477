"""Changes inside SQL: conditions that always hold, comparisons turned round, what is not set."""

import re
from collections.abc import Iterator

IS_SQL = re.compile(
    r"\b(SELECT|UPDATE|DELETE FROM|INSERT INTO|WHERE|ORDER BY|SET|FROM|AND|CASE|EXISTS)\b"
    r"|^\W*(\w+ = |\S+ (<=|>=|<>|>|<|=) %s)"
)
COMPARISON = r"(?:<=|>=|<>|=|<|>|LIKE|IN|IS|BETWEEN)"
# What is compared with what: a column, or a part put in; with a value, a column, a list.
CONDITION = re.compile(
    rf"""(?:\{{[^{{}}]*\}}|"?[\w.]+"?)\ {COMPARISON}\ """
    r"""(?:NULL|NOT\ NULL|%s\ AND\ %s|\([^()]*\)|'[^']*'|"?[\w.]+"?|\{[^{}]*\}|%s)""",
    re.VERBOSE,
)
IS_ASSIGNMENT = re.compile(r"""[rf]*['"]+"?\w+"? = [^,]*,""")  # of several columns
TURNED = {" <= ": " > ", " >= ": " < ", " <> ": " = ", " < ": " >= ", " > ": " <= "}
TURNED |= {" IS NOT NULL": " IS NULL", " IS NULL": " IS NOT NULL", " DESC": " ASC"}
TURNED |= {" AND ": " OR ", " + 1": " + 0", "CASE WHEN": "CASE WHEN NOT", "MAX(": "MIN("}
TURNED |= {"MIN(": "MAX(", "NOT EXISTS": "EXISTS", "DISTINCT ": "", " FOR UPDATE": ""}


def faults_of_sql(text: str) -> Iterator[tuple[int, int, str, str]]:
    """(start, end, replacement, fault), in bytes of `text`, the source of a string."""
    if not IS_SQL.search(text):
        return
    if IS_ASSIGNMENT.match(text) and "WHERE" not in text:
        conditions = ()
    else:
        conditions = CONDITION.finditer(text)
    is_set = re.search(r"\bSET\b", text)
    where = re.search(r"\bWHERE\b|\bAND\b", text)
    for found in conditions:
        is_value = is_set and is_set.start() < found.start() < (where or is_set).start()
        if not is_value and "= excluded" not in found[0]:
            yield *place(text, found.span()), f"({found[0]} OR 1 = 1)", "condition always true"
    for old, new in TURNED.items():
        for found in re.finditer(re.escape(old), text):
            if old == " AND " and text[: found.start()].endswith("BETWEEN %s"):
                continue
            yield *place(text, found.span()), new, "SQL turned round"


def place(text: str, span: tuple[int, int]) -> tuple[int, int]:
    return len(text[: span[0]].encode()), len(text[: span[1]].encode())
