"""Keeps tokens out of what we write down: logs, errors, rows."""

import logging
import re

REDACTED = "[redacted]"
# No word boundary before: `page_access_token`, `user_token` and `app_secret` are meant as well.
KEYS = (
    r"token_secret|token|client_secret|app_secret|appsecret_proof|code_verifier|password"
    r"|TOKEN_KEYS|SECRET_KEY"
)
# Quotes may be escaped, once or more: JSON in a JSON string, or in the repr of one.
QUOTE = r"""\\{0,8}["']"""
PATTERNS = [
    # key=value in URLs and forms, "key": "value" in JSON, key='value' and 'key': b'value' in reprs
    re.compile(
        rf"(?i)({KEYS})((?:{QUOTE})?\s{{0,20}}(?:[=:]|%3D|%3A)\s{{0,20}}(?:b?{QUOTE})?)"
        rf"([^\s&\"'\\,;)}}\]]+)"
    ),
    re.compile(r"(?i)\b(bearer|basic|oauth)((?:\s|%20|\+){1,20})([\w\-.~+/%|]{6,}=*)"),
    re.compile(r"(?i)((?:[?&]|%3F|%26)code)(=|%3D)([^\s&\"'\\]+)"),
    re.compile(r"(?i)(access token)(:?\s{1,20})([\w\-.~|]{16,})"),  # as Graph says it in prose
    re.compile(r"()()\bEAA[A-Za-z0-9]{16,}"),  # Facebook's, wherever they stand
]


def redact(text: str) -> str:
    """`text` with everything that looks like a credential replaced."""
    for pattern in PATTERNS:
        text = pattern.sub(rf"\1\2{REDACTED}", text)
    return text


class RedactingFilter(logging.Filter):
    """Redacts a log record's message, and the traceback under it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = redact(message_of(record)), None
        if record.exc_info:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


def message_of(record: logging.LogRecord) -> str:
    """A record whose arguments do not fit must not stop the program that logs it."""
    try:
        return record.getMessage()
    except Exception:
        return f"{record.msg} {record.args}"
