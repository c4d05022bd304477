"""What a person may write into the composer, and what is wrong with it, in words."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime
from typing import Any

from django import forms
from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from publishing.media.composer import ComposerMedia
from publishing.models import Delivery, Draft, Post
from publishing.planning.fields import fields_in
from publishing.planning.free_times import NextFree
from publishing.planning.offering import FIRST, as_moment
from publishing.planning.rearranging import QueueChanged, put_post_first
from publishing.planning.tombstones import CopiesClaim, DraftClaim
from social.models import Channel
from social.networks import NETWORKS
from social.networks.base import Network

from .contents import check_content, check_time, tidy, tidy_texts
from .extras import PREFIX, extras_in, fields_of, tidy_extras, with_extras
from .form_fields import ClockField, MomentField, RevisionField, TagsField
from .keeping import signature_of
from .reusing import tag_ids
from .times import Meant, clock, clock_in, is_zone, meant, zone_of

OF_CONTENT = ("no_channel", "empty", "too_long", "broken")  # codes of `check_content`
CLOCK_FORMAT = "%Y-%m-%dT%H:%M"


class PostForm(forms.Form):
    """The composer. `user` decides which channels there are; `zone` is where their clock hangs,
    unless the page that was filled in showed another one."""

    text = forms.CharField(
        label=_("Your post"),
        required=False,  # publishing says it better
        strip=False,
        widget=forms.Textarea(attrs={"rows": 6, "autofocus": True}),
    )
    channels = forms.ModelMultipleChoiceField(
        label=_("Where"), queryset=Channel.objects.none(), required=False
    )
    when = forms.ChoiceField(
        label=_("When"),
        choices=[
            ("next", _("Next free time")),  # shown to those who have posting times
            ("now", _("Now")),
            ("later", _("At a time")),
        ],
        initial="now",
        widget=forms.RadioSelect,
    )
    # What the page showed: the zone of its clock, and the moment of a time that was there already.
    zone = forms.CharField(widget=forms.HiddenInput, required=False)
    moment = MomentField(widget=forms.HiddenInput, required=False)
    at = ClockField(
        label=_("Time"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=CLOCK_FORMAT),
        error_messages={"invalid": _("That is not a date and time.")},
    )
    # Which free posting time; none is the next. And which that was, by the page.
    slot = MomentField(required=False)
    next_shown = MomentField(required=False)
    submit_key = forms.UUIDField(widget=forms.HiddenInput, required=False)  # its draft's id
    revision = RevisionField(required=False, initial=0)
    again = forms.UUIDField(widget=forms.HiddenInput, required=False)  # what is published anew

    is_untouched = False  # a time that was there before
    moving: Sequence[int] = ()  # the posts whose own times are free for this one
    claim: DraftClaim | None = None

    def __init__(
        self,
        user: Any,
        zone: str,
        *args: Any,
        pictures: ComposerMedia | None = None,
        choosable: QuerySet[Channel] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.note = user, ""
        self.given: Mapping[str, Any] = self.data if self.is_bound else self.initial
        shown = self.given.get("zone") or zone
        self.clock_zone: str = shown if is_zone(shown) else zone
        self.fields["zone"].initial = zone
        self.pictures = pictures or ComposerMedia()
        self.choosable = Channel.objects.of(user) if choosable is None else choosable
        channels = self.fields["channels"]
        assert isinstance(channels, forms.ModelMultipleChoiceField)
        channels.queryset = self.choosable
        channels.error_messages["invalid_choice"] = _(
            "One of the channels is not yours any more. Choose again."
        )
        self.fields["tags"] = TagsField(user)
        self.fields["submit_key"].initial = uuid.uuid4
        networks = {channel.network for channel in self.choosable}
        self.add_own_texts(networks)
        self.add_extras(networks)

    def add_own_texts(self, networks: Iterable[Network], has_some: bool = False) -> None:
        """Other words for one network. With only one there is nothing to tell apart, unless it
        `has_some` already."""
        networks = sorted(networks, key=lambda network: network.label)
        for network in networks if has_some or len(networks) > 1 else ():
            self.fields[f"text_{network.name}"] = forms.CharField(
                label=gettext("For {network}").format(network=network.label),
                required=False,
                strip=False,
                widget=forms.Textarea(
                    attrs={"rows": 6, "placeholder": _("The same as under “Everywhere”.")}
                ),
            )

    def add_extras(self, networks: Iterable[Network]) -> None:
        """What more may be chosen for a post there."""
        self.extras_of = with_extras(networks)
        for network in self.extras_of:
            words = self.given.get(f"text_{network.name}") or self.given.get("text") or ""
            self.fields.update(fields_of(network, tidy(words)))

    @property
    def extras(self) -> list[tuple[str, list[forms.BoundField], bool]]:
        """(label of the network, its fields, whether any is not as it begins)."""
        parts = []
        for network in self.extras_of:
            fields = [self[name] for name in fields_of(network)]
            is_chosen = any((f.value() or "") != (f.field.initial or "") for f in fields)
            parts.append((network.label, fields, is_chosen))
        return parts

    def chosen(self) -> dict[str, dict[str, str]]:
        """The extras as they stand in the page, checked or not."""
        names = [name for network in self.extras_of for name in fields_of(network)]
        return extras_in({name: self[name].value() for name in names})

    @property
    def writer(self) -> str:
        return signature_of(self.user)

    @property
    def refusals(self) -> list[str]:
        """What is wrong with the words, the channels or the number of pictures: the counter tells
        the page when that is mended."""
        return [message for error in self._refused(True) for message in error.messages]

    @property
    def other_refusals(self) -> list[str]:
        return [message for error in self._refused(False) for message in error.messages]

    def _refused(self, is_of_content: bool) -> list[forms.ValidationError]:
        errors = self.non_field_errors().as_data()
        return [error for error in errors if (error.code in OF_CONTENT) is is_of_content]

    @property
    def own_texts(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith("text_")]

    @property
    def text_tabs(self) -> list[tuple[Network, forms.BoundField]]:
        """The networks that may get words of their own, each with its field."""
        return [(NETWORKS[field.name.removeprefix("text_")], field) for field in self.own_texts]

    @property
    def first_tab(self) -> str:
        """The field that the composer shows first: of several that are wrong, the first."""
        return next((field.name for field in self.own_texts if field.errors), "text")

    def goes_to(self, channel: Channel) -> bool:
        """Whether it is chosen in the page, checked or not."""
        return str(channel.id) in map(str, self["channels"].value() or [])

    def written(self) -> dict[str, str]:
        """The same as it stands in the page, checked or not."""
        return texts_in({bound.name: bound.value() or "" for bound in self.own_texts})

    @property
    def has_own_texts(self) -> bool:
        return any(self.written().values())

    def texts(self) -> dict[str, str]:
        """What was written for single networks, by their names."""
        return texts_in(self.cleaned_data)

    def clean_at(self) -> datetime | None:
        """The moment that the clock on the user's wall will show this."""
        at = self.cleaned_data["at"]
        if self.data.get("when") != "later":
            return None
        if at is None:
            raise forms.ValidationError(gettext("Choose a date and time."))
        try:
            moment = self.untouched(at) or meant(at, self.clock_zone)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        self.note = moment.note
        check_time(moment.at)
        return moment.at

    def untouched(self, at: datetime) -> Meant | None:
        """The moment itself, where it was given, or where its clock stands as the page showed it:
        nobody moved it, though that clock may show the same twice."""
        if timezone.is_aware(at):
            return Meant(at)
        moment = self.cleaned_data.get("moment")
        if moment is None or clock_in(self.clock_zone, moment) != at:
            return None
        self.is_untouched = True
        return Meant(moment)

    def clean_zone(self) -> str:
        """A browser may know a zone that this server does not; that matters for a time only."""
        zone = self.cleaned_data["zone"]
        if zone and not is_zone(zone) and self.data.get("when") == "later":
            raise forms.ValidationError(
                gettext(
                    "This server does not know the time zone {zone}. Choose yours under Settings, "
                    "then set the time again."
                ).format(zone=zone[:40])
            )
        return self.clock_zone

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        if "channels" in cleaned and "text" in cleaned:
            self.check(list(cleaned["channels"]))
        return cleaned

    def check(self, channels: list[Channel]) -> None:
        text, texts = tidy(self.cleaned_data["text"]), tidy_texts(texts_in(self.cleaned_data))
        if not self.pictures.problems:  # they say themselves what is wrong
            extras = tidy_extras(extras_in(self.cleaned_data))
            check_content(text, channels, texts, len(self.pictures.media), extras)

    def is_valid(self) -> bool:
        return super().is_valid() and not self.pictures.problems

    @property
    def time_wanted(self) -> datetime | NextFree | None:
        """When it is to go out; None for at once."""
        if self.data.get("when") != "next":
            return self.cleaned_data.get("at")
        return NextFree(as_moment(self.cleaned_data.get("slot")), self.cleaned_data["submit_key"])

    def note_free_time(self, post: Post) -> None:
        """Say so where `post` goes out at another time than its page had offered."""
        if self.is_put_first:
            return
        wanted = self.cleaned_data.get("slot") or self.cleaned_data.get("next_shown")
        if self.data.get("when") == "next" and wanted and post.due_at not in (None, wanted):
            assert post.due_at is not None
            sentence = gettext("{wanted} is not free any more: it goes out {time}.")
            zone = zone_of(self.user)
            times = {"wanted": clock(wanted, zone), "time": clock(post.due_at, zone)}
            self.note = sentence.format(**times)

    def publish(self) -> Post:
        """Raises AlreadyPublished when its draft is a post with other words."""
        cleaned = self.cleaned_data
        if key := cleaned.get("submit_key"):
            self.claim = DraftClaim(self.user, key, cleaned["revision"], fields_in(self.data))
        with transaction.atomic() if self.is_put_first else nullcontext():
            is_known = self.is_put_first and self.is_made
            post = Post.objects.publish(
                self.user,
                cleaned["text"],
                cleaned["channels"],
                self.time_wanted,
                texts=self.texts(),
                extras=extras_in(cleaned),
                time_zone=self.clock_zone,
                submit_key=self.once_key,
                media=self.pictures.media,
                instead_of=self.earlier,
                claim=self.claim,
                tags=cleaned["tags"],
            )
            if self.is_put_first and not is_known:
                self.put_first(post)
        self.note_free_time(post)
        return post

    @property
    def is_put_first(self) -> bool:
        """Whether it is to stand before all that is queued."""
        return self.data.get("when") == "next" and self.data.get("slot") == FIRST

    @property
    def is_made(self) -> bool:
        """Whether an earlier click has made this very post."""
        key = self.once_key
        return bool(key) and Post.objects.of(self.user).filter(submit_key=key).exists()

    def put_first(self, post: Post) -> None:
        """It stands in the queue already; where it cannot be moved there, it stays in its place."""
        try:
            moves = put_post_first(self.user, post)
        except QueueChanged:
            return
        post.refresh_from_db(fields=["due_at"])
        others = len([move for move in moves if move.post.post_id != post.pk])
        if others and post.due_at:
            sentence = ngettext(
                "It is first: it goes out {time}, and {count} other post moved on.",
                "It is first: it goes out {time}, and {count} other posts moved on.",
                others,
            )
            self.note = sentence.format(time=clock(post.due_at, zone_of(self.user)), count=others)

    @property
    def left_over(self) -> Draft | None:
        """The draft of what was published, if another window had saved other words in it."""
        return self.claim.left_over if self.claim else None

    @property
    def draft_url(self) -> str:
        """Where what is written is saved."""
        key = self["submit_key"].value()
        try:
            return Draft(public_id=uuid.UUID(str(key))).get_absolute_url()
        except ValueError:
            return ""

    @property
    def earlier(self) -> Post | None:
        """The post that this one says anew; none when its user wants both."""
        if not self.cleaned_data.get("again") or "beside" in self.data:
            return None
        named = Delivery.objects.of(self.user).filter(job_id=self.cleaned_data["again"])
        return Post.objects.filter(deliveries__in=named).first()

    @property
    def is_in_the_way(self) -> bool:
        """Whether what it was to replace is there, or may be."""
        return any(error.code == "not_replaced" for error in self.non_field_errors().as_data())

    @property
    def once_key(self) -> uuid.UUID | None:
        """The page's key together with what was written: a second click makes the same post, and
        other words under a used key are told apart from it."""
        cleaned = self.cleaned_data
        if not cleaned.get("submit_key"):
            return None
        written = [tidy(cleaned["text"]), cleaned.get("at"), *cleaned["channels"].order_by("pk")]
        written.append(sorted(self.texts().items()))
        written += [(row.sha256, row.alt) for row in self.pictures.media]
        written += sorted(tidy_extras(extras_in(cleaned)).items())
        slot = FIRST if self.is_put_first else cleaned.get("slot")
        written += ["next", slot] if self.data.get("when") == "next" else []
        return uuid.uuid5(cleaned["submit_key"], repr([str(part) for part in written]))


class EditForm(PostForm):
    """The same for a post that waits."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)  # the revision it began with

    def __init__(self, post: Post, *args: Any, **kwargs: Any) -> None:
        super().__init__(post.user, *args, **kwargs)
        self.post, self.moving = post, [post.pk]
        self.fields["seen"].initial = post.revision
        for name in [name for name in self.fields if name.startswith(("text_", PREFIX))]:
            del self.fields[name]
        del self.fields["again"]  # the post's own page has this
        self.fields["submit_key"].initial = None  # its page knows
        going = [delivery for delivery in post.deliveries.all() if not delivery.is_done]
        self.going = {str(delivery.channel_id): delivery.channel for delivery in going}
        self.fields["channels"].initial = list(self.going)
        channels = {*self.choosable, *self.going.values()}
        networks = {channel.network for channel in channels}
        self.add_own_texts(networks, any(d.text for d in going))
        self.add_extras(networks)

    @property
    def had(self) -> list[str]:
        """The ids of the channels that the page shows ticked to begin with: it goes there."""
        choosable = {str(channel.pk) for channel in self.choosable}
        return [pk for pk in self.going if pk in choosable]

    @property
    def had_tags(self) -> list[str]:
        """The ids of the tags that the page shows ticked to begin with."""
        sent = self.data.getlist("had_tags") if isinstance(self.data, QueryDict) else []
        return sent if self.is_bound else tag_ids(self.post)

    def change_tags(self) -> None:
        """As a person has ticked and unticked them in the page; what nobody touched stays."""
        ticked = {str(tag.public_id): tag for tag in self.cleaned_data["tags"]}
        had = set(self.had_tags)
        added = [tag for public_id, tag in ticked.items() if public_id not in had]
        if removed := had - ticked.keys():
            self.post.tags.remove(*TagsField(self.user).clean(list(removed)))
        if added:
            self.post.tags.add(*added)

    def wanted(self) -> list[Channel] | None:
        """Where it is to go: as it does now, but for what a person has ticked or unticked in the
        page. None where the page showed no channels."""
        had = self.data.getlist("had") if isinstance(self.data, QueryDict) else []
        if not had or "channels" not in self.cleaned_data:
            return None
        ticked = {str(channel.pk): channel for channel in self.cleaned_data["channels"]}
        kept = {pk: row for pk, row in self.going.items() if pk in ticked or pk not in had}
        added = {pk: channel for pk, channel in ticked.items() if pk not in had}
        return list((kept | added).values())

    def shown_channels(self) -> list[Channel]:
        """Those that are ticked in the page, checked or not."""
        ticked = {str(value) for value in self["channels"].value() or []}
        kept = [row for pk, row in self.going.items() if pk in ticked or pk not in self.had]
        return [c for c in self.choosable if str(c.pk) in ticked - self.going.keys()] + kept

    def clean(self) -> dict[str, Any]:
        forms.Form.clean(self)
        if "text" in self.cleaned_data:
            wanted = self.wanted()
            self.check(list(self.going.values()) if wanted is None else wanted)
        return self.cleaned_data

    def save(self) -> bool:
        """Whether it could still be changed. Raises ValidationError: `changed` when somebody did
        so since the page was made, and what it says now is another thing."""
        cleaned = self.cleaned_data
        zone = self.post.time_zone if self.is_untouched else self.clock_zone
        key, revision = cleaned.get("submit_key"), cleaned["revision"]
        claim = CopiesClaim(self.post, key, revision, fields_in(self.data))
        with transaction.atomic():
            copies, before = claim.lock(), self.post.revision
            is_changed = self.post.edit(
                cleaned["text"],
                self.time_wanted,
                zone,
                self.texts(),
                self.pictures.media,
                cleaned["seen"] or None,
                extras_in(cleaned),
                self.wanted(),
            )
            if is_changed:
                claim.end(copies, cleaned["seen"] or before)
                self.change_tags()
                if self.is_put_first:
                    self.put_first(self.post)
                self.note_free_time(self.post)
        return is_changed

    def goes_to(self, channel: Channel) -> bool:
        return True  # that is settled

    @property
    def is_changed_meanwhile(self) -> bool:
        return any(error.code == "changed" for error in self.non_field_errors().as_data())


def texts_in(fields: Mapping[str, Any]) -> dict[str, str]:
    """`text_<network>` of a form or a request, by the network's name."""
    return {
        name.removeprefix("text_"): text for name, text in fields.items() if "text_" in name[:5]
    }
