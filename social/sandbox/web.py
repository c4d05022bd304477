"""What people would see at x.com and facebook.com: posts, profiles, pictures."""

import hashlib
import html

from . import front
from .wire import Request, Response
from .world import World

HUES = (12, 35, 88, 152, 188, 214, 262, 318)
MEDIA_HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}


def answer(world: World, request: Request) -> Response:
    parts = [part for part in request.url_path.split("/") if part]
    if parts[:2] in (["x", "avatars"], ["fb", "pictures"]) and len(parts) == 3:
        return avatar(world, parts[2].removesuffix(".svg"))
    if parts[:2] == ["x", "media"] and len(parts) == 3:
        media = world.x.media.get(parts[2])
        return picture(media.data, media.type) if media else front.nothing()
    if parts[:2] == ["fb", "media"] and len(parts) == 3:
        photo = world.facebook.photos.get(parts[2])
        return picture(photo.data, photo.type) if photo else front.nothing()
    if parts[:2] == ["x", "t.co"] and len(parts) == 3:
        return unshortened(world, parts[2])
    if len(parts) == 4 and parts[0] == "x" and parts[2] == "status":
        return front.tweet_page(world, parts[3])
    if len(parts) == 2 and parts[0] == "x":
        return front.x_profile(world, parts[1])
    if len(parts) == 4 and parts[0] == "fb" and parts[2] == "posts":
        return front.facebook_post_page(world, f"{parts[1]}_{parts[3]}")
    if len(parts) == 2 and parts[0] == "fb":
        found = front.facebook_post_page(world, parts[1])
        return found if found.status == 200 else front.facebook_profile(world, parts[1])
    return front.nothing()


def picture(data: bytes, type: str) -> Response:
    """Only as the picture it claims to be: uploads must never run as a page."""
    kind = type if type in PICTURES else "application/octet-stream"
    return Response(200, data, MEDIA_HEADERS | {"Content-Type": kind})


def avatar(world: World, id: str) -> Response:
    facebook = world.facebook
    found = world.x.users.get(id) or facebook.users.get(id) or facebook.pages.get(id)
    if found is None:
        return front.nothing()
    svg = drawn(id, found.name, square=id in facebook.pages)
    headers = {"Content-Type": "image/svg+xml", "Cache-Control": "max-age=3600"}
    return Response(200, svg.encode(), MEDIA_HEADERS | headers)


def drawn(id: str, name: str, *, square: bool) -> str:
    """Initials over two shapes whose place and colour follow from the id."""
    digest = hashlib.sha256(id.encode()).digest()
    hue = HUES[digest[0] % len(HUES)]
    first, second = (hue + digest[1] % 24) % 360, (hue + 40 + digest[2] % 60) % 360
    x, y, radius = 20 + digest[3] % 60, 20 + digest[4] % 60, 26 + digest[5] % 26
    words = [word for word in name.replace("-", " ").split() if word[0].isalnum()]
    initials = html.escape("".join(word[0] for word in words[:2]).upper())
    corner = 18 if square else 0
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="200" height="200">'
        f'<rect width="100" height="100" rx="{corner}" fill="hsl({first} 52% 42%)"/>'
        f'<circle cx="{x}" cy="{y}" r="{radius}" fill="hsl({second} 60% 56%)" opacity=".55"/>'
        '<text x="50" y="52" fill="#fff" font-family="system-ui, sans-serif" font-weight="600" '
        'font-size="38" text-anchor="middle" dominant-baseline="central">'
        f"{initials}</text></svg>"
    )


def unshortened(world: World, code: str) -> Response:
    target = world.x.links.get(code)
    if target is None:
        return front.nothing()
    return Response(200, target.encode(), {"Content-Type": "text/plain; charset=utf-8"})
