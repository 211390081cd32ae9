"""Commands that open something upon the screen, or leave it: dialogues, the river, an export, the shell."""

from typing import TYPE_CHECKING

from florilege.commands import Command, Scope
from florilege.lists.places import asked_here
from florilege.query import command_line

if TYPE_CHECKING:
    from florilege.lists.river import Passage
    from florilege.tui.screens.reading import ReadingScreen


class Dialogues:
    """What opens from the reading screen. Each loads when it is first used."""

    def __init__(self, reading: "ReadingScreen") -> None:
        self._reading = reading
        self._state = reading.state

    def action_river(self) -> None:
        """Show all highlights of the list as one page, and go to the one that is chosen there."""
        from florilege.tui.screens.river import RiverScreen

        reading = self._reading

        def go(passage: "Passage | None") -> None:
            if passage is not None and reading.items.list.move_to(passage.listed.key):
                reading.show_item()
                reading.go_to_pane(Scope.ANNOTATIONS)
                reading.annotations.go_to(passage.highlight.id)

        reading.app.push_screen(RiverScreen(reading, self._state.where()), go)

    def action_help(self) -> None:
        """Show what can be done here, and do what is chosen there."""
        from florilege.tui.screens.help import HelpScreen

        async def do(chosen: Command | None) -> None:
            if chosen is not None:
                await self._reading.action_command(chosen.id)

        self._reading.app.push_screen(HelpScreen(self._reading.world.keys, self._reading.pane), do)

    def action_palette(self) -> None:
        """Open the command palette."""
        self._reading.app.action_command_palette()

    def action_theme(self) -> None:
        """Choose a theme."""
        self._reading.app.search_themes()

    def action_settings(self) -> None:
        """Change settings and keys."""
        from florilege.tui.screens.settings import SettingsScreen

        self._reading.app.push_screen(SettingsScreen(self._reading))

    def action_suspend(self) -> None:
        """Go back to the shell."""
        self._reading.app.action_suspend_process()

    def action_copy_query(self) -> None:
        """Copy the command line that lists what is shown."""
        place = self._state.place
        title = self._state.catalogue.title(place.group) if place.group else ""
        self._reading.clip.copy(command_line(asked_here(place, self._state.asked, title)), "Command line")

    async def action_export(self) -> None:
        """Ask for the name of a file, and write what is shown to it, or of it what is selected."""
        from florilege.tui.reading.export import Export

        heads = [row.head for row in self._reading.marker.chosen() or self._state.rows]
        if not heads:
            self._reading.say("There is nothing to export.")
            return
        where, query, now = self._state.where(), str(self._state.query), self._reading.now()
        title = f"{where}: {query}" if query else where
        await self._reading.exporter.ask(
            where, lambda name: Export(name, self._state.library, heads, title=title, now=now)
        )
