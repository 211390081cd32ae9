"""A dialogue around one list: what moving in it means, once for all of them. Each gives these actions its own keys."""

from textual.screen import ModalScreen, ScreenResultType

from florilege.tui.widgets.linelist import LineList


class Listing(ModalScreen[ScreenResultType]):
    """A dialogue that shows a list, and may give something back."""

    _list: LineList

    def action_move(self, delta: int) -> None:
        """Move by a row."""
        self._list.move(delta)

    def action_page(self, direction: int) -> None:
        """Move by a page."""
        self._list.page(direction)

    def action_edge(self, direction: int) -> None:
        """Go to the first or last row."""
        if direction > 0:
            self._list.end()
        else:
            self._list.home()
