"""The entry point, and the handling of every error and exit code.

Without a command the app opens, and click is not loaded.
"""

import os
import sys
import traceback
from collections.abc import Sequence

from florilege.cli.context import EXIT_DONE, EXIT_FAILED, EXIT_LIBRARY, CliContext
from florilege.cli.output import ReaderGone, discard, flush_notices, flush_results, prepare, print_notice
from florilege.model import FlorilegeError
from florilege.text import clean_line

EXIT_INTERRUPTED = 130
"""128 + SIGINT, as in shells."""
EXIT_UNREAD = 141
"""128 + SIGPIPE, as in shells."""


def main(arguments: Sequence[str] | None = None, cli: CliContext | None = None) -> int:
    """Run one command and return its exit code.

    Args:
        arguments: The command line without the program name; that of this process when None.
        cli: The context of the command; the real one when None.
    """
    cli = cli or CliContext(os.environ)
    prepare()
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _run(words, cli)
        flush_results()
    except ReaderGone:
        discard(sys.stdout)
        return EXIT_UNREAD
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except FlorilegeError as error:
        _trace(cli)
        print_notice(str(error))
        return EXIT_LIBRARY if error.is_unusable else EXIT_FAILED
    except Exception as error:  # noqa: BLE001 -- the last resort: a reader gets a sentence, not a traceback
        _trace(cli)
        what = clean_line(f"{type(error).__name__}: {error}")
        print_notice(
            f"Something went wrong ({what}). This is a bug: set FLORILEGE_DEBUG=1 to see where, and report it."
        )
        return EXIT_FAILED
    finally:
        flush_notices()
    return code or (EXIT_FAILED if cli.problems else EXIT_DONE)


def _run(words: Sequence[str], cli: CliContext) -> int | None:
    completes = cli.environ.get("_FLORILEGE_COMPLETE")
    if not words and not completes:  # click alone would take a thirtieth of the start
        from florilege.cli.app import open_app

        return open_app(cli)
    from florilege.cli.entry import run

    try:
        return run(words, cli)
    except (KeyError, ValueError) as error:
        if completes:  # click takes the other variables of a completion script for granted
            sentence = "_FLORILEGE_COMPLETE is for the completion of shells, which sets more: unset it."
            raise FlorilegeError(sentence) from error
        raise


def _trace(cli: CliContext) -> None:
    if cli.wants_traceback:
        traceback.print_exc()
