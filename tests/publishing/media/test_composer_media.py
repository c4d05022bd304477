"""Pictures in the composer: uploaded once, kept whatever else is wrong, arranged without script."""

import re
import uuid

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from publishing.deliveries.claims import take
from publishing.media import incoming
from publishing.media.pictures import LARGEST_FILE
from publishing.models import Media, Post
from tests.pictures import drawn, moving, opened
from tests.publishing.factories import delivery_in_state, publish
from tests.publishing.pages import page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def her(alice, channel, client_for) -> Client:
    return client_for(alice)


def file(name="beach.jpg", data=None):
    return SimpleUploadedFile(name, drawn() if data is None else data)


def send(browser, channel, text="Look!", **more):
    fields = {"text": text, "channels": [channel.pk], "when": "now", **more}
    return browser.post("/posts/", fields)


def kept_in(response) -> list[str]:
    return re.findall(r'name="media" value="([^"]+)"', page_of(response))


def test_it_works(her, channel):
    answer = send(her, channel, files=[file(), file("loaf.png", drawn(format="PNG"))])
    assert answer.status_code == 302
    post = Post.objects.get()
    assert [one.name for one in post.media.all()] == ["beach.jpg", "loaf.png"]
    assert post.picture_count == 2


def test_pictures_are_described_after_they_were_added(her, channel):
    """Without JavaScript: add, describe, publish."""
    added = send(her, channel, files=[file()], attach="1")
    assert added.status_code == 200 and not Post.objects.exists()
    assert "Look!" in page_of(added) and "errorlist" not in page_of(added)
    [id] = kept_in(added)
    assert send(her, channel, media=[id], **{f"alt_{id}": " A beach \r\n"}).status_code == 302
    assert Post.objects.get().media.get().alt == "A beach"


def test_what_was_uploaded_is_kept_when_something_else_is_wrong(her, channel):
    for text, more in (("a" * 281, {}), ("Look!", {"when": "later", "at": "nonsense"})):
        refused = send(her, channel, text, files=[file()], **more)
        assert refused.status_code == 400 and len(kept_in(refused)) == 1
        [id] = kept_in(refused)
        again = send(her, channel, text, media=[id], **{f"alt_{id}": "A beach"}, **more)
        assert kept_in(again) == [id] and ">A beach</textarea>" in page_of(again)
    assert not Post.objects.exists() and Media.objects.count() == 2


def test_a_bad_file_leaves_the_good_ones_and_the_words(her, channel):
    answer = send(
        her, channel, files=[file(), file("film.png", moving("PNG")), file("x.txt", b"x")]
    )
    assert answer.status_code == 400 and len(kept_in(answer)) == 1
    page = page_of(answer)
    assert "film.png moves; only still pictures can be posted." in page
    assert "x.txt cannot be read as a picture." in page and "Look!" in page
    assert not Post.objects.exists()


def test_a_gif_that_moves_is_its_first_picture_and_that_is_said(her, channel):
    answer = send(her, channel, files=[file("film.gif", moving())], attach="1")
    assert len(kept_in(answer)) == 1
    assert "film.gif moves: the first picture only." in page_of(answer)
    first = opened(Media.objects.get().original())
    assert first.size == (40, 30) and first.convert("RGB").getpixel((20, 15)) == (255, 0, 0)


def test_a_program_is_not_sent_half_of_a_film(alice):
    with pytest.raises(ValidationError, match="only still pictures can be posted"):
        Media.objects.given(alice, [moving()])


def test_pictures_need_no_words(her, channel):
    assert send(her, channel, "", files=[file()]).status_code == 302
    assert Post.objects.get().text == ""
    page = page_of(her.get("/posts/"))
    assert ">Pictures</a>" in page and page.count('class="thumb"') == 1


def test_a_fifth_picture_is_left_out_in_words(her, channel):
    answer = send(her, channel, files=[file(f"{n}.jpg") for n in range(5)])
    assert answer.status_code == 400 and len(kept_in(answer)) == 4
    assert "4.jpg was left out: a post may have 4 pictures." in page_of(answer)
    assert 'type="file"' not in page_of(answer)


def test_removing_and_moving(her, alice, channel):
    ids = [str(Media.objects.keep(alice, drawn()).public_id) for _ in range(3)]
    moved = send(her, channel, media=ids, earlier=ids[2])
    assert kept_in(moved) == [ids[0], ids[2], ids[1]]
    assert kept_in(send(her, channel, media=ids, earlier=ids[0])) == ids
    assert kept_in(send(her, channel, media=ids, remove=ids[1])) == [ids[0], ids[2]]
    assert not Post.objects.exists()
    send(her, channel, media=[ids[2], ids[0]])
    assert [str(one.public_id) for one in Post.objects.get().media.all()] == [ids[2], ids[0]]


def test_the_fragment_for_scripts_holds_only_pictures(her):
    answer = her.post("/posts/pictures/", {"text": "a" * 300, "files": [file()]})
    assert answer.status_code == 200 and len(kept_in(answer)) == 1
    assert "<html" not in page_of(answer) and "hx-preserve" in page_of(answer)


def test_somebody_elses_pictures_are_not_taken(her, bob, channel):
    theirs = Media.objects.keep(bob, drawn())
    assert kept_in(send(her, channel, media=[str(theirs.public_id)], attach="1")) == []
    assert send(her, channel, media=[str(theirs.public_id), "nonsense"]).status_code == 302
    assert Post.objects.get().picture_count == 0 and theirs.post is None


def test_alt_text_that_is_too_long_is_said_and_kept(her, alice, channel):
    id = str(Media.objects.keep(alice, drawn()).public_id)
    answer = send(her, channel, media=[id], **{f"alt_{id}": "é" * 1001})
    assert answer.status_code == 400 and kept_in(answer) == [id]
    assert "may have 1,000 characters" in page_of(answer) and "é" * 1001 in page_of(answer)


@pytest.mark.parametrize("kept", [True, False])
def test_a_double_click_makes_one_post(kept, her, alice, channel):
    """Also when both requests bring the same file."""
    key, more = str(uuid.uuid4()), {}
    if kept:
        more = {"media": [str(Media.objects.keep(alice, drawn()).public_id)]}
    answers = [
        send(her, channel, submit_key=key, **(more or {"files": [file()]})) for _ in range(2)
    ]
    assert {answer.url for answer in answers} == {Post.objects.get().get_absolute_url()}
    assert Post.objects.get().media.count() == 1


def test_the_back_button_with_other_words_may_be_another_post_with_the_same_picture(
    her, alice, channel
):
    key, id = str(uuid.uuid4()), str(Media.objects.keep(alice, drawn()).public_id)
    send(her, channel, submit_key=key, media=[id])
    answer = send(her, channel, "Other words.", submit_key=key, media=[id])
    assert answer.status_code == 409 and kept_in(answer) == [id]
    fresh = answer.context["form"]["submit_key"].value()
    send(her, channel, "Other words.", submit_key=fresh, media=[id])
    assert [post.media.count() for post in Post.objects.all()] == [1, 1]


def test_publishing_anew_starts_with_the_pictures(her, alice, channel):
    failed = delivery_in_state(channel, "failed")
    Media.objects.attach(failed.post, [Media.objects.keep(alice, drawn(), alt="A beach")])
    Post.objects.update(picture_count=1)
    page = her.get(f"/posts/new/?again={failed.job_id}")
    assert len(kept_in(page)) == 1 and ">A beach</textarea>" in page_of(page)
    send(her, channel, "Other words.", media=kept_in(page))
    assert Post.objects.count() == 2 and failed.post.media.count() == 1


def test_a_fetch_is_told_what_is_wrong_with_a_file(her, channel):
    fields = {"text": "Look!", "channels": [channel.pk], "when": "now", "files": [file("a", b"x")]}
    answer = her.post("/posts/", fields, headers={"accept": "application/json"})
    assert answer.status_code == 400
    assert answer.json()["errors"]["files"][0]["message"].startswith("a cannot be read")


# ── Editing ───────────────────────────────────────────────────────────────────────────────────
@pytest.fixture
def post(channel):
    media = [(drawn(), "One"), (drawn(), "Two")]
    return publish(channel, media=media).post


def edit(browser, post, **fields):
    url = f"/posts/{post.public_id}/edit/"
    return browser.post(url, {"text": "Changed.", "when": "now", **fields})


def test_editing_changes_pictures(her, post):
    one, two = kept_in(her.get(f"/posts/{post.public_id}/edit/"))
    answer = edit(her, post, media=[two], files=[file("new.jpg")], **{f"alt_{two}": "Deux"})
    assert answer.url == post.get_absolute_url()
    post.refresh_from_db()
    assert [(m.alt, m.name) for m in post.media.all()] == [("Deux", ""), ("", "new.jpg")]
    assert post.picture_count == 2
    assert Media.objects.get(public_id=one).post is None


def test_editing_arranges_before_it_saves(her, post):
    one, two = kept_in(her.get(f"/posts/{post.public_id}/edit/"))
    answer = edit(her, post, media=[one, two], earlier=two)
    assert answer.status_code == 200 and kept_in(answer) == [two, one]
    post.refresh_from_db()
    assert post.text == "Hello, world!" and [m.alt for m in post.media.all()] == ["One", "Two"]


def test_pictures_do_not_change_once_sending_began(her, post):
    ids = kept_in(her.get(f"/posts/{post.public_id}/edit/"))
    assert take(post.deliveries.get())
    edit(her, post, media=ids[:1])
    assert post.media.count() == 2


def test_python_may_leave_the_pictures_as_they_are(post):
    assert post.edit("Changed.", None, "UTC") and post.media.count() == 2


# ── Too much ──────────────────────────────────────────────────────────────────────────────────
def test_too_large_a_file_is_said_and_nothing_is_lost(her, channel):
    large = file("large.jpg", b"\xff\xd8\xff" + b"\0" * (LARGEST_FILE + 200_000))
    answer = send(her, channel, files=[large, file()])
    assert answer.status_code == 400 and len(kept_in(answer)) == 1
    page = page_of(answer)
    assert "large.jpg has 30.2 MB; a picture may have 30 MB." in page and "Look!" in page


def test_what_was_made_smaller_is_said(her):
    answer = her.post("/posts/pictures/", {"files": [file("wide.jpg", drawn((9000, 60)))]})
    assert "wide.jpg was made smaller: 4,096 by 27 pixels, 0.0 MB." in page_of(answer)


def test_a_hundred_and_one_files_are_said_too(her, channel):
    answer = send(her, channel, files=[file(f"{n}.jpg", b"x") for n in range(101)])
    assert answer.status_code == 400 and "Look!" in page_of(answer)


def test_no_more_is_kept_of_a_request_than_a_post_may_have(her, channel, monkeypatch):
    monkeypatch.setattr(incoming, "MOST_KEPT", 3 * len(drawn()))
    answer = send(her, channel, files=[file(f"{n}.jpg") for n in range(4)])
    assert len(kept_in(answer)) == 3 and "3.jpg was left out" in page_of(answer)


def test_an_endless_request_is_not_read(her, channel, monkeypatch):
    monkeypatch.setattr(incoming, "MOST_READ", 1000)
    answer = send(her, channel, files=[file()] * 3)
    assert answer.status_code == 400 and "pictures may have 30 MB each" in page_of(answer)


def test_less_is_read_of_strangers(her, channel, client, monkeypatch):
    """Their requests are read too, before anybody knows who they are."""
    monkeypatch.setattr(incoming, "MOST_READ_OF_STRANGERS", 1000)
    fields = {"login": "alice", "files": [file() for _ in range(3)]}
    assert client.post("/accounts/login/", fields).status_code == 400
    assert send(her, channel, files=[file() for _ in range(3)]).status_code == 302


# ── Pages and Python ──────────────────────────────────────────────────────────────────────────
def test_what_is_shown_of_pictures_escapes(her, channel):
    publish(channel, media=[(drawn(), '"><script>alert(1)</script>')])
    for url in ("/posts/", "/posts/new/", Post.objects.get().get_absolute_url()):
        assert "<script>alert" not in page_of(her.get(url))


def test_pages_without_pictures_ask_for_none(her, channel):
    publish(channel)
    with CaptureQueriesContext(connection) as captured:
        her.get("/posts/"), her.get("/posts/new/"), her.get(Post.objects.get().get_absolute_url())
    assert not [query for query in captured if "publishing_media" in query["sql"]]


def test_python_names_pictures_by_their_paths(alice, channel, tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(drawn())
    post = Post.objects.publish(alice, "Hi.", [channel], media=[str(path), (path, "Alt")])
    assert [one.alt for one in post.media.all()] == ["", "Alt"]
