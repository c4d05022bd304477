"""What goes wrong below HTTP, as rows for the catalogue (`presets`)."""

from collections.abc import Iterator

# Numbers of RFC 8446, section 6.
ALERTS = {"bad_certificate": 42, "internal_error": 80, "unrecognized_name": 112}
Row = tuple[str, str, dict, dict, str]


def tls_faults(creates: dict) -> Iterator[Row]:
    """Name, description, match, action, phase. In the clear those of handshakes wait on, and the
    others are cuts of what `creates` a post at any network."""
    for name, says, more in handshakes():
        yield name, f"the next TLS connection {says}", {}, {"handshake": name} | more, "before"
    for name, number in ALERTS.items():
        says, action = f"the next TLS connection is refused: {name}", {"alert": number}
        yield f"alert.{name}", says, {}, {"handshake": "alert"} | action, "before"
    for phase, made in (("before", "not made"), ("after", "made")):
        for name, says, action in ENDINGS:
            yield f"{name}.{phase}", f"{made}, {says}", creates, action, phase


def handshakes() -> list[tuple[str, str, dict]]:
    return [
        ("slow", "shakes hands after 3 s", {"delay_ms": 3000}),
        ("drip", "gets the server's part of the handshake byte by byte", {"drip_s": 60}),
        ("hang", "hangs after the client's hello", {"hang_s": 30}),
        ("cut", "is cut after the client's hello", {}),
        ("cut_last", "is cut in the last part of its handshake", {}),
        ("reset", "is reset after the client's hello", {}),
        ("wrong_host", "shows another host's certificate", {}),
        ("expired", "shows a certificate that has ended", {}),
        ("self_signed", "shows a certificate signed by itself", {}),
        ("unknown_ca", "shows a certificate of an unknown CA", {}),
        ("old_tls", "speaks TLS 1.1 at best", {}),
    ]


ENDINGS: list[tuple[str, str, dict]] = [
    ("goodbye", "TLS says goodbye instead of an answer", {"goodbye": True}),
    ("alert", "an alert (internal_error) instead of an answer", {"alert": 80}),
    ("half_record", "the answer's first TLS record breaks off", {"half_record": True}),
]
