"""The pages a person looks at: both timelines side by side, single posts, profiles."""

from . import presets, truth, x_text
from .clock import x_time
from .faults import Fault
from .templating import Safe, escaped, join, render, shell
from .wire import Request, Response, page
from .world import World

SHOWN = 30
LIVE = '<script src="/_sandbox/static/live.js" defer></script>'
RELOAD = '<noscript><meta http-equiv="refresh" content="10"></noscript>'
GROUPS = (
    ("X", "x."),
    ("Facebook", "fb."),
    ("TLS", "tls."),
    ("Signing in", "oauth."),
    ("Tokens", "token."),
    ("Everything", "slow"),
)
Row = dict


def answer(world: World, request: Request) -> Response:
    if request.url_path != "/":
        return nothing()
    rows = truth.posts(world, {"include_hidden": "1"})["posts"]
    standing = [row for row in rows if not row["deleted"]]
    body = render(
        "front",
        x=feed(world, standing, "x"),
        facebook=feed(world, standing, "facebook"),
        armed=armed(world),
        groups=join([group(title, prefix) for title, prefix in GROUPS]),
        people=people(world),
        clock=clock(world),
        seed=world.seed,
        x_lag=round(world.x.lag_ms),
    )
    return page(shell("Both timelines", body, kind="front", head=LIVE + RELOAD))


def feed(world: World, rows: list[Row], network: str) -> Safe:
    mine = [row for row in rows if row["network"] == network][:SHOWN]
    if not mine:
        return Safe('<p class="none">Nothing has been posted here yet.</p>')
    return join([card(world, row) for row in mine])


def card(world: World, row: Row) -> Safe:
    on_x, visitor = row["network"] == "x", row["author"] != row["account_name"]
    handle = f"@{row['account']}" if on_x else "Page"
    prefix = "/x/avatars/" if on_x else "/fb/pictures/"
    return render(
        "post",
        image=f"{prefix}{row['author_id']}.svg",
        shape="round" if on_x or visitor else "square",
        name=row["author"],
        profile=f"/x/{row['account']}" if on_x else f"/fb/{row['account']}",
        handle=f"to {row['account_name']}" if visitor else handle,
        path=row["path"],
        at=row["created_at"],
        ago=ago(world.now() - row["created_unix"]),
        text=with_links(row["message"]),
        more=join([Safe(part) for part in (link_box(row), pictures(row), badge(row)) if part]),
    )


def with_links(text: str) -> Safe:
    """Links look like links, but lead nowhere: nothing here leaves the machine."""
    parts, position = [], 0
    for start, end in x_text.links_in(text):
        parts.append(escaped(text[position:start]))
        parts.append(f'<span class="link">{escaped(text[start:end])}</span>')
        position = end
    return Safe("".join([*parts, escaped(text[position:])]))


def link_box(row: Row) -> str:
    return f'<p class="preview">{escaped(row["link"])}</p>' if row["link"] else ""


def pictures(row: Row) -> str:
    shown = [
        picture(item)
        for item in row["media"]
        if item["type"].startswith("image/") or row["network"] == "facebook"
    ]
    return f'<div class="pictures n{len(shown)}">{"".join(shown)}</div>' if shown else ""


def picture(item: Row) -> str:
    """With its alt text in sight: what only some people hear is easily forgotten."""
    alt = escaped(item.get("alt_text", ""))
    said = f'<figcaption aria-hidden="true"><b>ALT</b> {alt}</figcaption>' if alt else ""
    return f'<figure><img src="{escaped(item["path"])}" alt="{alt}">{said}</figure>'


def badge(row: Row) -> str:
    if row["deleted"]:
        text = "deleted"
    elif row["visible"]:
        return ""
    elif row["scheduled_at"]:
        text = f"scheduled by Facebook for {row['scheduled_at']}"
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
    return f"{x_time(world.now())[:16].replace('T', ' ')} UTC{ahead}"


def armed(world: World) -> Safe:
    if not world.faults.armed:
        return Safe('<p class="none">None. Both networks behave.</p>')
    return join([render("armed", **described(fault)) for fault in world.faults.armed])


def described(fault: Fault) -> dict[str, object]:
    preset = presets.PRESETS.get(fault.preset)
    left = "until disarmed" if fault.times is None else f"{fault.times - fault.fired} left"
    return {
        "id": fault.id,
        "name": fault.preset or f"fault {fault.id}",
        "says": preset.says if preset else f"{fault.phase} acceptance",
        "left": left,
    }


def group(title: str, prefix: str) -> Safe:
    listed = [p for name, p in presets.PRESETS.items() if name.startswith(prefix)]
    buttons = join([render("preset", name=preset.name, says=preset.says) for preset in listed])
    return render("group", title=title, count=len(listed), buttons=buttons)


def people(world: World) -> Safe:
    options = [
        Safe(f'<option value="{user.id}">{escaped(user.name)}</option>')
        for user in world.facebook.users.values()
    ]
    return join(options)


def nothing() -> Response:
    text = "There is nothing at this address."
    return page(shell("Nothing here", render("message", heading="Nothing here", text=text)), 404)


def tweet_page(world: World, id: str) -> Response:
    tweet = world.x.tweets.get(id)
    return single(world, truth.tweet_truth(world, tweet)) if tweet else nothing()


def facebook_post_page(world: World, id: str) -> Response:
    post = world.facebook.posts.get(id)
    return single(world, truth.post_truth(world, post)) if post else nothing()


def single(world: World, row: Row) -> Response:
    if row["deleted"]:
        return nothing()
    title = f"{row['account_name']}: {row['message'][:60]}"
    return page(
        shell(title, render("single", heading="Post", body=card(world, row)), kind="single")
    )


def x_profile(world: World, name: str) -> Response:
    user = world.x.user_named(name)
    return profile(world, "x", user.username, user.name) if user else nothing()


def facebook_profile(world: World, name: str) -> Response:
    found = world.facebook.page_named(name)
    return profile(world, "facebook", found.id, found.name) if found else nothing()


def profile(world: World, network: str, account: str, name: str) -> Response:
    rows = truth.posts(world, {"network": network, "account": account})["posts"]
    body = render("single", heading=name, body=feed(world, rows, network))
    return page(shell(name, body, kind="single"))
