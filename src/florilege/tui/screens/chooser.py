"""A chooser: one of many, narrowed by typing. It gives back the value of what was chosen; it does nothing with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from textual import on
from textual.binding import Binding, BindingType

from florilege.text import fold, holds_all
from florilege.tui.panes.fitting import Line, cut, two_ends
from florilege.tui.screens.narrowed import NarrowedList, OneLiners
from florilege.tui.widgets.linelist import LineList

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Offer(Generic[T]):
    """One of the many."""

    label: str
    value: T
    hint: str = ""
    """What stands at the right, or beneath."""
    number: int | None = None
    """Typing it chooses among numbered offers."""


class OfferRows(OneLiners[Offer[Any]]):
    """Offers."""

    def key(self, index: int) -> str:
        """Its place and label."""
        return f"{index}: {self.values[index].label}"

    def line(self, value: Offer[Any], width: int) -> Line:
        """Number and label, and the hint where there is room."""
        number: Line = (("key", f"[{value.number}] "),) if value.number is not None else ()
        hint: Line = cut((("metadata", value.hint),), width // 2)
        return two_ends((*number, ("text", value.label)), hint, width)


class Chooser(NarrowedList[T | None]):
    """Choose one. Gives its value, or None when the reader never minds."""

    DEFAULT_CSS = "Chooser .narrowed { width: 76; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "move(1)", show=False, priority=True),
        Binding("shift+tab", "move(-1)", show=False, priority=True),
    ]

    def __init__(self, title: str, offers: Sequence[Offer[T]], *, verb: str = "goes there") -> None:
        super().__init__("chooser", title, empty="Nothing matches.", hint=f"↵ {verb} · esc never mind")
        self._offers = list(offers)

    def add(self, offers: Sequence[Offer[T]]) -> None:
        """Offer more, after the others."""
        self._offers += offers
        if self.is_mounted:
            self.narrow(keep_place=True)

    def rows_for(self, typed: str) -> OfferRows:
        """The offer of that number, else those in which all words occur; first those that are called so."""
        number = typed.strip()
        numbered = [offer for offer in self._offers if number and str(offer.number) == number]
        words = fold(typed).split()
        if numbered:
            return OfferRows(numbered)
        found = [offer for offer in self._offers if holds_all(f"{offer.label} {offer.hint}", words)]
        return OfferRows(sorted(found, key=lambda offer: not holds_all(offer.label, words)))

    @on(LineList.Chosen)
    def action_take(self) -> None:
        """Give what is under the cursor."""
        rows = self._list.rows
        offer = rows.value(self._list.cursor) if isinstance(rows, OfferRows) else None
        if offer is not None:
            self.dismiss(offer.value)
