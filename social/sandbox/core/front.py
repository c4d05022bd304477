"""The pages a person looks at: both timelines side by side, single posts, profiles."""

from . import truth
from .clock import iso_time
from .faults import Fault
from .network import Network, Row
from .templating import Safe, escaped, join, render, shell
from .wire import Request, Response, page
from .world import World

SHOWN = 30
LIVE = '<script src="/_sandbox/static/live.js" defer></script>'
RELOAD = '<noscript><meta http-equiv="refresh" content="10"></noscript>'
GROUPS = (("TLS", "tls."), ("Signing in", "oauth."), ("Tokens", "token."), ("Everything", "slow"))


def answer(world: World, request: Request) -> Response:
    if request.url_path != "/":
        return nothing()
    rows = truth.posts(world, {"include_hidden": "1"})["posts"]
    standing = [row for row in rows if not row["deleted"]]
    networks = list(world.networks.values())
    own = [(network.label, f"{network.preset_prefix}.") for network in networks]
    body = render(
        "front",
        networks=listed(world),
        feeds=join([column(world, network, standing) for network in networks]),
        armed=armed(world),
        groups=join([group(world, title, prefix) for title, prefix in (*own, *GROUPS)]),
        controls=join([network.controls(world) for network in networks]),
        clock=clock(world),
        seed=world.seed,
        lag=round(max(state.lag_ms for state in world.states.values())),
    )
    return page(shell("All timelines", body, kind="front", head=head(world) + LIVE + RELOAD))


def listed(world: World) -> str:
    return " and ".join(network.label for network in world.networks.values())


def head(world: World) -> str:
    """Each network's own colours."""
    return "".join(
        f'<link rel="stylesheet" href="/_sandbox/static/{name}/colours.css">'
        for name in world.networks
    )


def column(world: World, network: Network, rows: list[Row]) -> Safe:
    return render(
        "feed",
        name=network.name,
        mark=network.mark,
        heading=network.heading,
        posts=feed(world, network, rows),
    )


def feed(world: World, network: Network, rows: list[Row]) -> Safe:
    mine = [row for row in rows if row["network"] == network.name][:SHOWN]
    if not mine:
        return Safe('<p class="none">Nothing has been posted here yet.</p>')
    return join([card(world, network, row) for row in mine])


def card(world: World, network: Network, row: Row) -> Safe:
    parts = (link_box(row), pictures(network, row), comments(row), badge(network, row))
    return render(
        "post",
        name=row["author"],
        path=row["path"],
        at=row["created_at"],
        ago=ago(world.now() - row["created_unix"]),
        text=with_links(network, row["message"]),
        more=join([Safe(part) for part in parts if part]),
        **network.byline(row),
    )


def with_links(network: Network, text: str) -> Safe:
    """Links look like links, but lead nowhere: nothing here leaves the machine."""
    parts, position = [], 0
    for start, end in network.links_in(text):
        parts.append(escaped(text[position:start]))
        parts.append(f'<span class="link">{escaped(text[start:end])}</span>')
        position = end
    return Safe("".join([*parts, escaped(text[position:])]))


def link_box(row: Row) -> str:
    return f'<p class="preview">{escaped(row["link"])}</p>' if row["link"] else ""


def comments(row: Row) -> str:
    """What stands below it, where its network tells of that."""
    below = [(escaped(it["author"]), escaped(it["text"])) for it in row.get("comments", ())]
    return "".join(f'<p class="preview"><b>{name}</b> {text}</p>' for name, text in below)


def pictures(network: Network, row: Row) -> str:
    shown = [picture(item) for item in row["media"] if network.is_picture(item)]
    return f'<div class="pictures n{len(shown)}">{"".join(shown)}</div>' if shown else ""


def picture(item: Row) -> str:
    """With its alt text in sight: what only some people hear is easily forgotten."""
    alt = escaped(item.get("alt_text", ""))
    caption = f'<figcaption aria-hidden="true"><b>ALT</b> {alt}</figcaption>' if alt else ""
    return f'<figure><img src="{escaped(item["path"])}" alt="{alt}">{caption}</figure>'


def badge(network: Network, row: Row) -> str:
    if row["deleted"]:
        text = "deleted"
    elif row["visible"]:
        return ""
    elif row["scheduled_at"]:
        text = f"scheduled by {network.label} for {row['scheduled_at']}"
    else:
        text = "not in any list yet" if row["published"] else "unpublished"
    return f'<p class="badge">{escaped(text)}</p>'


def ago(seconds: float) -> str:
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{int(seconds // size)} {unit}"
    return "now"


def clock(world: World) -> str:
    shift = world.clock.offset
    ahead = f", {ago(shift)} ahead of yours" if shift >= 60 else ""
    return f"{iso_time(world.now())[:16].replace('T', ' ')} UTC{ahead}"


def armed(world: World) -> Safe:
    if not world.faults.armed:
        return Safe('<p class="none">None. All networks behave.</p>')
    return join([render("armed", **described(world, fault)) for fault in world.faults.armed])


def described(world: World, fault: Fault) -> dict[str, object]:
    preset = world.presets.get(fault.preset)
    left = "until disarmed" if fault.times is None else f"{fault.times - fault.fired} left"
    return {
        "id": fault.id,
        "name": fault.preset or f"fault {fault.id}",
        "says": preset.says if preset else f"{fault.phase} acceptance",
        "left": left,
    }


def group(world: World, title: str, prefix: str) -> Safe:
    listed = [p for name, p in world.presets.items() if name.startswith(prefix)]
    buttons = join([render("preset", name=preset.name, says=preset.says) for preset in listed])
    return render("group", title=title, count=len(listed), buttons=buttons)


def nothing() -> Response:
    text = "There is nothing at this address."
    return page(shell("Nothing here", render("message", heading="Nothing here", text=text)), 404)


def single(world: World, network: Network, row: Row | None) -> Response | None:
    """The page of one post; None where it is not there any more."""
    if row is None or row["deleted"]:
        return None
    title = f"{row['account_name']}: {row['message'][:60]}"
    body = render("single", heading="Post", body=card(world, network, row))
    return page(shell(title, body, kind="single", head=head(world)))


def profile(world: World, network: Network, account: str, name: str) -> Response:
    rows = truth.posts(world, {"network": network.name, "account": account})["posts"]
    body = render("single", heading=name, body=feed(world, network, rows))
    return page(shell(name, body, kind="single", head=head(world)))
