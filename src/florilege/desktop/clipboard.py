"""Copying: every way to a clipboard there is, and which of them were used. Nothing here raises to the reader.

Two ways are always tried: the system's clipboard through pyperclip, and the terminal's through OSC 52, which also works
over SSH; inside tmux its own `load-buffer -w` reaches the outer terminal, where a bare OSC 52 does not. The room knows
neither Textual nor what is copied. Callers run `copy` in a thread: a tool that hangs takes up to `LIMIT` seconds.
"""

import base64
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from florilege.text import clean, clean_line

LIMIT = 3.0
"""Seconds a tool may take."""
OSC52_SURE = 74_994
"""Bytes of base64 that every terminal with OSC 52 takes. Source: the limit of hterm and of the scripts around it."""
OSC52_MOST = 1_000_000
"""Bytes of base64 beyond which nothing is sent: it would hold the terminal up for seconds over a slow line."""


class Way(StrEnum):
    """A way a text took. The value is how it is said."""

    SYSTEM = "the clipboard"
    TERMINAL = "the terminal's clipboard"
    TMUX = "tmux"
    REMOTE = "the clipboard of the remote machine"
    """The system's clipboard, but of a machine we reach over SSH: not where the reader sits."""


@dataclass(frozen=True, slots=True)
class Copied:
    """What came of copying. Its text follows what was copied (`Link copied to ...`), or is a sentence of its own."""

    ways: tuple[Way, ...] = ()
    """The ways that took the text; empty when there was none."""
    problem: str | None = None
    """A sentence about what failed or is in doubt; None when all is well."""

    @property
    def where(self) -> str:
        """`to the clipboard and tmux`; empty when there was no way. The terminal's own is the same clipboard here."""
        told = [way for way in self.ways if way is not Way.TERMINAL or Way.SYSTEM not in self.ways]
        return f"to {' and '.join(told)}" if told else ""

    def __str__(self) -> str:
        if not self.ways:
            return self.problem or "Nothing was copied."
        return f"copied {self.where}." + (f" {self.problem}" if self.problem else "")


@dataclass(frozen=True, slots=True)
class Ran:
    """How a tool ended."""

    code: int
    """Exit code; 0 is success."""
    errors: str = ""
    """What it wrote to standard error."""


Run = Callable[[Sequence[str], str, Mapping[str, str]], Ran]
"""Runs (command, text for its standard input, environment). Raises OSError, TimeoutError when it takes too long."""


def run_apart(command: Sequence[str], text: str, environ: Mapping[str, str], *, limit: float = LIMIT) -> Ran:
    """Run a tool in a session of its own, with none of our descriptors.

    xclip, xsel and wl-copy stay behind to serve the text. They inherit what their parent had open: a pipe they kept
    would never end, and what they say would land on our screen. So their output goes to a file without a name.

    Raises:
        OSError: The tool is missing or can't be started.
        TimeoutError: It took longer than `limit` seconds, and was ended.
    """
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(  # noqa: S603 -- a list of our own making, no shell
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            env=dict(environ),
            start_new_session=True,
        ) as process:
            try:
                process.communicate(text.encode(), timeout=limit)
            except subprocess.TimeoutExpired:
                _end(process)
                raise TimeoutError from None
        errors.seek(0)
        return Ran(process.returncode, errors.read(4096).decode("utf-8", "replace"))


class Clipboard:
    """Copies text by every way this machine and terminal have."""

    def __init__(
        self,
        *,
        copy_system: Callable[[str], None] | None = None,
        write_terminal: Callable[[str], None] | None = None,
        environ: Mapping[str, str],
        run: Run = run_apart,
    ) -> None:
        """Nothing is tried yet.

        Args:
            copy_system: Copies to the system's clipboard, or raises OSError with a reason; pyperclip when None.
            write_terminal: Writes an escape sequence to the terminal the reader sits at; None when there is none.
            environ: Environment of this process.
            run: Runs a tool.
        """
        self._copy_system = copy_system or self._copy_with_pyperclip
        self._write_terminal = write_terminal
        self._environ = environ
        self._run = run

    def copy(self, text: str, write_terminal: Callable[[str], None] | None = None) -> Copied:
        """Copy a text, cleaned of what could drive a terminal it is pasted into.

        Args:
            text: What to copy.
            write_terminal: Goes before the one given at the start.
        """
        text = clean(text)
        if not text:
            return Copied(problem="There is nothing to copy.")
        ways: list[Way] = []
        failed: list[str] = []
        tries = (self._to_system, lambda text: self._to_terminal(text, write_terminal or self._write_terminal))
        for attempt in tries:
            try:
                if (way := attempt(text)) is not None:
                    ways.append(way)
            except TimeoutError:
                failed.append("a tool gave no answer in time")
            except (OSError, RuntimeError, ValueError) as error:  # pyperclip's own is a RuntimeError
                failed.append(_reason(error))
        return Copied(tuple(ways), self._problem(ways, failed, len(text.encode())))

    def _to_system(self, text: str) -> Way:
        """Copy to the system's clipboard, and say whose it was."""
        self._copy_system(text)
        return Way.REMOTE if self._is_remote else Way.SYSTEM

    def _to_terminal(self, text: str, write: Callable[[str], None] | None) -> Way | None:
        """Copy through the terminal, if there is one that may understand."""
        if self._environ.get("TMUX"):
            self._load_tmux(text)
            return Way.TMUX
        if write is None or self._environ.get("TERM", "") in {"", "dumb", "linux"}:
            return None
        encoded = base64.b64encode(text.encode()).decode("ascii")
        if len(encoded) > OSC52_MOST:
            return None
        write(f"\x1b]52;c;{encoded}\x07")
        return Way.TERMINAL

    def _load_tmux(self, text: str) -> None:
        """Give the text to tmux, which passes it on to the terminal it runs in (-w, since tmux 3.2)."""
        if self._run(["tmux", "load-buffer", "-w", "-"], text, self._environ).code == 0:
            return
        ran = self._run(["tmux", "load-buffer", "-"], text, self._environ)
        if ran.code != 0:
            raise OSError(ran.errors or "tmux did not take it")

    def _copy_with_pyperclip(self, text: str) -> None:
        """Copy through pyperclip, in a process of its own (see `main`)."""
        # -P: a file named like a module in the folder the reader happens to be in must not be run.
        ran = self._run([sys.executable, "-P", "-m", "florilege.desktop.clipboard"], text, self._environ)
        # pyperclip does not look at how xclip and its like ended; they are silent when all went well.
        if ran.code != 0 or ran.errors.strip():
            raise OSError(ran.errors.strip().rpartition("\n")[2] or "no tool was found")

    @property
    def _is_remote(self) -> bool:
        """Whether we are reached over SSH, without a display forwarded to where the reader sits."""
        given = self._environ.get
        return bool(given("SSH_CONNECTION") or given("SSH_TTY")) and not (given("DISPLAY") or given("WAYLAND_DISPLAY"))

    def _problem(self, ways: list[Way], failed: list[str], size: int) -> str | None:
        """The sentence about what failed or is in doubt."""
        encoded = (size + 2) // 3 * 4
        if Way.TERMINAL in ways and Way.SYSTEM not in ways and encoded > OSC52_SURE:
            return "It is long: some terminals take no more than about 56 000 characters at once."
        if ways == [Way.REMOTE]:
            return "That is not the machine you sit at: use a terminal that takes OSC 52, or tmux."
        if ways:
            return None
        if encoded > OSC52_MOST and self._write_terminal is not None:
            return (
                f"Nothing was copied: the text is too long for the terminal, and there is no other way. {self._advice}"
            )
        if self._environ.get("DISPLAY") or self._environ.get("WAYLAND_DISPLAY"):
            reasons = f" ({'; '.join(dict.fromkeys(failed))})" if failed else ""
            return f"Nothing was copied: no way to the clipboard worked{reasons}. {self._advice}"
        return f"Nothing was copied: no way to the clipboard was found. {self._advice}"

    @property
    def _advice(self) -> str:
        """What the reader can do about it."""
        return "Install wl-clipboard or xclip, or use a terminal that takes OSC 52."


def _reason(error: Exception) -> str:
    """Why a way failed, as it may stand in a sentence."""
    if isinstance(error, OSError) and error.strerror:
        return clean_line(f"{error.filename}: {error.strerror}" if error.filename else error.strerror)
    return clean_line(str(error)).removeprefix("Error: ").rstrip(".")


def _end(process: "subprocess.Popen[bytes]") -> None:
    """End a tool with all it has started."""
    if hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    else:
        process.kill()


def main() -> int:
    """Copy standard input with pyperclip. Run as a process of its own by `Clipboard`.

    Apart, because what pyperclip starts can hang, keeps our descriptors and writes to our screen; and because its last
    resort is a graphical toolkit, which can end the process it is loaded into and forgets the text when that ends. So
    toolkits are kept from being found.
    """
    for toolkit in ("qtpy", "PyQt5", "AppKit", "Foundation"):
        sys.modules[toolkit] = None  # type: ignore[assignment]
    import pyperclip

    try:
        pyperclip.copy(sys.stdin.buffer.read().decode())
    except pyperclip.PyperclipException:
        sys.stderr.write("no tool was found")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
