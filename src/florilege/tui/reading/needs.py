"""What a command needs, and whether it is there: for the palette, and for the footer."""

from typing import TYPE_CHECKING

from florilege.commands import Command, Need, Scope

if TYPE_CHECKING:
    from florilege.tui.screens.reading import ReadingScreen


def is_met(need: Need, reading: "ReadingScreen") -> bool:
    """Whether what a command needs is there."""
    state, item = reading.state, reading.annotations.item
    match need:
        case Need.GROUP:
            return reading.groups.group is not None
        case Need.GROUPS:
            return bool(state.catalogue.groups())
        case Need.ITEMS:
            return bool(state.rows) or state.totals().items > 0
        case Need.ITEM:
            return state.current is not None
        case Need.LINK:
            return item is not None and item.url is not None
        case Need.QUOTE:
            return item is not None and bool(item.highlights)
        case Need.LIST:
            return bool(state.rows)
        case Need.SEARCH:
            return bool(state.searches)
        case Need.UNDO:
            return len(state.changes.history) > 0
        case _:
            return True


def in_footer(command: Command, reading: "ReadingScreen") -> bool:
    """Whether the footer shows a command. What one item lacks and the next one has does not come and go there."""
    state, is_one = reading.state, reading.has_class("one")
    match need := command.footer_need or command.need:
        case Need.ITEM if reading.pane is Scope.GROUPS:
            return bool(state.catalogue.groups())  # there the key means the groups
        case Need.LINK | Need.QUOTE:
            return state.current is not None
        case Need.UNREAD:
            return state.catalogue.has_unread()
        case Need.TAGS:
            return reading.groups.has_tags
        case Need.FILTER:
            return bool(state.rows) or not state.query.is_blank
        case Need.INSIDE:  # an empty list out of sight says why it is empty
            return bool(state.rows) or (reading.pane is Scope.GROUPS and is_one)
        case Need.OUTSIDE:
            return is_one and not reading.frame.zoomed
        case _:
            return is_met(need, reading)
