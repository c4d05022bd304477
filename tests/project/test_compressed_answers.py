"""Pages go out compressed, and their length tells nothing that is secret."""

import gzip

import pytest

from publishing.models import Media
from tests.pictures import drawn
from tests.publishing.factories import x_channel

pytestmark = pytest.mark.django_db
GZIP = {"Accept-Encoding": "gzip, br"}


def test_pages_and_exports_are_compressed(client_for, alice):
    x_channel(alice)
    hers = client_for(alice)
    page = hers.get("/posts/new/", headers=GZIP)
    assert page.headers["Content-Encoding"] == "gzip" and len(page.content) < 6000
    assert b"Your post" in gzip.decompress(page.content)
    assert "Accept-Encoding" in page.headers["Vary"] and "Cookie" in page.headers["Vary"]
    export = hers.post("/settings/export/", headers=GZIP)
    assert b"alice" in gzip.decompress(b"".join(export.streaming_content))


def test_the_same_page_has_many_lengths(client_for, alice):
    """BREACH guesses a secret by how well a page packs that repeats the guess."""
    x_channel(alice)
    hers = client_for(alice)
    lengths = {len(hers.get("/posts/new/", headers=GZIP).content) for _ in range(12)}
    assert len(lengths) > 4


def test_pictures_go_as_they_are(client_for, alice):
    picture = Media.objects.keep(alice, drawn((400, 300)))
    answer = client_for(alice).get(f"/pictures/{picture.public_id}/", headers=GZIP)
    assert "Content-Encoding" not in answer.headers and answer.content.startswith(b"\xff\xd8")
