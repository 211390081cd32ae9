"""Pickers: one of many; or tags and sharers, each taken as all, any or none, which make a query together."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from textual import on
from textual.binding import Binding

from florilege.commands import Keymap
from florilege.lists.counts import Choice, Mode, chosen
from florilege.query.nodes import Query
from florilege.text import grouped, holds_all, search_key
from florilege.tui.panes.fitting import Line, cut, two_ends
from florilege.tui.panes.rows import Row
from florilege.tui.screens.dialogue import Dialogue
from florilege.tui.widgets.row_list import RowList

T = TypeVar("T")

_WIDTH = 76


@dataclass(frozen=True, slots=True)
class Offer(Generic[T]):
    """One of the many."""

    label: str
    value: T
    hint: str = ""
    """What stands at the right."""
    number: int | None = None
    """Typing it chooses among numbered offers."""
    about: str = ""
    """What it does: typing words of it finds it, too."""

    def line(self, width: int) -> Sequence[Line]:
        """Number and label, and the hint where there is room."""
        number: Line = (("key", f"[{self.number}] "),) if self.number is not None else ()
        return [_line((*number, ("text", self.label)), (("metadata", self.hint),), width)]


def _line(left: Line, right: Line, width: int) -> Line:
    return two_ends(left, cut(right, width // 2), width - 1)  # a scrollbar may stand beside it


class Picker(Dialogue[T]):
    """Pick one."""

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
        """Take what can be picked.

        Args:
            title: What the dialogue is called.
            offers: What can be picked.
            verb: What picking does.
            start: The value the cursor begins on.
            tried: Told each value the cursor comes to, so that it can be tried.
            typed: What typed words themselves offer, where they may be a value.
            more: What can be picked besides, as it comes.
            opened_by: The command that opens it.
        """
        super().__init__(
            "picker", title, self._matching, verb=verb, start=start, opened_by=opened_by, width=_WIDTH,
            are_uniform=True,
        )  # fmt: skip
        self.offers = list(offers)
        self._tried, self._of_typed, self._more = tried, typed, more

    def on_mount(self) -> None:
        """Wait for more."""
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
        """The offer with the number typed, else those in which all words occur; those whose label holds them first."""
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
"""What stands before and behind what is taken so."""
_NEXT = {None: Mode.ALL, Mode.ALL: Mode.ANY, Mode.ANY: Mode.NONE, Mode.NONE: None}


class QueryPicker(Dialogue[Query]):
    """Pick tags or sharers, each taken as all, any or none. Gives the query they make."""

    def __init__(self, title: str, choices: Sequence[Choice], before: Mapping[Choice, Mode] | None = None) -> None:
        """Take what can be picked.

        Args:
            title: What the dialogue is called.
            choices: The choices.
            before: How some of them are taken already, to be changed.
        """
        super().__init__(
            "picker", title, self._matching, verb="takes them", hint="tab all/any/none", width=_WIDTH, are_uniform=True
        )
        self._before = dict(before or {})
        self._modes = dict(self._before)
        self.choices = list(dict.fromkeys((*choices, *self._before)))

    def bindings_of(self, keys: Keymap) -> Iterator[Binding]:
        """Tab takes a choice another way."""
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
        """Show what answers; the cursor stays on its choice."""
        super().narrow(keep_place=keep_place or bool(self.list.cursor_key))

    def click(self) -> None:
        """Take it another way."""
        self.action_turn()

    def action_turn(self) -> None:
        """Take the choice under the cursor as the next of all, any, none, or not at all."""
        if (choice := self.value) is not None:
            mode = _NEXT[self._modes.pop(choice, None)]
            if mode is not None:
                self._modes[choice] = mode
            self.narrow()

    def action_take(self) -> None:
        """Give the query; where nothing was changed, what is under the cursor is taken besides."""
        if self.value is not None and self._modes == self._before:
            self._modes.setdefault(self.value, Mode.ALL)
        self.give(chosen(self._modes) if self._modes or self._before else None)
