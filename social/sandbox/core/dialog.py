"""The pages on which a person allows an app: no cookie, no script, everything in the form. What
is asked, and of whom, each network says itself."""

from urllib.parse import urlencode, urlsplit

from .network import Network
from .templating import Safe, join, render, shell
from .wire import Request, Response, page


class Refused(Exception):
    """The app's request is wrong: the person is told, and is not sent anywhere."""


def is_denied(request: Request) -> bool:
    pressed = request.method == "POST" and request.form.get("do") != "allow"
    return pressed or request.tampered == "deny" or "sandbox_cancel" in request.query


def chosen(request: Request) -> str:
    """The person named on the page, or in the address when nobody is there to click."""
    if request.method == "POST":
        return request.form.get("sandbox_user", "")
    return request.query.get("sandbox_user", "") if "sandbox_auto" in request.query else ""


def with_query(url: str, fields: dict[str, str]) -> str:
    return url + ("&" if urlsplit(url).query else "?") + urlencode(fields)


def person(id: str, name: str, detail: str, image: str, is_wanted: bool, more: str = "") -> Safe:
    """One of those to choose from."""
    return render(
        "person",
        id=id,
        name=name,
        detail=detail,
        image=image,
        checked="checked" if is_wanted else "",
        more=Safe(more),
    )


def group(legend: str, parts: list[Safe]) -> Safe:
    return Safe(f"<fieldset><legend>{legend}</legend>{join(parts)}</fieldset>")


def dialog(request: Request, network: Network, heading: str, body: str, allow: str) -> Response:
    inside = render(
        "dialog",
        network=network.label,
        mark=network.mark,
        heading=heading,
        lead="Choose who you want to be.",
        action=request.target,
        body=Safe(body),
        allow=allow,
        target=urlsplit(request.query["redirect_uri"]).netloc,
    )
    colours = f'<link rel="stylesheet" href="/_sandbox/static/{network.name}/colours.css">'
    return page(shell(heading, inside, kind=f"dialog-page {network.name}", head=colours))


def refusal(heading: str, text: str) -> Response:
    return page(shell(heading, render("message", heading=heading, text=text)), 400)
