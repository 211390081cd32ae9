"""How the command line speaks: results on standard output, remarks on standard error; nothing drives a terminal."""

import io
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from enum import Enum, auto
from typing import Any, TextIO

import click
import msgspec

from florilege.model import FlorilegeError
from florilege.text import clean_line


class Style(Enum):
    """How a piece of a line is drawn. Nothing is told by it alone."""

    PLAIN = auto()
    UNREAD = auto()
    FAINT = auto()
    WRONG = auto()


_DRAWN: dict[Style, dict[str, Any]] = {
    Style.PLAIN: {},
    Style.UNREAD: {"bold": True},
    Style.FAINT: {"dim": True},
    Style.WRONG: {"fg": "red"},
}


class ReaderGone(Exception):  # noqa: N818 -- nothing has failed
    """Whoever read our results has closed the pipe: `florilege list | head -1`. No reason to say anything."""


def prepare() -> None:
    """Let no character our terminal's encoding lacks stop us."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def print_result(text: str) -> None:
    """Print one line of results, cleaned; spaces at its beginning stay.

    Raises:
        ReaderGone: Nobody reads any more.
        FlorilegeError: It can't be written.
    """
    _write(f"{_cleaned(text)}\n")


def use_colour(environ: Mapping[str, str]) -> bool:
    """Whether results may be coloured: on a terminal that can, unless NO_COLOR is set (https://no-color.org)."""
    terminal = sys.stdout is not None and sys.stdout.isatty()
    return terminal and not environ.get("NO_COLOR") and environ.get("TERM", "") not in {"", "dumb"}


def print_styled(pieces: Iterable[tuple[str, Style]], *, in_colour: bool) -> None:
    """Print one line of results in pieces, each cleaned, and drawn in its style where that is wanted.

    Args:
        pieces: Texts with their styles; together they are what `tell` would print.
        in_colour: What `paints` says.

    Raises:
        ReaderGone: Nobody reads any more.
        FlorilegeError: It can't be written.
    """
    cleaned = ((_kept(text), style) for text, style in pieces)
    drawn = (click.style(text, **_DRAWN[style]) if in_colour and _DRAWN[style] else text for text, style in cleaned)
    _write("".join(drawn).rstrip(" ") + "\n")


def print_json(value: Any) -> None:
    """Print a value as one line of JSON, in UTF-8 whatever the terminal speaks. Raises as `tell` does."""
    print_raw(msgspec.json.encode(value) + b"\n")


def print_raw(data: bytes) -> None:
    """Print bytes of JSON, in UTF-8 whatever the terminal speaks. Raises as `tell` does."""
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() not in {"utf-8", "utf8"}:
        stream.reconfigure(encoding="utf-8")
    _write(data.decode())


def print_notice(text: str) -> None:
    """Say one line on standard error. That nobody can hear it is no failure."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            sys.stderr.write(f"florilege: {_cleaned(text)}\n")
            sys.stderr.flush()


def finish() -> None:
    """Hand over everything that was told. Raises as `tell` does."""
    _guarded(lambda stream: stream.flush())


def discard_stdout() -> None:
    """Point standard output at nothing, so that Python does not complain at the end about what nobody read."""
    with suppress(OSError, ValueError):
        nothing = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nothing, sys.stdout.fileno())
        os.close(nothing)


def speaks_to_terminal() -> bool:
    """Whether results and remarks both go to a terminal, so that a progress bar is in nobody's way."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdout, sys.stderr))


def _cleaned(text: str) -> str:
    words = text.lstrip(" ")
    return text[: len(text) - len(words)] + clean_line(words)


def _kept(text: str) -> str:
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
