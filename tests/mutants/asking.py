"""The servers: processes that have everything loaded, each asked about one mutant at a time."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from .covering import IN_PROCESS, PYTEST
from .mutant import Mutant
from .targets import ROOT


class Asker:
    def __init__(self, tests: Sequence[str]) -> None:
        reading, writing = os.pipe()
        self.log = tempfile.NamedTemporaryFile("w+", prefix="fanfare-mutants-", suffix=".log")
        self.process = subprocess.Popen(
            [*PYTEST, "-s", "-p", "tests.mutants.server", *IN_PROCESS, *tests],
            cwd=ROOT,
            env={**os.environ, "MUTANTS_ANSWERS": str(writing)},
            stdin=subprocess.PIPE,
            stdout=self.log,
            stderr=subprocess.STDOUT,
            text=True,
            pass_fds=[writing],
        )
        os.close(writing)
        self.answers = os.fdopen(reading)
        self.answer()

    def ask(
        self, mutant: Mutant, tests: Sequence[tuple[str, float]], budget: float
    ) -> dict[str, Any]:
        """{"end", "test", "why"}; see `server`."""
        asked = {"mutant": asdict(mutant), "tests": tests, "budget": budget}
        print(json.dumps(asked), file=self.process.stdin, flush=True)
        return self.answer()

    def answer(self) -> dict[str, Any]:
        line = self.answers.readline()
        if not line:
            self.log.seek(0)
            sys.exit(f"A server is gone:\n{self.log.read()[-4000:]}")
        return json.loads(line)

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait(30)
        self.answers.close()
        self.log.close()
