"""Actions that change how things look: one pane alone, widths, density."""

from florilege.commands import Scope
from florilege.tui.screens.base import ReadingBase

_STEP = 4
"""Cells by which a pane becomes wider or narrower."""
_LEAST = 16
"""Cells a pane keeps."""


class Looking(ReadingBase):
    """Zoom, widths, density."""

    def action_zoom(self) -> None:
        """Give the pane that has the focus the whole screen, and back."""
        self.zoomed = not self.zoomed
        self.lay_out_panes()

    def action_widen(self) -> None:
        """Make the pane that has the focus wider."""
        self._resize_pane(_STEP)

    def action_narrow(self) -> None:
        """Make the pane that has the focus narrower."""
        self._resize_pane(-_STEP)

    def action_density(self) -> None:
        """Show items on two lines, or on as many as they take."""
        self.compact = not self.compact
        self.show_items(keep_place=True)

    @property
    def turned_density(self) -> str | None:
        """The density of the settings, to be remembered, when the reader wanted the other one; else None."""
        density = self.world.config.look.density
        return density if self.compact != (density == "compact") else None

    @property
    def session_widths(self) -> tuple[int, ...]:
        """The widths of groups and items pane as the reader set them, to be remembered; 0 where they did not."""
        widths = tuple(self.widths.get(pane, 0) for pane in (Scope.GROUPS, Scope.ITEMS))
        return widths if any(widths) else ()

    def _resize_pane(self, cells: int) -> None:
        """Change a width; the pane inwards of it (outwards, for the last) gives or takes the cells."""
        shown = [pane for pane in (Scope.GROUPS, Scope.ITEMS, Scope.ANNOTATIONS) if self.pane_list(pane).display]
        if len(shown) < 2:
            self.say("There is one pane only: it is as wide as it can be.")
            return
        # The last pane takes what the others leave, so its width is theirs turned round.
        pane, change = (self.pane, cells) if self.pane is not shown[-1] else (shown[-2], -cells)
        width = self.pane_list(pane).outer_size.width + change
        room = self.app.size.width - _LEAST * (len(shown) - 1)
        self.widths[pane] = max(_LEAST, min(width, room))
        self.lay_out_panes()
