"""What is taken away from the river: of the passage under the cursor, or of all that is shown."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING

from textual import work

from florilege.lists.places import asked_here
from florilege.lists.river import Part, as_text
from florilege.query import all_of, command_line
from florilege.text import counted
from florilege.tui.reading.clip import Clip, Target
from florilege.tui.reading.export import Export, Exporter
from florilege.tui.screens.river_base import RiverBase

if TYPE_CHECKING:
    from florilege.tui.screens.reading import ReadingScreen


class RiverTaking(RiverBase):
    """Opening, copying, writing."""

    def __init__(self, reading: "ReadingScreen", title: str) -> None:
        super().__init__(reading, title)
        self.clip = Clip(self, self._target, list, lambda: "There is no highlight to copy.")
        self.exporter = Exporter(self, lambda: self.key_of("back"))

    def _target(self) -> Target | None:
        """The passage under the cursor, with its item."""
        passage = self.passage
        item = self.state.item(passage.listed) if passage else None
        return Target(passage.listed, item, passage.highlight) if passage and item else None

    def action_copy_query(self) -> None:
        """Copy the command line that shows these highlights."""
        place = self.state.place
        title = self.state.catalogue.title(place.group) if place.group else ""
        query = asked_here(place, all_of([self.state.asked, self.asked]), title)
        self.clip.copy(command_line(query, "quotes"), "Command line")

    def action_copy_all_quotes(self) -> None:
        """Copy everything that is shown, with its sources."""
        if self.parts:
            self._copy_all(self.parts, self.number_shown)
        else:
            self.say("There is no highlight to copy.")

    @work(group="copying", name="copy-all", description="Copying all that is shown", exit_on_error=False)
    async def _copy_all(self, parts: list[Part], count: int) -> None:
        text = await asyncio.to_thread(as_text, parts, self.state.item, self.now(), self.world.config.copy.quote)
        self.clip.copy(text, f"{counted(count, 'quote')} with {'its' if count == 1 else 'their'} source")

    def action_export(self) -> None:
        """Write what is shown to a file, of each item only the highlights that are shown."""
        if self.parts:
            self.start(partial(self.exporter.ask, self.title_of_list, self._export), "command")
        else:
            self.say("There is nothing to export.")

    def _export(self, name: str) -> Export:
        """What is shown, to be written to a file of this name."""
        wanted: dict[str, set[str]] = {}
        heads = {}
        for passage in (each for part in self.parts for each in part.passages):
            heads[passage.listed.key] = passage.listed.head
            wanted.setdefault(passage.listed.key, set()).add(passage.highlight.id)
        return Export(
            name,
            self.state.library,
            list(heads.values()),
            title=": ".join(part for part in (self.title_of_list, str(self.asked)) if part),
            now=self.now(),
            grouping=self.grouping,
            wanted=wanted,
        )
