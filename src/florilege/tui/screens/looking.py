"""Actions that change how things look: one pane alone, widths, density."""

from textual import events
from textual.widget import Widget

from florilege.commands import Scope
from florilege.tui.screens.base import PANES, ReadingBase
from florilege.tui.screens.framing import LEAST

_STEP = 4
"""Cells by which a pane becomes wider or narrower."""


class Looking(ReadingBase):
    """Zoom, widths, density."""

    _dragged: Scope | None = None
    """The pane whose right border the mouse holds."""

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
        shown = self._panes_shown
        if len(shown) < 2:
            self.say("There is one pane only: it is as wide as it can be.")
            return
        # The last pane takes what the others leave, so its width is theirs turned round.
        pane, change = (self.pane, cells) if self.pane is not shown[-1] else (shown[-2], -cells)
        if not self._give_width(pane, self.pane_list(pane).outer_size.width + change):
            wider = (cells > 0) == (pane is self.pane)
            self.say("This pane is as wide as it can be." if wider else "This pane is as narrow as it can be.")

    def _give_width(self, pane: Scope, width: int) -> bool:
        """Give a pane a width in cells, as far as there is room beside the others; whether that changes anything."""
        others = [each for each in self._panes_shown if each is not pane]
        before = [each for each in others[:-1] if PANES.index(each) < PANES.index(pane)]
        taken = sum(self.pane_list(each).outer_size.width for each in before)
        room = self.app.size.width - taken - LEAST * (len(others) - len(before))
        wanted = max(LEAST, min(width, room))
        if wanted == self.pane_list(pane).outer_size.width:
            return False
        self.widths[pane] = wanted
        self.lay_out_panes()
        return True

    @property
    def _panes_shown(self) -> list[Scope]:
        return [pane for pane in PANES if self.pane_list(pane).display]

    # By mouse

    def _border_at(self, x: int, y: int) -> Scope | None:
        """The pane whose right border, or its neighbour's left one, is at a place of the screen; titles are not."""
        for pane in self._panes_shown[:-1]:
            region = self.pane_list(pane).region
            if region.y < y < region.bottom - 1 and x in {region.right - 1, region.right}:
                return pane
        return None

    @property
    def allow_select(self) -> bool:
        """Whether text can be selected: not by what begins at a border, for that changes widths."""
        x, y = self.app.mouse_position
        return super().allow_select and self._dragged is None and self._border_at(int(x), int(y)) is None

    def get_focusable_widget_at(self, x: int, y: int) -> Widget | None:
        """What takes the focus when it is clicked: a border does not, for panes might come and go with the focus."""
        return None if self._border_at(x, y) else super().get_focusable_widget_at(x, y)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Take hold of the border between two panes."""
        self._dragged = self._border_at(event.screen_x, event.screen_y)
        if self._dragged is not None:
            event.stop()
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Let the border follow."""
        if self._dragged is not None:
            event.stop()
            self._give_width(self._dragged, event.screen_x + 1 - self.pane_list(self._dragged).region.x)

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Let go of the border."""
        if self._dragged is not None:
            event.stop()
            self._dragged = None
            self.release_mouse()
