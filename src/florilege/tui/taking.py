"""What a screen opens and copies of the passage under its cursor. Each screen says what lies there, and tells the rest.

The words that leave are made by `views`; here is only which of them a command means, and what is said of it.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from textual import work
from textual.widget import Widget

from florilege.commands import COMMANDS, Command
from florilege.lists.catalogue import Listed
from florilege.lists.links import all_links
from florilege.model import Highlight, Item
from florilege.quotes import markdown
from florilege.quotes.copying import quote_text
from florilege.quotes.passages import passage_link
from florilege.quotes.values import plain_quote
from florilege.tui.world import World
from florilege.urls import site_of

NO_LINK = "No link is known for this item."
NO_ITEM = "There is no item to copy from."
NOTHING_TO_OPEN = "There is no item to open."


@dataclass(frozen=True, slots=True)
class Held:
    """What lies under the cursor."""

    listed: Listed
    item: Item
    highlight: Highlight | None = None
    """The passage; None where the cursor is not on one."""
    name: str = "Quote"
    """What the passage is called when it was copied: `Quote 2` where passages bear numbers."""


class Taking(Widget):
    """What a screen needs to open and to copy."""

    world: World

    def held(self) -> Held | None:
        """What lies under the cursor; the screen knows."""
        raise NotImplementedError

    @property
    def no_highlight(self) -> str:
        """What to say when there is no passage under the cursor."""
        return "There is no highlight to copy."

    def commands_here(self) -> Sequence[Command]:
        """The commands this screen knows."""
        return COMMANDS

    def say(self, message: str, *, problem: bool = False) -> None:
        """Tell the reader something; the screen knows where."""
        raise NotImplementedError

    def now(self) -> datetime:
        """The time on the reader's clock."""
        raise NotImplementedError

    def mark_as_seen(self, *rows: Listed | None) -> None:
        """Mark items read because of what the reader did with them."""
        raise NotImplementedError

    # Opening

    def action_open_page(self) -> None:
        """Open the page of the item in the browser."""
        held = self.held()
        if held is None:
            self.say(NOTHING_TO_OPEN)
        else:
            self.open_address(held.listed, held.item.url)

    def action_open_passage(self) -> None:
        """Open the page at the highlight under the cursor, else at its first highlight, else at its top."""
        held = self.held()
        if held is None:
            self.say(NOTHING_TO_OPEN)
            return
        highlight = held.highlight or next(iter(held.item.highlights), None)
        self.open_address(held.listed, passage_link(held.item, highlight) if highlight else held.item.url)

    def action_links(self) -> None:
        """Choose one of the links of the item, and open it."""
        from florilege.tui.screens.picker import Offer, Picker

        held = self.held()
        links = all_links(held.item) if held else ()
        if held is None or not links:
            self.say(NO_LINK if held else NOTHING_TO_OPEN)
            return
        listed = held.listed

        def chosen(url: str | None) -> None:
            if url is not None:
                self.open_address(listed, url)

        offers = [Offer(link.label or link.url, link.url, site_of(link.url) or "", link.number) for link in links]
        self.app.push_screen(Picker("Links of this item", offers, verb="opens it"), chosen)

    @work(group="opening", name="open", description="Opening the page in the browser", exit_on_error=False)
    async def open_address(self, listed: Listed, address: str | None) -> None:
        """Open an address of an item, if it may be opened."""
        opening = await asyncio.to_thread(self.world.open_page, address)
        self.say(str(opening), problem=not opening.is_open)
        if opening.is_open and self.world.config.reading.mark_on_open:
            self.mark_as_seen(listed)

    # Copying

    def action_copy_link(self) -> None:
        """Copy the link of the item."""
        held = self.held()
        if held is None or held.item.url is None:
            self.say(NO_LINK if held else NO_ITEM)
        else:
            self.copy_text(held.item.url, "Link", held.listed)

    def action_copy_markdown_link(self) -> None:
        """Copy title and link of the item as Markdown."""
        held = self.held()
        if held is None or held.item.url is None:
            self.say(NO_LINK if held else NO_ITEM)
        else:
            self.copy_text(markdown.item_link(held.item), "Markdown link", held.listed)

    def action_copy_quote(self) -> None:
        """Copy the highlight under the cursor with its source, as the settings say."""
        self._copy_quote(self.quoted, "{} with its source")

    def action_copy_quote_markdown(self) -> None:
        """Copy the highlight under the cursor with its source, as Markdown."""
        self._copy_quote(lambda item, highlight, _: markdown.quote(item, highlight, self.now()), "{} as Markdown")

    def action_copy_quote_plain(self) -> None:
        """Copy the highlight under the cursor with its source, without markup."""
        self._copy_quote(plain_quote, "{} as plain text")

    def action_copy_quote_bibtex(self) -> None:
        """Copy the highlight under the cursor as an entry of a bibliography."""
        from florilege.quotes.bibtex import quote_entry

        self._copy_quote(quote_entry, "{} as BibTeX")

    def action_copy_passage_link(self) -> None:
        """Copy a link that leads to the highlight under the cursor."""
        held = self.held()
        if held is not None and held.highlight is not None and held.item.url is None:
            self.say(NO_LINK)
            return
        self._copy_quote(lambda item, highlight, _: passage_link(item, highlight) or "", "Link to {}")

    def quoted(self, item: Item, highlight: Highlight, group: str) -> str:
        """A passage with its source, as the settings say."""
        return quote_text(item, highlight, group, now=self.now(), template=self.world.config.copy.quote)

    def _copy_quote(self, written: Callable[[Item, Highlight, str], str], what: str) -> None:
        """Copy the passage under the cursor.

        Args:
            written: Makes the text of item, passage and title of the group.
            what: What to call it; `{}` stands for the name of the passage.
        """
        held = self.held()
        if held is None or held.highlight is None:
            self.say(self.no_highlight)
            return
        name = held.name if what.startswith("{") else held.name.replace("Quote", "passage")
        self.copy_text(written(held.item, held.highlight, held.listed.group_title), what.format(name), held.listed)

    @work(group="copying", name="copy", description="Copying to the clipboard", exit_on_error=False)
    async def copy_text(self, text: str, what: str, *seen: Listed) -> None:
        """Copy a text, say which ways were used, and mark what it was of as seen.

        Args:
            text: What to copy.
            what: What it is called.
            seen: The items it is of.
        """
        copied = await asyncio.to_thread(self.world.copy, text, self.app.write_to_terminal)  # type: ignore[attr-defined]
        self.say(f"{what} {copied}" if copied.ways else str(copied), problem=not copied.ways)
        if copied.ways and self.world.config.reading.mark_on_copy:
            self.mark_as_seen(*seen)
