"""The log of refreshes: a line with the time for what became of each group. So what failed at night can be read."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

from florilege.cli.context import CliContext
from florilege.model import FlorilegeError, Outcome
from florilege.text import clean_line

if TYPE_CHECKING:
    from florilege.refresh import Result

SIZE = 1 << 20
"""Bytes after which another log is begun. Three older ones are kept: `refresh.log.1` is the latest of them."""


@contextmanager
def refresh_log(cli: CliContext, name: str | None, *, size: int = SIZE) -> Iterator[Callable[[str], None]]:
    """Gives what writes a line into the log; one that writes nothing when no log is wanted.

    Args:
        cli: The outside world.
        name: The file; that of the settings when None.
        size: Bytes after which another is begun.

    Raises:
        FlorilegeError: The log can't be written.
    """
    path = Path(name) if name else cli.places.refresh_log if cli.config().refresh.log else None
    if path is None:
        yield lambda _: None
        return
    logging.raiseExceptions = False  # a disk that is full later on costs lines of the log, and nothing else
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=size, backupCount=3, encoding="utf-8", errors="replace")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "that can't be the name of a file"
        raise FlorilegeError(f"The log {clean_line(str(path))} can't be written: {reason}.") from error

    def log(line: str) -> None:
        line = f"{cli.clock().isoformat(timespec='seconds')} {clean_line(line)}"
        handler.handle(logging.LogRecord("florilege", logging.INFO, "", 0, line, None, None))

    try:
        yield log
    finally:
        handler.close()


def log_result(result: "Result", log: Callable[[str], None]) -> None:
    """Log what became of a group and what was odd; nothing of one that was not asked."""
    if result.error:
        log(result.error if result.title in result.error else f"{result.title}: {result.error}")
    elif result.outcome is not Outcome.SKIPPED:
        log(f"{result.title}: {'unchanged' if result.outcome is Outcome.UNCHANGED else result.news}")
    for warning in result.warnings:
        log(f"{result.title}: {warning}")
