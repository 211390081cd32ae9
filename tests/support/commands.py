"""Two ways for tests to run a command: in a process of its own, or by calling `main` with a fixed clock."""

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
"""Seconds after which a command has failed its test."""


@dataclass(frozen=True)
class Ran:
    """The result of a command."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        """Standard output, line by line."""
        return self.out.splitlines()

    @property
    def said(self) -> list[str]:
        """Messages on standard error, without the program name each must begin with."""
        lines = self.err.splitlines()
        assert all(line.startswith("florilege: ") for line in lines), self.err
        return [line.removeprefix("florilege: ") for line in lines]

    @property
    def json(self) -> Any:
        """Standard output, parsed as JSON."""
        return json.loads(self.out)


@dataclass(frozen=True)
class Installed:
    """`python -m florilege` in a process of its own, with all its files in one folder."""

    home: Path

    def environ(self, **more: str) -> dict[str, str]:
        """The environment of the process, which buffers its output as Python does by default."""
        ours = {"FLORILEGE_HOME": str(self.home), "TZ": "UTC", "PYTHONUTF8": "1", "PYTHONUNBUFFERED": ""}
        return {**os.environ, **ours, **more}

    def __call__(self, *words: str, given: bytes = b"", **environ: str) -> Ran:
        """Run it to completion, with `given` on standard input."""
        command = [sys.executable, "-m", "florilege", *words]
        done = subprocess.run(
            command, input=given, capture_output=True, env=self.environ(**environ), timeout=DEADLINE, check=False
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())

    def python(self, program: str) -> Ran:
        """Run a Python program of the test in a fresh interpreter."""
        command = [sys.executable, "-c", program]
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, env=self.environ(), timeout=DEADLINE, check=False
        )
        return Ran(done.returncode, done.stdout.decode(), done.stderr.decode())


@dataclass
class Called:
    """`main` called in this process, with a fixed clock and predictable ids."""

    home: Path
    capsys: pytest.CaptureFixture[str]
    clock: Clock = field(default_factory=lambda: Clock(datetime(2026, 3, 20, 12, 0, tzinfo=UTC)))
    lock_timeout: float = 5.0
    environ: dict[str, str] = field(default_factory=dict)
    """Further environment variables."""
    paused: list[float] = field(default_factory=list)
    """Pauses between older pages, in seconds, which are skipped."""
    _numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    def __call__(self, *words: str) -> Ran:
        """Run a command."""
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
