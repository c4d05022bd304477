"""Records as a server keeps them: put, create, get, list, delete; and pictures. As PDS 0.4.217 and
0.5.35 answered."""

import re
from datetime import datetime
from typing import Any

from ..core.graphemes import graphemes
from ..core.wire import Request, Response, json_response
from ..core.world import World
from . import store
from .errors import invalid, invalid_record, no_account, no_blob, no_record, own_fault, swapped
from .state import POST, Account, Blob, Record

KEY = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
MOST_GRAPHEMES, MOST_BYTES, MOST_PICTURES = 300, 3_000, 4
LABELS = {"sexual", "nudity", "porn", "graphic-media"}
ADDRESS = re.compile(r"\w+:(?://)?[^\s/]\S*", re.ASCII)
EXTERNAL, LARGEST_THUMB = "app.bsky.embed.external", 1_000_000  # bytes
LARGEST_UPLOAD = 5 * 1024 * 1024


def put(world: World, request: Request, account: Account) -> Response:
    given = request.json
    key = checked_key(given)
    value, media = checked(world, given, account)
    there = world.bluesky.posts.get(store.uri_of(account.did, key))
    if there is not None and there.deleted_at is None:
        if there.cid == store.cid_of_value(value):
            return json_response(named(there))  # nothing was done
        if "swapRecord" in given and given["swapRecord"] != there.cid:
            raise swapped(there.cid)
    elif given.get("swapRecord"):
        raise swapped("null")
    record = store.put(world, account, key, value, media)
    request.created = record.id
    return json_response(done(world, record))


def create(world: World, request: Request, account: Account) -> Response:
    given = request.json
    value, media = checked(world, given, account)
    key = checked_key(given) if "rkey" in given else store.new_key(world)
    if store.is_there(world.bluesky.posts.get(store.uri_of(account.did, key))):
        raise own_fault()  # bluesky-social/atproto#3718: it cannot be told from a real one
    record = store.put(world, account, key, value, media)
    request.created = record.id
    return json_response(done(world, record))


def delete(world: World, request: Request, account: Account) -> Response:
    given = request.json
    check_place(given, account)
    record = world.bluesky.posts.get(store.uri_of(account.did, str(given.get("rkey"))))
    if not store.is_there(record):
        return json_response({})
    record.deleted_at = world.now()
    return json_response({"commit": commit_of(world, record)})


def get(world: World, request: Request) -> Response:
    query = request.query
    account = repository(world, query.get("repo", ""))
    uri = f"at://{account.did}/{query.get('collection', '')}/{query.get('rkey', '')}"
    record = world.bluesky.posts.get(uri)
    if record is None or record.deleted_at is not None:
        raise no_record(uri)
    return json_response({"uri": record.id, "cid": record.cid, "value": record.value})


def listed(world: World, request: Request) -> Response:
    query = request.query
    account = repository(world, query.get("repo", ""))
    size, cursor = size_of(query, usual=50), query.get("cursor", "")
    rows = store.by_key(world, account.did) if query.get("collection") == POST else []
    rest = [record for record in rows if not cursor or record.key < cursor]
    page = rest[:size] or (rows[:size] if request.tampered == "circle" else [])
    shown = [{"uri": it.id, "cid": it.cid, "value": it.value} for it in page]
    return json_response({"records": shown} | ({"cursor": page[-1].key} if page else {}))


def upload(world: World, request: Request, account: Account) -> Response:
    """Named by what is in it: the same bytes are the same blob. It is too large only for a post."""
    if not request.content_type:
        raise invalid("Request encoding (Content-Type) required but not provided")
    if len(request.body) > LARGEST_UPLOAD:
        raise invalid("request entity too large")
    cid = store.cid_of(request.body, "bafkrei")
    blob = Blob(cid, account.did, request.content_type, request.body)
    world.bluesky.blobs[account.did, blob.cid] = blob
    return json_response({"blob": reference(blob)})


def reference(blob: Blob) -> dict[str, Any]:
    link = {"$link": blob.cid}
    return {"$type": "blob", "ref": link, "mimeType": blob.type, "size": len(blob.data)}


def repository(world: World, name: str) -> Account:
    account = world.bluesky.accounts.get(name) or world.bluesky.account_named(name)
    if account is None or name not in (account.did, account.handle):
        raise invalid(f"Could not find repo: {name}")
    return account


def size_of(query: dict[str, str], usual: int) -> int:
    text = query.get("limit", str(usual))
    if not re.fullmatch(r"\d{1,4}", text) or not 1 <= int(text) <= 100:
        raise invalid("Error: Params must have the property limit between 1 and 100")
    return int(text)


def done(world: World, record: Record) -> dict[str, Any]:
    return named(record) | {"commit": commit_of(world, record), "validationStatus": "valid"}


def commit_of(world: World, record: Record) -> dict[str, str]:
    return {"cid": store.cid_of(record.id.encode()), "rev": store.new_key(world)}


def named(record: Record) -> dict[str, Any]:
    return {"uri": record.id, "cid": record.cid}


def check_place(given: dict[str, Any], account: Account) -> None:
    if given.get("repo") not in (account.did, account.handle):
        raise no_account()
    if given.get("collection") != POST:
        raise invalid(f"this sandbox keeps {POST} alone")


def checked_key(given: dict[str, Any]) -> str:
    key = given.get("rkey")
    if not isinstance(key, str) or not KEY.fullmatch(key):
        raise invalid("Invalid TID string")
    return key


def checked(
    world: World, given: dict[str, Any], account: Account
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The record, and the pictures that it names."""
    check_place(given, account)
    value = given.get("record")
    if not isinstance(value, dict) or value.get("$type") != POST:
        raise invalid_record(f"Record/$type must be {POST}")
    text = value.get("text")
    if not isinstance(text, str):
        raise invalid_record('Record must have the property "text"')
    if len(text.encode()) > MOST_BYTES:
        raise invalid_record(
            f"Record/text must not be longer than {MOST_BYTES} bytes (string too big)"
        )
    if graphemes(text) > MOST_GRAPHEMES:
        found = graphemes(text)
        raise invalid_record(f"grapheme too big (maximum {MOST_GRAPHEMES}, got {found}) at $.text")
    check_time(value.get("createdAt"))
    languages = value.get("langs", [])
    if not isinstance(languages, list) or len(languages) > 3:
        raise invalid_record("Record/langs must not have more than 3 elements")
    check_facets(value.get("facets", []))
    check_labels(value.get("labels"))
    return value, pictures(world, value.get("embed"), account)


def check_time(stated: Any) -> None:
    try:
        is_one = "T" in stated and datetime.fromisoformat(stated).tzinfo is not None
    except (TypeError, ValueError):
        is_one = False
    if not is_one:
        raise invalid_record("Record/createdAt must be an valid atproto datetime")


def check_facets(facets: Any) -> None:
    """Their shape alone: offsets are not compared with the text."""
    rows: list[Any] = facets if isinstance(facets, list) else [None]
    for facet in rows:
        try:
            index, features = facet["index"], facet["features"]
            numbers = (index["byteStart"], index["byteEnd"])
            fine = all(type(it) is int and it >= 0 for it in numbers)
            fine = fine and all(feature["$type"] for feature in features)
        except (TypeError, KeyError):
            fine = False
        if not fine:
            raise invalid_record("Record/facets must be an array of facets")


def check_labels(labels: Any) -> None:
    if labels is None:
        return
    try:
        values = {label["val"] for label in labels["values"]}
    except (TypeError, KeyError) as error:
        raise invalid_record("Record/labels must be self labels") from error
    if labels.get("$type") != "com.atproto.label.defs#selfLabels" or not values <= LABELS:
        raise invalid_record("Record/labels must be self labels")


def pictures(world: World, embed: Any, account: Account) -> list[dict[str, Any]]:
    """Of an embed of pictures, as the control API tells of them."""
    if embed is None:
        return []
    if isinstance(embed, dict) and embed.get("$type") == EXTERNAL:
        check_card(world, embed.get("external"), account)
    images = embed.get("images") if isinstance(embed, dict) else None
    if not isinstance(images, list):
        return []
    if not 1 <= len(images) <= MOST_PICTURES:
        raise invalid_record(f"Record/embed/images must have 1 to {MOST_PICTURES} elements")
    return [picture(world, image, account) for image in images]


def picture(world: World, image: Any, account: Account) -> dict[str, Any]:
    try:
        cid, alt = image["image"]["ref"]["$link"], image["alt"]
    except (TypeError, KeyError) as error:
        raise invalid_record('Record/embed/images must have the property "alt"') from error
    blob = checked_blob(world, account, cid, world.bluesky.picture_limit)
    shown = {"id": cid, "type": blob.type, "size": len(blob.data), "alt_text": alt}
    ratio = image.get("aspectRatio")
    return shown | {"path": f"/bluesky/media/{account.did}/{cid}", "aspect_ratio": ratio}


def checked_blob(world: World, account: Account, cid: str, most: int) -> Blob:
    """A picture that a record names, of `most` bytes at most."""
    blob = world.bluesky.blobs.get((account.did, cid))
    if blob is None:
        raise no_blob(cid)
    if len(blob.data) > most:
        raise invalid(f"This file is too large. It is {len(blob.data)} but the maximum is {most}")
    if not blob.type.startswith("image/"):
        raise invalid(f"Wrong type of file. It is {blob.type} but it must match image/*.")
    return blob


def check_card(world: World, card: Any, account: Account) -> None:
    """Of a link: it must say all three, which may be empty, and may have a picture."""
    for name in ("uri", "title", "description"):
        if not isinstance(card, dict) or not isinstance(card.get(name), str):
            raise invalid_record(f'Record/embed/external must have the property "{name}"')
    if not ADDRESS.fullmatch(card["uri"]):
        raise invalid_record("Record/embed/external/uri must be a uri")
    if "thumb" in card:
        try:
            cid = card["thumb"]["ref"]["$link"]
        except (TypeError, KeyError) as error:
            raise invalid_record("Record/embed/external/thumb should be a blob ref") from error
        checked_blob(world, account, cid, LARGEST_THUMB)
