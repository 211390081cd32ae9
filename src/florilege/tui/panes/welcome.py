"""What an empty library says: what this is, and the ways to begin. Plain values in, lines out."""

from textual.content import Content
from textual.style import Style

from florilege.commands import Keymap

_STRONG = Style(bold=True)
_QUIET = Style(italic=True)


def welcome(keys: Keymap) -> list[Content]:
    """The lines, fit for 36 cells; the list centres them."""

    def way(command: str, words: str) -> Content:
        return Content.assemble((keys.label(command) or "palette", _STRONG), f" {words}")

    return [
        Content.styled("florilège", _STRONG),
        Content.styled("a book of chosen passages", _QUIET),
        Content(""),
        Content("Your library is empty."),
        Content(""),
        way("add-group", "adds a group: an address or a file"),
        Content.assemble(("florilege demo", _STRONG), " shows samples"),
        way("help", "tells what can be done"),
        way("quit", "leaves"),
    ]
