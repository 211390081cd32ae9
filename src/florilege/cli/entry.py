"""The one way in, and the one handler: every ending becomes an exit code and at most a sentence, never a traceback."""

import os
import sys
import traceback
from collections.abc import Sequence

import click

from florilege.cli.asking import BadQuery
from florilege.cli.outside import EXIT_DONE, EXIT_FAILED, EXIT_LIBRARY, EXIT_USAGE, Outside
from florilege.cli.root import root
from florilege.cli.voice import ReaderGone, fall_silent, finish, prepare, remark
from florilege.model import FlorilegeError
from florilege.text import clean_line

EXIT_INTERRUPTED = 130
"""128 and the number of SIGINT, as shells have it."""
EXIT_UNREAD = 141
"""128 and the number of SIGPIPE, as shells have it."""


def main(arguments: Sequence[str] | None = None, outside: Outside | None = None) -> int:
    """Run one command and give its exit code.

    Args:
        arguments: The words after the name of the program; those of this process when None.
        outside: The outside world; the real one when None.
    """
    outside = outside or Outside(os.environ)
    prepare()
    if "_FLORILEGE_COMPLETE" in outside.environ:
        from florilege.cli import completing

        completing.prepare()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = root.main(words, prog_name="florilege", standalone_mode=False, obj=outside)
        finish()
    except ReaderGone:
        fall_silent()
        return EXIT_UNREAD
    except _interruptions():
        # asyncio lets an interruption out as a cancellation when it comes while a connection is being made.
        return EXIT_INTERRUPTED
    except BadQuery as error:
        for line in error.lines:
            remark(line)
        return EXIT_USAGE
    except click.ClickException as error:
        remark(_usage(error))
        return EXIT_USAGE
    except FlorilegeError as error:
        _trace(outside)
        remark(str(error))
        return EXIT_LIBRARY if _is_unusable(error) else EXIT_FAILED
    except Exception as error:  # noqa: BLE001 -- the last resort: a reader gets a sentence, not a traceback
        _trace(outside)
        what = clean_line(f"{type(error).__name__}: {error}")
        remark(f"Something went wrong that should not ({what}). Set FLORILEGE_DEBUG=1 to see where, and report it.")
        return EXIT_FAILED
    return code if isinstance(code, int) else EXIT_DONE


def _interruptions() -> tuple[type[BaseException], ...]:
    """What an interruption may come as; asyncio's own word for it only where that was loaded."""
    asyncio = sys.modules.get("asyncio")
    return (KeyboardInterrupt, click.Abort, *((asyncio.CancelledError,) if asyncio is not None else ()))


def _trace(outside: Outside) -> None:
    if outside.wants_traceback:
        traceback.print_exc()


def _usage(error: click.ClickException) -> str:
    """What was wrong with the command line, and where to look."""
    sentence = clean_line(error.format_message())
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None:
        return f"{sentence} (`florilege --help` tells more.)"
    takes_query = any(parameter.name == "words" for parameter in context.command.params)
    if isinstance(error, click.NoSuchOption) and takes_query:
        sentence += " Put -- before a query that begins with a hyphen."
    return f"{sentence} (`{context.command_path} --help` tells more.)"


def _is_unusable(error: FlorilegeError) -> bool:
    """Whether it is the library that can't be used, whatever is asked of it."""
    from florilege.store import LibraryBusy, LibraryNotWritable, LibraryUnreadable

    return isinstance(error, (LibraryBusy, LibraryNotWritable, LibraryUnreadable))
