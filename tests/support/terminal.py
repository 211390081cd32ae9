"""The installed command in a real pseudo-terminal: what it draws, as a terminal would show it, and what it sends."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pexpect
import pyte

COMMAND = str(Path(sys.executable).with_name("florilege"))
"""The installed command, beside the Python interpreter of the tests."""

ENTER, ESCAPE, DOWN = "\r", "\x1b", "\x1b[B"


class Terminal:
    """A terminal in which a command runs."""

    def __init__(
        self,
        *arguments: str,
        home: Path,
        size: tuple[int, int] = (120, 36),
        command: str = COMMAND,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """Start a command.

        Args:
            arguments: Its arguments.
            home: HOME, and florilege's own folder.
            size: Columns and lines.
            command: What to run instead of florilege.
            environ: Further variables.
        """
        columns, lines = size
        self.screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self.sent = b""
        """Everything the command has written to the terminal."""
        variables = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "FLORILEGE_HOME": str(home / "florilege"),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "C.UTF-8",
            **(environ or {}),
        }
        # Through env, because pexpect splits a command without arguments at its spaces.
        self.process: pexpect.spawn[Any] = pexpect.spawn(
            "/usr/bin/env",
            [command, *arguments],
            env=variables,
            dimensions=(lines, columns),
            timeout=20,
            cwd=str(home),
        )
        # By default pexpect sleeps before each key and after the end, for programs slower than ours.
        self.process.delaybeforesend = None
        self.process.ptyproc.delayafterclose = 0.01  # type: ignore[attr-defined]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.close(force=True)

    @property
    def text(self) -> str:
        """What the terminal shows."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def press(self, keys: str) -> None:
        """Type keys."""
        self.process.send(keys)

    def send(self, data: bytes) -> None:
        """Send bytes, as a terminal might."""
        self.process.send(data)

    def until(self, is_so: Callable[[str], bool], *, seconds: float = 20.0, what: str = "") -> str:
        """Read what the command draws until the screen satisfies the condition; otherwise fail with the screen."""
        deadline = time.monotonic() + seconds
        while not is_so(self.text):
            left = deadline - time.monotonic()
            if left <= 0 or not self._read(left):
                raise AssertionError(f"the screen did not come to show {what or 'what was expected'}:\n{self.text}")
        return self.text

    def shows(self, *words: str, seconds: float = 20.0) -> str:
        """Wait until all these words are on screen."""
        return self.until(
            lambda text: all(word in text for word in words), seconds=seconds, what=", ".join(map(repr, words))
        )

    def wrote(self, sequence: bytes, *, seconds: float = 20.0) -> None:
        """Wait until the command has written these bytes to the terminal."""
        self.until(lambda _: sequence in self.sent, seconds=seconds, what=repr(sequence))

    def resize(self, columns: int, lines: int) -> None:
        """Change the size of the terminal, as a window does."""
        self.screen.resize(lines, columns)
        self.process.setwinsize(lines, columns)

    def kill(self) -> None:
        """End the command as a power cut would."""
        self.process.kill(signal.SIGKILL)
        self.process.wait()

    def vanish(self) -> None:
        """Disappear without a signal, as a closed window may."""
        self.process.ptyproc.fileobj.close()  # type: ignore[attr-defined]

    def ended(self, *, seconds: float = 20.0) -> int:
        """Wait for the command to end; gives its exit code."""
        deadline = time.monotonic() + seconds
        while self._read(max(0.0, deadline - time.monotonic())):
            pass
        self.process.wait()
        code = self.process.exitstatus
        return code if code is not None else -(self.process.signalstatus or 0)

    def _read(self, seconds: float) -> bool:
        try:
            data: bytes = self.process.read_nonblocking(65536, timeout=seconds)
        except pexpect.EOF:
            return False
        except pexpect.TIMEOUT:
            return False
        self.sent += data
        self._stream.feed(data)
        return True


@contextmanager
def running(*arguments: str, home: Path, size: tuple[int, int] = (120, 36), **more: str) -> Iterator[Terminal]:
    """florilege in a terminal, ended with the block at the latest."""
    with Terminal(*arguments, home=home, size=size, environ=more) as terminal:
        yield terminal
