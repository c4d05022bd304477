"""Every sentence of a page can be translated; without a browser."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.template.loader import get_template
from django.test import Client

from publishing.notices.mailing import mail_notices
from social.networks.messages import VISIBILITY_NOTES, sentence, visibility_sentence
from social.reasons import Reason
from tests.browser import scenes

from . import tour
from .pseudo import CLOSES, OPENS, is_data, outside, pseudo_language, unmarked

pytestmark = pytest.mark.django_db
BASE = Path(settings.BASE_DIR)
SCRIPTS = [path for path in (BASE / "project/static").rglob("*.js") if path.parent.name != "vendor"]
SENTENCES_OF = list((BASE / "templates").rglob("_sentences.html"))


@pytest.fixture(autouse=True)
def spoken():
    with pseudo_language():
        yield


def faults(client, urls):
    """What is not marked, by page."""
    shown = {}
    for url in urls:
        response = client.get(url, headers={"accept": "text/html"})
        if left := unmarked(response.content.decode(), tour.data()):
            shown[url] = left
    return shown


def test_the_language_finds_what_is_not_marked():
    page = "<p title='No'>⟦Is <b>Alice</b> ⟦here⟧?⟧ Yes, bob and <i>⟦you⟧</i> 12</p>"
    assert unmarked(page, ["bob"]) == ["No", "Yes, bob and"]
    assert is_data("Alice, bob…", ["Alice, bobby", "bob"]) and not is_data("bobby", ["bob"])
    with pytest.raises(AssertionError, match="cut"):
        outside([f"{OPENS}so"])


def test_pages_for_strangers():
    assert faults(Client(), tour.strangers()) == {}


@pytest.mark.parametrize("walk", [tour.writing, tour.channels_in_trouble, tour.read_back])
def test_pages_for_people(walk, client_for, alice, sandbox):
    assert faults(client_for(alice), walk(alice, sandbox)) == {}


def test_pages_of_somebody_new(client_for, alice):
    assert faults(client_for(alice), tour.empty(alice)) == {}


def test_every_sentence_of_a_failure():
    said = [sentence(reason, "X") for reason in Reason]
    said += [visibility_sentence(note, "X", 7) for note in VISIBILITY_NOTES]
    assert all(text.startswith(OPENS) and text.endswith(CLOSES) for text in said)


def test_the_mail_of_notices(alice, sandbox):
    for _ in tour.channels_in_trouble(alice, sandbox):
        pass
    alice.notices.update(mail_at=alice.date_joined, read_at=None)
    mail_notices(alice.pk)
    [message] = mail.outbox
    told = outside([message.subject, re.sub(r"https?://[^\s⟧]+", "", message.body)])
    assert [text for text in told if not is_data(text, tour.data())] == []


@pytest.mark.parametrize("name", ["400", "400_host", "403", "403_csrf", "404", "429", "500"])
def test_pages_of_errors(name):
    assert unmarked(get_template(f"{name}.html").render(), ["Fanfare", name[:3]]) == []


def test_scripts_say_what_stands_in_the_page():
    said = "".join(path.read_text() for path in SCRIPTS)
    keys = re.findall(r'data-key="([\w-]+)"', "".join(path.read_text() for path in SENTENCES_OF))
    assert len(keys) > 20 and len(keys) == len(set(keys))
    words = [key for key in keys if not key.isdecimal()]  # else the status of an answer
    assert [key for key in words if not re.search(rf"""["'.]{key}\b""", said)] == []
    used = re.findall(r'sentences?(?:\(|\[)"([\w-]+)"', said) + re.findall(
        r"sentences\.(\w+)", said
    )
    assert used and set(used) <= set(keys)
    assert re.findall(r"""["'`][A-Z][a-z]+ [a-z]+[^"'`]*""", said) == []


def test_programs_read_english(client_for, alice, sandbox):
    x = scenes.connect_all(alice, sandbox)["Alice Example"]
    failed = scenes.post_in(alice, x, "failed").deliveries.get()
    answer = client_for(alice).get(f"/status/{failed.job_id}").json()
    assert answer["reason"].startswith("X refused it") and failed.sentence.startswith(OPENS)
