"""How the command line speaks: results on standard output, remarks on standard error; nothing drives a terminal."""

import io
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TextIO

import msgspec

from florilege.model import FlorilegeError
from florilege.text import clean_line


class ReaderGone(Exception):  # noqa: N818 -- nothing has failed
    """Whoever read our results has closed the pipe: `florilege list | head -1`. No reason to say anything."""


def prepare() -> None:
    """Let no character our terminal's encoding lacks stop us."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def tell(text: str) -> None:
    """Print one line of results, cleaned; spaces at its beginning stay.

    Raises:
        ReaderGone: Nobody reads any more.
        FlorilegeError: It can't be written.
    """
    _write(f"{_cleaned(text)}\n")


def tell_json(value: Any) -> None:
    """Print a value as one line of JSON, in UTF-8 whatever the terminal speaks. Raises as `tell` does."""
    tell_raw(msgspec.json.encode(value) + b"\n")


def tell_raw(data: bytes) -> None:
    """Print bytes of JSON, in UTF-8 whatever the terminal speaks. Raises as `tell` does."""
    stream = sys.stdout
    if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() not in {"utf-8", "utf8"}:
        stream.reconfigure(encoding="utf-8")
    _write(data.decode())


def remark(text: str) -> None:
    """Say one line on standard error. That nobody can hear it is no failure."""
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            sys.stderr.write(f"florilege: {_cleaned(text)}\n")
            sys.stderr.flush()


def finish() -> None:
    """Hand over everything that was told. Raises as `tell` does."""
    _guarded(lambda stream: stream.flush())


def fall_silent() -> None:
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
        fall_silent()
        raise FlorilegeError(f"The results could not be written: {error.strerror or 'no reason given'}.") from error
