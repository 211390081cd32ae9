"""What an empty library shows: what florilege is, and how to begin. Plain values in, lines out."""

from florilege.commands import Keymap
from florilege.tui.widgets.lines import Line, width_of

_WAYS = (
    ("add-group", "adds a group: feed or file"),
    ("help", "shows all keys"),
    ("quit", "quits"),
)
"""Commands to begin with, and what they do."""


def welcome(keys: Keymap) -> list[Line]:
    """The lines, at most 30 cells wide; the list centres them."""
    ways = [(keys.label(command) or "palette", words) for command, words in _WAYS]
    column = max(width_of(key) for key, _ in ways) + 2
    longest = max(width_of(words) for _, words in ways)
    # padded to the same length, so that they align at the left when centred
    shown: list[Line] = [(("crumb", key.ljust(column)), ("text", words.ljust(longest))) for key, words in ways]
    return [
        (("crumb", "florilège"),),
        (("emphasis", "a book of chosen passages"),),
        (),
        (("text", "Your library is empty."),),
        (),
        *shown,
        (),
        (("crumb", "florilege demo"), ("text", " shows samples")),
    ]
