"""The commands by name, each imported on demand, and the messages about invalid command lines."""

import os
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module

import click

from florilege import __version__
from florilege.cli.context import EXIT_USAGE, CliContext
from florilege.cli.options import LIBRARY_OPTION, WrongUsage, command
from florilege.cli.output import print_notice, use_colour
from florilege.text import clean_line


def run(words: Sequence[str], cli: CliContext) -> int | None:
    """Run the command of a command line; gives its exit code, None for what follows from `CliContext.problems`."""
    try:
        code: int | None = root.main(list(words), prog_name="florilege", standalone_mode=False, obj=cli)
    except click.ClickException as error:
        for line in _usage(error):
            print_notice(line)
        return EXIT_USAGE
    except click.Abort as error:
        raise KeyboardInterrupt from error
    return code


def _usage(error: click.ClickException) -> tuple[str, ...]:
    """Lines saying what is wrong with the command line, and where to find help."""
    sentence = clean_line(error.format_message())
    if isinstance(error, WrongUsage) and error.lines:
        return (sentence, *error.lines)
    context = error.ctx if isinstance(error, click.UsageError) else None
    if context is None:
        return (f"{sentence} (`florilege --help` tells more.)",)
    takes_query = any(parameter.name == "query" for parameter in context.command.params)
    if isinstance(error, click.NoSuchOption) and takes_query:
        sentence += " Put -- before a query that begins with a hyphen."
    return (f"{sentence} (`{context.command_path} --help` tells more.)",)


COMMANDS = {
    "demo": "entry:demo",
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
        module, _, name = COMMANDS.get(cmd_name, "").partition(":")
        command: click.Command | None = getattr(import_module(f"florilege.cli.{module}"), name) if module else None
        return command

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
            return "open", open_sources, ["--", *args] if word[:1] == "-" != word else args
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


@command("open")
@click.argument("sources", metavar="SOURCE...", nargs=-1)
def open_sources(cli: CliContext, sources: tuple[str, ...]) -> int | None:
    """Add what is given, and open the app on it."""
    for source in sources:
        if not is_source(source):
            shown = clean_line(source)
            raise WrongUsage(f"“{shown}” is neither a file nor an address; addresses begin with https:// or http://.")
    from florilege.cli.app import open_app

    return open_app(cli, sources)


@command()
def demo(cli: CliContext) -> int:
    """Open the app on sample groups, in a temporary library."""
    from florilege.cli.app import open_demo

    return open_demo(cli)


def is_source(word: str) -> bool:
    """Whether a word is something to add: `-`, an address with a scheme, or a path that exists."""
    from florilege.urls import scheme_of

    return word == "-" or scheme_of(word) is not None or os.path.exists(word)  # noqa: PTH110 -- never raises


def _unknown(word: str) -> str:
    """The message for a word that is neither a command nor a source."""
    shown = clean_line(word)
    near = get_close_matches(word.casefold(), COMMANDS, 1, 0.6)
    if near:
        return f"There is no command “{shown}”. Did you mean {near[0]}?"
    if "/" in word or "." in word:
        from florilege.refresh.sources import completed_address
        from florilege.urls import redact

        example = redact(completed_address(word) or "")
        advice = f"if it is an address, give all of it: {example}" if example else "addresses begin with https://"
        return f"There is no file “{shown}”; {advice}"
    return f"There is no command “{shown}”. There are {', '.join(COMMANDS)}."
