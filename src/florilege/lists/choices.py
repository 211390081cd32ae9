"""What a list can be narrowed by: its tags and its sharers, each with how many items, and the query a choice makes.

Pure: lists in, values out. The pickers show these; the query they make is the one that could be typed.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from florilege.lists.catalogue import Listed
from florilege.model import ReadingState
from florilege.query import Field, Not, Query, all_of, any_of, none_of
from florilege.text import clean_line, fold, same_tag

UNTAGGED = none_of(Field("tag", "", beginning=True))
"""What asks for items without any tag."""
_UNTAGGED = "untagged"
_SIGNS = {"tag": "#"}


class Mode(StrEnum):
    """How a choice takes part in the query."""

    ALL = "all"
    """An item must have it."""
    ANY = "any"
    """An item must have it or another one chosen so."""
    NONE = "none"
    """An item must not have it."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Something a list can be narrowed by."""

    label: str
    query: Query
    items: int
    unread: int


def tag_choices(rows: Iterable[Listed], state: Callable[[Listed], ReadingState]) -> list[Choice]:
    """The tags of a list, the most frequent first, and a choice for items without any."""
    tally = _Tally(state)
    untagged = _Tally(state)
    for row in rows:
        for tag in dict.fromkeys(row.head.tags):
            tally.add(same_tag(tag), tag, row)
        if not row.head.tags:
            untagged.add("", _UNTAGGED, row)
    choices = tally.choices(lambda label: Field("tag", label), _SIGNS["tag"])
    return choices + untagged.choices(lambda _: UNTAGGED)


def sharer_choices(rows: Iterable[Listed], state: Callable[[Listed], ReadingState]) -> list[Choice]:
    """The sharers of a list, the most frequent first."""
    tally = _Tally(state)
    for row in rows:
        label = row.head.sharer.label if row.head.sharer else ""
        if clean_line(label):  # a name of which nothing can be seen is none
            tally.add(fold(label), label, row)
    return tally.choices(lambda label: Field("by", label))


def taken(query: Query, name: str, choices: Sequence[Choice]) -> tuple[dict[Choice, Mode], Query]:
    """What of a list's filter such choices could have made, to be changed by choosing anew; and what else there is.

    Args:
        query: The filter.
        name: The field the choices are about: `tag` or `by`.
        choices: Those of the list as it is. What the filter asks for and the list does not have becomes one, too.
    """
    known = {choice.query: choice for choice in choices}
    modes: dict[Choice, Mode] = {}
    rest = []

    def choice_of(part: Query) -> Choice | None:
        if part in known:
            return known[part]
        if part == UNTAGGED and name == "tag":
            return Choice(_UNTAGGED, part, 0, 0)
        if isinstance(part, Field) and part.name == name and not part.beginning:
            return Choice(f"{_SIGNS.get(name, '')}{part.value}", part, 0, 0)
        return None

    for part in query.conjuncts:
        mode, parts = Mode.ALL, part.alternatives
        if choice_of(part) is None:
            mode, parts = (Mode.NONE, (part.part,)) if isinstance(part, Not) else (Mode.ANY, parts)
        made = {choice: mode for each in parts if (choice := choice_of(each)) is not None}
        # Of several alternatives one can be chosen anew, and each choice can be taken in one way only.
        if len(made) < len(parts) or made.keys() & modes or (mode is Mode.ANY and Mode.ANY in modes.values()):
            rest.append(part)
        else:
            modes |= made
    return modes, all_of(rest)


def chosen(choices: Mapping[Choice, Mode]) -> Query:
    """The query that the choices make together."""
    together = [choice.query for choice, mode in choices.items() if mode is Mode.ALL]
    either = any_of(choice.query for choice, mode in choices.items() if mode is Mode.ANY)
    without = [none_of(choice.query) for choice, mode in choices.items() if mode is Mode.NONE]
    return all_of([*together, either, *without])


class _Tally:
    """Counts items and unread ones by key, in the spelling met first."""

    def __init__(self, state: Callable[[Listed], ReadingState]) -> None:
        self._state = state
        self._labels: dict[str, str] = {}
        self._items: dict[str, int] = {}
        self._unread: dict[str, int] = {}

    def add(self, key: str, label: str, row: Listed) -> None:
        """Count one item under a key."""
        self._labels.setdefault(key, label)
        self._items[key] = self._items.get(key, 0) + 1
        self._unread[key] = self._unread.get(key, 0) + (not self._state(row).is_read)

    def choices(self, query: Callable[[str], Query], sign: str = "") -> list[Choice]:
        """What was counted, the most frequent first."""
        ranked = sorted(self._items, key=lambda key: (-self._items[key], fold(key)))
        return [
            Choice(f"{sign}{self._labels[key]}", query(self._labels[key]), self._items[key], self._unread[key])
            for key in ranked
        ]
