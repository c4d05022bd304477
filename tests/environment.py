"""The environment of the tests: a pytest plugin, loaded by `-p` before Django reads its settings.

Every name that project/settings.py reads is set here, because what is in the environment wins over
a developer's .env. Only DATABASE_URL is respected when it is set, to run the suite on PostgreSQL.
"""

import os
import shutil
import socket
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

from project.networks import DECLARED, sandbox_hosts
from social.sandbox.core.certificates import Authority, write_ca

DIRECTORY = Path(tempfile.mkdtemp(prefix="fanfare-tests-"))


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


SANDBOX_PORT = free_port()
# Where it is asked what it has; the networks are there as well, behind TLS as in reality.
SANDBOX_URL = f"http://127.0.0.1:{SANDBOX_PORT}"
NETWORKS_URL = f"https://127.0.0.1:{SANDBOX_PORT}"
SANDBOX_CA = DIRECTORY / "sandbox-ca.pem"
write_ca(Authority(), SANDBOX_CA)  # until a sandbox begins and writes its own

ENVIRONMENT = {
    # DEBUG opens sign-up and serves plain static files; pytest-django turns settings.DEBUG off.
    "DEBUG": "1",
    "SECRET_KEY": "only-for-tests-and-long-enough-to-pass-the-deployment-checks",
    "SECRET_KEY_FALLBACKS": "",
    "TOKEN_KEYS": Fernet.generate_key().decode(),
    "ALLOWED_HOSTS": "localhost,127.0.0.1",  # Django's test runner adds testserver
    "PUBLIC_URL": "http://localhost",
    "CSRF_TRUSTED_ORIGINS": "http://localhost",
    "PORT": "8000",
    "SANDBOX_PORT": str(SANDBOX_PORT),
    "INSTANCE_ID": "tests",
    "SIGN_UP": "open",
    "METRICS_TOKEN": "metrics-token-of-the-tests",
    "EMAIL_URL": "memorymail://",
    "DEFAULT_FROM_EMAIL": "",
    "SERVER_EMAIL": "",
    "TRUSTED_PROXY_COUNT": "0",
    "HSTS_SECONDS": "",
    "TIME_SCALE": "1.0",
    "LOG": "normal",
    "LOG_FILE": "",
    "PRIVATE_HOMES": "",
    "SANDBOX_CA": str(SANDBOX_CA),
    **{option.variable: option.default for network in DECLARED for option in network.options},
    **sandbox_hosts(NETWORKS_URL),
    **{app.variable: app.in_sandbox for network in DECLARED for app in network.credentials},
    "IMPORT_AT_ONCE": "",  # tests/importing says what is read there
}
os.environ.update(ENVIRONMENT)
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # playwright's event loop runs in the tests' thread
os.environ.setdefault("DATABASE_URL", f"sqlite:///{DIRECTORY / 'unused.sqlite3'}")


def pytest_unconfigure() -> None:
    shutil.rmtree(DIRECTORY, ignore_errors=True)
