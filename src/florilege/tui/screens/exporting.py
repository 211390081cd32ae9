"""The action that writes what is shown to a file. It asks for a name; `exporting` writes."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work

from florilege.model import FlorilegeError
from florilege.text import counted
from florilege.tui.screens.base import ReadingBase
from florilege.tui.widgets.prompt import Prompt
from florilege.views.catalogue import Listed

if TYPE_CHECKING:
    from florilege.exporting import Selection

EXPORT = "export"


class Exporting(ReadingBase):
    """Writing what is shown to a file, or of it what is selected."""

    def action_export(self) -> None:
        """Ask for the name of a file; its suffix says the format."""
        if not self.desk.rows:
            self.say("There is nothing to export.")
            return
        from florilege.exporting.naming import slug

        name = slug(self.desk.where()) or "florilege"
        self.prompt.ask(EXPORT, "Write to", "notes.md, quotes.csv, all.json, refs.bib, refs.csl.json ...", f"{name}.md")
        self.show_keys()

    @on(Prompt.Entered)
    def _named(self, event: Prompt.Entered) -> None:
        if event.purpose != EXPORT:
            return
        event.stop()
        self.prompt.close()
        self.go_to_pane(self.pane)
        if event.text:
            self._export(event.text, self.chosen or list(self.desk.rows), self._title())

    @work(group="exporting", name="export", description="Writing a file", exit_on_error=False)
    async def _export(self, name: str, rows: list[Listed], title: str) -> None:
        self.say(f"Writing {counted(len(rows), 'item')} ...")
        try:
            written = await asyncio.to_thread(self._write, name, rows, title)
        except FlorilegeError as error:
            self.say(str(error), problem=True)
            return
        self.say(written)

    def _write(self, name: str, rows: list[Listed], title: str) -> str:
        """Write rows to a file, and tell what was written. In a thread: whole items are read."""
        from florilege.exporting import AlreadyThere, format_of, write_file

        try:
            path = Path(name).expanduser().absolute()
        except RuntimeError as error:
            raise FlorilegeError(f"There is no home folder to find “{name}” in.") from error
        wanted = format_of(path.name)
        selection = self._selection(rows, title)
        try:
            write_file(path, wanted.write(selection))
        except AlreadyThere as error:
            raise AlreadyThere(f"{error} Give another name.") from error
        quotes = sum(len(row.item.highlights) for row in selection.rows)
        return f"{counted(len(selection.rows), 'item')} with {counted(quotes, 'quote')} written to {path}"

    def _selection(self, rows: list[Listed], title: str) -> "Selection":
        from florilege.exporting import Selection
        from florilege.exporting.gathering import gathered

        return Selection(gathered(self.desk.library, [row.head for row in rows]), self.now(), title)

    def _title(self) -> str:
        """What is shown, in words: `Encre & Papier: tag:lecture`."""
        query = str(self.desk.query)
        return f"{self.desk.where()}: {query}" if query else self.desk.where()
