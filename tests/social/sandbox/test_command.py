"""The command line: options, refusals, and stopping."""

import signal
import socket
import subprocess
import sys
import time

import pytest

from social.sandbox.cli import main

from .clients import ROOT


@pytest.mark.parametrize(
    "arguments",
    [
        ["--port", "x"],
        ["--port", "70000"],
        ["--host", "0.0.0.0"],
        ["--host", "example.com"],
        ["--app", "nonsense"],
        ["--fixture", "huge"],
        ["--seed", "x"],
        ["--nonsense"],
        ["--ca-file", "ca.pem"],  # without --tls
        ["--port", "0", "--tls", "--ca-file", "/nowhere/ca.pem"],
    ],
    ids=str,
)
def test_bad_arguments_are_one_line(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    output = capsys.readouterr()
    assert stopped.value.code == 2 and output.out == ""
    assert len(output.err.splitlines()) == 1


def test_help(capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["--help"])
    assert stopped.value.code == 0 and "--app URL" in capsys.readouterr().out


def test_port_in_use(capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(SystemExit) as stopped:
        main(["--port", str(taken.getsockname()[1])])
    assert stopped.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "the port is in use" in line


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_stops_at_once_even_while_somebody_hangs(number):
    command = [sys.executable, "-m", "social.sandbox", "--port", "0"]
    pipe = subprocess.PIPE
    child = subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True)
    port = int(child.stdout.readline().rsplit(":", 1)[1].strip("/\n"))
    with socket.create_connection(("127.0.0.1", port)) as hanging:
        hanging.sendall(b"POST /x-api/2/tweets HTTP/1.1\r\nContent-Length: 50\r\n\r\n")
        time.sleep(0.1)
        child.send_signal(number)
        output = child.communicate(timeout=10)
    assert child.returncode == 0
    assert output == ("", "")


@pytest.mark.parametrize(("arguments", "code"), [("'--port', 'x'", 2), ("'--help'", 0)])
def test_behind_manage_py(arguments, code):
    code_of = (
        "from django.conf import settings; settings.configure();"
        "from social.management.commands.sandbox import Command;"
        f"Command().run_from_argv(['manage.py', 'sandbox', {arguments}])"
    )
    command = [sys.executable, "-c", code_of]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20)
    assert done.returncode == code
    assert len(done.stderr.splitlines()) == (1 if code else 0)


def test_imports_nothing_of_ours_and_no_django():
    code = (
        "import sys, social.sandbox.cli;"
        "names = {name.split('.')[0] for name in sys.modules};"
        "ours = {n for n in sys.modules if n.startswith('social') and "
        "not n.startswith('social.sandbox')} - {'social'};"
        "sys.exit(bool(ours or names & {'django', 'requests', 'tweepy', 'facebook'}))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, timeout=10).returncode == 0
