"""The overview: a group or a list in numbers, with bars that lead into it. It shows and gives back a query."""

from typing import ClassVar

from florilege.query import Query
from florilege.tui.panes.overview import OverviewRows
from florilege.tui.screens.dialogue import Dialogue


class OverviewScreen(Dialogue[Query | None]):
    """A list in numbers. Gives the query of the bar that was chosen, or None."""

    DEFAULT_CSS = "OverviewScreen .dialogue { width: 96; height: 90%; padding: 0 1; }"
    OPENED_BY: ClassVar[str] = "overview"

    def __init__(self, title: str, rows: OverviewRows) -> None:
        super().__init__("overview", title, subtitle="↵ shows only these · esc closes", typing="")
        self._rows = rows

    def rows_for(self, typed: str) -> OverviewRows:
        """The numbers."""
        return self._rows

    def action_take(self) -> None:
        """Give the query of the bar under the cursor."""
        self.dismiss(self._rows.query(self._list.cursor))
