"""`completion`, and the shell completions for commands. Offers nothing when the library can't be read."""

import os
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, ClassVar

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    add_completion_class,
    get_completion_class,
)
from click.shell_completion import split_arg_string as split

from florilege.cli.args import OneOf
from florilege.cli.context import EXIT_DONE, CliContext, command
from florilege.cli.output import print_raw
from florilege.model import FlorilegeError
from florilege.text import clean_line, search_key

if TYPE_CHECKING:
    from florilege.lists.catalogue import ItemRow
    from florilege.model import Group
    from florilege.store import Library


_LINE = "_FLORILEGE_LINE"
"""The environment variable with the command line typed so far, for bash."""
_BASH = """\
%(complete_func)s() {
    local answer type value IFS=$'\\n'
    COMPREPLY=()
    answer=$(env _FLORILEGE_LINE="${COMP_LINE:0:COMP_POINT}" %(complete_var)s=bash_complete "$1" 2>/dev/null)
    while IFS=',' read -r type value; do
        case $type in
            file) compopt -o default ;;
            plain) COMPREPLY+=("$value"); [[ $value == *: ]] && compopt -o nospace ;;
        esac
    done <<< "$answer"
    return 0
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""
_FISH = """\
function %(complete_func)s
    set -l typed (commandline -cp | string collect)
    set -l answers (env %(complete_var)s=fish_complete COMP_WORDS="$typed" COMP_CWORD=(commandline -t) \
%(prog_name)s 2>/dev/null)
    for answer in $answers
        set -l parts (string split -m 1 , -- $answer)
        switch $parts[1]
            case file
                __fish_complete_path $parts[2]
            case plain
                printf '%%s\\n' $parts[2]
        end
    end
end

complete --no-files --keep-order --command %(prog_name)s --arguments "(%(complete_func)s)"
"""
_END = "\x01"
"""Appended to the command line typed so far, so that an empty last word counts as a word."""


class WholeWords(BashComplete):
    """Completion for bash, which splits words at colons and inserts completions unquoted."""

    source_template: ClassVar[str] = _BASH

    def get_completion_args(self) -> tuple[list[str], str]:
        """The preceding words, and the one being typed."""
        _, *words = split(os.environ[_LINE] + _END)
        self._typed = words[-1].removesuffix(_END) if words else ""
        return words[:-1], self._typed

    _typed = ""

    def format_completion(self, item: "CompletionItem[Any]") -> str:
        """The part of the completion after the last colon typed, quoted for the shell."""
        before, colon, _ = self._typed.rpartition(":")
        value = str(item.value).removeprefix(before + colon)
        end = ":" if value.endswith(":") else ""
        quoted = "" if value == end else shlex.quote(value.removesuffix(end))
        return f"{item.type},{quoted}{end}"


class OwnLines(FishComplete):
    """Completion for fish, for values that may contain commas."""

    source_template: ClassVar[str] = _FISH


def prepare() -> None:
    """Register our completion classes with click."""
    for shell in (WholeWords, OwnLines):
        add_completion_class(shell)


@command()
@click.argument("shell", metavar="bash|zsh|fish", type=OneOf(["bash", "zsh", "fish"], "shell"))
def completion(_cli: CliContext, shell: str) -> int:
    """Print the completion script for a shell.

    For the settings of your shell: eval "$(florilege completion bash)".
    """
    print_raw(script(shell).encode())
    return EXIT_DONE


def script(shell: str) -> str:
    """The completion script for `bash`, `zsh` or `fish`."""
    prepare()
    maker = get_completion_class(shell)
    assert maker is not None  # noqa: S101 -- click has all three
    program = maker(click.Command("florilege"), {}, "florilege", "_FLORILEGE_COMPLETE")
    return (program.source_template % program.source_vars()) + "\n"


MOST = 20_000
"""Number of items whose tags, sharers and sites are offered: few enough to be read without a noticeable delay."""
_IN_LIBRARY = {"tag", "by", "group", "site"}
"""Query fields whose values are read from the library."""


def groups(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Titles of groups that begin with what was typed; if there are none, ids that do."""
    return _titles(context, incomplete, lambda library: library.groups())


def restorable(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Titles or ids of removed groups, as for `groups`."""
    return _titles(context, incomplete, lambda library: library.trash.groups())


def files(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Leave file names to the shell."""
    return [CompletionItem(incomplete, type="file")]


def queries(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Completions of a query: names of fields, and their values."""
    from florilege.query.completing import Vocabulary, completions
    from florilege.query.fields import FIELDS

    if not incomplete:
        return [CompletionItem(f"{name}:") for name in FIELDS]
    known: Vocabulary = {}
    fields = re.findall(r"\b([a-z]++):", incomplete.casefold())
    if _IN_LIBRARY & set(fields[-1:]):
        from florilege.lists.counts import vocabulary

        known = vocabulary(_items(context))
    offers = completions(incomplete, known)
    # Shells replace what was typed with the common prefix of all offers, which must not be shorter than that. So offers
    # are limited to those that begin with it, and spelt with the letters typed; any other is offered only if it is the
    # only one.
    before, _, typed = incomplete.rpartition(":")
    typed = typed.lstrip('"')
    begun = []
    for text in offers:
        value = text[len(before) :].lstrip(':"')
        if search_key(value[: len(typed)]) == search_key(typed):
            begun.append(f"{text.removesuffix(value)}{typed}{value[len(typed) :]}")
    return [CompletionItem(text) for text in begun or offers[: len(offers) == 1]]


def _items(context: click.Context) -> "Iterator[ItemRow]":
    """The items of the library, `MOST` at most, as far as they can be read."""
    from florilege.lists.catalogue import ItemRow

    left = MOST
    from florilege.store import LibraryError

    with suppress(FlorilegeError, OSError):
        library: Library = context.obj.library()
        for group in library.groups():
            with suppress(LibraryError):
                if library.counts(group.id).items <= left:
                    for head in library.heads(group.id):
                        left -= 1
                        yield ItemRow(head, group.title)


def _titles(
    context: click.Context, incomplete: str, listed: "Callable[[Library], Sequence[Group]]"
) -> list[CompletionItem]:
    try:
        there = listed(context.obj.library())
    except (FlorilegeError, OSError):
        return []
    wanted = search_key(incomplete)
    titles = [(clean_line(group.title), group.id) for group in there]
    first = [CompletionItem(title) for title, _ in titles if search_key(title).startswith(wanted)]
    return first or [CompletionItem(name) for _, name in titles if incomplete and name.startswith(incomplete)]
