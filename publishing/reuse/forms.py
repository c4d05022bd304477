"""What a person may keep for writing, and what is wrong with it, in words."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from publishing.posts.characters import check_characters
from publishing.posts.contents import tidy
from social.models import Channel
from social.networks import NETWORKS

from .channel_group import GROUPS_PER_USER, ChannelGroup
from .snippet import SNIPPET_CHARACTERS, SNIPPETS_PER_USER, Snippet
from .tag import COLOURS, TAGS_PER_USER, Tag


class KeptForm(forms.ModelForm):
    """A thing that a person keeps under a name, of which nothing else of theirs has the same, up
    to `most` of them."""

    most: int
    full: Any  # the sentence when there are so many

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = self.instance.user = user

    def others(self) -> models.QuerySet:
        """Those of the same kind that its user has beside this one."""
        return (
            type(self.instance)._default_manager.filter(user=self.user).exclude(pk=self.instance.pk)
        )

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        check_characters(name)
        if self.others().filter(name=name).exists():
            raise ValidationError(gettext("You have one of that name."), code="known")
        return name

    def clean(self) -> dict[str, Any]:
        super().clean()
        if self.instance.pk is None and self.others().count() >= self.most:
            raise ValidationError(self.full, code="full")
        return self.cleaned_data

    def keep(self) -> bool:
        """Store it, if it is in order; what is not, the form says."""
        if not self.is_valid():
            return False
        try:
            with transaction.atomic():
                self.save()
        except IntegrityError:  # a second click
            self.add_error("name", gettext("You have one of that name."))
            return False
        return True


class SnippetForm(KeptForm):
    most = SNIPPETS_PER_USER
    full = _("That is as many snippets as fit. Delete one first.")

    network_name = forms.ChoiceField(label=_("For"), required=False)

    class Meta:
        model = Snippet
        fields = ("name", "text", "network_name")
        labels = {"name": _("Name"), "text": _("Words")}
        widgets = {"text": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(network.name, network.label) for network in NETWORKS.values()]
        network = self.fields["network_name"]
        assert isinstance(network, forms.ChoiceField)
        network.choices = [("", _("All networks")), *named]

    def clean_text(self) -> str:
        text = tidy(self.cleaned_data["text"])
        check_characters(text)
        if len(text) > SNIPPET_CHARACTERS:
            sentence = gettext("A snippet may have {most:,} characters.")
            raise ValidationError(sentence.format(most=SNIPPET_CHARACTERS), code="too_long")
        return text


class TagForm(KeptForm):
    most = TAGS_PER_USER
    full = _("That is as many tags as fit. Delete one first.")

    class Meta:
        model = Tag
        fields = ("name", "colour")
        labels = {"name": _("Name"), "colour": _("Colour")}
        widgets = {"colour": forms.RadioSelect(choices=COLOURS)}

    def others(self) -> models.QuerySet:
        return Tag.objects.of(self.user).exclude(pk=self.instance.pk)


class ChannelGroupForm(KeptForm):
    most = GROUPS_PER_USER
    full = _("That is as many groups as fit. Delete one first.")

    class Meta:
        model = ChannelGroup
        fields = ("name", "channels")
        labels = {"name": _("Name"), "channels": _("Channels")}
        error_messages = {"channels": {"required": _("Choose at least one channel.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        channels = self.fields["channels"]
        assert isinstance(channels, forms.ModelMultipleChoiceField)
        channels.queryset = Channel.objects.of(self.user)
        channels.error_messages["invalid_choice"] = _(
            "One of the channels is not yours any more. Choose again."
        )

    def save(self, commit: bool = True) -> Any:
        """What is left out today stays in it."""
        group = self.instance
        asleep = [] if group.pk is None else list(group.channels.exclude(pk__in=self.offered()))
        saved = super().save(commit)
        saved.channels.add(*asleep)
        return saved

    def offered(self) -> models.QuerySet:
        return Channel.objects.of(self.user).values("pk")
