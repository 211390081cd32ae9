"""Moving in the river: by rows, pages and parts."""

from florilege.tui.panes.river import RiverRows
from florilege.tui.screens.river_base import RiverBase


class RiverMoving(RiverBase):
    """Moving."""

    def action_down(self) -> None:
        """Move down."""
        self.list.move(1)

    def action_up(self) -> None:
        """Move up."""
        self.list.move(-1)

    def action_half_page_down(self) -> None:
        """Move half a page down."""
        self.list.half_page(1)

    def action_half_page_up(self) -> None:
        """Move half a page up."""
        self.list.half_page(-1)

    def action_page_down(self) -> None:
        """Move a page down."""
        self.list.page(1)

    def action_read_on(self) -> None:
        """Move a page down."""
        self.list.page(1)

    def action_page_up(self) -> None:
        """Move a page up."""
        self.list.page(-1)

    def action_top(self) -> None:
        """Go to the first passage."""
        self.list.home()

    def action_bottom(self) -> None:
        """Go to the last passage."""
        self.list.end()

    def action_next_unread(self) -> None:
        """Go to the next part: here the keys for the next thing to read go from part to part."""
        self._go_to_part(1)

    def action_previous_unread(self) -> None:
        """Go to the beginning of this part, or of the one before."""
        self._go_to_part(-1)

    def _go_to_part(self, direction: int) -> None:
        rows = self.list.rows
        if isinstance(rows, RiverRows) and self.list.cursor >= 0:
            self.list.move_to(rows.part_from(self.list.cursor, direction))
