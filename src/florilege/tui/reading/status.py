"""The text of the lines above and below the panes: the open place, its counts, and the commands that make sense now."""

from datetime import datetime
from typing import TYPE_CHECKING

from florilege.commands import Command, Keymap, Need, Scope
from florilege.lists.reader_state import ReaderState
from florilege.model import Group
from florilege.text import counted, grouped
from florilege.words import ago

if TYPE_CHECKING:
    from florilege.tui.screens.reading import ReadingScreen


def crumbs(state: ReaderState) -> list[str]:
    """The open place and its filters."""
    place, title = state.place, state.catalogue.title
    path = [place.title] if place.group is None else [title(place.group), *([f"#{place.tag}"] if place.tag else [])]
    return ["Home", *path, *(text for text, _ in state.query.crumbs())]


def facts(state: ReaderState, keys: Keymap, now: datetime, *, is_looking: bool) -> list[str]:
    """Counts of the list, when it was refreshed, and which key shows its warnings; the most important first.

    Args:
        state: What is open.
        keys: The reader's keys.
        now: The present time, with zone.
        is_looking: Whether a search is still running.
    """
    selected, tells = len(state.view.selected), keys.label("overview")
    found = [f"{grouped(selected)} selected"] if selected else []
    found += ["still looking"] if is_looking else []
    found.append(f"{state.unread} unread")
    found.append(f"{state.above + state.position + 1} of {state.total}" if state.rows else "no items")
    found += [state.order.value] if state.rows else []
    group = state.catalogue.group(state.place.group) if state.place.group else None
    found += _freshness([group] if group else [each for each in state.catalogue.groups() if not each.error], now)
    if group is not None and group.warnings and tells:
        found.append(f"{tells} tells {counted(len(group.warnings), 'warning')}")
    return found


def _freshness(groups: list[Group], now: datetime) -> list[str]:
    """When any of the groups was last refreshed; `tried` instead for a single group that failed."""
    checked = max((each.checked_at for each in groups if each.checked_at), default=None)
    verb = "tried" if len(groups) == 1 and groups[0].error else "refreshed"
    return [f"{verb} {ago(checked, now)}"] if checked else []


def is_met(need: Need, reading: "ReadingScreen") -> bool:
    """Whether what a command needs is present."""
    state = reading.state
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
            return (item := reading.annotations.item) is not None and item.url is not None
        case Need.QUOTE:
            return (item := reading.annotations.item) is not None and bool(item.highlights)
        case Need.LIST:
            return bool(state.rows)
        case Need.SEARCH:
            return reading.groups.search is not None
        case Need.NAMED:
            return reading.groups.search is not None or reading.groups.group is not None
        case Need.UNDO:
            return reading.has_begun and state.changes.can_undo
        case _:
            return True


def in_footer(command: Command, reading: "ReadingScreen") -> bool:
    """Whether the footer shows a command. It doesn't come and go there with what single items have or lack."""
    state, is_one = reading.state, reading.frame.number == 1
    match need := command.footer_need or command.need:
        case Need.ITEM if reading.pane is Scope.GROUPS:
            return bool(state.catalogue.groups())  # there the key acts on the groups
        case Need.LINK | Need.QUOTE:
            return state.current is not None
        case Need.UNREAD:
            return state.catalogue.has_unread()
        case Need.TAGS:
            return reading.groups.has_tags
        case Need.FILTER:
            return bool(state.rows) or not state.query.is_blank
        case Need.INSIDE:  # an empty list that is not shown is worth showing: it says why it is empty
            return bool(state.rows) or (reading.pane is Scope.GROUPS and is_one)
        case Need.OUTSIDE:
            return is_one and not reading.frame.zoomed
        case _:
            return is_met(need, reading)
