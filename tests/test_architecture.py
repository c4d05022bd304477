"""Who may know whom: ARCHITECTURE.md's arrows, and a few lines that only some files may cross."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("project", "importing", "publishing", "social")
STATED = re.compile(r"^([\w.]+) ->[ ]*(.*)$", re.MULTILINE)


def files(room: str) -> list[Path]:
    folder = ROOT / room.replace(".", "/")
    return [file for file in sorted(folder.rglob("*.py")) if "migrations" not in file.parts]


def imports(tree: ast.AST, file: Path) -> Iterator[str]:
    """Every module that is imported below `tree`, in full."""
    package = file.relative_to(ROOT).with_suffix("").parts
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: -node.level] if node.level else ()
            yield from (
                ".".join([*above, *filter(None, [node.module]), name.name]) for name in node.names
            )


def everything() -> Iterator[tuple[Path, ast.Module]]:
    for room in ROOMS:
        for file in files(room):
            yield file.relative_to(ROOT), ast.parse(file.read_text())


def room_of(module: str) -> str:
    return "social.sandbox" if module.startswith("social.sandbox") else module.split(".")[0]


def arrows() -> dict[str, set[str]]:
    """room → the rooms it may know, as ARCHITECTURE.md says."""
    block = re.search(r"```\w*\n((?:[\w.]+ ->.*\n)+)```", (ROOT / "ARCHITECTURE.md").read_text())
    assert block, "ARCHITECTURE.md states no arrows"
    return {
        room: set(filter(None, re.split(r",\s*", knows.strip())))
        for room, knows in STATED.findall(block[1])
    }


def test_architecture_md_names_every_room_and_no_circle():
    stated = arrows()
    assert {*ROOMS, "social.sandbox"} == stated.keys()
    assert stated["social.sandbox"] == set() == stated["social"]
    for room, knows in stated.items():
        assert not [other for other in knows if room in stated[other]]
        assert "project" not in knows


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_knows_only_the_rooms_it_has_an_arrow_to(room):
    allowed = {room, *arrows()[room]}
    strangers = []
    for file in files(room):
        if "sandbox" in file.parts:
            continue
        for module in imports(ast.parse(file.read_text()), file):
            known = room_of(module)
            if known in {*ROOMS, "tests", "benchmarks"} - allowed:
                strangers.append(f"{file.relative_to(ROOT)} imports {module}")
    assert not strangers


def test_the_sandbox_imports_nothing_of_ours():
    """It runs without Django, and must not share a mistake with what it is there to test."""
    for file in files("social.sandbox"):
        for module in imports(ast.parse(file.read_text()), file):
            assert room_of(module) not in ROOMS, f"{file.name} imports {module}"
            assert module.split(".")[0] not in ("django", "tweepy", "facebook"), file.name


def test_only_its_command_knows_the_sandbox():
    door = Path("social/management/commands/sandbox.py")
    for file, tree in everything():
        if "sandbox" not in file.parts and file != door:
            assert not [m for m in imports(tree, ROOT / file) if room_of(m) == "social.sandbox"]


@pytest.mark.parametrize("sdk, home", [("tweepy", "x/network"), ("facebook", "facebook/graph")])
def test_only_a_networks_own_file_knows_its_library(sdk, home):
    home = Path(f"social/networks/{home}.py")
    users = {
        file
        for file, tree in everything()
        if "sandbox" not in file.parts
        for module in imports(tree, ROOT / file)
        if module.split(".")[0] == sdk
    }
    assert users == {home}


NAMES = re.compile(
    r"(?i:twitter|facebook|tweepy|pages_manage|twimg|fbcdn)|\bGraph\b"
    # One letter is a name in strings, beside some words, as a prefix, and in a style sheet.
    r"|[\"']x[\"']|\bx\.com\b|\bx_[a-z]|\bX(?:'s\b|_(?!FRAME|FORWARDED)[A-Z])"
    r"|\b(?:at|of|on|to|by) X\b(?![-_])|\bX (?:account|and|or|asks|takes|shows|says|has|is)\b"
    r"|(?:rect|legend )\.x\b"
)
LISTS = ("social/networks/__init__.py", "social/sandbox/networks.py")  # a line a network


def test_a_network_is_named_in_its_own_folders_only():
    own = re.compile(r"social/(networks|sandbox)/(?!core/|templates/)\w+/.*")
    named = []
    for file in (it for room in (*ROOMS, "templates") for it in sorted((ROOT / room).rglob("*.*"))):
        path = file.relative_to(ROOT).as_posix()
        if file.suffix not in (".py", ".html", ".css", ".js", ".txt") or path in LISTS:
            continue
        if own.fullmatch(path) or "/migrations/" in path or "/vendor/" in path:
            continue
        named += [
            f"{path}: {line.strip()}"
            for line in file.read_text().splitlines()
            if NAMES.search(line)
        ]
    assert not named, "\n".join(named)


def test_nothing_of_ours_is_imported_inside_a_function():
    """It hides an arrow. AppConfig.ready is Django's own place for it."""
    hidden = []
    for file, tree in everything():
        for function in functions(tree):
            if (file.name, function.name) == ("apps.py", "ready"):
                continue
            ours = [m for m in imports(function, ROOT / file) if m.split(".")[0] in ROOMS]
            hidden += [f"{file}:{function.name} imports {module}" for module in ours]
    assert not hidden


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def test_jobs_are_queued_by_what_says_later_in_its_name():
    """By models, by a room's own module for it, and for the demo person, who has none. `wake` is
    the inner half of a _later."""
    of_rows = ("models.py", "demo.py", "jobs.py", "follow.py", "stuck.py")
    of_rows += ("media.py", "notice.py", "post.py", "card.py", "card_upload.py")
    for file, tree in everything():
        if file == Path("social/jobs.py"):
            continue
        within = [
            function.name
            for function in functions(tree)
            if any(is_queueing(node) for node in ast.walk(function))
        ]
        for name in within:
            assert name.endswith(("_later", "_queue")) or name == "wake", (
                f"{file}: {name} queues a job"
            )
            models = "models" in file.parts or file.name in of_rows or defines_models(tree)
            assert models, f"{file}: {name} queues a job outside of models"


def defines_models(tree: ast.Module) -> bool:
    classes = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    bases = {ast.unparse(base) for node in classes for base in node.bases}
    return bool(bases & {"models.Model", "LeasedRow"})


def is_queueing(node: ast.AST) -> bool:
    """`social.jobs.enqueue`, for one or many; and django-q2's own, which no room uses."""
    return isinstance(node, ast.Name) and node.id in ("enqueue", "enqueue_many", "async_task")


def test_tasks_touch_models_only():
    """Or what is given a model's row: it stands beside that."""
    allowed = re.compile(
        r"logging|django\.|django_q\.models|\w+(\.\w+)*\.models(\.\w+)*"
        r"|publishing(\.planning)?\.pruning|publishing\.(deliveries|notices|comments|cards|bulk)(\.\w+)+"
        r"|social\.networks\.errors|social\.demo|social\.redacting|social\.connections(\.\w+)*"
        r"|project\.webhooks\.delivering|project\.feeds(\.\w+)*|importing\.reading\.importer\.\w+"
    )
    for file, tree in everything():
        if file.name == "tasks.py":
            for module in imports(tree, ROOT / file):
                assert allowed.match(module), f"{file} imports {module}"


def test_no_file_is_called_what_nothing_should_be_called():
    vague = {"utils", "helpers", "service", "services", "engine", "common", "misc"}
    assert not [file for file, _ in everything() if vague & set(file.with_suffix("").parts)]
