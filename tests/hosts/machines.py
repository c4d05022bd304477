"""Machines on one cable: each a program in namespaces of its own (network, host name, processes).

The program is the first process there: when it is killed everything there is gone at once, as with
a machine. Nothing has a name outside, so that nothing is left when the last process has ended.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

from tests.sandbox import ROOT

NETWORK = "10.9.0"  # nobody else sees it
GATE = f"{NETWORK}.1"  # where the server is
# The sandbox binds to loopback only and answers to its names only. This address of it is made to be
# seen on the cable as well.
SANDBOX = "127.9.0.1"
CLONE_NEWNET = 0x40000000
PR_SET_PDEATHSIG = 1
PATIENCE = 20  # seconds
UNSHARE = ["unshare", "--net", "--uts", "--pid", "--fork", "--kill-child"]
TRIAL = """hostname trial && ip link add lan type bridge &&
    ip link add name one type veth peer name other &&
    echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet"""
BOOT = 'hostname "$1"; read go; shift; exec "$@"'


def why_not() -> str:
    """Why this machine lets nobody make machines; empty when it does."""
    missing = [name for name in ("unshare", "nsenter", "ip") if not shutil.which(name)]
    if missing:
        return f"{', '.join(missing)} missing: apt-get install util-linux iproute2"
    done = subprocess.run([*UNSHARE, "sh", "-c", TRIAL], capture_output=True, text=True)
    if done.returncode == 0:
        return ""
    said = done.stderr.strip().splitlines() or ["refused"]
    return f"no network namespaces here: {said[-1]}"


def die_at_once() -> None:
    """However the tests end, nothing stays behind."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def move_to(pid: int) -> None:
    """From now on the network of this thread is that of `pid`."""
    with open(f"/proc/{pid}/ns/net") as network:
        if ctypes.CDLL(None, use_errno=True).setns(network.fileno(), CLONE_NEWNET):
            raise OSError(ctypes.get_errno(), "setns")


class Machine:
    def __init__(self, name: str, *command: str, log: Path, **environment: str) -> None:
        self.name, self.log, self.environment = name, log, os.environ | environment
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*UNSHARE, "sh", "-c", BOOT, "sh", name, *command],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=output,
                start_new_session=True,
                preexec_fn=die_at_once,
            )
        self.pid = self.first_process()

    def first_process(self) -> int:
        """As it is called outside."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline and self.process.poll() is None:
            if children := psutil.Process(self.process.pid).children():
                return children[0].pid
            time.sleep(0.01)
        raise AssertionError(f"{self.name} did not start: {self.output()}")

    def start(self) -> None:
        """Its program; until then it only stands there, to be wired."""
        self.process.stdin.write(b"go\n")
        self.process.stdin.close()

    def inside(self, *more: str) -> list[str]:
        """How a command line begins that is run there."""
        return ["nsenter", "--target", str(self.pid), "--net", *more, "--"]

    def hanging(self) -> subprocess.Popen:
        """A process there that takes and keeps a lock on the next queue row of this machine's."""
        hanging = subprocess.Popen(
            [*self.inside(), sys.executable, "-m", "tests.hosts.hanging", self.name],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            preexec_fn=die_at_once,
        )
        assert hanging.stdout.readline() == b"ready\n"
        return hanging

    def ip(self, line: str) -> None:
        subprocess.run([*self.inside(), "ip", *line.split()], check=True, timeout=PATIENCE)

    def let_loopback_out(self) -> None:
        line = "echo 1 > /proc/sys/net/ipv4/conf/all/route_localnet"
        subprocess.run([*self.inside(), "sh", "-c", line], check=True, timeout=PATIENCE)

    def die(self) -> None:
        """`kill -9` of all its processes at once."""
        if self.process.poll() is None:
            os.kill(self.pid, signal.SIGKILL)  # the first process, and all others with it
            self.process.wait(PATIENCE)

    def output(self) -> str:
        return self.log.read_text()


class Server(Machine):
    """Where the cable's other ends are, the database and the sandbox."""

    def __init__(self, log: Path) -> None:
        super().__init__("server", "sleep", "infinity", log=log)
        self.guests = 0
        self.let_loopback_out()
        self.ip("link set lo up")
        self.ip("link add lan type bridge")
        self.ip(f"addr add {GATE}/24 dev lan")
        self.ip("link set lan up")
        self.start()

    def wire(self, guest: Machine) -> None:
        self.guests += 1
        self.ip(f"link add {guest.name} type veth peer name eth0 netns {guest.pid}")
        self.ip(f"link set {guest.name} master lan up")
        guest.let_loopback_out()
        guest.ip(f"addr add {NETWORK}.{10 + self.guests}/24 dev eth0")
        guest.ip("link set eth0 up")
        guest.ip(f"route add {SANDBOX} via {GATE}")

    def cut_off(self, guest: Machine) -> None:
        self.ip(f"link set {guest.name} down")

    def lose(self, guest: Machine) -> None:
        """Its power is gone: nobody hears from it, not even that its connections end."""
        self.cut_off(guest)
        guest.die()

    def mend(self, guest: Machine) -> None:
        self.ip(f"link set {guest.name} up")


class WorkerHost(Machine):
    """It runs `manage.py qcluster` and nothing else."""

    def __init__(self, name: str, log: Path, **environment: str) -> None:
        super().__init__(name, sys.executable, "manage.py", "qcluster", log=log, **environment)
