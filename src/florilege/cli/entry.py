"""The entry point: commands by name, each imported on demand, and the handling of every error and exit code."""

import os
import sys
import traceback
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module

import click

from florilege import __version__
from florilege.cli.context import (
    EXIT_DONE,
    EXIT_FAILED,
    EXIT_LIBRARY,
    EXIT_USAGE,
    LIBRARY_OPTION,
    CliContext,
    WrongUsage,
)
from florilege.cli.output import ReaderGone, discard_stdout, flush_results, prepare, print_notice, use_colour
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
        code = root.main(words, prog_name="florilege", standalone_mode=False, obj=cli)
        flush_results()
    except ReaderGone:
        discard_stdout()
        return EXIT_UNREAD
    except _interruptions():
        # asyncio raises CancelledError for an interruption that arrives while a connection is being opened.
        return EXIT_INTERRUPTED
    except click.ClickException as error:
        for line in _usage(error):
            print_notice(line)
        return EXIT_USAGE
    except FlorilegeError as error:
        _trace(cli)
        print_notice(str(error))
        return EXIT_LIBRARY if _is_unusable(error) else EXIT_FAILED
    except Exception as error:  # noqa: BLE001 -- the last resort: a reader gets a sentence, not a traceback
        _trace(cli)
        what = clean_line(f"{type(error).__name__}: {error}")
        print_notice(
            f"Something went wrong ({what}). This is a bug: set FLORILEGE_DEBUG=1 to see where, and report it."
        )
        return EXIT_FAILED
    return code or (EXIT_FAILED if cli.problems else EXIT_DONE)


def _interruptions() -> tuple[type[BaseException], ...]:
    """The exceptions that mean an interruption; asyncio's only if asyncio has been imported."""
    asyncio = sys.modules.get("asyncio")
    return (KeyboardInterrupt, click.Abort, *((asyncio.CancelledError,) if asyncio is not None else ()))


def _trace(cli: CliContext) -> None:
    if cli.wants_traceback:
        traceback.print_exc()


def _usage(error: click.ClickException) -> tuple[str, ...]:
    """Lines saying what is wrong with the command line, and where to find help."""
    sentence = clean_line(error.format_message())
    if isinstance(error, WrongUsage) and error.lines:
        return (sentence, *error.lines)
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None:
        return (f"{sentence} (`florilege --help` tells more.)",)
    takes_query = any(parameter.name == "words" for parameter in context.command.params)
    if isinstance(error, click.NoSuchOption) and takes_query:
        sentence += " Put -- before a query that begins with a hyphen."
    return (f"{sentence} (`{context.command_path} --help` tells more.)",)


def _is_unusable(error: FlorilegeError) -> bool:
    """Whether an error means that no command can use the library now."""
    from florilege.store import LibraryBusy, LibraryNotWritable, LibraryUnreadable

    return isinstance(error, (LibraryBusy, LibraryNotWritable, LibraryUnreadable))


COMMANDS = {
    "demo": "app:demo",
    "read": "read:read",
    "add": "add:add",
    "refresh": "refresh:refresh",
    "groups": "groups:groups",
    "list": "list:list_items",
    "quotes": "list:quotes",
    "tags": "list:tags",
    "sharers": "list:sharers",
    "mark": "mark:mark",
    "note": "mark:note",
    "undo": "mark:undo",
    "browse": "copy:browse",
    "copy": "copy:copy",
    "export": "export:export",
    "import": "export:import_file",
    "rename": "groups:rename",
    "remove": "groups:remove",
    "restore": "groups:restore",
    "doctor": "doctor:doctor",
    "config": "config:config",
    "bindings": "config:bindings",
    "completion": "config:completion",
}
"""Command name -> `module:function`, in the order of the help."""


class Root(click.Group):
    """The `florilege` command itself: takes a command, sources to open, or nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """The names of the commands, in the order of the help."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command with this name, or None."""
        return _loaded(COMMANDS[cmd_name]) if cmd_name in COMMANDS else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command named by the first word; `open` when that word is a source.

        Raises:
            click.UsageError: It is neither a command nor a source.
        """
        word = args[0]
        command = self.get_command(ctx, word)
        if command is not None:
            return word, command, args[1:]
        if is_source(word):
            return "open", _loaded("app:open_sources"), ["--", *args] if word[:1] == "-" != word else args
        raise click.UsageError(_unknown(word), ctx)


@click.group(
    cls=Root,
    params=[LIBRARY_OPTION],
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    subcommand_metavar="[SOURCE... | COMMAND ...]",
    epilog="Exit codes: 0 success; 1 something failed, the rest was done; 2 the command line was wrong; 3 the library "
    "is locked by another process or can't be used.",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def root(context: click.Context) -> int | None:
    """Read the links that groups of people share, and the passages they highlighted.

    Without a command, the app opens. A SOURCE (the address of a feed, a file, or - for standard input) is added first,
    and then shown.
    """
    cli: CliContext = context.obj
    context.color = use_colour(cli.environ)
    if context.invoked_subcommand is not None:
        return None
    from florilege.cli.app import open_app

    return open_app(cli)


def is_source(word: str) -> bool:
    """Whether a word is something to add: `-`, an address with a scheme, or a path that exists."""
    from florilege.urls import scheme_of

    return word == "-" or scheme_of(word) is not None or os.path.exists(word)  # noqa: PTH110 -- never raises


def _loaded(place: str) -> click.Command:
    module, _, name = place.partition(":")
    command: click.Command = getattr(import_module(f"florilege.cli.{module}"), name)
    return command


def _unknown(word: str) -> str:
    """The message for a word that is neither a command nor a source."""
    shown = clean_line(word)
    near = get_close_matches(word.casefold(), COMMANDS, 1, 0.6)
    if near:
        return f"There is no command “{shown}”. Did you mean {near[0]}?"
    if "/" in word or "." in word:
        from florilege.refresh.sources import completed
        from florilege.urls import redact

        example = redact(completed(word) or "")
        advice = f"if it is an address, give all of it: {example}" if example else "addresses begin with https://"
        return f"There is no file “{shown}”; {advice}"
    return f"There is no command “{shown}”. There are {', '.join(COMMANDS)}."
