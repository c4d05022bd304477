"""What operators copy says what the code says: Procfile, units, containers, platforms."""

import json
import re
import runpy
from pathlib import Path

from django.core.management import get_commands

from project import local
from project.jobs.operations.metrics import HELP
from tests.workers import ROOT

WEB, WORKER = "python -m project.web", "python manage.py qcluster"


def text(path: str) -> str:
    return (ROOT / path).read_text()


def test_everybody_starts_the_same_two_programs():
    procfile = dict(line.split(": ", 1) for line in text("Procfile").splitlines())
    assert procfile["web"] == WEB and procfile["worker"] == WORKER
    assert "CMD " + json.dumps(WEB.split()) in text("docs/deploy/Containerfile")
    assert f"command: {WORKER}\n" in text("docs/deploy/compose.yaml")
    assert f".venv/bin/{WEB} --bind" in text("docs/deploy/fanfare-web.service")
    assert f".venv/bin/{WORKER}\n" in text("docs/deploy/fanfare-worker.service")


def test_the_image_has_all_that_runs_and_nothing_else():
    copied = set(re.findall(r"^COPY ([\w. ]+) \S+$", text("docs/deploy/Containerfile"), re.M))
    names = {name for names in copied for name in names.split()}
    let_in = set(re.findall(r"^!(\S+)$", text(".dockerignore"), re.M))
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks"}
    files = {"requirements.txt", "manage.py", "gunicorn.conf.py"}
    assert names == let_in == rooms | files | {"templates"}


def test_a_platform_is_asked_for_variables_that_exist():
    asked = set(json.loads(text("app.json"))["env"])
    known = runpy.run_path(str(ROOT / "project" / "settings.py"))["env"].asked
    assert asked <= known | {"FORWARDED_ALLOW_IPS"}
    assert {"INSTANCE_ID", "TRUSTED_PROXY_COUNT", "SECRET_KEY", "TOKEN_KEYS"} <= asked


def test_the_pythons_agree():
    named = text(".python-version").strip()
    assert re.fullmatch(r"3\.\d+", named) and tuple(map(int, named.split("."))) >= (3, 11)
    assert f"python:{named}-slim" in text("docs/deploy/Containerfile")


def test_links_lead_somewhere():
    for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
        for link in re.findall(r"\]\((?!https?:)([^)#:]+)[^)]*\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_what_the_page_for_operators_names_is_there():
    page = text("docs/operating.md")
    for path in re.findall(r"docs/deploy/[\w.*-]+\w", page):
        assert list(Path(ROOT).glob(path)), path
    for command in set(re.findall(r"manage\.py (\w+)", page)):
        assert command in get_commands(), command
    for name in set(re.findall(r"`fanfare_(\w+)", page)):
        assert name in HELP, name


# ── The .env of a server ──────────────────────────────────────────────────────────────────────
def test_a_file_that_cannot_be_written_is_one_line(tmp_path, capsys):
    path = tmp_path / "none" / ".env"
    for options in ([], ["--production", "https://fanfare.example.org"]):
        assert local.main([*options, "--file", str(path)]) == 2
        [line] = capsys.readouterr().err.splitlines()
        assert str(path) in line


def test_an_address_may_have_a_path(tmp_path):
    path = tmp_path / ".env"
    assert local.main(["--production", "https://www.example.org/fan/", "--file", str(path)]) == 0
    written = path.read_text().splitlines()
    assert "PUBLIC_URL=https://www.example.org/fan" in written
    assert "ALLOWED_HOSTS=www.example.org" in written
