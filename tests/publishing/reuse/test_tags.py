"""Tags: words and colours by which a person finds their posts again."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from project.accounts.deleting import delete_account
from publishing.models import Draft, Post, Tag
from publishing.planning.taking_back import take_back
from publishing.posts.reusing import write_again
from publishing.reuse import tag as tags
from publishing.reuse.forms import TagForm
from tests.exporting import exported
from tests.publishing.factories import publish


@pytest.fixture
def her(alice, client_for):
    return client_for(alice)


@pytest.fixture
def bread(alice) -> Tag:
    return Tag.objects.create(user=alice, name="Bread", colour="orange")


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def test_a_tag_is_made_renamed_deleted_and_brought_back(her, alice, bread, channel, monkeypatch):
    assert her.post("/tags/", {"name": " Spring   sale ", "colour": "teal"}).url == "/tags/"
    assert Tag.objects.of(alice).get(name="Spring sale").colour == "teal"
    for fields, sentence in (
        ({"name": "Bread", "colour": "red"}, "You have one of that name"),
        ({"name": "New", "colour": "pink"}, "Select a valid choice"),
        ({"name": "", "colour": "red"}, "This field is required"),
    ):
        answer = her.post("/tags/", fields)
        assert answer.status_code == 400 and sentence in answer.content.decode()
    address = f"/tags/{bread.public_id}/"
    her.post(address, {"name": "Loaves", "colour": "red"})
    post = publish(channel, "Fresh.").post
    post.tags.add(bread)
    assert "Loaves is deleted" in said(her.post(f"{address}deletions/"))
    assert her.get(address).status_code == 404
    her.get("/posts/")  # says so
    assert "Loaves" not in her.get("/posts/").content.decode()
    assert not her.get(f"/posts/?tag={bread.public_id}").context["found"].posts
    her.post(f"{address}returns/")
    assert "Loaves" in her.get("/posts/").content.decode()
    her.post(f"{address}deletions/")
    her.post("/tags/", {"name": "Loaves", "colour": "red"})
    assert "You have one of that name" in said(her.post(f"{address}returns/"))
    monkeypatch.setattr(TagForm, "most", 2)
    answer = her.post("/tags/", {"name": "More", "colour": "red"})
    assert "as many tags as fit" in answer.content.decode()


def test_nobody_sees_or_changes_somebody_elses(client_for, bob, bread, channel):
    his, post = client_for(bob), publish(channel).post
    for part in ("", "deletions/", "returns/"):
        assert his.post(f"/tags/{bread.public_id}/{part}").status_code == 404
    assert his.post(f"/posts/{post.public_id}/tags/").status_code == 404
    assert "Bread" not in his.get("/tags/").content.decode()


def test_a_composer_tags_its_post_and_knows_no_others(her, alice, bob, bread, channel):
    theirs = Tag.objects.create(user=bob, name="Theirs")
    page = her.get("/posts/new/").content.decode()
    assert "Bread" in page and "Theirs" not in page
    ids = [str(bread.public_id), str(theirs.public_id), "nonsense"]
    fields = {"text": "Hello", "channels": [str(channel.pk)], "when": "now", "tags": ids}
    assert her.post("/posts/", fields).status_code == 302
    post = Post.objects.get()
    assert list(post.tags.all()) == [bread]
    assert her.post("/posts/", fields | {"text": ""}).context["form"]["tags"].value() == ids
    assert "Bread" in her.get("/posts/").content.decode()
    assert "Bread" in her.get(post.get_absolute_url()).content.decode()
    her.post(f"/posts/{post.public_id}/tags/", {"tags": []})
    assert not post.tags.exists()
    her.post(f"/posts/{post.public_id}/tags/", {"tags": ids})
    assert list(post.tags.all()) == [bread]
    assert write_again(post).fields["tags"] == [str(bread.public_id)]


def test_drafts_keep_them_and_so_does_what_is_taken_back(her, alice, bread, channel):
    sent = {"text": "Hello", "tags": [str(bread.public_id)], "when": "now", "revision": "0"}
    her.post("/drafts/9f0c47f4-2a1f-4ce6-9a53-1f6fd2f5a001/", sent)
    draft = Draft.objects.get()
    assert draft.fields["tags"] == [str(bread.public_id)]
    page = her.get(draft.get_absolute_url()).content.decode()
    assert f'value="{bread.public_id}" checked' in page
    post = publish(channel, "Later.", at=timezone.now() + timedelta(days=1)).post
    post.tags.add(bread)
    again = take_back(Post.objects.with_deliveries().get(pk=post.pk))
    assert again is not None and again.fields["tags"] == [str(bread.public_id)]


def test_the_editor_changes_what_was_touched_there_and_the_pages_show_it(
    her, alice, bread, channel
):
    post = publish(channel, "Later.", at=timezone.now() + timedelta(days=1)).post
    post.tags.add(bread)
    red = Tag.objects.create(user=alice, name="Red", colour="red")
    page = her.get(f"/posts/{post.public_id}/edit/").content.decode()
    assert f'value="{bread.public_id}" checked' in page and f'value="{red.public_id}"' in page
    post.tags.add(elsewhere := Tag.objects.create(user=alice, name="Elsewhere"))
    sent = {"text": "Later.", "when": "later", "moment": post.due_at.isoformat(), "zone": "UTC"}
    sent |= {"at": f"{post.due_at:%Y-%m-%dT%H:%M}", "had_tags": [str(bread.public_id)]}
    answer = her.post(f"/posts/{post.public_id}/edit/", sent | {"tags": [str(red.public_id)]})
    assert answer.status_code == 302 and {*post.tags.all()} == {elsewhere, red}
    planned = {"text": ["Planned"], "when": ["next"], "slot": [post.due_at.isoformat()]}
    Draft(user=alice, fields=planned | {"tags": [str(bread.public_id)]}).create()
    agenda = her.get("/calendar/agenda/").content.decode()
    assert 'tag red"><bdi>Red' in agenda and 'tag orange"><bdi>Bread' in agenda
    assert "Red" in her.get("/queue/").content.decode()
    only = her.get(f"/calendar/agenda/?tag={bread.public_id}").content.decode()
    assert "Planned" in only and "Later." not in only
    only = her.get(f"/calendar/agenda/?tag={red.public_id}").content.decode()
    assert "Planned" not in only and "Later." in only


def test_they_are_exported_and_end_with_their_account(alice, bread, channel):
    post = publish(channel).post
    post.tags.add(bread)
    told = exported(alice)
    assert told["tags"][0]["name"] == "Bread"
    assert told["tags"][0]["posts"] == [str(post.public_id)]
    delete_account(alice)
    assert not Tag.objects.exists() and Post.objects.get().tags.count() == 0


def test_each_colour_has_a_style_and_a_word():
    styles = open("project/static/fanfare/fanfare.css").read()
    for name, _ in tags.COLOURS[1:]:
        assert f".tag.{name} " in styles
