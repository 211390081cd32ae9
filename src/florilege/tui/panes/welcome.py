"""What an empty library shows: what florilege is, and how to begin. Plain values in, lines out."""

from textual.content import Content
from textual.style import Style

from florilege.commands import Keymap
from florilege.tui.panes.fitting import width_of

_STRONG = Style(bold=True)
_QUIET = Style(italic=True)


_WAYS = (
    ("add-group", "adds a group: feed or file"),
    ("help", "shows all keys"),
    ("quit", "quits"),
)
"""Commands to begin with, and what they do."""


def welcome(keys: Keymap) -> list[Content]:
    """The lines, at most 30 cells wide; the list centres them."""
    ways = [(keys.label(command) or "palette", words) for command, words in _WAYS]
    column = max(width_of(key) for key, _ in ways) + 2
    longest = max(width_of(words) for _, words in ways)

    def way(key: str, words: str) -> Content:
        """A line padded to the length of the others, so that they align at the left when centred."""
        return Content.assemble(
            (key, _STRONG), " " * (column - width_of(key)), words, " " * (longest - width_of(words))
        )

    return [
        Content.styled("florilège", _STRONG),
        Content.styled("a book of chosen passages", _QUIET),
        Content(""),
        Content("Your library is empty."),
        Content(""),
        *(way(*each) for each in ways),
        Content(""),
        Content.assemble(("florilege demo", _STRONG), " shows samples"),
    ]
