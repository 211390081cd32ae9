"""Output of the command line: results on standard output, notices and progress bars on standard error.

Escape sequences in the data are removed. Whether there is colour is in `click.Context.color`, inherited by commands.
"""

import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from enum import Enum
from functools import partial
from pathlib import Path
from typing import Any, TextIO, TypeAlias

import msgspec

from florilege.files import make_private_folder
from florilege.model import FlorilegeError
from florilege.text import clean_line


class Style(Enum):
    """The style of a part of a line, as a parameter of `click.style`. No information is conveyed by style alone."""

    UNREAD = ("bold", True)
    FAINT = ("dim", True)
    ERROR = ("fg", "red")


Piece: TypeAlias = str | tuple[str, Style]
"""A part of a line, plain or in a style."""


LOG_SIZE = 1 << 20
"""Bytes after which a log is rotated. The one before is kept, with `.1` at the end of its name."""


class ReaderGone(Exception):
    """The reader of our output has closed the pipe, as in `florilege list | head -1`. Nothing is reported."""


def prepare() -> None:
    """Replace characters that the terminal's encoding lacks when they are printed, instead of raising."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def use_colour(environ: Mapping[str, str]) -> bool:
    """Whether to colour results: on a capable terminal, unless NO_COLOR is set (https://no-color.org)."""
    return is_terminal(sys.stdout) and not environ.get("NO_COLOR") and environ.get("TERM", "") not in {"", "dumb"}


def print_result(*pieces: Piece) -> None:
    """Print one line of results. Each piece is cleaned, and styled if colour is on.

    Raises:
        ReaderGone: The reader has closed the pipe.
        FlorilegeError: The output can't be written.
    """
    import click  # known to every command, but not loaded by the app's start

    context = click.get_current_context(silent=True)
    in_colour = context is not None and bool(context.color)
    line = ""
    for piece in pieces:
        text, style = (piece, None) if isinstance(piece, str) else piece
        text = _clean_piece(text)
        line += click.style(text, **dict([style.value])) if in_colour and style else text
    _write(line.rstrip(" ") + "\n")


def print_json(value: Any) -> None:
    """Print a value as one line of JSON, in UTF-8 whatever the terminal's encoding. Raises as `print_result` does."""
    print_raw(msgspec.json.encode(value) + b"\n")


def print_raw(data: bytes) -> None:
    """Print UTF-8 unchanged, whatever the terminal's encoding. Raises as `print_result` does."""
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() not in {"utf-8", "utf8"}:
        stream.reconfigure(encoding="utf-8")
    _write(data.decode())


def print_notice(text: str) -> None:
    """Print one line on standard error. Failing to write it is not an error."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            sys.stderr.write(f"florilege: {_clean_piece(text)}\n")
            sys.stderr.flush()


@contextmanager
def log_file(
    path: Path | None, clock: Callable[[], datetime], *, size: int = LOG_SIZE
) -> Iterator[Callable[[str], None]]:
    """Open a log and give a function that writes a line to it; one that does nothing if `path` is None.

    A log larger than `size` is rotated first; the one before is kept. Later write errors, as on a full disk, are
    ignored.

    Raises:
        FlorilegeError: The log can't be opened.
    """
    if path is None:
        yield lambda _: None
        return
    try:
        make_private_folder(path.parent)
        if path.is_file() and path.stat().st_size > size:
            path.replace(path.with_name(f"{path.name}.1"))
        # May be a device such as /dev/stderr. A pipe nobody reads is refused, or loses lines, but never blocks.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "that can't be the name of a file"
        raise FlorilegeError(f"The log {clean_line(str(path))} can't be written: {reason}.") from error

    def log(line: str) -> None:
        with suppress(OSError):
            os.write(descriptor, f"{clock().isoformat(timespec='seconds')} {clean_line(line)}\n".encode())

    try:
        yield log
    finally:
        os.close(descriptor)


def flush_results() -> None:
    """Flush standard output. Raises as `print_result` does."""
    _guarded(lambda stream: stream.flush())


def discard(stream: TextIO) -> None:
    """Redirect a standard stream to the null device, so that Python's flush at exit does not change the exit code."""
    with suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, stream.fileno())
        os.close(nothing)


def flush_notices() -> None:
    """Flush standard error, to which the app draws, too. What can't be written any more is discarded."""
    if sys.stderr is not None:
        try:
            sys.stderr.flush()
        except (OSError, ValueError):
            discard(sys.stderr)


@contextmanager
def progress_bar(total: int, words: str = "") -> Iterator[Callable[..., None]]:
    """Show a progress bar of `total` steps in the context; none for 0, or without a terminal.

    Results printed meanwhile appear above it. Gives a function that updates it: `advance` is a number of further steps,
    `description` says what is being done.
    """
    if not (total and is_terminal(sys.stdout) and is_terminal(sys.stderr)):
        yield lambda **_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column

    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    name = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis"))
    columns = (BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(), name)
    with Progress(*columns, console=console, transient=True) as bar:
        yield partial(bar.update, bar.add_task(clean_line(words), total=total))


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a standard stream, which may be closed, is a terminal."""
    return stream is not None and stream.isatty()


def _clean_piece(text: str) -> str:
    """Clean a piece of a line, keeping leading and trailing spaces, which separate it from its neighbours."""
    words = text.strip(" ")
    if not words:
        return text
    begin = text.index(words)
    return f"{text[:begin]}{clean_line(words)}{text[begin + len(words) :]}"


def _write(text: str) -> None:
    _guarded(lambda stream: stream.write(text))


def _guarded(work: Callable[[TextIO], object]) -> None:
    if sys.stdout is None:  # closed before we were started: `florilege list >&-`
        return
    try:
        work(sys.stdout)
    except BrokenPipeError:
        raise ReaderGone from None
    except OSError as error:
        discard(sys.stdout)
        raise FlorilegeError(f"The results could not be written: {error.strerror or 'no reason given'}.") from error
