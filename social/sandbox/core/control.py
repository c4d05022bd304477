"""The control plane `/_sandbox`: faults, the clock, the journal and the truth about what exists.

Answers JSON to programs; a form on the front page is sent back there.
"""

import json
import re
from collections.abc import Callable
from pathlib import Path

from . import front, journal, minting, presets, states, truth
from .wire import Malformed, Request, Response, json_response, redirect
from .world import World

MOST_PEOPLE = 50_000
STATIC = Path(__file__).parent / "static"
NETWORKS = STATIC.parent.parent
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}


def answer(world: World, request: Request) -> Response:
    path = request.url_path.removeprefix("/_sandbox").rstrip("/") or "/"
    if path.startswith("/static/"):
        return static(world, path.removeprefix("/static/"))
    if request.method not in ("GET", "HEAD") and is_foreign(request):
        return json_response({"error": "requests of other web sites are refused"}, 403)
    try:
        result = dispatch(world, request, path)
    except (Malformed, ValueError, KeyError, TypeError, OverflowError) as error:
        return json_response({"error": explained(error)}, 400)
    if request.method == "POST" and not request.is_json and request.content_type:
        return redirect("/#controls", 303)  # a form: back to the page it stands on
    return result if isinstance(result, Response) else json_response(result)


def static(world: World, name: str) -> Response:
    """Ours by its name, one of a network's by that network's."""
    network, _, short = name.rpartition("/")
    file = (NETWORKS / network / "static" if network else STATIC) / short
    is_known = not network or network in world.networks
    if not is_known or not re.fullmatch(r"[a-z_-]+\.[a-z]+", short) or not file.is_file():
        return front.nothing()
    headers = {"Content-Type": f"{TYPES[file.suffix]}; charset=utf-8", "Cache-Control": "no-cache"}
    return Response(200, file.read_bytes(), headers)


def is_foreign(request: Request) -> bool:
    """Any page in the same browser could post here: let nobody else's do it."""
    return request.headers.get("Sec-Fetch-Site") == "cross-site"


def explained(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"missing: {error.args[0]}"
    return str(error)


def dispatch(world: World, request: Request, path: str) -> object:
    method = "GET" if request.method == "HEAD" else request.method
    match = re.fullmatch(r"/faults/(\d+)", path)
    if match and method == "DELETE":
        return {"disarmed": world.faults.disarm(id=int(match[1]))}
    if (method, path) not in ROUTES:
        return json_response({"error": f"there is no {method} {path}", "routes": routes()}, 404)
    given = request.query if method in ("GET", "DELETE") else body_of(request)
    return ROUTES[method, path](world, given)


def body_of(request: Request) -> dict:
    """JSON, or a form whose numbers are numbers."""
    if request.content_type == "application/x-www-form-urlencoded":
        return {name: typed(value) for name, value in request.form.items() if value != ""}
    return request.json


def typed(text: str) -> object:
    if re.fullmatch(r"-?\d{1,9}(\.\d+)?", text):
        return json.loads(text) if not text.lstrip("-").startswith("0") or text == "0" else text
    return {"true": True, "false": False}.get(text, text)


def routes() -> list[str]:
    return [f"{method} /_sandbox{path}" for method, path in ROUTES]


def summary(world: World, given: dict) -> dict:
    return {
        "sandbox": True,
        "seed": world.seed,
        "fixture": world.fixture,
        "clock": world.clock.to_json(),
        "clients": world.clients.to_json(),
        "state": states.current(world),
        "faults": [fault.to_json() for fault in world.faults.armed],
        "routes": routes(),
    }


def reset(world: World, given: dict) -> dict:
    seed, fixture = given.get("seed", 1), given.get("fixture", "default")
    if type(seed) is not int:
        raise Malformed("seed is a whole number")
    people = given.get("people", 400)
    if type(people) is not int or not 0 <= people <= MOST_PEOPLE:
        raise Malformed(f"people is a whole number, {MOST_PEOPLE} at most")
    world.reset(seed, fixture, people)
    return {"seed": seed, "fixture": fixture}


def clock(world: World, given: dict) -> dict:
    seconds = given["advance_s"]
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise Malformed("advance_s is a number")
    if not 0 <= seconds <= 10 * 365 * 86400:
        raise Malformed("advance_s is 0 or more: this clock does not run backwards")
    world.clock.advance(seconds)
    return world.clock.to_json()


def read_journal(world: World, given: dict) -> dict:
    number = int(given.get("since", 0))
    entries = journal.since(world, number)
    return {"entries": entries, "last": entries[-1]["n"] if entries else number}


def list_faults(world: World, given: dict) -> dict:
    return {"faults": [fault.to_json() for fault in world.faults.armed]}


def arm(world: World, given: dict) -> dict:
    """One fault or preset, or {"faults": [...]}. A preset takes `seconds` and `times` too."""
    if "state" in given:
        return states.change(world, given | {"do": given["state"]})
    many = given["faults"] if "faults" in given else [given]
    specs = [presets.spec(world.presets, item) if "preset" in item else item for item in many]
    armed = [world.faults.arm(item).to_json() for item in specs]
    return armed[0] if "faults" not in given else {"faults": armed}


def disarm(world: World, given: dict) -> dict:
    id = int(given["id"]) if "id" in given else None
    return {"disarmed": world.faults.disarm(id=id, preset=given.get("preset"))}


def list_presets(world: World, given: dict) -> dict:
    return {"presets": [preset.to_json() for preset in world.presets.values()]}


def register(world: World, given: dict) -> dict:
    world.clients.register(given["app"])
    return world.clients.to_json()


def show_clients(world: World, given: dict) -> dict:
    return world.clients.to_json()


def show_clock(world: World, given: dict) -> dict:
    return world.clock.to_json()


Route = Callable[[World, dict], object]
ROUTES: dict[tuple[str, str], Route] = {
    ("GET", "/"): summary,
    ("POST", "/reset"): reset,
    ("GET", "/clock"): show_clock,
    ("POST", "/clock"): clock,
    ("GET", "/journal"): read_journal,
    ("GET", "/posts"): truth.posts,
    ("POST", "/posts"): truth.change_posts,
    ("GET", "/users"): truth.users,
    ("GET", "/faults"): list_faults,
    ("POST", "/faults"): arm,
    ("DELETE", "/faults"): disarm,
    ("POST", "/faults/disarm"): disarm,
    ("GET", "/presets"): list_presets,
    ("GET", "/state"): lambda world, given: states.current(world),
    ("POST", "/state"): states.change,
    ("GET", "/clients"): show_clients,
    ("POST", "/clients"): register,
    ("POST", "/tokens"): minting.mint,
}
