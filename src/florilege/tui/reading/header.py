"""What the line above says: where one is, how many items there are, and how fresh they are."""

from datetime import datetime

from florilege.commands import Keymap
from florilege.lists.reader_state import ReaderState
from florilege.model import Group
from florilege.text import counted, grouped
from florilege.words import ago


def crumbs(state: ReaderState) -> list[str]:
    """The place and its filters."""
    place, title = state.place, state.catalogue.title
    path = [place.title] if place.group is None else [title(place.group), *([f"#{place.tag}"] if place.tag else [])]
    return ["Home", *path, *(text for text, _ in state.query.crumbs())]


def facts(state: ReaderState, keys: Keymap, now: datetime, *, is_looking: bool) -> list[str]:
    """Counts of the list, when it was refreshed, and where its warnings are told; those that matter most come first.

    Args:
        state: What is open.
        keys: The reader's keys.
        now: When, with zone.
        is_looking: Whether what was typed is still being looked for.
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
    """When any of some groups was last asked; in vain when the only one fails."""
    checked = max((each.checked_at for each in groups if each.checked_at), default=None)
    verb = "tried" if len(groups) == 1 and groups[0].error else "refreshed"
    return [f"{verb} {ago(checked, now)}"] if checked else []
