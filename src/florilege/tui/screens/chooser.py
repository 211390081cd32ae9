"""A chooser: one of many, narrowed by typing. It gives back the value of what was chosen; it does nothing with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Static

from florilege.text import fold
from florilege.tui.panes.fitting import Line, cut, painted, two_ends
from florilege.tui.screens.listing import Listing
from florilege.tui.widgets.linelist import LineList
from florilege.tui.widgets.rows import Look

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


class OfferRows(Generic[T]):
    """Offers, a line each."""

    def __init__(self, offers: Sequence[Offer[T]]) -> None:
        self.offers = offers

    def __len__(self) -> int:
        return len(self.offers)

    def key(self, index: int) -> str:
        """Its label and hint."""
        return f"{index}: {self.offers[index].label}"

    def uniform_height(self, width: int) -> int | None:
        """One line each."""
        return 1

    def height(self, index: int, width: int) -> int:
        """One line each."""
        return 1

    def selectable(self, index: int) -> bool:
        """All."""
        return True

    def render(self, index: int, width: int, look: Look) -> Sequence[Content]:
        """Number and label, and the hint where there is room."""
        offer = self.offers[index]
        number: Line = (("key", f"[{offer.number}] "),) if offer.number is not None else ()
        hint: Line = cut((("metadata", offer.hint),), width // 2)
        return [painted(two_ends((*number, ("text", offer.label)), hint, width), look.palette)]


class Chooser(Listing[T | None]):
    """Choose one. Gives its value, or None when the reader never minds."""

    DEFAULT_CSS = """
    Chooser { align: center middle; }
    Chooser #chooser { width: 76; max-width: 100%; height: 80%; border: round $border; background: $background; }
    Chooser #chooser { border-title-color: $foreground; border-title-style: bold; }
    Chooser Input { border: none; height: 1; padding: 0 1; background: $panel; }
    Chooser Input:focus { border: none; }
    Chooser LineList { height: 1fr; }
    Chooser #chooser-hint { height: 1; padding: 0 1; color: $florilege-metadata; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "never_mind", show=False),
        Binding("down,tab", "move(1)", show=False, priority=True),
        Binding("up,shift+tab", "move(-1)", show=False, priority=True),
        Binding("pagedown", "page(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
    ]

    def __init__(self, title: str, offers: Sequence[Offer[T]], *, verb: str = "goes there") -> None:
        super().__init__(id="chooser-screen")
        self._title = title
        self._offers = list(offers)
        self._verb = verb
        self._typed = ""
        self._list = LineList(id="chooser-list", empty=[Content("Nothing matches.")])

    def compose(self) -> ComposeResult:
        """A line to narrow by, the offers, and what the keys do."""
        with Vertical(id="chooser") as box:
            box.border_title = self._title
            yield Input(placeholder="type to narrow")
            yield self._list
            yield Static(Content(f"↵ {self._verb} · esc never mind"), id="chooser-hint", markup=False)

    def on_mount(self) -> None:
        """Show all offers, ready to type."""
        self._list.can_focus = False
        self._show()
        self.query_one(Input).focus()

    def add(self, offers: Sequence[Offer[T]]) -> None:
        """Offer more, after the others."""
        self._offers += offers
        if self.is_mounted:
            self._show()

    @on(Input.Changed)
    def _narrowed(self, event: Input.Changed) -> None:
        event.stop()
        self._typed = event.value
        self._show()

    def _show(self) -> None:
        typed = self._typed.strip()
        numbered = [offer for offer in self._offers if typed and str(offer.number) == typed]
        words = fold(typed).split()
        found = numbered or [
            offer for offer in self._offers if all(word in fold(f"{offer.label} {offer.hint}") for word in words)
        ]
        self._list.show(OfferRows(found), keep_place=False)

    def action_take(self) -> None:
        """Give what is under the cursor, once all that was typed has narrowed the offers."""
        if self.query_one(Input).value != self._typed:
            self._typed = self.query_one(Input).value
            self._show()
        rows = self._list.rows
        if isinstance(rows, OfferRows) and 0 <= self._list.cursor < len(rows):
            self.dismiss(rows.offers[self._list.cursor].value)

    @on(Input.Submitted)
    def _submitted(self, event: Input.Submitted) -> None:
        # Not a binding of the screen: that would be heard before what was typed just before it.
        event.stop()
        self.action_take()

    def action_never_mind(self) -> None:
        """Change nothing."""
        self.dismiss(None)

    @on(LineList.Chosen)
    def _clicked(self) -> None:
        self.action_take()
