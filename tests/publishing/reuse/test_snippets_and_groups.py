"""What a person keeps for writing: snippets that go in where they are put, and sets of channels."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from publishing.models import ChannelGroup, Post, Snippet
from publishing.reuse import channel_group, snippet
from publishing.reuse.forms import ChannelGroupForm, SnippetForm
from social.models import Channel
from tests.publishing.factories import page_channel, x_channel
from tests.racing import run_at_once


@pytest.fixture
def her(alice, client_for):
    return client_for(alice)


@pytest.fixture
def page(alice, channel) -> Channel:
    return page_channel(alice)


@pytest.fixture
def group(alice, channel, page) -> ChannelGroup:
    group = ChannelGroup.objects.create(user=alice, name="Both")
    group.channels.set([channel, page])
    return group


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


def composer(browser: Any) -> str:
    return browser.get("/posts/new/").content.decode()


# ── Snippets ──────────────────────────────────────────────────────────────────────────────────
def test_a_snippet_is_kept_and_stands_in_the_composer(her, channel, bob, client_for):
    fields = {"name": " Bread   tags ", "text": "#bread\r\n#<b>butter</b>", "network_name": "x"}
    assert her.post("/snippets/", fields).url == "/snippets/"
    row = Snippet.objects.get()
    assert (row.name, row.text, row.network_name) == (
        "Bread tags",
        "#bread\n#<b>butter</b>",
        "x",
    )
    page = composer(her)
    assert 'data-snippet="#bread\n#&lt;b&gt;butter&lt;/b&gt;"' in page and "Bread tags" in page
    x_channel(bob, "bob")
    assert "Bread tags" not in composer(client_for(bob))
    assert "Bread tags" not in client_for(bob).get("/snippets/").content.decode()


def test_without_any_the_composer_says_nothing_of_them(her, channel):
    assert "data-snippet" not in composer(her)


def test_it_can_be_changed_and_deleted(her, alice):
    row = Snippet.objects.create(user=alice, name="Tags", text="#bread")
    address = f"/snippets/{row.public_id}/"
    her.post(address, {"name": "Tags", "text": "#cake"})
    row.refresh_from_db()
    assert row.text == "#cake"
    assert "Tags is deleted" in said(her.post(f"{address}deletions/"))
    assert not Snippet.objects.exists()
    for _ in range(2):  # a second click changes nothing
        her.post(f"{address}returns/")
        assert list(Snippet.objects.values_list("public_id", "text")) == [(row.public_id, "#cake")]
    her.post(f"{address}deletions/")
    Snippet.objects.create(user=alice, name="Tags", text="#pie")
    assert "nothing to bring back" in said(her.post(f"{address}returns/"))
    assert Snippet.objects.get().text == "#pie"


@pytest.mark.parametrize(
    "fields, sentence",
    [
        ({"name": "", "text": "#a"}, "This field is required"),
        ({"name": "New", "text": ""}, "This field is required"),
        ({"name": "Tags", "text": "#a"}, "You have one of that name"),
        ({"name": "New", "text": "a" * 5_001}, "may have 5,000 characters"),
        ({"name": "N" * 61, "text": "#a"}, "at most 60 characters"),
        ({"name": "New", "text": "#a", "network_name": "nowhere"}, "Select a valid choice"),
        ({"name": "New", "text": "a\0b"}, "Null characters are not allowed"),
    ],
)
def test_what_will_not_do_is_said_and_nothing_is_lost(fields, sentence, her, alice):
    Snippet.objects.create(user=alice, name="Tags", text="#bread")
    answer = her.post("/snippets/", fields)
    assert answer.status_code == 400 and sentence in answer.content.decode()
    assert answer.context["form"]["text"].value() == fields["text"]
    assert Snippet.objects.count() == 1


def test_there_are_so_many_at_most(her, alice, channel, monkeypatch):
    monkeypatch.setattr(SnippetForm, "most", 1)
    monkeypatch.setattr(ChannelGroupForm, "most", 0)
    Snippet.objects.create(user=alice, name="Tags", text="#bread")
    assert "as many snippets" in her.post("/snippets/", {"name": "b", "text": "b"}).content.decode()
    fields = {"name": "b", "channels": [str(channel.pk)]}
    assert "as many groups" in her.post("/channel-groups/", fields).content.decode()
    assert snippet.SNIPPETS_PER_USER and channel_group.GROUPS_PER_USER


@pytest.mark.django_db(transaction=True)
def test_a_second_click_keeps_one(alice):
    def keep() -> bool:
        return SnippetForm({"name": "Tags", "text": "#bread"}, user=alice).keep()

    for _ in range(4):
        assert sorted(run_at_once(keep, keep)) == [False, True]
        Snippet.objects.all().delete()


# ── Groups ────────────────────────────────────────────────────────────────────────────────────
def test_a_group_is_kept_and_stands_above_the_channels(her, channel, page):
    fields = {"name": "Both", "channels": [str(channel.pk), str(page.pk)]}
    assert her.post("/channel-groups/", fields).url == "/channel-groups/"
    group = ChannelGroup.objects.get()
    html = composer(her)
    assert f'name="group" value="{group.public_id}"' in html and ">Both<" in html
    assert set(group.channels.all()) == {channel, page}


def test_without_a_script_the_server_ticks_them_and_nothing_is_lost(her, group, channel, page):
    fields = {"text": "Half a sente", "channels": [], "group": group.public_id, "when": "now"}
    answer = her.post("/posts/", fields)
    assert answer.status_code == 200 and not Post.objects.exists()
    assert answer.context["chosen"] == {str(channel.pk), str(page.pk)}
    assert answer.context["form"]["text"].value() == "Half a sente"
    everything = her.post("/posts/", fields | {"group": "all"})
    assert everything.context["chosen"] == {str(channel.pk), str(page.pk)}
    assert her.post("/posts/", fields | {"group": "nonsense"}).context["chosen"] == set()


def test_a_dead_channel_is_left_out_and_named_until_it_is_used_again(her, group, channel, page):
    page_channel(channel.connection.user, "Garden")
    page.disconnect()
    html = composer(her)
    assert "Both leaves out Bakery: not used any more." in html
    answer = her.post("/posts/", {"text": "a", "group": group.public_id})
    assert answer.context["chosen"] == {str(channel.pk)}
    assert "Left out: Bakery" in her.get("/channel-groups/").content.decode()
    her.post(f"/channel-groups/{group.public_id}/", {"name": "Two", "channels": [channel.pk]})
    Channel.objects.get(pk=page.pk).take_back()
    answer = her.post("/posts/", {"text": "a", "group": group.public_id})
    assert answer.context["chosen"] == {str(channel.pk), str(page.pk)}


def test_one_that_its_person_unticks_leaves_the_group(her, group, channel, page):
    her.post(f"/channel-groups/{group.public_id}/", {"name": "Both", "channels": [page.pk]})
    assert list(group.channels.all()) == [page]


def test_nobody_reaches_somebody_elses(her, group, client_for, bob):
    his, place = client_for(bob), x_channel(bob, "bob")
    fields = {"name": "Mine", "channels": [str(place.pk)]}
    address = f"/channel-groups/{group.public_id}/"
    assert his.post(address, fields).status_code == his.get(address).status_code == 404
    assert his.post(f"{address}deletions/").status_code == 404
    pressed = his.post("/posts/", {"text": "a", "group": group.public_id})
    assert pressed.context["chosen"] == set()
    theirs = {"name": "New", "channels": [str(c.pk) for c in group.channels.all()]}
    assert his.post("/channel-groups/", theirs).status_code == 400
    assert ChannelGroup.objects.get() == group and group.name == "Both"


def test_a_group_works_while_a_post_is_edited(her, alice, channel, page, group):
    at = timezone.now() + timedelta(days=1)
    address = f"{Post.objects.publish(alice, 'Soon.', [channel], at).get_absolute_url()}edit/"
    had = {"text": "Soon.", "had": [channel.pk], "channels": [channel.pk]}
    answer = her.post(address, had | {"group": group.public_id})
    assert answer.context["chosen"] == {str(channel.pk), str(page.pk)}
