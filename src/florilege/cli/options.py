"""What commands have in common: the decorator that makes a function a command, shared options, and the usage error."""

from collections.abc import Callable
from functools import update_wrapper
from pathlib import Path
from typing import Any, Concatenate, ParamSpec

import click
import msgspec

from florilege.cli.context import CliContext

P = ParamSpec("P")


class WrongUsage(click.UsageError):
    """The command line is invalid; nothing was done."""

    def __init__(self, sentence: str, *lines: str) -> None:
        super().__init__(sentence, click.get_current_context(silent=True))
        self.lines = lines
        """Lines printed below the sentence, instead of the pointer to `--help`."""


def _set_folder(context: click.Context, _parameter: click.Parameter, value: str | None) -> None:
    if value is None:
        return
    if not value.strip():
        raise WrongUsage("--library needs the name of a folder.")
    context.obj = msgspec.structs.replace(context.obj, folder=Path(value))


LIBRARY_OPTION = click.Option(
    ["--library"],
    metavar="DIR",
    expose_value=False,
    is_eager=True,
    callback=_set_folder,
    help="Keep settings, library and session in this folder (or set FLORILEGE_HOME).",
)
"""The `--library` option, accepted before and after the name of a command."""
FILE = click.Path(readable=False)
"""The type of file names, which the shell completes. Nothing is checked here: commands report errors themselves."""
as_json_option = click.option("--json", "as_json", is_flag=True, help="As JSON.")


def command(
    name: str | None = None, **attributes: Any
) -> "Callable[[Callable[Concatenate[CliContext, P], int | None]], click.Command]":
    """Decorate a function that takes a `CliContext` first as a click command, with `--library` as its last option.

    The function returns the exit code, or None for what follows from `CliContext.problems`.
    """

    def decorate(work: "Callable[Concatenate[CliContext, P], int | None]") -> click.Command:
        @click.pass_context
        def run(context: click.Context, *args: Any, **options: Any) -> int | None:
            program = context.command_path.removesuffix(" open")
            return work(msgspec.structs.replace(context.obj, program=program), *args, **options)

        decorated = click.command(name, cls=click.Command, **attributes)(update_wrapper(run, work))
        decorated.params.append(LIBRARY_OPTION)
        return decorated

    return decorate
