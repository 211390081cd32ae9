"""Actions that take something away: opening the page, copying links and quotes."""

import asyncio
from collections.abc import Callable

from textual import work

from florilege.model import Highlight, Item
from florilege.text import counted
from florilege.tui.panes.annotations import AnnotationRows
from florilege.tui.screens.base import ReadingBase
from florilege.views import citing, quoting
from florilege.views.catalogue import Listed
from florilege.views.commandline import asked_here, command_line


class Taking(ReadingBase):
    """Opening and copying."""

    def action_open_page(self) -> None:
        """Open the page of the item in the browser."""
        if self.current is None or self.item is None:
            self.say("There is no item to open.")
            return
        self._open(self.current, self.item.url)

    def action_open_passage(self) -> None:
        """Open the page at the highlight under the cursor, else at its first highlight, else at its top."""
        if self.current is None or self.item is None:
            self.say("There is no item to open.")
            return
        highlight = self._highlight() or next(iter(self.item.highlights), None)
        link = citing.passage_link(self.item, highlight) if highlight else self.item.url
        self._open(self.current, link)

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
        """Copy the highlight under the cursor with its source, as the settings say."""
        wanted = self.world.config.copy.quote

        def quoted(item: Item, highlight: Highlight, group: str) -> str:
            if wanted is None:
                return quoting.quote(item, highlight, self.now())
            return citing.by_template(wanted, item, highlight, group)

        self._copy_highlight(quoted, "Quote {} with its source")

    def action_copy_quote_markdown(self) -> None:
        """Copy the highlight under the cursor with its source, as Markdown."""
        self._copy_highlight(
            lambda item, highlight, _: quoting.quote(item, highlight, self.now()), "Quote {} as Markdown"
        )

    def action_copy_quote_plain(self) -> None:
        """Copy the highlight under the cursor with its source, without markup."""
        self._copy_highlight(citing.plain_quote, "Quote {} as plain text")

    def action_copy_quote_bibtex(self) -> None:
        """Copy the highlight under the cursor as an entry of a bibliography."""
        from florilege.exporting.bibtex import quote_entry

        self._copy_highlight(quote_entry, "Quote {} as BibTeX")

    def action_copy_passage_link(self) -> None:
        """Copy a link that leads to the highlight under the cursor."""
        if self.item is not None and self.item.url is None and self._highlight() is not None:
            self.say("No link is known for this item.")
            return
        self._copy_highlight(
            lambda item, highlight, _: citing.passage_link(item, highlight) or "", "Link to passage {}"
        )

    def action_copy_query(self) -> None:
        """Copy the command line that lists what is shown."""
        place = self.desk.place
        title = self.desk.catalogue.title(place.group) if place.group else ""
        self._copy(None, command_line(asked_here(place, self.desk.asked, title)), "Command line")

    def _copy_highlight(self, written: Callable[[Item, Highlight, str], str], what: str) -> None:
        """Copy the highlight under the cursor.

        Args:
            written: Makes the text of item, highlight and title of the group.
            what: What to call it; `{}` stands for the number of the highlight.
        """
        highlight = self._highlight()
        if self.item is None or highlight is None:
            if self.item is not None and self.item.highlights:
                down = self.world.keys.label("next-annotation")
                self.say(f"The cursor is not on a highlight; {down} moves it to one.")
            else:
                self.say("There is no highlight to copy.")
            return
        number = self.item.highlights.index(highlight) + 1
        group = self.current.group_title if self.current else ""
        self._copy(self.current, written(self.item, highlight, group), what.format(number))

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
    async def _open(self, listed: Listed, address: str | None) -> None:
        opening = await asyncio.to_thread(self.world.open_page, address)
        self.say(str(opening), problem=not opening.is_open)
        if opening.is_open and self.world.config.reading.mark_on_open:
            self.mark_as_seen(listed)
