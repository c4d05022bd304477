"""The command line: `python -m social.sandbox --port 9000`."""

import sys

from .cli import main

if __name__ == "__main__":
    sys.exit(main())
