"""A post that waits becomes a draft again: nothing of it goes out, and nothing of it is lost."""

import uuid

from django.db import transaction
from django.utils import timezone

from publishing.models import Draft, Post
from publishing.posts.composing import as_written
from publishing.posts.reusing import tag_ids
from publishing.posts.times import clock_in
from publishing.states import CANCELED

from .fields import Fields


def take_back(post: Post) -> Draft | None:
    """Cancel what was not tried yet and make a draft of it, all or nothing; the draft that was made
    before for a second click. None when nothing could be canceled."""
    public_id = uuid.uuid5(post.public_id, "draft")
    fields = fields_of_post(post)
    with transaction.atomic():
        untried = [delivery for delivery in post.deliveries.all() if delivery.is_untried]
        channels = [str(d.channel_id) for d in untried if d.cancel()]
        known = Draft.objects.of(post.user_id).filter(public_id=public_id).first()
        if not channels:
            return known if known and is_canceled(post) else None
        if known and known.is_live:
            return known
        draft = Draft(user=post.user, public_id=uuid.uuid4() if known else public_id)
        draft.fields = fields | {"channels": channels}
        draft.create()
    return draft


def is_canceled(post: Post) -> bool:
    return not post.deliveries.exclude(state=CANCELED).exists()


def fields_of_post(post: Post) -> Fields:
    """What a composer would send that says what `post` does."""
    written = as_written(post)
    zone, at = timezone.get_current_timezone_name(), written.pop("at")
    moment = written.pop("moment")
    fields = {name: [str(value)] for name, value in written.items()}
    if at and moment:
        fields |= {"at": [f"{clock_in(zone, moment):%Y-%m-%dT%H:%M}"], "zone": [zone]}
        fields["moment"] = [moment.isoformat()]
    if tags := tag_ids(post):
        fields["tags"] = tags
    pictures = list(post.media.all()) if post.picture_count else []
    fields["media"] = [str(picture.public_id) for picture in pictures]
    return fields | {f"alt_{picture.public_id}": [picture.alt] for picture in pictures}
