"""Opening and copying: what lies under the cursor, or all that is selected.

The words that leave are made by `quotes`; here is only which of them a command means, and what is said of it.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

import msgspec
from textual.app import SuspendNotSupported

from florilege.lists.catalogue import ItemRow
from florilege.model import Highlight, Item
from florilege.store import LibraryError
from florilege.text import counted
from florilege.tui.widgets.prompt import nothing
from florilege.urls import site_of

if TYPE_CHECKING:
    from florilege.tui.screens.base import CommandScreen

MOST_PAGES = 5
"""Pages opened at one key press."""
_NO_LINK = "No link is known for this item."
_NO_ITEM = "There is no item to copy from."
_NOTHING_TO_OPEN = "There is no item to open."


class Target(msgspec.Struct, frozen=True):
    """What lies under the cursor."""

    listed: ItemRow
    item: Item
    highlight: Highlight | None = None
    """The passage; None where the cursor is not on one."""
    name: str = "Quote"
    """What the passage is called when it was copied: `Quote 2` where passages bear numbers."""


class Clip:
    """Opens pages and copies texts."""

    def __init__(
        self,
        screen: "CommandScreen[Any]",
        target: Callable[[], Target | None],
        chosen: Callable[[], list[ItemRow]],
        no_highlight: Callable[[], str],
    ) -> None:
        """Take what is to be opened and copied.

        Args:
            screen: Where it lies.
            target: Gives what lies under the cursor.
            chosen: Gives the items selected.
            no_highlight: Gives what to say when there is no passage under the cursor.
        """
        self._screen = screen
        self._lies_here, self._chosen, self._no_highlight = target, chosen, no_highlight
        self._number = ""
        """The digits typed so far of the number of a link."""
        self._refused = ""
        """A number typed that no link has."""

    # Opening

    def action_open_page(self) -> None:
        """Open the link whose number was typed; else the pages of what is selected; else that of the item."""
        from florilege.lists.links import all_links

        number, refused, rows = self._number, self._refused, self._chosen()
        self.forget_number()
        if refused:
            self._screen.say(f"There is no link {refused}, so nothing was opened.")
        elif len(rows) > MOST_PAGES:
            items = counted(len(rows), "item")
            self._screen.say(f"{items} are selected, and {MOST_PAGES} pages at most are opened at once.")
        elif rows and not number:
            self._open(*((row, row.head.url) for row in rows))
        elif target := self._target(_NOTHING_TO_OPEN):
            numbered = (link.url for link in all_links(target.item) if number and str(link.number) == number)
            self._open((target.listed, next(numbered, target.item.url)))

    def action_open_passage(self) -> None:
        """Open the page at the highlight under the cursor, else at its first highlight, else at its top."""
        from florilege.quotes.passages import passage_link

        if target := self._target(_NOTHING_TO_OPEN):
            highlight = target.highlight or next(iter(target.item.highlights), None)
            link = passage_link(target.item, highlight) if highlight else target.item.url
            self._open((target.listed, link))

    def action_open_archived(self) -> None:
        """Open the page as it was when the highlight under the cursor was made, in the Wayback Machine."""
        from florilege.quotes.passages import archived_link

        if target := self._target(_NOTHING_TO_OPEN):
            highlight = target.highlight or next(iter(target.item.highlights), None)
            self._open((target.listed, archived_link(target.item, highlight)))

    async def action_links(self) -> None:
        """Choose one of the links of the item, and open it; where there is none, what is typed ahead is to be heard."""
        from florilege.lists.links import all_links
        from florilege.tui.screens.picker import Offer, Picker

        target = self._lies_here()
        found = all_links(target.item) if target else ()
        if target is None or not found:
            await self._screen.ask(nothing(_NO_LINK if target else _NOTHING_TO_OPEN))
            return
        offers = [Offer(link.label or link.url, link.url, site_of(link.url) or "", link.number) for link in found]
        url = await self._screen.choose(Picker("Links of this item", offers, verb="opens it"))
        if url is not None:
            self._open((target.listed, url))

    def type_number(self, digit: str) -> None:
        """Choose a link by one more digit of its number; the next key opens it."""
        from florilege.lists.links import all_links

        target = self._lies_here()
        found = {link.number: link for link in (all_links(target.item) if target else ()) if link.number is not None}
        self._number, self._refused = (self._number + digit).lstrip("0"), ""
        if not found:
            self._number = ""
            self._screen.say("No link in the texts of this item has a number.")
        elif link := found.get(int(self._number or 0)):
            key = self._screen.key("open-page")
            self._screen.say(f"Link {self._number}: {link.label or link.url} ({site_of(link.url)}). {key} opens it.")
        elif self._number:
            self._screen.say(f"There is no link {self._number}: the numbers go to {len(found)}.")
            self._number, self._refused = "", self._number

    def forget_number(self) -> None:
        """A key has come that no number belongs to."""
        self._number = self._refused = ""

    def _open(self, *pages: tuple[ItemRow, str | None]) -> None:
        """Open pages: of each the item it is of, and its address."""
        self._screen.start(partial(self._open_all, pages), "opening")

    async def _open_all(self, pages: Sequence[tuple[ItemRow, str | None]]) -> None:
        opened: dict[str, ItemRow] = {}
        said: list[str] = []
        for listed, address in pages:
            opening = await asyncio.to_thread(self._screen.world.open_page, address)
            if opening.waits:
                with suppress(SuspendNotSupported), self._screen.app.suspend():
                    opening = opening.finish()
            if opening.is_open:
                opened[listed.key] = listed
            if len(pages) == 1 or not opening.is_open:
                said.append(str(opening))
        if len(pages) > 1:
            said = [*([f"{counted(len(opened), 'page')} opened."] if opened else []), *said[:1]]
        self._screen.say(" ".join(said), problem=len(opened) < len(pages))
        if opened and self._screen.world.config.reading.mark_on_open:
            self._screen.marker.mark_as_seen(*opened.values())

    # Copying

    def action_copy_link(self) -> None:
        """Copy the links of what is selected, one a line; else that of the item."""
        from florilege.quotes.copying import links

        self._copy_links(links, lambda item: item.url or "", "link")

    def action_copy_markdown_link(self) -> None:
        """Copy a Markdown list of what is selected; else title and link of the item."""
        from florilege.quotes.copying import markdown_links
        from florilege.quotes.markdown import item_link

        self._copy_links(markdown_links, item_link, "Markdown link")

    def _copy_links(self, of_all: Callable[[list[Item]], str], of_one: Callable[[Item], str], what: str) -> None:
        if rows := self._chosen():
            self._screen.start(
                partial(self._copy_chosen, rows, of_all, lambda item: int(item.url is not None), what), "copying"
            )
        elif (target := self._target(_NO_ITEM)) and target.item.url is None:
            self._screen.say(_NO_LINK)
        elif target:
            self.copy(of_one(target.item), what[0].upper() + what[1:], target.listed)

    def action_copy_quote(self) -> None:
        """Copy all highlights of what is selected; else the one under the cursor with its source."""
        if self._chosen():
            self.action_copy_all_quotes()
        elif found := self._passage():
            from florilege.quotes.copying import quote_text

            (target, highlight), template = found, self._screen.world.config.copy.quote
            group = target.listed.group_title
            text = quote_text(target.item, highlight, group, now=self._screen.state.clock(), template=template)
            self.copy(text, f"{target.name} with its source", target.listed)

    def action_copy_passage_link(self) -> None:
        """Copy a link that leads to the highlight under the cursor."""
        from florilege.quotes.passages import passage_link

        if found := self._passage():
            target, highlight = found
            if link := passage_link(target.item, highlight):
                self.copy(link, f"Link to {target.name.replace('Quote', 'passage')}", target.listed)
            else:
                self._screen.say(_NO_LINK)

    def action_copy_all_quotes(self) -> None:
        """Copy all highlights of what is selected as one document; else those of the item."""
        from florilege.quotes.copying import quotes_text

        now, template = self._screen.state.clock(), self._screen.world.config.copy.quote
        if rows := self._chosen():
            titles = {row.head.group: row.group_title for row in rows}

            def written(items: Sequence[Item]) -> str:
                return quotes_text(((each, titles[each.group]) for each in items), now=now, template=template)

            self._screen.start(
                partial(self._copy_chosen, rows, written, lambda item: len(item.highlights), "quote"), "copying"
            )
            return
        target = self._lies_here()
        if target is None or not target.item.highlights:
            self._screen.say("There is no highlight to copy.")
            return
        what = f"{counted(len(target.item.highlights), 'quote')} with their source"
        text = quotes_text([(target.item, target.listed.group_title)], now=now, template=template)
        self.copy(text, what[0].upper() + what[1:], target.listed)

    def copy(self, text: str, what: str, *seen: ItemRow) -> None:
        """Copy a text, say which ways were used, and mark what it was of as seen.

        Args:
            text: What to copy.
            what: What it is called.
            seen: The items it is of.
        """
        self._screen.start(partial(self._copy, text, what, *seen), "copying")

    async def _copy(self, text: str, what: str, *seen: ItemRow, besides: str = "") -> None:
        write: Callable[[str], None] = self._screen.app.write_to_terminal  # type: ignore[attr-defined]
        copied = await asyncio.to_thread(self._screen.world.copy, text, write)
        said = f"{what} {copied}".removesuffix(".") + f"{besides}."
        self._screen.say(said if copied.ways else str(copied), problem=not copied.ways)
        if copied.ways and self._screen.world.config.reading.mark_on_copy:
            self._screen.marker.mark_as_seen(*seen)

    async def _copy_chosen(
        self, rows: Sequence[ItemRow], written: Callable[[list[Item]], str], number: Callable[[Item], int], what: str
    ) -> None:
        """Copy something of each item of a selection.

        Args:
            rows: The selection.
            written: Makes one text of the items.
            number: How many of that something an item has.
            what: What it is called.
        """

        def read() -> list[Item]:
            return [item for row in rows if (item := self._screen.state.item(row)) is not None]

        try:
            items = await asyncio.to_thread(read)
        except LibraryError as error:
            self._screen.say(str(error), problem=True)
            return
        total = sum(map(number, items))
        if not total:
            self._screen.say(f"The selected items have no {what}.")
            return
        without = sum(not number(item) for item in items)
        missing = f"; {counted(without, 'item')} without any" if without else ""
        having = {item.id for item in items if number(item)}
        seen = [row for row in rows if row.key in having]
        await self._copy(written(items), counted(total, what), *seen, besides=missing)

    def _target(self, otherwise: str) -> Target | None:
        """What lies under the cursor; says what there is not when there is nothing."""
        target = self._lies_here()
        if target is None:
            self._screen.say(otherwise)
        return target

    def _passage(self) -> tuple[Target, Highlight] | None:
        """The same, where it is a passage."""
        target = self._lies_here()
        if target is None or target.highlight is None:
            self._screen.say(self._no_highlight())
            return None
        return target, target.highlight
