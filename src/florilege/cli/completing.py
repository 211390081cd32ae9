"""`completion`: the script that makes a shell complete our commands and options."""

import click
from click.shell_completion import get_completion_class

from florilege.cli.outside import EXIT_DONE, library_option
from florilege.cli.voice import tell_raw

VARIABLE = "_FLORILEGE_COMPLETE"
"""By this variable of the environment the script asks us. click looks at it before anything else."""


@click.command()
@click.argument("shell", metavar="bash|zsh|fish", type=click.Choice(["bash", "zsh", "fish"]))
@library_option
@click.pass_context
def completion(context: click.Context, shell: str) -> int:
    """Print what makes a shell complete our commands: `eval "$(florilege completion bash)"`."""
    maker = get_completion_class(shell)
    assert maker is not None  # noqa: S101 -- click has all three
    program = maker(context.find_root().command, {}, "florilege", VARIABLE)
    tell_raw((program.source_template % program.source_vars()).encode() + b"\n")
    return EXIT_DONE
