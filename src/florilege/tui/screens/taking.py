"""What is taken away from the reading screen: of the open item, or of the annotation under the cursor."""

from florilege.lists.places import asked_here
from florilege.model import Highlight
from florilege.query import command_line
from florilege.quotes.copying import quotes_text
from florilege.text import counted
from florilege.tui import taking
from florilege.tui.panes.annotations import AnnotationRows
from florilege.tui.screens.base import ReadingBase
from florilege.tui.taking import Held


class Taking(ReadingBase, taking.Taking):
    """Opening and copying."""

    def held(self) -> Held | None:
        """The open item, and the highlight under the cursor of its annotations."""
        if self.current is None or self.item is None:
            return None
        highlight = self._highlight()
        number = self.item.highlights.index(highlight) + 1 if highlight else 0
        return Held(self.current, self.item, highlight, f"Quote {number}")

    @property
    def no_highlight(self) -> str:
        """Where the item has highlights, how to reach one."""
        if self.item is None or not self.item.highlights:
            return "There is no highlight to copy."
        return f"The cursor is not on a highlight; {self.world.keys.label('next-annotation')} moves it to one."

    def action_copy_query(self) -> None:
        """Copy the command line that lists what is shown."""
        place = self.desk.place
        title = self.desk.catalogue.title(place.group) if place.group else ""
        self.copy_text(command_line(asked_here(place, self.desk.asked, title)), "Command line")

    def action_copy_all_quotes(self) -> None:
        """Copy all highlights of the item with their source."""
        if self.current is None or self.item is None or not self.item.highlights:
            self.say("There is no highlight to copy.")
            return
        what = f"{counted(len(self.item.highlights), 'quote')} with their source"
        items = [(self.item, self.current.group_title)]
        text = quotes_text(items, now=self.now(), template=self.world.config.copy.quote)
        self.copy_text(text, what[0].upper() + what[1:], self.current)

    def _highlight(self) -> Highlight | None:
        rows = self.annotations_list.rows
        return rows.highlight(self.annotations_list.cursor) if isinstance(rows, AnnotationRows) else None
