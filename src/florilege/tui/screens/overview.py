"""The overview: a group or a list in numbers, with bars that lead into it. It shows and gives back a query."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from florilege.query import Query
from florilege.tui.panes.overview import OverviewRows
from florilege.tui.screens.listing import Listing
from florilege.tui.widgets.linelist import LineList


class OverviewScreen(Listing[Query | None]):
    """A list in numbers. Gives the query of the bar that was chosen, or None."""

    DEFAULT_CSS = """
    OverviewScreen LineList {
        width: 96; max-width: 100%; height: 90%; border: round $border; padding: 0 1;
        border-title-color: $foreground; border-title-style: bold; border-subtitle-color: $florilege-metadata;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,i", "never_mind", show=False),
        Binding("j,down", "move(1)", show=False),
        Binding("k,up", "move(-1)", show=False),
        Binding("space,pagedown,ctrl+d", "page(1)", show=False),
        Binding("pageup,ctrl+u", "page(-1)", show=False),
        Binding("g,home", "edge(-1)", show=False),
        Binding("G,end", "edge(1)", show=False),
        Binding("enter,l,right", "take", show=False),
    ]

    def __init__(self, title: str, rows: OverviewRows) -> None:
        super().__init__(id="overview")
        self._list = LineList(rows, id="overview-list")
        self._list.border_title = title
        self._list.border_subtitle = "↵ shows only these · esc closes"

    def compose(self) -> ComposeResult:
        """One list."""
        yield self._list

    def on_mount(self) -> None:
        """Begin at the top, with the numbers."""
        self._list.focus()
        self._list.home()

    @on(LineList.Chosen)
    def action_take(self) -> None:
        """Give the query of the bar under the cursor."""
        rows = self._list.rows
        self.dismiss(rows.query(self._list.cursor) if isinstance(rows, OverviewRows) else None)

    def action_never_mind(self) -> None:
        """Change nothing."""
        self.dismiss(None)
