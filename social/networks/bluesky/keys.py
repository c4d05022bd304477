"""Keys of records (TIDs): 53 bits of microseconds since 1970 and ten of a clock's number. That of a
post is derived from its delivery, so that a restored database comes to the same one."""

import hashlib
import re
from datetime import UTC, datetime
from uuid import UUID

ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
KEY = re.compile(r"[234567abcdefghij][234567a-z]{12}")
SECOND = 1_000_000  # microseconds


def key_of(job_id: UUID, made_at: datetime) -> str:
    """Within a second of `made_at`, so that a server lists it near its time; 30 bits are its own,
    as many deliveries are made in one moment."""
    digest = int.from_bytes(hashlib.sha256(job_id.bytes).digest()[:8])
    moment = microseconds(made_at) // SECOND * SECOND + digest % SECOND
    return written(moment, digest >> 54)


def key_at(moment: datetime) -> str:
    """One for what has no delivery."""
    return written(microseconds(moment), 0)


def microseconds(moment: datetime) -> int:
    passed = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (passed.days * 86_400 + passed.seconds) * SECOND + passed.microseconds


def written(moment: int, clock: int) -> str:
    number = (moment << 10) | (clock & 1023)
    return "".join(ALPHABET[(number >> shift) & 31] for shift in range(60, -1, -5))
