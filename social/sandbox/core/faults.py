"""Armed faults: which request each waits for, how often, and on which side of acceptance."""

import itertools
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from .wire import Malformed, Request, fingerprint

MATCH_KEYS = {"network", "method", "path_regex", "token", "text_contains"}
# These change the request or the world and let the answer come out by itself.
TAMPERING = {
    "deny",
    "expire_codes",
    "spend_refresh",
    "expire_access",
    "revoke_grant",
    "kill_tokens",
    "kill_token",
    "remove_role",
    "circle",
}
MISBEHAVIOUR = {
    "status",
    "headers",
    "body",
    "json",
    "delay_ms",
    "hang_s",
    "close",
    "reset",
    "truncate",
    "garbage",
    "no_content_type",
    "drip_s",
    "drip_headers",
    "alert",
    "half_record",
    "goodbye",
    "handshake",
}
# With whoever opens the next TLS connection: who that is, and what for, nobody knows yet.
HANDSHAKES = {
    "slow",
    "drip",
    "hang",
    "cut",
    "cut_last",
    "reset",
    "alert",
    "wrong_host",
    "expired",
    "self_signed",
    "unknown_ca",
    "old_tls",
}
ACTION_KEYS = TAMPERING | MISBEHAVIOUR
KEEP_GOING = TAMPERING | {"delay_ms"}  # before acceptance, these do not replace the answer


@dataclass
class Fault:
    id: int
    match: dict
    action: dict
    phase: str = "before"
    skip: int = 0
    times: int | None = 1  # None: until disarmed
    chance: float = 1  # of each request that it waits for
    preset: str = ""
    fired: int = 0
    pattern: re.Pattern = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self.pattern = re.compile(self.match.get("path_regex", ""))

    def wants(self, request: Request, token: str) -> bool:
        match = self.match
        return (
            match.get("network", request.network) == request.network
            and match.get("method", request.method).upper() == request.method
            and bool(self.pattern.search(request.path))
            and match.get("token", token) in (token, fingerprint(token))
            and match.get("text_contains", "") in text_of(request)
        )

    @property
    def spent(self) -> bool:
        return self.times is not None and self.fired >= self.times

    @property
    def replaces_answer(self) -> bool:
        return bool(set(self.action) - KEEP_GOING)

    def to_json(self) -> dict:
        match = dict(self.match)
        if "token" in match and not match["token"].startswith("#"):
            match["token"] = fingerprint(match["token"])
        left = None if self.times is None else self.times - self.fired
        return {
            "id": self.id,
            "preset": self.preset or None,
            "match": match,
            "skip": self.skip,
            "times": self.times,
            "chance": self.chance,
            "left": left,
            "fired": self.fired,
            "phase": self.phase,
            "action": self.action,
        }


class Faults:
    def __init__(self, seed: int = 1) -> None:
        self.armed: list[Fault] = []
        self._dice = random.Random(seed)  # noqa: S311  the same run for the same seed
        self._ids = itertools.count(1)

    def arm(self, spec: dict) -> Fault:
        check(spec)
        fault = Fault(
            id=next(self._ids),
            match=spec.get("match") or {},
            action=spec["action"],
            phase=spec.get("phase", "before"),
            skip=spec.get("skip", 0),
            times=spec.get("times", 1),
            chance=spec.get("chance", 1),
            preset=spec.get("preset", ""),
        )
        self.armed.append(fault)
        return fault

    def disarm(self, id: int | None = None, preset: str | None = None) -> int:
        """All of them when neither is given; answers how many went."""

        def stays(fault: Fault) -> bool:
            if id is not None:
                return fault.id != id
            return preset is not None and fault.preset != preset

        before = len(self.armed)
        self.armed = [fault for fault in self.armed if stays(fault)]
        return before - len(self.armed)

    def take(self, request: Request, phase: str) -> Fault | None:
        """The first armed fault that waits for this request, used up by one."""
        token = token_of(request)

        def waits(fault: Fault) -> bool:
            return fault.phase == phase and fault.wants(request, token)

        return self._use(waits, in_handshake=False)

    def take_handshake(self) -> Fault | None:
        """The first one that is about a TLS handshake, used up by one."""
        return self._use(lambda fault: True, in_handshake=True)

    def _use(self, waits: Callable[[Fault], bool], in_handshake: bool) -> Fault | None:
        for fault in list(self.armed):
            if ("handshake" in fault.action) != in_handshake or not waits(fault):
                continue
            if fault.skip > 0:
                fault.skip -= 1
                continue
            if fault.chance < 1 and self._dice.random() >= fault.chance:
                continue
            fault.fired += 1
            if fault.spent:
                self.armed.remove(fault)
            return fault
        return None


def check(spec: dict) -> None:
    match, action = spec.get("match") or {}, spec.get("action")
    if not isinstance(match, dict) or set(match) - MATCH_KEYS:
        raise Malformed(f"match takes {', '.join(sorted(MATCH_KEYS))}")
    if not all(isinstance(value, str) for value in match.values()):
        raise Malformed("every value of match is a string")
    if not isinstance(action, dict) or not action or set(action) - ACTION_KEYS:
        raise Malformed(f"action takes {', '.join(sorted(ACTION_KEYS))}")
    if spec.get("phase", "before") not in ("before", "after"):
        raise Malformed("phase is before or after")
    check_numbers(spec, action)
    try:
        re.compile(match.get("path_regex", ""))
    except re.error as error:
        raise Malformed(f"path_regex: {error}") from error


def check_numbers(spec: dict, action: dict) -> None:
    skip, times = spec.get("skip", 0), spec.get("times", 1)
    if type(skip) is not int or skip < 0:
        raise Malformed("skip is a number, 0 or more")
    if times is not None and (type(times) is not int or times < 1):
        raise Malformed("times is a number, 1 or more, or null for ever")
    chance = spec.get("chance", 1)
    if isinstance(chance, bool) or not isinstance(chance, int | float) or not 0 < chance <= 1:
        raise Malformed("chance is a number, above 0 and at most 1")
    for name in ("delay_ms", "hang_s", "drip_s", "status"):
        value = action.get(name, 0)
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise Malformed(f"{name} is a number, 0 or more")
    if not isinstance(action.get("headers", {}), dict):
        raise Malformed("headers is an object")
    check_tls(spec, action)


def check_tls(spec: dict, action: dict) -> None:
    number = action.get("alert", 0)
    if type(number) is not int or not 0 <= number <= 255:
        raise Malformed("alert is a number, 0 to 255")
    if "handshake" not in action:
        return
    if action["handshake"] not in HANDSHAKES:
        raise Malformed(f"handshake is one of {', '.join(sorted(HANDSHAKES))}")
    if spec.get("match") or spec.get("phase", "before") != "before":
        raise Malformed("a handshake comes before any request: it has no match and no phase")
    needed = {"drip": "drip_s", "alert": "alert"}.get(action["handshake"])
    if needed and needed not in action:
        raise Malformed(f"this handshake takes {needed}")


def text_of(request: Request) -> str:
    """The words of a post; of a call to a token endpoint, the kind of grant."""
    try:
        fields = request.query | request.fields()
    except Malformed:
        return ""
    usual = "authorization_code" if "code" in fields else ""
    words = fields.get("text") or fields.get("message") or fields.get("grant_type") or usual
    return str(words)


def token_of(request: Request) -> str:
    """The token, wherever it travels."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() in ("bearer", "oauth"):
        return value.strip()
    try:
        token = request.query.get("access_token") or request.fields().get("access_token")
    except Malformed:
        return ""
    return str(token or "")
