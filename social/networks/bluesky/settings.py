"""What Bluesky needs of the environment and of Django: nothing of anybody. Accounts live on servers
of their own, so there is no fixed host; in sandbox mode all of it is at the sandbox."""

from ..declarations import NetworkSettings, Option

HOST_NAME = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+"

SETTINGS = NetworkSettings(
    name="bluesky",
    label="Bluesky",
    hosts=(),
    options=(
        Option("BLUESKY_DIRECTORY", "plc.directory", HOST_NAME),
        Option("BLUESKY_APPVIEW", "public.api.bsky.app", HOST_NAME),
    ),
    apps=("social.networks.bluesky",),
    picture_origins=("https://cdn.bsky.app",),
    mark="networks/bluesky.svg",
    stylesheet="networks/bluesky.css",
    token_patterns=(  # of app passwords; its tokens are JSON web tokens, which all are kept from
        (["-"], r"(?i)()()(?<![\w-])[a-z2-7]{4}(?:-[a-z2-7]{4}){3}(?![\w-])"),
    ),
    same_hosts={"www.bsky.app": "bsky.app"},
)
