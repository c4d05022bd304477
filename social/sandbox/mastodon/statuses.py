"""Posts and pictures, as Mastodon takes them; and keys of requests, with all their holes."""

import re
from typing import Any

from ..core.graphemes import graphemes
from ..core.wire import Request, Response, json_response
from ..core.world import World
from . import store
from .errors import MastodonError, not_found, own_fault
from .state import Account, Media, Status

LARGEST = 16 * 1024 * 1024
VISIBILITIES = {"public", "unlisted", "private", "direct"}
MENTION = re.compile(r"(?<![=/\w])@(\w+)@[\w.-]+\w")


def create(world: World, request: Request, account: Account) -> Response:
    state, key = world.mastodon, request.headers.get("Idempotency-Key", "")
    is_keyed = bool(key) and state.software.keeps_keys
    if is_keyed and (known := state.key_of(account, key, world.now())):
        return repeated(world, request, known)
    status = made(world, request, account)
    if state.drops_silently:
        status.deleted_at = world.now()
    request.created = status.id
    if is_keyed:
        now = world.now()
        state.keys[account.id, key] = (
            status.id,
            now + state.keys_late_s,
            now + state.keys_kept_s,
        )
    return json_response(store.view(world, request.origin, status))


def repeated(world: World, request: Request, id: str) -> Response:
    """The first one, whatever the words are now."""
    if world.mastodon.statuses[id].deleted_at is not None:
        raise not_found()
    if world.mastodon.repeat_fails:
        raise own_fault()
    return json_response(store.view(world, request.origin, world.mastodon.statuses[id]))


def made(world: World, request: Request, account: Account) -> Status:
    given, software = fields(request), world.mastodon.software
    text, warning = str(given.get("status") or ""), str(given.get("spoiler_text") or "")
    media = pictures(world, given.get("media_ids") or [], account)
    if not text and not media:
        raise refused(world, "Validation failed: Text can't be blank")
    if length(world, text) + length(world, warning) > software.length:
        raise refused(
            world, f"Validation failed: Text character limit of {software.length} exceeded"
        )
    visibility = str(given.get("visibility") or "public")
    if visibility not in VISIBILITIES:
        raise refused(world, "Validation failed: Visibility is not included in the list")
    status = store.add(
        world,
        account,
        text,
        media=[it.id for it in media],
        visibility=visibility,
        warning=warning,
        language=given.get("language"),
        reply_to=given.get("in_reply_to_id"),
    )
    for it in media:
        it.status_id = status.id
    return status


def fields(request: Request) -> dict[str, Any]:
    if request.is_json:
        return request.json
    many = request.form_list("media_ids[]") if request.content_type.endswith("urlencoded") else []
    return dict(request.form) | {"media_ids": many}


def refused(world: World, message: str) -> MastodonError:
    return MastodonError(world.mastodon.software.refusal, message)


def length(world: World, text: str) -> int:
    software = world.mastodon.software
    if software.name == "gotosocial":
        return len(text)
    text = store.ADDRESS.sub("x" * software.link, text)
    return graphemes(MENTION.sub(r"@\1", text))


def pictures(world: World, ids: list[Any], account: Account) -> list[Media]:
    """Each is used once."""
    if len(ids) > world.mastodon.software.pictures:
        most = world.mastodon.software.pictures
        raise refused(world, f"Validation failed: Cannot attach more than {most} files")
    held = [world.mastodon.media.get(str(id)) for id in ids]
    named = [it for it in held if it and it.owner_id == account.id and not it.status_id]
    if len(named) < len(ids):
        raise refused(world, f"Media with IDs {', '.join(map(str, ids))} not found")
    if any(it.fails or it.ready_at > world.now() for it in named):
        raise refused(
            world, "Cannot attach files that have not finished processing. Try again in a moment!"
        )
    return named


def one(world: World, request: Request, account: Account) -> Response:
    return json_response(store.view(world, request.origin, standing(world, request)))


def source(world: World, request: Request, account: Account) -> Response:
    status = standing(world, request)
    if status.author_id != account.id:
        raise not_found()
    told = {"id": status.id, "text": status.text, "spoiler_text": status.warning}
    return json_response(told)


def delete(world: World, request: Request, account: Account) -> Response:
    status = standing(world, request)
    if status.author_id != account.id:
        raise not_found()
    status.deleted_at = world.now()
    return json_response(store.view(world, request.origin, status) | {"text": status.text})


def standing(world: World, request: Request) -> Status:
    status = world.mastodon.statuses.get(request.path.split("/")[4])
    if status is None or status.deleted_at is not None:
        raise not_found()
    return status


# ── Pictures ──────────────────────────────────────────────────────────────────────────────────
def upload(world: World, request: Request, account: Account) -> Response:
    """The second version answers at once, and the picture is ready later."""
    state, is_second = world.mastodon, request.path.startswith("/api/v2/")
    if is_second and not state.software.has_second_media:
        raise MastodonError(404, "Not Found")
    file = request.files.get("file")
    if file is None or not file.data:
        raise refused(world, "Validation failed: File can't be blank")
    if len(file.data) > LARGEST:
        raise refused(world, "Validation failed: File file size must be less than 16 MB")
    if not file.type.startswith("image/"):
        raise refused(world, "Validation failed: File content type is invalid")
    takes = state.media_takes_s if is_second else 0
    media = Media(
        state.new_id(world.now()),
        account.id,
        file.type,
        file.data,
        request.form.get("description", ""),
        world.now() + takes,
        state.media_fails,
    )
    state.media[media.id] = media
    return shown(world, request, media, 202)


def look(world: World, request: Request, account: Account) -> Response:
    media = world.mastodon.media.get(request.path.split("/")[4])
    if media is None or media.owner_id != account.id:
        raise not_found()
    if media.fails:
        raise MastodonError(422, "Error processing thumbnail for uploaded media")
    return shown(world, request, media, 206)


def shown(world: World, request: Request, media: Media, status: int) -> Response:
    body = store.attachment(media, request.origin)
    if media.fails or media.ready_at > world.now():
        return json_response(body | {"url": None}, status)
    return json_response(body)
