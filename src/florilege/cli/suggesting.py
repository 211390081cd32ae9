"""What a shell offers while a command is typed: queries, groups, formats. Silent when the library can't be read."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from florilege.cli.outside import Outside
from florilege.model import FlorilegeError

if TYPE_CHECKING:
    from florilege.lists.catalogue import Listed
    from florilege.query.completing import Vocabulary

MOST = 20_000
"""Items whose tags, sharers and sites are offered: those of so many are read in a moment."""


def groups(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Titles of groups that begin with what is typed, then those in which it stands."""
    return _titles(context, incomplete)


def restorable(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """The same of groups that were removed."""
    return _titles(context, incomplete, removed=True)


def files(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Files, which the shell itself knows best."""
    return [CompletionItem(incomplete, type="file")]


def folders(_context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Folders."""
    return [CompletionItem(incomplete, type="dir")]


def queries(context: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """How a query may go on: names of fields, and their values."""
    from florilege.query.completing import Vocabulary, completions

    has_field = ":" in incomplete
    try:
        known = _known(context) if has_field and _needs_library(incomplete) else Vocabulary()
    except (FlorilegeError, OSError):
        known = Vocabulary()
    return [CompletionItem(text) for text in completions(incomplete, known)] if incomplete else _fields()


def _fields() -> list[CompletionItem]:
    from florilege.query.fields import FIELDS

    return [CompletionItem(f"{name}:") for name in FIELDS]


def _needs_library(incomplete: str) -> bool:
    fields = re.findall(r"([a-z]+):", incomplete.casefold())
    return bool({"tag", "by", "group", "site"} & set(fields[-1:]))


def _known(context: click.Context) -> "Vocabulary":
    """The words of the library, as far as can be read in a moment.

    Raises:
        LibraryError: It can't be read.
    """
    from florilege.lists.choices import vocabulary

    return vocabulary(_listed(context))


def _listed(context: click.Context) -> "Iterator[Listed]":
    from florilege.lists.catalogue import Listed

    outside: Outside = context.obj
    library = outside.library("florilege completion")
    left = MOST
    for group in library.groups():
        if library.counts(group.id).items > left:
            continue
        for head in library.heads(group.id):
            left -= 1
            yield Listed(head, group.title)


def _titles(context: click.Context, incomplete: str, *, removed: bool = False) -> list[CompletionItem]:
    from florilege.text import clean_line, fold

    outside: Outside = context.obj
    try:
        library = outside.library("florilege completion")
        there = library.removed_groups() if removed else library.groups()
    except (FlorilegeError, OSError):
        return []
    wanted = fold(incomplete)
    titles = [(clean_line(group.title), group.id) for group in there]
    first = [CompletionItem(title) for title, _ in titles if fold(title).startswith(wanted)]
    # An id begun is an id meant.
    return first or [CompletionItem(name) for _, name in titles if incomplete and name.startswith(incomplete)]
