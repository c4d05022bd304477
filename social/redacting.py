"""Keeps tokens out of what we write down: logs, errors, rows."""

import logging
import re
from functools import cache

from django.conf import settings

REDACTED = "[redacted]"
NOT_YET = r"(?!\[redacted\])"
# No word boundary before: `page_access_token`, `__Host-sessionid` and `app_secret` are meant too.
KEYS = (
    r"token_secret|token|secret|appsecret_proof|verifier|passwords?\d?|passwd|passphrase|pwd"
    r"|(?:api|private|access)[_-]?key|SECRET_KEY|signature|signed_request|assertion|credentials?"
    r"|session_?(?:id|key|data)|(?:set-|http_)?cookies?|authorization|auth(?:orization)?_code"
)
KEY_WORDS = (
    "token secret appsecret verifier pass pwd key signature signed assertion credential session"
    " cookie authorization auth_code"
).split()
# Quotes may be escaped, once or more: JSON in a JSON string, or in the repr of one. So may they,
# and `=` and `:`, of an address within an address.
QUOTE = r"""(?:\\{0,8}["']|%(?:25){0,3}22)"""
EQUALS = r"(?:[=:]|%(?:25){0,3}3[DA])"
BEGINS = rf"(?:{QUOTE})?\s{{0,20}}+{EQUALS}\s{{0,20}}+"
LONGEST_QUOTED = 8192  # letters of what stands between two quotes
# Words of which one must be there, in small letters, and what to look for then.
PATTERNS = [
    # Headers, to the end of the line
    (
        ["cookie", "authorization"],
        rf"(?i)(cookie|authorization)(\s{{0,3}}+:\s{{0,3}}+){NOT_YET}[^\r\n\"']+",
    ),
    # "key": "value, with anything" and ('key', 'value') to the quote that closes it; key=value in
    # URLs, forms and what was cut off
    (
        KEY_WORDS,
        rf"(?i)({KEYS})((?:{BEGINS}|{QUOTE},\s{{0,20}}+(?=b?{QUOTE}))(?:b?(?P<q>{QUOTE}))?+){NOT_YET}"
        rf"(?(q)(?:(?:(?!(?P=q))(?s:\\.|.)){{1,{LONGEST_QUOTED}}}(?=(?P=q))|[^\s&\"'\\,;)}}\]]+)"
        r"|[^\s&\"'\\,;)}\]]+)",
    ),
    # Keys, one after the other
    (
        ["token_keys", "fallbacks"],
        rf"(?i)(TOKEN_KEYS|SECRET_KEY_FALLBACKS)({BEGINS}(?:b?{QUOTE})?+){NOT_YET}"
        r"(?:\[[^\]]*\]|\([^)]*\)|[^\s\"'&]+)",
    ),
    (
        ["bearer", "basic", "oauth"],
        rf"(?i)\b(bearer|basic|oauth)((?:\s|%20|\+){{1,20}}+){NOT_YET}[\w\-.~+/%|]{{6,}}=*",
    ),
    # Of a sign-in. Codes of errors are numbers, and a state is also what a delivery has.
    (
        ["code", "state"],
        r"(?i)((?:[?&]|%(?:25){0,3}(?:3F|26))(?:code|state))(=|%(?:25){0,3}3D)"
        rf"{NOT_YET}[^\s&\"'\\]+",
    ),
    (
        ["code="],
        rf"(?i)((?:^|(?<=[\s\"'(,{{\[]))code)(=){NOT_YET}(?!\d{{1,6}}(?:[\s,;&)]|$))[^\s&\"'\\,;)]+",
    ),
    # What a command was given; JSON web tokens, wherever they stand
    (
        ["--"],
        rf"(?i)(--[\w-]*token)((?:{QUOTE},)?\s{{1,20}}+{QUOTE}?){NOT_YET}[^\s\"',-][^\s\"',]*",
    ),
    (["eyj"], r"()()\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*"),
    (
        ["code"],
        rf"(?i)({QUOTE}code{QUOTE})(\s{{0,20}}+:\s{{0,20}}+b?{QUOTE}){NOT_YET}[^\"'\\\s]{{8,}}",
    ),
    # scheme://user:password@host, also where the password has signs that should be encoded
    (
        ["//", "%2f", r"\/"],
        r"(?i)((?::|%3A)(?:\\?/|%2F){2})()(?!\[redacted\]@)"
        r"(?:[^\s/:@\"'<>?#]{0,256}?(?::|%3A)[^\s\"'<>]{1,256}|[^\s/:@\"'<>?#]{1,256})(?:@|%40)",
    ),
    # Links that let their reader in
    (
        ["reset", "confirm-email"],
        r"(?i)((?:password(?:/|%2F)reset(?:/|%2F)key|confirm-email)(?:/|%2F))()"
        rf"{NOT_YET}(?!done\b)[^\s\"'<>/?&%]+",
    ),
    # As networks say it in prose; sealed ones
    (["access token"], rf"(?i)(access token)(:?\s{{1,20}}+){NOT_YET}[\w\-.~|]{{16,}}"),
    (["gaaaaa"], r"()()\bgAAAAA[\w-]{20,}=*"),
    # What signs webhooks
    (["whsec_"], r"(whsec_)()[\w+/]{16,}=*"),
    # Ours, by which programs ask
    (["fan_"], r"()()fan_[\w-]{16,}"),
]


@cache
def compiled() -> list[tuple[list[str], re.Pattern[str]]]:
    """Those, and what tokens of the networks look like."""
    patterns = [*PATTERNS, *settings.NETWORK_TOKEN_PATTERNS]
    return [(words, re.compile(pattern)) for words, pattern in patterns]


def redact(text: str) -> str:
    """`text` with everything that looks like a credential replaced."""
    lowered = text.lower()  # most of what is logged has none of the words
    for words, pattern in compiled():
        if any(word in lowered for word in words):
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
