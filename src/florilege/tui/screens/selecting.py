"""Selecting several items, and what the commands that mark, open and copy then do with all of them.

A command that has no meaning for several items does with the open one what it always does.
"""

import asyncio
from collections.abc import Callable, Sequence

from textual import work

from florilege.lists.catalogue import Listed
from florilege.marking import Mark
from florilege.model import Item
from florilege.quotes.copying import links, markdown_links, quotes_text
from florilege.store import LibraryError
from florilege.text import counted, grouped
from florilege.tui.screens.marking import Marking
from florilege.tui.screens.moving import Moving
from florilege.tui.screens.taking import Taking

MOST_PAGES = 5
"""Pages opened at one key press."""


class Selecting(Moving, Marking, Taking):
    """Selections, and commands on them."""

    _last_selected: str | None = None

    def action_select(self) -> None:
        """Select the item, or take it out of the selection, and move on."""
        if self.current is None:
            self.say("There is no item to select.")
            return
        if self.current.key in self.selected:
            del self.selected[self.current.key]
        else:
            self.selected[self.current.key] = self.current
            self._last_selected = self.current.key
        self.items_list.move(1)
        self._show_selection()

    def action_select_range(self) -> None:
        """Select all items from the one last selected to the cursor."""
        if self.current is None:
            self.say("There is no item to select.")
            return
        keys = [row.key for row in self.desk.rows]
        here = self.position
        start = keys.index(self._last_selected) if self._last_selected in self.selected else here
        for row in self.desk.rows[min(start, here) : max(start, here) + 1]:
            self.selected[row.key] = row
        self._last_selected = self.current.key
        self._show_selection()

    async def action_back(self) -> None:
        """Take off the selection, when nothing is under way that could be stopped; first what the mouse selected."""
        if self.selections:
            self.clear_selection()
        elif self.prompt.is_open or not self.selected:
            await super().action_back()
        elif not self.interrupt():
            self.selected.clear()
            self._show_selection()

    def _show_selection(self) -> None:
        self.items_list.refresh_rows()
        self.show_top()

    # What acts on a selection

    async def action_mark_read(self) -> None:
        """Mark what is selected read, else the item."""
        if self.chosen:
            self._mark_chosen(Mark.READ)
        else:
            await super().action_mark_read()

    async def action_mark_unread(self) -> None:
        """Mark what is selected unread, else the item."""
        if self.chosen:
            if self.current is not None and self.current.key in self.selected:
                self.left_unread = self.current.key
            self._mark_chosen(Mark.UNREAD)
        else:
            await super().action_mark_unread()

    def action_star(self) -> None:
        """Star what is selected, or take all their stars off; else the item."""
        if self.chosen:
            self._star_chosen(self.chosen)
        else:
            super().action_star()

    def action_open_page(self) -> None:
        """Open the pages of what is selected, if they are few; else that of the item."""
        rows = self.chosen
        if len(rows) > MOST_PAGES:
            self.say(f"{counted(len(rows), 'item')} are selected, and {MOST_PAGES} pages at most are opened at once.")
        elif rows:
            self._open_chosen(rows)
        else:
            super().action_open_page()

    def action_copy_link(self) -> None:
        """Copy the links of what is selected, one a line; else that of the item."""
        if rows := self.chosen:
            self._copy_chosen(rows, links, _has_link, "link")
        else:
            super().action_copy_link()

    def action_copy_markdown_link(self) -> None:
        """Copy a Markdown list of what is selected; else the link of the item."""
        if rows := self.chosen:
            self._copy_chosen(rows, markdown_links, _has_link, "Markdown link")
        else:
            super().action_copy_markdown_link()

    def action_copy_quote(self) -> None:
        """Copy all highlights of what is selected; else the one under the cursor."""
        if self.chosen:
            self.action_copy_all_quotes()
        else:
            super().action_copy_quote()

    def action_copy_all_quotes(self) -> None:
        """Copy all highlights of what is selected as one document; else those of the item."""
        if rows := self.chosen:
            titles = {row.head.group: row.group_title for row in rows}
            now, template = self.now(), self.world.config.copy.quote

            def written(items: Sequence[Item]) -> str:
                return quotes_text(((each, titles[each.group]) for each in items), now=now, template=template)

            self._copy_chosen(rows, written, lambda item: len(item.highlights), "quote")
        else:
            super().action_copy_all_quotes()

    def _mark_chosen(self, mark: Mark) -> None:
        rows = self.chosen
        told = f"{{}} of {counted(len(rows), 'selected item')} marked {mark.value}."
        are = "The selected item is" if len(rows) == 1 else f"The {grouped(len(rows))} selected items are all"
        self.save_mark(rows, mark, bulk=True, told=told, nothing=f"{are} {mark.value} already.")

    @work(group="saving", name="star", description="Writing what was starred", exit_on_error=False)
    async def _star_chosen(self, rows: Sequence[Listed]) -> None:
        async with self._saving:
            starred = all(self.desk.state(row).is_starred for row in rows)
            mark = Mark.UNSTARRED if starred else Mark.STARRED
            told = f"{{}} of {counted(len(rows), 'selected item')} {'no longer' if starred else 'now'} starred."
            await self.write_mark(rows, mark, bulk=True, told=told)

    @work(group="copying", name="copy", description="Copying to the clipboard", exit_on_error=False)
    async def _copy_chosen(
        self, rows: Sequence[Listed], written: Callable[[list[Item]], str], number: Callable[[Item], int], what: str
    ) -> None:
        """Copy something of each item of a selection.

        Args:
            rows: The selection.
            written: Makes one text of the items.
            number: How many of that something an item has.
            what: What it is called.
        """
        items = await self._whole_items(rows)
        total = sum(map(number, items))
        if not total:
            self.say(f"The selected items have no {what}.")
            return
        copied = await asyncio.to_thread(self.world.copy, written(items), self.app.write_to_terminal)  # type: ignore[attr-defined]
        without = sum(not number(item) for item in items)
        missing = f"; {counted(without, 'item')} without any" if without else ""
        self.say(f"{counted(total, what)} {copied}{missing}" if copied.ways else str(copied), problem=not copied.ways)
        if copied.ways and self.world.config.reading.mark_on_copy:
            self.mark_as_seen(*[row for row in rows if row.key in {item.id for item in items if number(item)}])

    @work(group="opening", name="open", description="Opening pages in the browser", exit_on_error=False)
    async def _open_chosen(self, rows: Sequence[Listed]) -> None:
        opened: list[Listed] = []
        refused: list[str] = []
        for row in rows:
            opening = await asyncio.to_thread(self.world.open_page, row.head.url)
            if opening.is_open:
                opened.append(row)
            else:
                refused.append(str(opening))
        said = [f"{counted(len(opened), 'page')} opened."] if opened else []
        self.say(" ".join(said + refused[:1]), problem=bool(refused))
        if opened and self.world.config.reading.mark_on_open:
            self.mark_as_seen(*opened)

    async def _whole_items(self, rows: Sequence[Listed]) -> list[Item]:
        """The items of rows that are still there."""

        def read() -> list[Item]:
            return [item for row in rows if (item := self.desk.item(row)) is not None]

        try:
            return await asyncio.to_thread(read)
        except LibraryError as error:
            self.say(str(error), problem=True)
            return []


def _has_link(item: Item) -> int:
    return int(item.url is not None)
