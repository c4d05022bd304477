"""What a phone needs to know to install Fanfare."""

from io import BytesIO

import pytest
from django.conf import settings
from django.test import Client
from django.urls import resolve
from PIL import Image

STATIC = settings.BASE_DIR / "project" / "static"


@pytest.fixture
def manifest(client: Client) -> dict:
    answer = client.get("/manifest.webmanifest")
    assert answer.headers["Content-Type"] == "application/manifest+json"
    return answer.json()


def test_icons_are_there_and_small(manifest: dict):
    for icon in manifest["icons"]:
        data = (STATIC / icon["src"].removeprefix("/static/")).read_bytes()
        picture = Image.open(BytesIO(data))
        assert f"{picture.width}x{picture.height}" == icon["sizes"]
        assert len(data) < 4_000
    purposes = {(icon["sizes"], icon["purpose"]) for icon in manifest["icons"]}
    assert {("192x192", "any"), ("512x512", "any"), ("512x512", "maskable")} <= purposes


def test_it_starts_where_one_writes(manifest: dict):
    assert resolve(manifest["start_url"]).view_name == "posts:compose"
    assert manifest["start_url"].startswith(manifest["scope"])
    assert manifest["share_target"]["action"] == manifest["start_url"]


@pytest.mark.django_db
def test_every_page_names_it(client: Client):
    page = client.get("/accounts/login/").content.decode()
    assert '<link rel="manifest" href="/manifest.webmanifest">' in page
