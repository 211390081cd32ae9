"""`config`, `bindings` and `completion`: file locations, settings, key bindings, and scripts for shells."""

import os

import click
from click.shell_completion import get_completion_class

from florilege.cli.context import CliContext
from florilege.cli.options import command
from florilege.cli.output import Style, print_notice, print_raw, print_result
from florilege.commands import COMMANDS, keymap, shown
from florilege.settings import describe


@command()
def config(cli: CliContext) -> None:
    """Show where things are, and the settings with their values."""
    import tomlkit

    paths, settings = cli.paths, cli.config()
    there = "" if os.access(paths.config, os.F_OK) else "  (not there yet)"
    print_result(f"settings  {paths.config}{there}")
    print_result(f"library   {paths.library}")
    print_result(f"session   {paths.session}")
    print_result(f"cache     {paths.cache}")
    section = ""
    for line in describe():
        name, _, field = line.field.partition(".")
        if name != section:
            print_result("")
            print_result((f"[{name}]", Style.UNREAD))
            section = name
        if line.field in settings.given:
            default = f"; default: {line.default}" if line.default else ""
            print_result(
                f"{field} = {tomlkit.item(settings.given[line.field]).as_string()}",
                (f"  # set by you{default}", Style.FAINT),
            )
        else:
            print_result(f"{field} = {line.default}" if line.default else f"# {field} = {line.kind.words}")
        print_result((f"    # {line.sentence}", Style.FAINT))
        if line.default:
            print_result((f"    # Takes {line.kind.words}.", Style.FAINT))
    for warning in settings.warnings:
        print_notice(warning)


@command()
def bindings(cli: CliContext) -> None:
    """Show the commands of the app with their keys and names."""
    keys = keymap(cli.config().keys)
    labels = {each.id: " ".join(shown(key) for key in keys.of(each.id)) for each in COMMANDS}
    widest = max(map(len, labels.values()))
    longest = max(map(len, labels))
    for each in COMMANDS:
        label = f"  {labels[each.id]:<{widest}}  "
        print_result(f"{each.id:<{longest}}", (label, Style.UNREAD), (each.sentence, Style.FAINT))
    for problem in keys.problems:
        print_notice(problem)


@command()
@click.argument("shell", metavar="bash|zsh|fish", type=click.Choice(["bash", "zsh", "fish"]))
def completion(_cli: CliContext, shell: str) -> None:
    """Print the completion script for a shell.

    In the configuration of your shell: eval "$(florilege completion bash)".
    """
    print_raw(completion_script(shell).encode())


def completion_script(shell: str) -> str:
    """The completion script for `bash`, `zsh` or `fish`."""
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 -- click has all three
    program = kind(click.Command("florilege"), {}, "florilege", "_FLORILEGE_COMPLETE")
    script = program.source_template % program.source_vars()
    return script.replace('string split ","', 'string split -m 1 ","')  # fish: a title may have commas
