"""A person says that a delivery in doubt is there. It counts once its network says that this very
account wrote that post: whose it is, no link can prove."""

from typing import TYPE_CHECKING

from django.db import IntegrityError, models, transaction
from django.utils import timezone

from publishing.database_errors import insist
from publishing.deliveries.matching import match_key
from publishing.deliveries.reconciling import ASK, FOUND
from publishing.states import QUEUED, SENDING, SENT, UNCONFIRMED
from social.networks.errors import NetworkError, TemporaryError
from social.networks.messages import sentence
from social.networks.shapes import Found

from .owning import Owning
from .verification import Look

if TYPE_CHECKING:
    from .delivery import Delivery

CLAIMED = "claimed"  # the reason while the network is asked
NO_CHANNEL = "This channel was disconnected: connect it again, and we can ask whose post that is."


class Confirming(Owning):
    """The part of a delivery that takes a person's word, and has it confirmed."""

    claimed_id = models.CharField(max_length=128, blank=True)  # what the network is asked about

    class Meta:
        abstract = True

    @property
    def is_claimed(self) -> bool:
        """Its person named a post, and the network has not been heard about it."""
        return self.state == UNCONFIRMED and bool(self.claimed_id)

    @property
    def candidates(self) -> list[dict[str, str]]:
        """What stands there that could be it, for the person who is asked: read from the account's
        own timeline."""
        if self.waiting_for != "person":
            return []
        look = self.looks.filter(claimed_id="").last()
        return look.candidates if look and look.attempt == self.attempt else []

    def confirm(self, link: str) -> bool:
        """The person looked, and it is there: one of the candidates, or what a link or an id names,
        which a worker asks the network about first. Raises ValueError with one sentence."""
        link = link.strip()
        for post in self.candidates:
            if link and link in (post["id"], post["url"]):
                return self._choose(post)
        named = self.channel.network.find_link(link, self.channel.handle)
        if self.channel.state == "disconnected":
            raise ValueError(NO_CHANNEL)
        self._refuse_taken(named.remote_id)
        fields = {"claimed_id": named.remote_id, "reason": CLAIMED, "next_look_at": timezone.now()}
        return self._move([UNCONFIRMED], UNCONFIRMED, ("attempt", "claimed_id"), **fields)

    def _choose(self, post: dict[str, str]) -> bool:
        self._refuse_taken(post["id"])
        fields = {"remote_id": post["id"], "remote_url": post["url"]}
        try:
            with transaction.atomic():
                return self._move([UNCONFIRMED], SENT, ("attempt", "claimed_id"), **fields)
        except IntegrityError as error:
            raise ValueError(self._says("claim_taken")) from error

    def _refuse_taken(self, remote_id: str) -> None:
        if self._taken([remote_id]):
            raise ValueError(self._says("claim_taken"))

    def _says(self, reason: str) -> str:
        return sentence(reason, self.channel.network.label)

    def check_claim(self) -> None:
        """Ask the network whose post that is, and write down what it says."""
        channel = self.channel
        try:
            found = channel.network.post(
                self.claimed_id, channel.remote_id, channel.handle, channel.token()
            )
        except NetworkError as error:
            self.mark_unread(error)
        except Exception as error:  # a fault of ours
            self.mark_unread(TemporaryError("unreachable", repr(error)))
            raise
        else:
            insist(lambda: self._settle_claim(found))

    def _settle_claim(self, found: Found | None) -> None:
        why = self._objection(found)
        look = Look(delivery=self, attempt=self.attempt, claimed_id=self.claimed_id)
        look.outcome, look.reason = (ASK, why) if why else (FOUND, "")
        look.items = int(found is not None)
        try:
            with transaction.atomic():
                look.save()
                if why or found is None:
                    self.ask(why)
                else:
                    self._settle_confirmed(found)
        except IntegrityError:  # another delivery took that post in this very moment
            look.pk, look.outcome, look.reason = None, ASK, "claim_taken"
            with transaction.atomic():
                look.save()
                self.ask(look.reason)

    def _settle_confirmed(self: "Delivery", found: Found) -> bool:
        fields = {"remote_id": found.remote_id, "remote_url": found.url}
        unchanged = ("attempt", "next_look_at", "claimed_id")
        return self._move([UNCONFIRMED], SENT, unchanged, **fields)

    def _objection(self, found: Found | None) -> str:
        """Why the post that was named is not this delivery's: a key of messages.SENTENCES; empty
        when nothing speaks against it. Its words may be others than ours, as its person may have
        edited it; but not those of another one in doubt at the same account."""
        if found is None:
            return "claim_not_there"
        if found.author_id != self.channel.remote_id:
            return "claim_of_another" if found.author_id else "claim_unsaid"
        if self._taken([found.remote_id, *found.former_ids]):
            return "claim_taken"
        last, key = self.attempts.last(), match_key(found.text)
        others = {match_key(text) for text in self._rivals([QUEUED, SENDING, UNCONFIRMED])}
        is_ours = key == match_key(last.text if last else self.content)
        return "claim_of_others_words" if key in others and not is_ours else ""
