"""Do receivers that misbehave slow down publishing, and is everybody told in the end?

A crowd posts in rounds, in turns with and without webhooks. Of five receivers one answers, one
hangs, one answers 500, one sends elsewhere and one is down, each for its first calls. Wanted: p95
from due to sent with webhooks / without <= 1.05; each message is taken at least once under one id,
signed; memory of the workers does not grow with it."""

import argparse
import base64
import hashlib
import hmac
import json
import sys
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
from benchmarks.publishing import memory, schedule, slow, watch
from benchmarks.stage import Stage, quantile, stage

HANG_SECONDS = 30.0  # longer than any call may take
BAD_CALLS = 3  # of each receiver that misbehaves
LAST_TRIES = 12  # times that hours pass
BETWEEN = 20.0  # seconds


class Receivers:
    """All of them in one program; what each does is told by the number in its address."""

    def __init__(self) -> None:
        self.calls: Counter[int] = Counter()
        self.taken: Counter[str] = Counter()
        self.forged, self.lock = 0, threading.Lock()
        self.secrets: list[str] = []

    def start(self) -> str:
        receivers = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receivers.answer(self, int(self.path[1:]), body)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{server.server_address[1]}"

    def answer(self, call: BaseHTTPRequestHandler, number: int, body: bytes) -> None:
        with self.lock:
            self.calls[number] += 1
            is_bad = self.calls[number] <= BAD_CALLS
        kind = number % 5 if is_bad else 0
        if kind == 1:
            time.sleep(HANG_SECONDS)
        if kind == 4:
            call.close_connection = True
            call.connection.close()
            return
        status = {2: 500, 3: 307}.get(kind, 204)
        if status == 204 and kind == 0:
            self.take(call, number, body)
        call.send_response(status)
        if status == 307:
            call.send_header("Location", "http://127.0.0.1:1/elsewhere")
        call.end_headers()

    def take(self, call: BaseHTTPRequestHandler, number: int, body: bytes) -> None:
        name, at = call.headers["webhook-id"], call.headers["webhook-timestamp"]
        key = base64.b64decode(self.secrets[number].removeprefix("whsec_"))
        signed = hmac.digest(key, f"{name}.{at}.".encode() + body, hashlib.sha256)
        is_ours = f"v1,{base64.b64encode(signed).decode()}" == call.headers["webhook-signature"]
        with self.lock:
            self.taken[name] += 1
            self.forged += not is_ours


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--people", type=int, default=100)
    options.add_argument("--each", type=int, default=2, help="posts of each person in a round")
    options.add_argument("--rounds", type=int, default=3, help="with webhooks, and as many without")
    chosen = options.parse_args()
    receivers = Receivers()
    with stage() as made:
        made.control("reset", fixture="crowd")
        for endpoint in ("POST /2/tweets", "facebook.app", "facebook.page"):
            who = {"who": "app"} if endpoint.startswith("POST") else {}
            made.control("state", do="bucket", endpoint=endpoint, limit=10_000_000, **who)
        made.run("-m", "benchmarks.crowd", "connect", str(chosen.people))
        address = receivers.start()
        receivers.secrets = json.loads(command(made, "add", address))
        made.start("worker", "manage.py", "qcluster")
        slow(made, 100)
        publish_in_turns(made, chosen)
        tell_all(made, receivers)


def command(made: Stage, *arguments: str) -> str:
    return made.run("-m", "benchmarks.crowd.webhooks", *arguments)


def publish_in_turns(made: Stage, chosen: argparse.Namespace) -> None:
    times: dict[str, list[float]] = {"off": [], "on": []}
    megabytes = {}
    wanted = chosen.people * chosen.each * 2
    for number in range(2 * chosen.rounds + 1):
        switch = ("off", "on")[number % 2]
        command(made, "switch", switch)
        time.sleep(6)  # until every worker knows
        due = schedule(made, chosen.people, chosen.each)
        seen = watch(made, wanted, due).finish()["times"]
        if len(seen) != wanted:
            print(f"{len(seen)} of {wanted} sent", flush=True)
        if number:  # the first one loads everything
            times[switch] += seen
        megabytes[switch] = memory(made)
    p95 = {switch: quantile(seen, 0.95) for switch, seen in times.items()}
    print(
        f"due to sent, p95: {p95['on']:.2f} s with webhooks, {p95['off']:.2f} s without: "
        f"{p95['on'] / p95['off']:.2f} (wanted <= 1.05)"
    )
    print(f"workers: {megabytes['on']:.0f} MB with webhooks, {megabytes['off']:.0f} MB without")


def tell_all(made: Stage, receivers: Receivers) -> None:
    command(made, "switch", "on")
    for _ in range(LAST_TRIES):
        waiting = int(command(made, "hours_pass"))
        if not waiting:
            break
        time.sleep(BETWEEN)
    rows = json.loads(command(made, "told"))
    ends, kinds = Counter(end for _, end, _ in rows), Counter(kind for *_, kind in rows)
    missed = [name for name, *_ in rows if name not in receivers.taken]
    unknown = set(receivers.taken) - {name for name, *_ in rows}
    print(f"{len(rows)} messages {dict(kinds)}: {dict(ends)}; workers {memory(made):.0f} MB")
    print(
        f"never taken {len(missed)}, taken twice {sum(n > 1 for n in receivers.taken.values())}, "
        f"under an unknown id {len(unknown)}, wrongly signed {receivers.forged} (wanted 0, -, 0, 0)"
    )


if __name__ == "__main__":
    main()
