"""The action that writes what is shown to a file. It asks for a name; `writing` and `exporting` do the rest."""

from textual import on

from florilege.tui.screens.base import ReadingBase
from florilege.tui.widgets.prompt import Prompt
from florilege.tui.world import World
from florilege.tui.writing import EXPORT, EXPORT_HELP, FORMATS_HINT, Export, FileWriting


class Exporting(FileWriting, ReadingBase):
    """Writing what is shown to a file, or of it what is selected."""

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self.prompt.help_with(EXPORT, EXPORT_HELP)

    def action_export(self) -> None:
        """Ask for the name of a file; its suffix says the format."""
        from florilege.text import slug

        if not self.desk.rows:
            self.say("There is nothing to export.")
            return
        name = slug(self.desk.where()) or "florilege"
        self.prompt.ask(EXPORT, "Write to", FORMATS_HINT, f"{name}.md")
        self.show_keys()

    def interrupt(self) -> bool:
        """Stop writing, or what else can be stopped."""
        return self.stop_export() or super().interrupt()

    @on(Prompt.Entered)
    def _named(self, event: Prompt.Entered) -> None:
        if event.purpose != EXPORT:
            return
        event.stop()
        self.prompt.close()
        self.go_to_pane(self.pane)
        heads = [row.head for row in self.chosen or self.desk.rows]
        if event.text:
            export = Export(
                event.text,
                self.desk.library,
                heads,
                title=self._title(),
                now=self.now(),
            )
            self.write_export(export, self.world.keys.label("back"))

    def _title(self) -> str:
        """What is shown, in words: `Encre & Papier: tag:lecture`."""
        query = str(self.desk.query)
        return f"{self.desk.where()}: {query}" if query else self.desk.where()
