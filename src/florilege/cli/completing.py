"""`completion`: the script that makes a shell complete our commands, options, groups and queries."""

import os
import shlex
from typing import Any, ClassVar

import click
from click.shell_completion import BashComplete, CompletionItem, add_completion_class, get_completion_class
from click.shell_completion import split_arg_string as split

from florilege.cli.outside import EXIT_DONE, library_option
from florilege.cli.voice import tell_raw

VARIABLE = "_FLORILEGE_COMPLETE"
"""By this variable of the environment the script asks us. click looks at it before anything else."""
_LINE = "_FLORILEGE_LINE"
"""What has been typed, for bash."""
_BASH = """\
%(complete_func)s() {
    local answer type value IFS=$'\\n'
    COMPREPLY=()
    answer=$(env _FLORILEGE_LINE="${COMP_LINE:0:COMP_POINT}" %(complete_var)s=bash_complete "$1" 2>/dev/null)
    while IFS=',' read -r type value; do
        case $type in
            dir) compopt -o dirnames ;;
            file) compopt -o default ;;
            plain) COMPREPLY+=("$value"); [[ $value == *: ]] && compopt -o nospace ;;
        esac
    done <<< "$answer"
    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""
_END = "\x01"
"""Stands at the end of what was typed, so that a word that is still empty counts as one."""


class WholeWords(BashComplete):
    """Bash, which takes a word apart at its colons and inserts what it is given as it stands."""

    source_template: ClassVar[str] = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before, and the one that is being typed."""
        if _LINE not in os.environ:  # a script of before, still in somebody's ~/.bashrc
            return super().get_completion_args()
        _, *words = split(os.environ[_LINE] + _END)
        self._typed = words[-1].removesuffix(_END) if words else ""
        return words[:-1], self._typed

    _typed = ""

    def format_completion(self, item: CompletionItem[Any]) -> str:
        """What bash is to put after the last colon, quoted where a shell would take it for something else."""
        before, colon, _ = self._typed.rpartition(":")
        value = str(item.value).removeprefix(before + colon)
        end = ":" if value.endswith(":") else ""
        quoted = "" if value == end else shlex.quote(value.removesuffix(end))
        return f"{item.type},{quoted}{end}"


def prepare() -> None:
    """Let a shell that asks be answered in our way."""
    add_completion_class(WholeWords)


@click.command()
@click.argument("shell", metavar="bash|zsh|fish", type=click.Choice(["bash", "zsh", "fish"]))
@library_option
@click.pass_context
def completion(context: click.Context, shell: str) -> int:
    """Print what makes a shell complete our commands.

    In the settings of your shell: eval "$(florilege completion bash)".
    """
    prepare()
    maker = get_completion_class(shell)
    assert maker is not None  # noqa: S101 -- click has all three
    program = maker(context.find_root().command, {}, "florilege", VARIABLE)
    tell_raw((program.source_template % program.source_vars()).encode() + b"\n")
    return EXIT_DONE
