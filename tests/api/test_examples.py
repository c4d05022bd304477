"""The examples of docs/api.md are run as they stand there."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from publishing.models import Post
from tests.api.calling import Program
from tests.publishing.factories import x_channel

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
RUNNERS = {
    "sh": ["sh", "-euc"],
    "python": [sys.executable, "-c"],
    "js": ["node", "--input-type=module", "--eval"],
}


@pytest.mark.django_db(transaction=True)
def test_every_example_of_the_page_works_as_it_stands(alice, live_server, settings, tmp_path):
    settings.PUBLIC_URL = live_server.url
    given = {
        "FANFARE": live_server.url,
        "TOKEN": Program(alice).secret,
        "CHANNEL": str(x_channel(alice).pk),
        "PATH": os.environ["PATH"],
    }
    examples = re.findall(r"^```(\w+)\n(.*?)^```", PAGE.read_text(), re.M | re.S)
    assert {kind for kind, _ in examples} == set(RUNNERS)
    for kind, text in examples:
        done = subprocess.run(
            [*RUNNERS[kind], text], env=given, cwd=tmp_path, capture_output=True, timeout=60
        )
        assert done.returncode == 0, (text, done.stdout, done.stderr)
    texts = set(Post.objects.values_list("text", flat=True))
    assert texts == {"Version 1.4.2 is out.", "The oven is on.", "Monday: rye bread."}
