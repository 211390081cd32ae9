"""Actions that take something away: opening the page, copying links and quotes."""

import asyncio

from textual import work

from florilege.model import Highlight, Item
from florilege.text import counted
from florilege.tui.panes.annotations import AnnotationRows
from florilege.tui.screens.base import ReadingBase
from florilege.views import quoting
from florilege.views.catalogue import Listed


class Taking(ReadingBase):
    """Opening and copying."""

    def action_open_page(self) -> None:
        """Open the page of the item in the browser."""
        if self.current is None or self.item is None:
            self.say("There is no item to open.")
            return
        self._open(self.current, self.item)

    def action_copy_link(self) -> None:
        """Copy the link of the item."""
        if self.item is None or self.item.url is None:
            self.say("No link is known for this item." if self.item else "There is no item to copy from.")
            return
        self._copy(self.current, self.item.url, "Link")

    def action_copy_markdown_link(self) -> None:
        """Copy title and link of the item as Markdown."""
        if self.item is None or self.item.url is None:
            self.say("No link is known for this item." if self.item else "There is no item to copy from.")
            return
        self._copy(self.current, quoting.markdown_link(self.item), "Markdown link")

    def action_copy_quote(self) -> None:
        """Copy the highlight under the cursor with its source."""
        highlight = self._highlight()
        if self.item is None or highlight is None:
            if self.item is not None and self.item.highlights:
                down = self.world.keys.label("next-annotation")
                self.say(f"The cursor is not on a highlight; {down} moves it to one.")
            else:
                self.say("There is no highlight to copy.")
            return
        number = self.item.highlights.index(highlight) + 1
        self._copy(self.current, quoting.quote(self.item, highlight, self.now()), f"Quote {number} with its source")

    def action_copy_all_quotes(self) -> None:
        """Copy all highlights of the item with their source."""
        if self.item is None or not self.item.highlights:
            self.say("There is no highlight to copy.")
            return
        what = f"{counted(len(self.item.highlights), 'quote')} with their source"
        self._copy(self.current, quoting.all_quotes(self.item, self.now()), what[0].upper() + what[1:])

    def _highlight(self) -> Highlight | None:
        rows = self.annotations_list.rows
        return rows.highlight(self.annotations_list.cursor) if isinstance(rows, AnnotationRows) else None

    @work(group="copying", name="copy", description="Copying to the clipboard", exit_on_error=False)
    async def _copy(self, listed: Listed | None, text: str, what: str) -> None:
        copied = await asyncio.to_thread(self.world.copy, text, self.app.write_to_terminal)  # type: ignore[attr-defined]
        self.say(f"{what} {copied}" if copied.ways else str(copied), problem=not copied.ways)
        if copied.ways and self.world.config.reading.mark_on_copy:
            self.mark_as_seen(listed)

    @work(group="opening", name="open", description="Opening the page in the browser", exit_on_error=False)
    async def _open(self, listed: Listed, item: Item) -> None:
        opening = await asyncio.to_thread(self.world.open_page, item.url)
        self.say(str(opening), problem=not opening.is_open)
        if opening.is_open and self.world.config.reading.mark_on_open:
            self.mark_as_seen(listed)
