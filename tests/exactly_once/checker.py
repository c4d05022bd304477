"""Joins what the networks hold with what our rows say. Each violation comes with its history."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from publishing.models import Delivery
from publishing.states import CANCELED, DONE, FAILED, QUEUED, SENT, UNCONFIRMED

Truth = dict[tuple[str, str, str], list[str]]  # (network, account, text) → ids
ASKS = ("person", "held", "reconnect", "paused")


def truth_of(posts: Iterable[dict[str, Any]]) -> Truth:
    """From the sandbox's own list of everything that was ever created."""
    found: Truth = defaultdict(list)
    for post in posts:
        found[post["network"], post["account"], post["text"]].append(post["id"])
    return found


class Check:
    """All deliveries against the truth. `lines_about` finds log lines that name a delivery."""

    def __init__(
        self, truth: Truth, lines_about: Callable[[str], Iterable[str]] = lambda job_id: ()
    ) -> None:
        self.truth, self.lines_about = truth, lines_about
        self.violations: list[str] = []
        self.states: Counter[str] = Counter()
        self.questions: list[str] = []
        self.reasons: Counter[str] = Counter()  # of what is not sent
        ours = set()
        for delivery in (
            Delivery.objects.with_all().prefetch_related("attempts", "verifications").order_by("id")
        ):
            ours.add(key := key_of(delivery))
            self.look_at(delivery, self.truth.get(key, []))
        for key in self.truth.keys() - ours:
            self.violations.append(f"there, and of no delivery: {key} {self.truth[key]}")

    def look_at(self, delivery: Delivery, there: list[str]) -> None:
        self.states[delivery.state] += 1
        if delivery.state != SENT:
            self.reasons[f"{delivery.state} {delivery.waiting_for} {delivery.reason}"] += 1
        for wrong in wrong_with(delivery, there):
            self.violations.append(f"{wrong}\n{self.history(delivery, there)}")
        if delivery.state == UNCONFIRMED or delivery.waiting_for in ASKS:
            self.questions.append(self.history(delivery, there))

    def history(self, delivery: Delivery, there: list[str]) -> str:
        lines = [f"  {delivery.job_id} {delivery.account} {delivery.content[:60]!r}"]
        lines.append(
            f"    {delivery.state} {delivery.waiting_for} {delivery.reason} at the network: "
            f"{there or 'nothing'}, ours: {delivery.remote_id or '-'}, tries {delivery.tries}, "
            f"next {delivery.next_attempt_at}, worker {delivery.worker}"
        )
        for attempt in delivery.attempts.all():
            lines.append(
                f"    attempt {attempt.number} {attempt.started_at:%H:%M:%S.%f} to "
                f"{attempt.finished_at and attempt.finished_at.strftime('%H:%M:%S.%f')} "
                f"{attempt.outcome or 'open'} {attempt.reason} {attempt.remote_id} "
                f"{attempt.detail[:100]} by {attempt.worker}"
            )
        for look in delivery.verifications.all():
            lines.append(
                f"    look {look.verified_at:%H:%M:%S.%f} (attempt {look.attempt}, their clock "
                f"{look.server_time}) {look.outcome} {look.reason} of {look.items}"
            )
        lines += [f"    {line}" for line in self.lines_about(str(delivery.job_id))]
        return "\n".join(lines)

    def says(self) -> str:
        states = ", ".join(f"{count} {state}" for state, count in self.states.most_common())
        posts = sum(map(len, self.truth.values()))
        return f"{self.states.total()} deliveries: {states}; {posts} posts at the networks"

    def says_why(self) -> str:
        return "; ".join(f"{count} {why}" for why, count in self.reasons.most_common()) or "-"


def key_of(delivery: Delivery) -> tuple[str, str, str]:
    channel = delivery.channel
    account = channel.remote_id if delivery.network_name == "facebook" else channel.handle
    return delivery.network_name, account, delivery.content


def wrong_with(delivery: Delivery, there: list[str]) -> Iterable[str]:
    if len(there) > 1:
        yield "DOUBLED"
    if delivery.state == SENT and not there:
        yield "LOST: said to be sent, and is not there"
    if delivery.state == SENT and there and delivery.remote_id not in there:
        yield "WRONG: sent, and linked to another post"
    if delivery.state in (FAILED, CANCELED) and there:
        yield f"DISHONEST: said to be {delivery.state}, and is there"
    if delivery.state in (FAILED, UNCONFIRMED) and not delivery.reason:
        yield "SILENT: no reason is given"
    if is_forgotten(delivery):
        yield "FORGOTTEN: neither over nor waiting for anybody"
    if delivery.state in DONE and any(a.finished_at is None for a in delivery.attempts.all()):
        yield "OPEN: it is over, and one of its attempts is not"


def is_forgotten(delivery: Delivery) -> bool:
    """Once everything has settled nothing is on its way any more."""
    if delivery.state == QUEUED:
        return delivery.waiting_for not in ASKS
    return delivery.state not in (*DONE, UNCONFIRMED) or (
        delivery.state == UNCONFIRMED and delivery.waiting_for != "person"
    )
