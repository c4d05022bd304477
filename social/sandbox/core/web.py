"""Pictures as web sites show them."""

import hashlib
import html

from .wire import Response

HUES = (12, 35, 88, 152, 188, 214, 262, 318)
HEADERS = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "sandbox"}
PICTURES = {"image/png", "image/jpeg", "image/gif", "image/webp"}


def picture(data: bytes, type: str) -> Response:
    """Only as the picture it claims to be: uploads must never run as a page."""
    kind = type if type in PICTURES else "application/octet-stream"
    return Response(200, data, HEADERS | {"Content-Type": kind})


def avatar(id: str, name: str, *, square: bool) -> Response:
    headers = {"Content-Type": "image/svg+xml", "Cache-Control": "max-age=3600"}
    return Response(200, drawn(id, name, square=square).encode(), HEADERS | headers)


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
