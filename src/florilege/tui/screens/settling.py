"""The way to the settings, and what other settings change at once on the screen."""

from florilege.commands import COMMANDS
from florilege.tui.keys import bound
from florilege.tui.screens.base import ReadingBase
from florilege.tui.world import World


class Settling(ReadingBase):
    """Settings."""

    def action_settings(self) -> None:
        """Change settings and keys."""
        from florilege.tui.screens.settings import SettingsScreen

        self.app.push_screen(SettingsScreen(self))

    def adopt(self, world: World) -> None:
        """Hold to the settings and keys of a world from now on."""
        if world.config.look.density != self.world.config.look.density:
            self.compact = world.config.look.density == "compact"
        if world.keys != self.world.keys:
            bound(self._bindings, COMMANDS, world.keys)
            self.refresh_bindings()
        self.world = world
        self.desk.common = world.config.reading.same_page == "common"
        self.show_items(keep_place=True)
        self.show_annotations()
        self.show_keys()

    def reset_widths(self) -> None:
        """Give all panes their usual widths."""
        self.widths.clear()
        self.lay_out_panes()
