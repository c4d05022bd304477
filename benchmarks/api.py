"""What the API costs.

- The answer to `POST /api/v1/posts` with an Idempotency-Key, against a view with the same
  middleware and form that inserts the same rows and queues nothing (wanted: ratio <= 2).
- The memory of a web process with it, against the same without (wanted: <= 60 MB more).
"""

import random
import re
import subprocess
import sys
import time
import uuid
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.posting import post_once
from benchmarks.stage import ROOT, Stage, csrf, free_port, quantile, sign_up, stage

ROUNDS, POSTS = 4, 30  # posts of each kind a round
POSTS_A_TOKEN = 100  # below what one may ask in a minute
GIVE = """
from django.contrib.auth.models import User
from project.api.models import ApiToken
user = User.objects.get(username="alice")
print(*(ApiToken.objects.give(user, "bench", ["publish"])[1] for _ in range({count})))
"""
MEMORY = """
import django; django.setup()
from importlib import import_module
def kilobytes():
    lines = open("/proc/self/smaps_rollup").read().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
for name in ("publishing.urls", "publishing.planning.urls", "importing.urls", "social.urls",
             "project.accounts.urls", "project.jobs.operations.urls", "allauth.account.views"):
    import_module(name)
before = kilobytes()
import_module("project.api.urls")
import_module("project.api.description").description()
print((kilobytes() - before) / 1024)
"""


def main() -> None:
    with stage() as made:
        url = made.start_web()
        plain = made.start_web(
            "plain", free_port(), DJANGO_SETTINGS_MODULE="benchmarks.plain.settings"
        )
        session = sign_up(url, "alice")
        made.connect_both("alice")
        page = session.get(f"{url}/posts/new/", timeout=30)
        assert csrf(page)
        channels = re.findall(r'name="channels" value="([^"]+)"', page.text)
        count = ROUNDS * POSTS // POSTS_A_TOKEN + 1
        tokens = made.manage("shell", "-v", "0", "-c", GIVE.format(count=count)).split()
        report(measure(session, url, plain, channels, tokens))
        print(f"memory of the API in a web process: {memory(made):.0f} MB (wanted <= 60)")


def measure(
    session: requests.Session, url: str, plain: str, channels: list[str], tokens: list[str]
) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {"plain": [], "api": []}
    program = requests.Session()
    for _ in range(ROUNDS):
        for kind in random.sample(list(times), 2):
            for _ in range(POSTS):
                if kind == "plain":
                    times[kind].append(post_once(session, plain, "/plain/"))
                else:
                    token = tokens[len(times[kind]) // POSTS_A_TOKEN]
                    times[kind].append(ask_once(program, url, token, channels))
    return times


def ask_once(program: requests.Session, url: str, token: str, channels: list[str]) -> float:
    """Seconds from asking to the answer."""
    words = {"text": f"Good morning {uuid.uuid4()}", "channels": channels}
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(uuid.uuid4())}
    begun = time.perf_counter()
    answer = program.post(f"{url}/api/v1/posts", json=words, headers=headers, timeout=60)
    took = time.perf_counter() - begun
    if answer.status_code != 202:
        raise RuntimeError(f"answered {answer.status_code}: {answer.text[:500]}")
    return took


def memory(made: Stage) -> float:
    """Megabytes."""
    env = made.env | {"DJANGO_SETTINGS_MODULE": "project.settings"}
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], cwd=ROOT, env=env, capture_output=True, text=True
    )
    return float(done.stdout or f"nan {done.stderr}".split()[0])


def report(times: dict[str, list[float]]) -> None:
    for kind, values in times.items():
        p50, p95 = (1000 * quantile(values, share) for share in (0.5, 0.95))
        print(f"{kind:8} p50 {p50:6.1f} ms   p95 {p95:6.1f} ms   ({len(values)} posts)")
    ratios = [quantile(times["api"], s) / quantile(times["plain"], s) for s in (0.5, 0.95)]
    print(f"api / plain: p50 {ratios[0]:.2f}, p95 {ratios[1]:.2f} (wanted <= 2)")


if __name__ == "__main__":
    main()
