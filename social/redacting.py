"""Keeps tokens out of what we write down: logs, errors, rows."""

import logging
import re

REDACTED = "[redacted]"
KEYS = (
    r"access_token|refresh_token|fb_exchange_token|input_token|client_secret|appsecret_proof"
    r"|oauth_token|oauth_token_secret|code_verifier|token_secret"
)
PATTERNS = [
    # key=value in URLs and forms, "key": "value" in JSON, key='value' in reprs
    re.compile(rf"""(?i)\b({KEYS})(["']?\s*[=:]\s*["']?)([^\s&"',;)}}\]]+)"""),
    re.compile(r"(?i)\b(bearer|basic)(\s+)([\w\-.~+/%|]+=*)"),
    re.compile(r"(?i)([?&]code)(=)([^\s&\"']+)"),
]


def redact(text: str) -> str:
    """`text` with everything that looks like a credential replaced."""
    for pattern in PATTERNS:
        text = pattern.sub(rf"\1\2{REDACTED}", text)
    return text


class RedactingFilter(logging.Filter):
    """Redacts a log record's message, and the traceback under it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(record.getMessage()), None
        if record.exc_info:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        return True
