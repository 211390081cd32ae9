"""What is taken away from the river: of the passage under the cursor, or of all that is shown."""

import asyncio

from textual import work

from florilege.lists.places import asked_here
from florilege.lists.river import Part, as_text
from florilege.query import all_of, command_line
from florilege.text import counted
from florilege.tui.screens.river_base import RiverBase
from florilege.tui.taking import Held, Taking
from florilege.tui.writing import EXPORT, FORMATS_HINT, Export, FileWriting


class RiverTaking(FileWriting, RiverBase, Taking):
    """Opening, copying, writing."""

    def held(self) -> Held | None:
        """The passage under the cursor, with its item."""
        passage = self.passage
        item = self.desk.item(passage.listed) if passage else None
        return Held(passage.listed, item, passage.highlight) if passage and item else None

    def action_copy_query(self) -> None:
        """Copy the command line that shows these highlights."""
        place = self.desk.place
        title = self.desk.catalogue.title(place.group) if place.group else ""
        query = asked_here(place, all_of([self.desk.asked, self.asked]), title)
        self.copy_text(command_line(query, "quotes"), "Command line")

    def action_copy_all_quotes(self) -> None:
        """Copy everything that is shown, with its sources."""
        if self.parts:
            self._copy_all(self.parts, self.number_shown)
        else:
            self.say("There is no highlight to copy.")

    @work(group="copying", name="copy-all", description="Copying all that is shown", exit_on_error=False)
    async def _copy_all(self, parts: list[Part], count: int) -> None:
        text = await asyncio.to_thread(as_text, parts, self.desk.item, self.now(), self.world.config.copy.quote)
        self.copy_text(text, f"{counted(count, 'quote')} with {'its' if count == 1 else 'their'} source")

    def action_export(self) -> None:
        """Write what is shown to a file, of each item only the highlights that are shown."""
        from florilege.text import slug

        if not self.parts:
            self.say("There is nothing to export.")
            return
        self.prompt.ask(EXPORT, "Write to", FORMATS_HINT, f"{slug(self.title_of_list) or 'florilege'}.md")
        self.show_keys()

    def export(self, name: str) -> None:
        """Write what is shown to a file of this name."""
        wanted: dict[str, set[str]] = {}
        heads = {}
        for passage in (each for part in self.parts for each in part.passages):
            heads[passage.listed.key] = passage.listed.head
            wanted.setdefault(passage.listed.key, set()).add(passage.highlight.id)
        export = Export(
            name,
            self.desk.library,
            list(heads.values()),
            title=": ".join(part for part in (self.title_of_list, str(self.asked)) if part),
            now=self.now(),
            grouping=self.grouping,
            wanted=wanted,
        )
        self.write_export(export, self.key_of("back"))
