"""Media upload, in one piece or in segments, as API v2 has it."""

import base64
import binascii
from typing import Any

from ..core.wire import Request, Response, json_response
from ..core.world import World
from .errors import check_keys, invalid_request
from .state import XGrant, XMedia

LIFE = 86400
IMAGE_LIMIT, LIMIT = 5 * 1024 * 1024, 64 * 1024 * 1024
AT_ONCE = set("tweet_image tweet_gif tweet_video dm_image dm_gif dm_video subtitles".split())
CATEGORIES = AT_ONCE | {"amplify_video"}
UPLOAD_KEYS = {"media", "media_category", "additional_owners"}
SIGNATURES = [
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"RIFF", "image/webp"),
]
PROCESSING_S = 2  # how long a film is pending


def upload(world: World, request: Request, grant: XGrant) -> Response:
    given = request.json if request.is_json else request.form
    check_keys(given, UPLOAD_KEYS)
    data, category = media_bytes(request, given), given.get("media_category")
    if str(category) not in AT_ONCE:
        raise invalid_request("$.media_category: is not known", media_category=category)
    media = start(world, grant, sniff(data), category)
    finish(world, media, data)
    return json_response({"data": describe(world, media)})


def media_bytes(request: Request, given: dict) -> bytes:
    """`media` as base64 in JSON or in a form, or as the file of a multipart form."""
    if "media" in request.files:
        return request.files["media"].data
    try:
        data = base64.b64decode(str(given["media"]), validate=True)
    except (KeyError, binascii.Error, ValueError) as error:
        raise invalid_request("$.media: must be base64 encoded bytes") from error
    if not data:
        raise invalid_request("$.media: is empty")
    return data


def sniff(data: bytes) -> str:
    types = (type for start, type in SIGNATURES if data.startswith(start))
    return next(types, "application/octet-stream")


def initialize(world: World, request: Request, grant: XGrant) -> Response:
    given = request.json if request.is_json else request.form
    try:
        total = int(given["total_bytes"])
        type = str(given["media_type"])
    except (KeyError, TypeError, ValueError) as error:
        raise invalid_request("media_type and total_bytes are required") from error
    if not 0 < total <= LIMIT:
        raise invalid_request("$.total_bytes: out of range", total_bytes=total)
    media = start(world, grant, type, given.get("media_category", "tweet_image"))
    media.expected = total
    return json_response({"data": describe(world, media)})


def start(world: World, grant: XGrant, type: str, category: Any) -> XMedia:
    assert grant.user_id is not None  # no such route is for the app itself
    if str(category) not in CATEGORIES:
        raise invalid_request("$.media_category: is not known", media_category=category)
    id = world.x.snowflake(world.now())
    media = XMedia(id, grant.user_id, type, category, b"", world.now() + LIFE)
    world.x.media[id] = media
    return media


def append(world: World, request: Request, grant: XGrant, id: str) -> Response:
    media = own(world, grant, id)
    given = request.json if request.is_json else request.form
    try:
        index = int(given["segment_index"])
    except (KeyError, TypeError, ValueError) as error:
        raise invalid_request("segment_index is required") from error
    if media.expected is None or not 0 <= index <= 999:
        raise invalid_request("segment_index is out of range", segment_index=index)
    media.segments[index] = media_bytes(request, given)
    return json_response({"data": {"expires_at": int(media.expires_at)}})


def finalize(world: World, request: Request, grant: XGrant, id: str) -> Response:
    media = own(world, grant, id)
    if media.expected is not None:
        data = b"".join(media.segments[index] for index in sorted(media.segments))
        if len(data) != media.expected:
            raise invalid_request("The appended bytes are not total_bytes", total_bytes=len(data))
        finish(world, media, data)
    return json_response({"data": describe(world, media)})


def finish(world: World, media: XMedia, data: bytes) -> None:
    limit = IMAGE_LIMIT if media.category == "tweet_image" else LIMIT
    if len(data) > limit:
        raise invalid_request(f"File size exceeds {limit} bytes.")
    media.data, media.segments, media.expected = data, {}, None
    film = media.category in ("tweet_video", "tweet_gif", "amplify_video")
    takes = PROCESSING_S if film else world.x.picture_processing_s
    media.processed, media.ready_at = takes > 0, world.now() + takes


def status(world: World, request: Request, grant: XGrant) -> Response:
    if request.query.get("command", "STATUS") != "STATUS":
        raise invalid_request("command must be STATUS", command=request.query.get("command"))
    return json_response(
        {"data": describe(world, own(world, grant, request.query.get("media_id", "")))}
    )


def metadata(world: World, request: Request, grant: XGrant) -> Response:
    given = request.json
    media = own(world, grant, str(given.get("id") or ""))
    alt = given.get("metadata") or {}
    alt = alt.get("alt_text") if isinstance(alt, dict) else None
    text = alt.get("text") if isinstance(alt, dict) else None
    if not isinstance(text, str) or not 0 < len(text) <= 1000:
        raise invalid_request("$.metadata.alt_text.text: must have 1 to 1000 characters")
    media.alt_text = text
    kept = {"alt_text": {"text": text}}
    return json_response({"data": {"id": media.id, "associated_metadata": kept}})


def own(world: World, grant: XGrant, id: str) -> XMedia:
    media = world.x.media.get(id)
    if media is None or media.owner_id != grant.user_id or world.now() >= media.expires_at:
        raise invalid_request(f"Invalid media id: {id}", media_id=id)
    return media


def describe(world: World, media: XMedia) -> dict:
    left = max(0, int(media.expires_at - world.now()))
    shown = {"id": media.id, "media_key": f"3_{media.id}", "expires_after_secs": left}
    if media.expected is None:
        shown["size"] = len(media.data)
    if media.processed and media.expected is None:
        shown["processing_info"] = processing(world, media)
    return shown


def processing(world: World, media: XMedia) -> dict:
    waiting = media.ready_at - world.now()
    if world.x.processing_fails:
        return {"state": "failed"}  # and no word why
    if waiting <= 0:
        return {"state": "succeeded", "progress_percent": 100}
    state = "pending" if waiting > PROCESSING_S / 2 else "in_progress"
    return {"state": state, "check_after_secs": 1, "progress_percent": 0}
