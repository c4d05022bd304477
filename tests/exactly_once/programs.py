"""Programs that post by the API with a key: cut off before they hear, asking twice at once, asking
again, and once with other words under a key that is used, which is to be refused."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import requests

PATH = "/api/v1/posts"
PATIENCE = 3  # seconds that an answer may take
AGAIN = (429, 500, 502, 503, 504)  # answers after which a program asks once more


def ask_until_told(
    address: str, secret: str, key: str, body: dict[str, Any], is_cut: bool
) -> tuple[list[str], list[str]]:
    """(the ids of the jobs, what was refused or wrong); both empty where nothing was heard."""
    if is_cut:
        cut_off(address, secret, key, body)
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda _: ask(address, secret, key, body), range(2)))
    heard = [answer for answer in answers if answer is not None]
    jobs = {jobs_in(answer) for answer in heard if answer.status_code == 202}
    wrong = [said(answer) for answer in heard if answer.status_code not in (202, *AGAIN)]
    if len(jobs) > 1:
        wrong.append(f"one key is two posts: {jobs}")
    if jobs:
        other = ask(address, secret, key, {**body, "text": "Other words under this key."})
        if other is not None and other.status_code not in (422, *AGAIN):
            wrong.append(f"other words under a used key: {said(other)}")
    return sorted({job_id for each in jobs for job_id in each}), wrong


def jobs_in(answer: requests.Response) -> tuple[str, ...]:
    return tuple(job["job_id"] for job in answer.json()["jobs"])


def said(answer: requests.Response) -> str:
    return f"{answer.status_code} {answer.text[:200]}"


def ask(address: str, secret: str, key: str, body: dict[str, Any]) -> requests.Response | None:
    headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": key}
    try:
        return requests.post(address + PATH, json=body, headers=headers, timeout=PATIENCE)
    except requests.RequestException:
        return None


def cut_off(address: str, secret: str, key: str, body: dict[str, Any]) -> None:
    """The whole request arrives, and its answer nowhere."""
    where, data = urlsplit(address), json.dumps(body).encode()
    head = f"POST {PATH} HTTP/1.1\r\nHost: {where.netloc}\r\nAuthorization: Bearer {secret}\r\n"
    head += f"Idempotency-Key: {key}\r\nContent-Type: application/json\r\n"
    head += f"Content-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    try:
        with socket.create_connection((where.hostname, where.port), PATIENCE) as wire:
            wire.sendall(head.encode() + data)
    except OSError:
        pass  # it was not even that far
