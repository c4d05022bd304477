"""The `.env` of a checkout on somebody's own machine: written once, never committed.

`make setup` runs this file. It generates the secrets a first local run needs, points the four
network hosts at the sandbox, and never changes a file that is already there.
"""

import os
import secrets
from pathlib import Path

from cryptography.fernet import Fernet

ENV_FILE = Path(__file__).resolve().parent.parent / ".env"

TEMPLATE = """\
# Fanfare on this machine. Written by `make setup`; yours to edit; never commit it.
DEBUG=1
SECRET_KEY={secret_key}
TOKEN_KEYS={token_key}

# Sandbox mode: a make-believe X and Facebook (`manage.py sandbox`). For the real ones delete these
# four lines and fill in the keys of your own X and Facebook apps below.
X_API_URL=http://127.0.0.1:9000/x-api
X_AUTHORIZE_URL=http://127.0.0.1:9000/x/i/oauth2/authorize
FACEBOOK_GRAPH_URL=http://127.0.0.1:9000/fb-graph
FACEBOOK_AUTHORIZE_URL=http://127.0.0.1:9000/fb/v25.0/dialog/oauth
#X_CLIENT_ID=
#X_CLIENT_SECRET=
#FACEBOOK_APP_ID=
#FACEBOOK_APP_SECRET=
"""


def write_env_file(path: Path = ENV_FILE) -> bool:
    """Write `path` with mode 0600 unless it exists; say whether it was written."""
    try:
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return False
    content = TEMPLATE.format(
        secret_key=secrets.token_urlsafe(50), token_key=Fernet.generate_key().decode()
    )
    with os.fdopen(descriptor, "w") as file:
        file.write(content)
    return True


if __name__ == "__main__":
    print("Wrote .env" if write_env_file() else "Kept the .env that is here")
