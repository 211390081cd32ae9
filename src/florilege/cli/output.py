"""How the command line speaks: results on standard output, remarks and bars on standard error, and no escape of others.

Colour follows click's own rule: `click.Context.color` says whether there is any, and commands inherit it.
"""

import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from enum import Enum
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, TypeAlias

import click
import msgspec

from florilege.files import make_private_folder, open_file
from florilege.model import FlorilegeError
from florilege.text import clean_line

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID


class Style(Enum):
    """How a piece of a line is drawn, as a parameter of `click.style`. Nothing is told by it alone."""

    UNREAD = ("bold", True)
    FAINT = ("dim", True)
    WRONG = ("fg", "red")


Piece: TypeAlias = str | tuple[str, Style]
"""A part of a line, plain or in a style."""


LOG_SIZE = 1 << 20
"""Bytes after which another log is begun. Three older ones are kept: `refresh.log.1` is the latest of them."""


class ReaderGone(Exception):
    """Whoever read our results has closed the pipe: `florilege list | head -1`. No reason to say anything."""


def prepare() -> None:
    """Let no character our terminal's encoding lacks stop us."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def use_colour(environ: Mapping[str, str]) -> bool:
    """Whether results may be coloured: on a terminal that can, unless NO_COLOR is set (https://no-color.org)."""
    terminal = sys.stdout is not None and sys.stdout.isatty()
    return terminal and not environ.get("NO_COLOR") and environ.get("TERM", "") not in {"", "dumb"}


def print_result(*pieces: Piece) -> None:
    """Print one line of results, each piece of it cleaned, and drawn in its style where there is colour.

    Raises:
        ReaderGone: Nobody reads any more.
        FlorilegeError: It can't be written.
    """
    context = click.get_current_context(silent=True)
    in_colour = context is not None and bool(context.color)
    line = ""
    for piece in pieces:
        text, style = (piece, None) if isinstance(piece, str) else piece
        text = _clean_piece(text)
        line += click.style(text, **dict([style.value])) if in_colour and style else text
    _write(line.rstrip(" ") + "\n")


def print_json(value: Any) -> None:
    """Print a value as one line of JSON, in UTF-8 whatever the terminal speaks. Raises as `print_result` does."""
    print_raw(msgspec.json.encode(value) + b"\n")


def print_raw(data: bytes) -> None:
    """Print UTF-8 as it is, whatever the terminal speaks. Raises as `print_result` does."""
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() not in {"utf-8", "utf8"}:
        stream.reconfigure(encoding="utf-8")
    _write(data.decode())


def print_notice(text: str) -> None:
    """Say one line on standard error. That nobody can hear it is no failure."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            sys.stderr.write(f"florilege: {_clean_piece(text)}\n")
            sys.stderr.flush()


@contextmanager
def log_file(
    path: Path | None, clock: Callable[[], datetime], *, size: int = LOG_SIZE
) -> Iterator[Callable[[str], None]]:
    """Gives what writes a line into a log, if one is wanted. A full one is put aside first; three of those are kept.

    Raises:
        FlorilegeError: It can't be opened. A disk that is full later on costs lines of it, and nothing else.
    """
    if path is None:
        yield lambda _: None
        return
    try:
        make_private_folder(path.parent)
        if path.exists() and path.stat().st_size > size:
            older = [path, *(path.with_name(f"{path.name}.{number}") for number in (1, 2, 3))]
            for newer, place in reversed([*pairwise(older)]):
                with suppress(FileNotFoundError):
                    newer.replace(place)
        descriptor = open_file(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
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
    """Hand over everything that was printed. Raises as `print_result` does."""
    _guarded(lambda stream: stream.flush())


def discard_stdout() -> None:
    """Point standard output at nothing, so that Python does not complain at the end about what nobody read."""
    with suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)


class ProgressBar:
    """A bar on a terminal; elsewhere nothing."""

    def __init__(self, bar: "Progress | None" = None, task: "TaskID | None" = None) -> None:
        self._bar, self._task = bar, task

    def describe(self, words: str) -> None:
        """Say what is being done."""
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, description=clean_line(words))

    def advance(self, steps: int = 1) -> None:
        """Say that so much more is done."""
        if self._bar is not None and self._task is not None:
            self._bar.advance(self._task, steps)


@contextmanager
def progress_bar(total: int, words: str = "") -> Iterator[ProgressBar]:
    """A bar of so many steps while this lasts; none for 0. Results may be printed meanwhile; they appear above it."""
    speaks_to_terminal = all(stream is not None and stream.isatty() for stream in (sys.stdout, sys.stderr))
    if not speaks_to_terminal or not total:
        yield ProgressBar()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column

    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    name = TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis"))
    columns = (BarColumn(24), MofNCompleteColumn(), TimeElapsedColumn(), name)
    with Progress(*columns, console=console, transient=True) as bar:
        yield ProgressBar(bar, bar.add_task(clean_line(words), total=total))


def _clean_piece(text: str) -> str:
    """A piece of a line, clean, the spaces at its ends kept: they part it from the next."""
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
        discard_stdout()
        raise FlorilegeError(f"The results could not be written: {error.strerror or 'no reason given'}.") from error
