"""What every make-believe network holds."""

import random
from dataclasses import dataclass, field


@dataclass
class Code:
    """An authorization code."""

    value: str
    client_id: str
    user_id: str
    redirect_uri: str
    scopes: frozenset[str]
    expires_at: float
    challenge: str = ""
    challenge_method: str = ""
    used: bool = False


@dataclass
class Hiding:
    """From what asks for posts since a date: a share of the new ones, for a while or for ever."""

    share: float = 0
    seconds: float | None = None  # None: for ever

    def until(self, created: float, dice: random.Random) -> float:
        if not self.share or dice.random() >= self.share:
            return created
        return float("inf") if self.seconds is None else created + self.seconds


@dataclass
class State:
    """What one network knows, until the next reset. Each network adds its own."""

    codes: dict[str, Code] = field(default_factory=dict)
    marks: int = 0  # how often the marks of pages were forgotten
    lag_ms: float = 0  # before a new post is in any list
    hidden: Hiding = field(default_factory=Hiding)
    duplicate_window_s: float = 86400  # 0: repeats are allowed
