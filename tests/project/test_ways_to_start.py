"""Every way to start, wherever the checkout is: it runs, or one line says why not."""

import subprocess

import pytest
import requests

from .starting import PATIENCE, copy, run, serving

pytestmark = pytest.mark.programs
WAYS = {
    "manage.py": ["manage.py", "check"],
    "worker": ["manage.py", "qcluster"],
    "doctor": ["manage.py", "doctor"],
    "web": ["-m", "project.web"],
    "gunicorn": ["-m", "gunicorn", "project.wsgi"],
    "wsgi": ["-c", "import project.wsgi"],
    "make run": ["-m", "project.run"],
}


def check_one_line(ended: subprocess.CompletedProcess, *names: str) -> None:
    assert ended.returncode == 2, ended.stderr
    [line] = ended.stderr.strip().splitlines()
    assert all(name in line for name in names), line


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    "name, value",
    [
        ("SECRET_KEY", " "),
        ("LOG_FILE", "/dev/null/fanfare.log"),
    ],
)
def test_what_cannot_be_is_one_line_however_it_is_started(checkout, way, name, value):
    check_one_line(run(checkout, *WAYS[way], **{name: value}), name)


@pytest.mark.parametrize("name", ["WEB_CONCURRENCY", "FORWARDED_ALLOW_IPS", "SANDBOX_PORT"])
def test_what_only_one_program_reads_is_one_line_there(checkout, name):
    way = WAYS["make run" if name == "SANDBOX_PORT" else "web"]
    check_one_line(run(checkout, *way, **{name: "nonsense"}), name)


def test_a_var_that_cannot_be_made_is_one_line(tmp_path):
    folder = copy(tmp_path / "fanfare")
    (folder / "var").write_text("somebody's own")
    for way in WAYS.values():
        check_one_line(run(folder, *way), "DATABASE_URL", "var")
    elsewhere = f"sqlite:///{tmp_path}/fanfare.sqlite3"
    assert run(folder, "manage.py", "check", DATABASE_URL=elsewhere).returncode == 0


def test_a_checkout_may_be_in_any_folder(tmp_path, database):
    folder = copy(tmp_path / "a#b?c%20d 100% grüße'\"$e", database)
    (folder / ".env").write_text("FORWARDED_ALLOW_IPS='127.0.0.1'\nJOB_MEMORY=\n")
    assert run(folder, "manage.py", "migrate", "--check").returncode == 0
    assert run(folder, "manage.py", "collectstatic", "--noinput", "-v0").returncode == 0
    with serving(folder, *WAYS["web"]) as url:
        proxied = {"Host": "fanfare.example.org", "X-Forwarded-Proto": "https"}
        page = requests.get(f"{url}/accounts/login/", headers=proxied, timeout=PATIENCE)
        assert page.status_code == 200 and "/static/fanfare/" in page.text


@pytest.mark.parametrize("way", ["web", "gunicorn"])
def test_proxies_that_only_the_file_names_are_believed(tmp_path, way, database):
    """Whether it was https: else every page is sent to where it came from."""
    folder = copy(tmp_path / "fanfare", database)
    asked = {"Host": "fanfare.example.org", "X-Forwarded-Proto": "https"}
    for networks, status in (("10.0.0.0/8", 301), ("10.0.0.0/8, 127.0.0.0/8", 302)):
        (folder / ".env").write_text(f'FORWARDED_ALLOW_IPS="{networks}"\n')
        with serving(folder, *WAYS[way]) as url:
            answer = requests.get(
                f"{url}/posts/", headers=asked, timeout=PATIENCE, allow_redirects=False
            )
        assert answer.status_code == status, networks


def test_a_database_that_refuses_is_one_line_for_every_command(checkout):
    nobody = "postgres://a:b@127.0.0.1:1/c"
    for command in (["migrate"], ["createsuperuser", "--noinput"], ["doctor"], ["qcluster"]):
        ended = run(checkout, "manage.py", *command, DATABASE_URL=nobody)
        assert ended.returncode in (1, 2) and "Traceback" not in ended.stderr, command
