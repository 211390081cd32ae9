"""Words that have to be one of a few: a wrong one is told with those there are, and the nearest."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

import click

from florilege.text import clean_line


class OneOf(click.Choice[str]):
    """One of a few words."""

    def __init__(self, words: Iterable[str], name: str) -> None:
        """Take the words.

        Args:
            words: Them.
            name: What one is: `format`.
        """
        super().__init__(tuple(words))
        self._name = name

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ARG002
        """The word, if it is one of them.

        Raises:
            click.UsageError: It is not.
        """
        if value in self.choices:
            return str(value)
        near = get_close_matches(str(value).casefold(), self.choices, n=1)
        *others, last = self.choices
        hint = f" Did you mean {near[0]}?" if near else ""
        sentence = (
            f"There is no {self._name} “{clean_line(str(value))}”: there are {', '.join(others)} and {last}.{hint}"
        )
        raise click.UsageError(sentence, ctx)
