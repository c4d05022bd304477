"""A loop that keeps no promise, to measure a delivery against: read the row, call the network
through the same library and adapter, one UPDATE. As many processes and threads as the workers have,
and no queue, lease, attempt, turn or retry. Prints its pace and its processor time as JSON."""

import json
import multiprocessing
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import psutil
from django.db import close_old_connections, connections
from django.utils import timezone

from publishing.models import Delivery
from social.connections.tokens import channel_grant
from social.networks.shapes import Outgoing, Published


def send_all(processes: float, threads: float) -> None:
    """Every delivery that is due; `threads` a process."""
    ids = list(Delivery.objects.due().order_by("due_at", "id").values_list("pk", flat=True))
    connections.close_all()
    parts = [ids[number :: int(processes)] for number in range(int(processes))]
    with multiprocessing.get_context("fork").Pool(int(processes)) as pool:
        done = pool.starmap(send_part, [(part, int(threads)) for part in parts])
    print(
        json.dumps(
            {
                "cpu_seconds": sum(seconds for seconds, _ in done),
                "times": sorted(at for _, times in done for at in times),
            }
        )
    )


def send_part(ids: list[int], threads: int) -> tuple[float, list[float]]:
    """Its processor time in seconds, and when each was sent."""
    left, times = deque(ids), []
    begun = cpu_seconds()

    def work() -> None:
        close_old_connections()
        while True:
            try:
                pk = left.popleft()
            except IndexError:
                break
            send(pk)
            times.append(time.time())
        close_old_connections()

    with ThreadPoolExecutor(threads) as pool:
        for future in [pool.submit(work) for _ in range(threads)]:
            future.result()
    return cpu_seconds() - begun, times


def send(pk: int) -> None:
    delivery = Delivery.objects.select_related("post", "channel__connection").get(pk=pk)
    channel = delivery.channel
    published: Published = channel.network.publish(
        channel.remote_id, channel.handle, Outgoing(delivery.content), channel_grant(channel)
    )
    Delivery.objects.filter(pk=pk).update(
        state="sent",
        waiting_for="",
        next_attempt_at=None,
        finished_at=timezone.now(),
        remote_id=published.remote_id,
        remote_url=published.url,
    )


def cpu_seconds() -> float:
    times = psutil.Process().cpu_times()
    return times.user + times.system
