"""As on a machine that is called HOST_NAME, where namespaces cannot be had."""

import os
import socket

from tests.hazards.settings import *  # noqa: F403

NAME = os.environ["HOST_NAME"]
socket.gethostname = lambda: NAME
