"""Pickers: for one of several values; or for a query made of tags or sharers, each taken as all, any or none."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from textual import on
from textual.binding import Binding

from florilege.commands import Keymap
from florilege.lists.counts import Choice, Mode, query_of
from florilege.query.nodes import Query
from florilege.text import grouped, holds_all, search_key
from florilege.tui.panes.fitting import cut, two_ends
from florilege.tui.screens.dialogue import Dialogue
from florilege.tui.widgets.lines import Line
from florilege.tui.widgets.row_list import RowList
from florilege.tui.widgets.rows import Row

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Offer(Generic[T]):
    """One value that can be picked."""

    label: str
    value: T
    hint: str = ""
    """Shown at the right."""
    number: int | None = None
    """Typing this number finds the offer."""
    about: str = ""
    """A description, not shown but searched too."""

    def line(self, width: int) -> Sequence[Line]:
        """Number and label, and the hint where there is room."""
        number: Line = (("key", f"[{self.number}] "),) if self.number is not None else ()
        return [_line((*number, ("text", self.label)), (("metadata", self.hint),), width)]


def _line(left: Line, right: Line, width: int) -> Line:
    return two_ends(left, cut(right, width // 2), width - 1)  # leaves room for a scrollbar


class Picker(Dialogue[T]):
    """Lets the reader pick one value."""

    are_uniform = True

    def __init__(
        self,
        title: str,
        offers: Sequence[Offer[T]],
        *,
        verb: str = "goes there",
        start: T | None = None,
        tried: Callable[[T], None] | None = None,
        typed: Callable[[str], Offer[T]] | None = None,
        more: AsyncIterator[list[Offer[T]]] | None = None,
        opened_by: str = "",
    ) -> None:
        """Create a picker.

        Args:
            title: The title of the dialogue.
            offers: What can be picked.
            verb: What picking does, for the line of hints.
            start: The value on which the cursor starts.
            tried: Called with each value the cursor moves to, to preview it.
            typed: Makes an offer of typed text, if that may be a value itself.
            more: Further offers, added as they arrive.
            opened_by: The command that opens it.
        """
        super().__init__("picker", title, self._matching, verb=verb, start=start, opened_by=opened_by)
        self.offers = list(offers)
        self._tried, self._of_typed, self._more = tried, typed, more

    def on_mount(self) -> None:
        """Start adding further offers, if there are any."""
        if self._more is not None:
            self.run_worker(self._add(self._more), group="tags", name="more", exit_on_error=False)

    async def _add(self, more: AsyncIterator[list[Offer[T]]]) -> None:
        async for offers in more:
            self.offers += offers
            self.narrow(keep_place=True)

    def _matching(self, typed: str) -> list[Row]:
        return [
            Row(f"{place}: {each.label}", each.line, f"{each.label}  {each.hint}", each.value)
            for place, each in enumerate(self.matching(typed.strip()))
        ]

    def matching(self, typed: str) -> list[Offer[T]]:
        """The offers that match: by number; else the typed text itself; else by all words, matching labels first."""
        if numbered := [each for each in self.offers if typed and str(each.number) == typed]:
            return numbered
        if self._of_typed is not None and typed:
            return [self._of_typed(typed)]
        if not (words := search_key(typed).split()):
            return self.offers
        found = [each for each in self.offers if holds_all(f"{each.label} {each.hint} {each.about}", words)]
        return sorted(found, key=lambda each: not holds_all(each.label, words))

    @on(RowList.Moved)
    def _moved(self) -> None:
        if self._tried is not None and self.is_active and self.value is not None:
            self._tried(self.value)


_SIGNS = {Mode.ALL: ("✓ ", "  all"), Mode.ANY: ("+ ", "  any"), Mode.NONE: ("− ", "  none"), None: ("  ", "")}
"""What is shown before and after a choice in each mode."""
_NEXT = {None: Mode.ALL, Mode.ALL: Mode.ANY, Mode.ANY: Mode.NONE, Mode.NONE: None}


class QueryPicker(Dialogue[Query]):
    """Lets the reader pick tags or sharers, each in the mode all, any or none. Returns the resulting query."""

    are_uniform = True

    def __init__(self, title: str, choices: Sequence[Choice], before: Mapping[Choice, Mode] | None = None) -> None:
        """Create a picker.

        Args:
            title: The title of the dialogue.
            choices: What can be picked.
            before: The modes of choices picked already.
        """
        super().__init__("picker", title, self._matching, verb="takes them", hint="tab all/any/none")
        self._before = dict(before or {})
        self._modes = dict(self._before)
        self.choices = list(dict.fromkeys((*choices, *self._before)))

    def bindings_of(self, keys: Keymap) -> Iterator[Binding]:
        """The key bindings of all dialogues, and tab, which changes the mode of a choice."""
        yield from super().bindings_of(keys)
        yield Binding("tab", "turn", show=False, priority=True)

    def _matching(self, typed: str) -> list[Row]:
        words = search_key(typed).split()
        return [
            Row(each.label, partial(self._lines, each), f"{each.label}  {each.unread}/{each.items}", each)
            for each in self.choices
            if holds_all(each.label, words)
        ]

    def _lines(self, choice: Choice, width: int) -> Sequence[Line]:
        sign, how = _SIGNS[self._modes.get(choice)]
        unread = ("unread" if choice.unread else "metadata", grouped(choice.unread))
        left: Line = (("key", sign), ("tag", choice.label), ("key", how))
        return [_line(left, (unread, ("metadata", f"/{grouped(choice.items)}")), width)]

    def narrow(self, *, keep_place: bool = False) -> None:
        """Filter the choices; the cursor stays on its choice."""
        super().narrow(keep_place=keep_place or bool(self.list.cursor_key))

    def click(self) -> None:
        """Change the mode of the clicked choice."""
        self.action_turn()

    def action_turn(self) -> None:
        """Change the mode of the choice under the cursor: all, any, none, not picked."""
        if (choice := self.value) is not None:
            mode = _NEXT[self._modes.pop(choice, None)]
            if mode is not None:
                self._modes[choice] = mode
            self.narrow()

    def action_take(self) -> None:
        """Return the query; if nothing was changed, the choice under the cursor is picked too."""
        if self.value is not None and self._modes == self._before:
            self._modes.setdefault(self.value, Mode.ALL)
        self.give(query_of(self._modes) if self._modes or self._before else None)
