"""A picker: one of many, or several of them, each taken as all, any or none. It gives back what was picked."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from textual import on
from textual.binding import Binding

from florilege.commands import Keymap
from florilege.lists.choices import Choice, Mode, chosen
from florilege.query.nodes import Query
from florilege.text import grouped, holds_all, search_key
from florilege.tui.panes.fitting import Line, cut, two_ends
from florilege.tui.screens.dialogue import Dialogue, OneLiners
from florilege.tui.widgets.row_list import RowList

T = TypeVar("T")

_SIGNS = {Mode.ALL: ("✓ ", "  all"), Mode.ANY: ("+ ", "  any"), Mode.NONE: ("− ", "  none"), None: ("  ", "")}
"""What stands before and behind what is taken so."""
_NEXT = {None: Mode.ALL, Mode.ALL: Mode.ANY, Mode.ANY: Mode.NONE, Mode.NONE: None}


@dataclass(frozen=True, slots=True)
class Offer(Generic[T]):
    """One of the many."""

    label: str
    value: T
    hint: str | Line = ""
    """What stands at the right."""
    number: int | None = None
    """Typing it chooses among numbered offers."""
    about: str = ""
    """What it does: typing words of it finds it, too."""
    style: str = "text"
    """The field of `theme.Palette` its label is drawn in."""


class OfferRows(OneLiners[Offer[Any]]):
    """Offers, and where several can be picked, how each is taken."""

    def __init__(self, values: Sequence[Offer[Any]], modes: Mapping[Any, Mode] | None) -> None:
        super().__init__(values)
        self._modes = modes

    def key(self, index: int) -> str:
        """Its label; with its number or place where labels may be the same."""
        return self.values[index].label if self._modes is not None else f"{index}: {self.values[index].label}"

    def words(self, index: int) -> str:
        """The label, and the hint."""
        offer = self.values[index]
        hint = offer.hint if isinstance(offer.hint, str) else "".join(text for _, text in offer.hint)
        return f"{offer.label}  {hint}"

    def line(self, value: Offer[Any], width: int) -> Line:
        """How it is taken, number and label, and the hint where there is room."""
        sign, how = ("", "") if self._modes is None else _SIGNS[self._modes.get(value.value)]
        number: Line = (("key", f"[{value.number}] "),) if value.number is not None else ()
        hint: Line = (("metadata", value.hint),) if isinstance(value.hint, str) else value.hint
        left: Line = (("key", sign), *number, (value.style, value.label), ("key", how))
        return two_ends(left, cut(hint, width // 2), width - 1)  # a scrollbar may stand beside it


class Picker(Dialogue[T | None]):
    """Pick one, or several. Gives what was picked, or None when the reader never minds."""

    DEFAULT_CSS = "Picker .dialogue { width: 76; }"

    def __init__(
        self,
        title: str,
        offers: Sequence[Offer[Any]],
        *,
        verb: str = "goes there",
        start: Any = None,
        tried: Callable[[Any], None] | None = None,
        typed: Callable[[str], Offer[Any]] | None = None,
        modes: Mapping[Any, Mode] | None = None,
        made: Callable[[Mapping[Any, Mode]], T] | None = None,
    ) -> None:
        """Take what can be picked.

        Args:
            title: What the dialogue is called.
            offers: What can be picked.
            verb: What picking does.
            start: The value the cursor begins on.
            tried: Told each value the cursor comes to, so that it can be tried.
            typed: What typed words themselves offer, where they may be a value.
            modes: How some are taken already, where several can be picked; None where one is.
            made: What is given back of several, from how each is taken.
        """
        keys = f"↵ {verb} · esc never mind" if modes is None else "tab all/any/none · ↵ take · esc back"
        super().__init__("picker", title, empty="Nothing matches.", hint=keys)
        self._offers = list(offers)
        self._start = start
        self._tried = tried
        self._of_typed = typed
        self._before = dict(modes or {})
        self._modes = None if modes is None else dict(modes)
        self._made = made

    def bindings_of(self, keys: Keymap) -> Iterator[Binding]:
        """Tab takes the next way of several; among one it moves."""
        yield from super().bindings_of(keys)
        own = [("tab", "turn"), ("shift+tab", "move(-1)")] if self._modes is not None else [
            ("tab", "move(1)"), ("shift+tab", "move(-1)")
        ]  # fmt: skip
        for key, action in own:
            yield Binding(key, action, show=False, priority=True)

    def add(self, offers: Sequence[Offer[Any]]) -> None:
        """Offer more, after the others."""
        self._offers += offers
        if self.is_mounted:
            self.narrow(keep_place=True)

    def rows_for(self, typed: str) -> OfferRows:
        """The offer with the number typed, else those in which all words occur; those whose label holds them first."""
        number = typed.strip()
        numbered = [offer for offer in self._offers if number and str(offer.number) == number]
        if numbered:
            return OfferRows(numbered, self._modes)
        if self._of_typed is not None and typed.strip():
            return OfferRows([self._of_typed(typed.strip())], self._modes)
        words = search_key(typed).split()
        by_name = [offer for offer in self._offers if holds_all(offer.label, words)]
        if self._modes is not None or not words:
            return OfferRows(by_name, self._modes)
        named = set(map(id, by_name))
        others = [offer for offer in self._offers if isinstance(offer.hint, str) and id(offer) not in named]
        found = [offer for offer in others if holds_all(f"{offer.label} {offer.hint} {offer.about}", words)]
        return OfferRows(by_name + found, self._modes)

    def narrow(self, *, keep_place: bool = False) -> None:
        """Show what answers; where several are picked, the cursor stays on its offer."""
        super().narrow(keep_place=keep_place or (self._modes is not None and bool(self._list.cursor_key)))
        start, self._start = self._start, None
        place = next((at for at, offer in enumerate(self._offers) if start is not None and offer.value == start), None)
        if place is not None:
            self._list.move_to(place)

    @property
    def _current(self) -> Offer[Any] | None:
        rows = self._list.rows
        return rows.value(self._list.cursor) if isinstance(rows, OfferRows) else None

    @on(RowList.Moved)
    def _moved(self) -> None:
        if self._tried is not None and self.is_current and (offer := self._current) is not None:
            self._tried(offer.value)

    def click(self) -> None:
        """Pick it; of several, take it another way."""
        if self._modes is None:
            self.take()
        else:
            self.action_turn()

    def action_turn(self) -> None:
        """Take the offer under the cursor as the next of all, any, none, or not at all."""
        offer, modes = self._current, self._modes
        if offer is None or modes is None:
            return
        mode = _NEXT[modes.pop(offer.value, None)]
        if mode is not None:
            modes[offer.value] = mode
        self._list.refresh_rows()

    def action_take(self) -> None:
        """Give what was picked; of several, where none was, what is under the cursor is taken besides."""
        offer = self._current
        if self._modes is None:
            if offer is not None:
                self.dismiss(offer.value)
            return
        if offer is not None and self._modes == self._before:
            self._modes.setdefault(offer.value, Mode.ALL)
        is_empty = not self._modes and not self._before
        self.dismiss(None if is_empty or self._made is None else self._made(self._modes))


def query_picker(title: str, choices: Sequence[Choice], before: Mapping[Choice, Mode] | None = None) -> Picker[Query]:
    """A picker of tags or sharers, which gives the query they make.

    Args:
        title: What the dialogue is called.
        choices: The choices.
        before: How some of them are taken already, to be changed.
    """
    modes = dict(before or {})
    offers = [_offer(each) for each in dict.fromkeys((*choices, *modes))]
    return Picker(title, offers, modes=modes, made=chosen)


def _offer(choice: Choice) -> Offer[Choice]:
    unread = grouped(choice.unread) if choice.unread else "0"
    counts: Line = (("unread" if choice.unread else "metadata", unread), ("metadata", f"/{grouped(choice.items)}"))
    return Offer(choice.label, choice, counts, style="tag")
