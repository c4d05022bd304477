"""`python -m project.web` starts the web server."""

import sys

from .server import main

main(sys.argv[1:])
