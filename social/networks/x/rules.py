"""What X lets an account say in a post, and what it asks for it.

Sources: X's help, "About X Premium" (longer posts in every tier) and OpenAPI 2.167
(`subscription_type`); X's rules and prices for apps that pay for what they use, August 2026: one
cashtag in a post, "additional restrictions" for whoever names somebody, 0.015 US dollars a post and
0.200 with an address in it; twitter-text 3.1 for what a cashtag and a mention are.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.utils.translation import gettext

from social.reasons import Reason
from social.words import Words

from ..messages import sentence
from . import sentences
from .addresses import NEVER, SPACES, addresses

WEIGHT_LIMIT, LONG_LIMIT = 280, 25_000  # what a post may weigh
PERSON_FIELDS = ["profile_image_url", "subscription_type"]
SUBSCRIPTIONS_WITH_LONG_POSTS = ("Basic", "Premium", "PremiumPlus")
PUNCTUATION = r"!-/:-@\[-`{-~"
NEVER_TAKEN = re.compile(f"[{NEVER}]")
CASHTAG = re.compile(
    rf"(?<![^{SPACES}])\$[a-z]{{1,6}}(?:[._][a-z]{{1,2}})?(?=[{SPACES}{PUNCTUATION}]|\Z)",
    re.ASCII | re.IGNORECASE,
)
MENTION = re.compile(r"(?<![\w!#$%&*@\uff20])[@\uff20]\w{1,20}(?![@\uff20\w])", re.ASCII)


def longest(account: Mapping[str, Any]) -> int | None:
    """What a post of this account may weigh; None where X does not say."""
    if (subscription := account.get("subscription_type")) is None:
        return None
    return LONG_LIMIT if subscription in SUBSCRIPTIONS_WITH_LONG_POSTS else WEIGHT_LIMIT


def refusals(text: str) -> tuple[str, ...]:
    found = []
    if never := NEVER_TAKEN.search(text):
        found.append(
            gettext("X does not take the character U+{code:04X}.").format(code=ord(never[0]))
        )
    if len(CASHTAG.findall(text)) > 1:
        found.append(sentence(Reason.CASHTAGS, "X"))
    return tuple(found)


def remarks(text: str) -> tuple[Words, ...]:
    text = unicodedata.normalize("NFC", text)
    found: list[Words] = []
    words, end = "", 0
    for start, stop in addresses(text):
        words, end = f"{words}{text[end:start]} ", stop
    if end:
        in_sandbox = settings.SANDBOX_MODE
        found.append(sentences.LINK_PRICE_IN_SANDBOX if in_sandbox else sentences.LINK_PRICE)
    if MENTION.search(words + text[end:]):  # @names in an address name nobody
        found.append(sentences.MENTIONS)
    return tuple(found)
