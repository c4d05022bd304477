"""Looking at pages in tests."""

from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def text_of(browser: Client, url: str = "/imports/") -> str:
    return browser.get(url).content.decode()


def queries(browser: Client, url: str) -> int:
    """How many a page takes that was shown before."""
    browser.get(url)
    with CaptureQueriesContext(connection) as captured:
        answer: Any = browser.get(url)
    assert answer.status_code == 200
    return len(captured)
