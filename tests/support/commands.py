"""The command line as tests use it: the real command in a process of its own, or `main` called with another world."""

import itertools
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from florilege.cli import main
from florilege.cli.context import CliContext
from support.clocks import Clock

DEADLINE = 60.0
"""Seconds a command may take before its test has failed."""


@dataclass(frozen=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """The results, line by line."""
        return self.out.splitlines()

    @property
    def said(self) -> list[str]:
        """The remarks, line by line, without the name of the program that each must begin with."""
        lines = self.err.splitlines()
        assert all(line.startswith("florilege: ") for line in lines), self.err
        return [line.removeprefix("florilege: ") for line in lines]

    @property
    def json(self) -> Any:
        """The results, as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Installed:
    """`python -m florilege` in a process of its own, everything of it in one folder."""

    home: Path

    def environ(self, **more: str) -> dict[str, str]:
        """The environment of the process."""
        kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        kept.pop("FLORILEGE_DEBUG", None)
        return kept | {"FLORILEGE_HOME": str(self.home), "TZ": "UTC", "PYTHONUTF8": "1", **more}

    def __call__(self, *words: str, given: bytes = b"", **environ: str) -> Ran:
        """Run it to its end, `given` on its standard input."""
        command = [sys.executable, "-m", "florilege", *words]
        done = subprocess.run(
            command, input=given, capture_output=True, env=self.environ(**environ), timeout=DEADLINE, check=False
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    def python(self, program: str) -> Ran:
        """Run a program of the test's own in a fresh interpreter."""
        command = [sys.executable, "-c", program]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, env=self.environ(), timeout=DEADLINE, check=False
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


@dataclass
class Called:
    """`main` called in this process, with a clock that stands still and ids that can be foretold."""

    home: Path
    capsys: pytest.CaptureFixture[str]
    clock: Clock = field(default_factory=lambda: Clock(datetime(2026, 3, 20, 12, 0, tzinfo=UTC)))
    lock_timeout: float = 5.0
    environ: dict[str, str] = field(default_factory=dict)
    """What else is in the environment."""
    paused: list[float] = field(default_factory=list)
    """The seconds it would have waited between two older pages."""
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __call__(self, *words: str) -> Ran:
        """Call it."""
        outside = CliContext(
            {"FLORILEGE_HOME": str(self.home), **self.environ},
            clock=self.clock,
            new_id=lambda: f"{next(self._numbers):04x}",
            lock_timeout=self.lock_timeout,
            pause=self._pause,
        )
        self.capsys.readouterr()
        code = main(words, outside)
        written = self.capsys.readouterr()
        return Ran(code, written.out, written.err)

    async def _pause(self, seconds: float) -> None:
        self.paused.append(seconds)
