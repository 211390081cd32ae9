"""Copying text to every available clipboard, and reporting which ones took it. Failures are returned, not raised.

Two ways are always tried: the system clipboard through pyperclip, and the terminal's through OSC 52, which also works
over SSH. Inside tmux, `tmux load-buffer -w` is used instead: it reaches the outer terminal, which a bare OSC 52 does
not. Independent of Textual and of what is copied. Callers run `copy` in a thread: a tool that hangs takes up to `LIMIT`
seconds.
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
from functools import partial
from typing import TypeAlias

from florilege.text import clean, clean_line

LIMIT = 3.0
"""Seconds that a tool may take."""
OSC52_SURE = 74_994
"""Bytes of base64 that every terminal with OSC 52 accepts. Source: the limit in hterm and its scripts."""
OSC52_MOST = 1_000_000
"""Bytes of base64 beyond which nothing is sent: it would block the terminal for seconds over a slow line."""


class Way(StrEnum):
    """Where a text was copied to. The value is its wording in messages."""

    SYSTEM = "the clipboard"
    TERMINAL = "the terminal's clipboard"
    TMUX = "tmux"
    REMOTE = "the clipboard of the remote machine"
    """The system clipboard of a machine reached over SSH, not of the one the reader sits at."""


@dataclass(frozen=True, slots=True)
class CopyResult:
    """The result of copying. `str()` continues a message (`Link copied to ...`), or is a sentence when nothing was."""

    ways: tuple[Way, ...] = ()
    """The clipboards that took the text; empty when none did."""
    problem: str | None = None
    """A sentence about what failed or is in doubt; None when all is well."""

    @property
    def where(self) -> str:
        """Such as `to the clipboard and tmux`; empty for none. SYSTEM and TERMINAL count as the same clipboard."""
        named = [way for way in self.ways if way is not Way.TERMINAL or Way.SYSTEM not in self.ways]
        return f"to {' and '.join(named)}" if named else ""

    def __str__(self) -> str:
        if not self.ways:
            return self.problem or "Nothing was copied."
        return f"copied {self.where}." + (f" {self.problem}" if self.problem else "")


Run: TypeAlias = Callable[[Sequence[str], str, Mapping[str, str]], "subprocess.CompletedProcess[str]"]
"""Runs (command, standard input, environment). Raises OSError, or TimeoutError when the command takes too long."""


def run_apart(
    command: Sequence[str], text: str, environ: Mapping[str, str], *, limit: float = LIMIT
) -> "subprocess.CompletedProcess[str]":
    """Run a tool in its own session, without inheriting our descriptors.

    xclip, xsel and wl-copy stay in the background to serve the text, and inherit their parent's open files: a pipe held
    by them would never close, and their messages would end up on our screen. So their errors go to an unnamed file.

    Raises:
        OSError: The tool is missing or can't be started.
        TimeoutError: It took longer than `limit` seconds, and was killed.
    """
    with tempfile.TemporaryFile() as errors:
        with subprocess.Popen(  # noqa: S603 -- a list built here, no shell
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
                os.killpg(process.pid, signal.SIGKILL)  # with the processes it started
                raise TimeoutError from None
        errors.seek(0)
        said = errors.read(4096).decode("utf-8", "replace")
        return subprocess.CompletedProcess(command, process.returncode, stderr=said)


def copy(
    text: str, environ: Mapping[str, str], write_terminal: Callable[[str], None] | None = None, *, run: Run = run_apart
) -> CopyResult:
    """Copy a text to every available clipboard, without control characters that could act on a terminal when pasted.

    Args:
        text: What to copy.
        environ: Environment of this process.
        write_terminal: Writes an escape sequence to the reader's terminal; None when there is none.
        run: Runs a tool.
    """
    text = clean(text)
    if not text:
        return CopyResult(problem="There is nothing to copy.")
    ways: list[Way] = []
    failed: list[str] = []
    for attempt in (partial(_to_system, text, environ, run), partial(_to_terminal, text, environ, run, write_terminal)):
        try:
            if (way := attempt()) is not None:
                ways.append(way)
        except TimeoutError:
            failed.append("a tool did not answer in time")
        except (OSError, RuntimeError, ValueError) as error:
            failed.append(_reason(error))
    has_display = bool(environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"))
    encoded = (len(text.encode()) + 2) // 3 * 4
    return CopyResult(tuple(ways), _problem(ways, failed, encoded, has_display, write_terminal is not None))


def _to_system(text: str, environ: Mapping[str, str], run: Run) -> Way:
    """Copy through pyperclip, in a separate process (see `main`); gives the clipboard that took the text."""
    # -P: don't import modules from the current folder.
    ran = run([sys.executable, "-P", "-m", "florilege.desktop.clipboard"], text, environ)
    # pyperclip ignores the exit codes of xclip and similar tools; they print nothing on success.
    if ran.returncode != 0 or (ran.stderr or "").strip():
        raise OSError((ran.stderr or "").strip().rpartition("\n")[2] or "no tool was found")
    given = environ.get
    # Over SSH, without a display forwarded from the reader's machine.
    is_remote = (given("SSH_CONNECTION") or given("SSH_TTY")) and not (given("DISPLAY") or given("WAYLAND_DISPLAY"))
    return Way.REMOTE if is_remote else Way.SYSTEM


def _to_terminal(text: str, environ: Mapping[str, str], run: Run, write: Callable[[str], None] | None) -> Way | None:
    """Copy through the terminal; None when there is no terminal that may support it, or the text is too long."""
    if environ.get("TMUX"):
        # -w (since tmux 3.2) also passes the text on to the outer terminal.
        for command in (["tmux", "load-buffer", "-w", "-"], ["tmux", "load-buffer", "-"]):
            ran = run(command, text, environ)
            if ran.returncode == 0:
                return Way.TMUX
        raise OSError(ran.stderr or "tmux did not accept it")
    encoded = base64.b64encode(text.encode()).decode("ascii")
    if write is None or environ.get("TERM", "") in {"", "dumb", "linux"} or len(encoded) > OSC52_MOST:
        return None
    write(f"\x1b]52;c;{encoded}\x07")
    return Way.TERMINAL


def _problem(ways: list[Way], failed: list[str], encoded: int, has_display: bool, has_terminal: bool) -> str | None:
    """A sentence about what failed or is in doubt; None when all is well.

    Args:
        ways: The clipboards that took the text.
        failed: Why others did not.
        encoded: Bytes of the text in base64, as sent to a terminal.
        has_display: Whether there is a graphical display.
        has_terminal: Whether there is a terminal that can be written to.
    """
    if Way.TERMINAL in ways and Way.SYSTEM not in ways and encoded > OSC52_SURE:
        return "It is long: some terminals take no more than about 56 000 characters at once."
    if ways == [Way.REMOTE]:
        return "That is not the machine you sit at: use a terminal that accepts OSC 52, or tmux."
    if ways:
        return None
    if encoded > OSC52_MOST and has_terminal:
        why = "the text is too long for the terminal, and there is no other way"
    elif has_display:
        why = "no way to the clipboard worked" + (f" ({'; '.join(dict.fromkeys(failed))})" if failed else "")
    else:
        why = "no way to the clipboard was found"
    return f"Nothing was copied: {why}. Install wl-clipboard or xclip, or use a terminal that accepts OSC 52."


def _reason(error: Exception) -> str:
    """The reason for a failure, as a part of a sentence."""
    if isinstance(error, OSError) and error.strerror:
        return clean_line(f"{error.filename}: {error.strerror}" if error.filename else error.strerror)
    return clean_line(str(error)).removeprefix("Error: ").rstrip(".")


def main() -> int:
    """Copy standard input with pyperclip. Run by `copy` as a separate process.

    It is separate because the tools that pyperclip starts can hang, inherit our descriptors and write to our screen.
    pyperclip's last resort is a graphical toolkit, which can abort the process that loads it and loses the text when
    that process ends; so imports of toolkits are blocked.
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
