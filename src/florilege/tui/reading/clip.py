"""Opening and copying what is under the cursor, or everything selected.

`florilege.quotes` composes the copied texts; this module decides what a command applies to, and reports the result.
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
from florilege.text import counted
from florilege.urls import site_of

if TYPE_CHECKING:
    from florilege.tui.command_screen import CommandScreen

MOST_PAGES = 5
"""Maximum number of pages opened by one key press."""
_NO_LINK = "No link is known for this item."
_NO_HIGHLIGHT = "There is no highlight to copy."
_NO_ITEM = "There is no item to copy from."
_NOTHING_TO_OPEN = "There is no item to open."


class Target(msgspec.Struct, frozen=True):
    """What is under the cursor."""

    row: ItemRow
    item: Item
    highlight: Highlight | None = None
    """The highlight; None if the cursor is not on one."""
    name: str = "Quote"
    """What the highlight is called in messages: `Quote 2` where highlights are numbered."""


class Clip:
    """Opens pages and copies text."""

    def __init__(self, screen: "CommandScreen[Any]") -> None:
        self._screen = screen
        self._number = ""
        """The digits of a link number typed so far."""
        self._refused = ""
        """A typed number that no link has."""

    # Opening

    def action_open_page(self) -> None:
        """Open the link whose number was typed; else the pages of the selected items; else the page of the item."""
        from florilege.lists.links import all_links

        number, refused, rows = self._number, self._refused, self._screen.chosen()
        self.forget_number()
        if refused:
            self._screen.say(f"There is no link {refused}, so nothing was opened.")
        elif len(rows) > MOST_PAGES:
            items = counted(len(rows), "item")
            self._screen.say(f"{items} are selected, and {MOST_PAGES} pages at most are opened at once.")
        elif rows and not number:
            self._open(*((row, row.summary.url) for row in rows))
        elif target := self._target(_NOTHING_TO_OPEN):
            numbered = (link.url for link in all_links(target.item) if number and str(link.number) == number)
            self._open((target.row, next(numbered, target.item.url)))

    def action_open_passage(self) -> None:
        """Open the page at the highlight under the cursor, else at its first highlight, else at its top."""
        from florilege.quotes.passages import passage_link

        if target := self._target(_NOTHING_TO_OPEN):
            highlight = target.highlight or next(iter(target.item.highlights), None)
            link = passage_link(target.item, highlight) if highlight else target.item.url
            self._open((target.row, link))

    def action_open_archived(self) -> None:
        """Open the page in the Wayback Machine, as it was when the highlight under the cursor was made."""
        from florilege.quotes.passages import archived_link

        if target := self._target(_NOTHING_TO_OPEN):
            highlight = target.highlight or next(iter(target.item.highlights), None)
            self._open((target.row, archived_link(target.item, highlight)))

    async def action_links(self) -> None:
        """Let the reader choose one of the item's links, and open it.

        If there are none, a prompt says so and drops keys typed ahead, which must not act as commands.
        """
        from florilege.lists.links import all_links
        from florilege.tui.screens.picker import Offer, Picker

        target = self._screen.target()
        found = all_links(target.item) if target else ()
        if target is None or not found:
            await self._screen.refuse(_NO_LINK if target else _NOTHING_TO_OPEN)
            return
        offers = [Offer(link.label or link.url, link.url, site_of(link.url) or "", link.number) for link in found]
        url = await self._screen.choose(Picker("Links of this item", offers, verb="opens it"))
        if url is not None:
            self._open((target.row, url))

    def type_number(self, digit: str) -> None:
        """Add a digit to the number of the link to open, and show which link that is; `open-page` then opens it."""
        from florilege.lists.links import all_links

        target = self._screen.target()
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
        """Forget the number typed so far: another key was pressed."""
        self._number = self._refused = ""

    def _open(self, *pages: tuple[ItemRow, str | None]) -> None:
        """Open pages, each given as its item and its address."""
        self._screen.start(partial(self._open_all, pages), "opening")

    async def _open_all(self, pages: Sequence[tuple[ItemRow, str | None]]) -> None:
        opened: dict[str, ItemRow] = {}
        said: list[str] = []
        for row, address in pages:
            opening = await asyncio.to_thread(self._screen.context.desktop.open_page, address)
            if opening.pending:
                with suppress(SuspendNotSupported), self._screen.app.suspend():
                    opening = opening.finish()
            if opening.is_open:
                opened[row.key] = row
            if len(pages) == 1 or not opening.is_open:
                said.append(str(opening))
        if len(pages) > 1:
            said = [*([f"{counted(len(opened), 'page')} opened."] if opened else []), *said[:1]]
        self._screen.say(" ".join(said), problem=len(opened) < len(pages))
        if opened and self._screen.context.config.reading.mark_on_open:
            self._screen.marker.mark_as_seen(*opened.values())

    # Copying

    def action_copy_link(self) -> None:
        """Copy the links of the selected items, one per line; else that of the item."""
        from florilege.quotes.copying import links

        self._copy_links(links, lambda item: item.url or "", "link")

    def action_copy_markdown_link(self) -> None:
        """Copy a Markdown list of links to the selected items; else a Markdown link to the item."""
        from florilege.quotes.copying import markdown_links
        from florilege.quotes.markdown import item_link

        self._copy_links(markdown_links, item_link, "Markdown link")

    def _copy_links(self, of_all: Callable[[list[Item]], str], of_one: Callable[[Item], str], what: str) -> None:
        if rows := self._screen.chosen():
            self._screen.start(
                partial(self._copy_chosen, rows, of_all, lambda item: int(item.url is not None), what), "copying"
            )
        elif (target := self._target(_NO_ITEM)) and target.item.url is None:
            self._screen.say(_NO_LINK)
        elif target:
            self.copy(of_one(target.item), what[0].upper() + what[1:], target.row)

    def action_copy_quote(self) -> None:
        """Copy all highlights of the selected items; else the one under the cursor with its source."""
        if self._screen.chosen():
            self.action_copy_all_quotes()
        elif found := self._passage():
            from florilege.quotes.copying import quote_text

            (target, highlight), template = found, self._screen.context.config.copy.quote
            group = target.row.group_title
            text = quote_text(target.item, highlight, group, now=self._screen.state.clock(), template=template)
            self.copy(text, f"{target.name} with its source", target.row)

    def action_copy_passage_link(self) -> None:
        """Copy a link to the highlight under the cursor."""
        from florilege.quotes.passages import passage_link

        if found := self._passage():
            target, highlight = found
            if link := passage_link(target.item, highlight):
                self.copy(link, f"Link to {target.name.replace('Quote', 'passage')}", target.row)
            else:
                self._screen.say(_NO_LINK)

    def action_copy_all_quotes(self) -> None:
        """Copy all highlights of the selected items as one document; else those of the item."""
        from florilege.quotes.copying import quotes_text

        now, template = self._screen.state.clock(), self._screen.context.config.copy.quote
        if rows := self._screen.chosen():
            titles = {row.summary.group: row.group_title for row in rows}

            def written(items: Sequence[Item]) -> str:
                return quotes_text(((each, titles[each.group]) for each in items), now=now, template=template)

            self._screen.start(
                partial(self._copy_chosen, rows, written, lambda item: len(item.highlights), "quote"), "copying"
            )
            return
        target = self._screen.target()
        if target is None or not target.item.highlights:
            self._screen.say(_NO_HIGHLIGHT)
            return
        what = f"{counted(len(target.item.highlights), 'quote')} with their source"
        text = quotes_text([(target.item, target.row.group_title)], now=now, template=template)
        self.copy(text, what[0].upper() + what[1:], target.row)

    def copy(self, text: str, what: str, *seen: ItemRow) -> None:
        """Copy a text, report how it was copied, and mark its items as seen if the settings say so.

        Args:
            text: What to copy.
            what: What it is called in the message.
            seen: The items it comes from.
        """
        self._screen.start(partial(self._copy, text, what, *seen), "copying")

    async def _copy(self, text: str, what: str, *seen: ItemRow, besides: str = "") -> None:
        write: Callable[[str], None] = self._screen.app.write_to_terminal  # type: ignore[attr-defined]
        copied = await asyncio.to_thread(self._screen.context.desktop.copy, text, write)
        said = f"{what} {copied}".removesuffix(".") + f"{besides}."
        self._screen.say(said if copied.ways else str(copied), problem=not copied.ways)
        if copied.ways and self._screen.context.config.reading.mark_on_copy:
            self._screen.marker.mark_as_seen(*seen)

    async def _copy_chosen(
        self, rows: Sequence[ItemRow], written: Callable[[list[Item]], str], number: Callable[[Item], int], what: str
    ) -> None:
        """Copy something from each of the selected items.

        Args:
            rows: The selected items.
            written: Composes one text from the items.
            number: Returns how many of the things to copy an item has.
            what: What one of them is called in the message.
        """

        def read() -> tuple[str, int, list[ItemRow], int]:
            items = [item for row in rows if (item := self._screen.state.item(row)) is not None]
            numbers = {item.id: number(item) for item in items}
            seen = [row for row in rows if numbers.get(row.key)]
            return written(items), sum(numbers.values()), seen, len(items) - len(seen)

        if (found := await self._screen.read(read)) is None:
            return
        text, total, seen, without = found
        if not total:
            self._screen.say(f"The selected items have no {what}.")
            return
        missing = f"; {counted(without, 'item')} without any" if without else ""
        await self._copy(text, counted(total, what), *seen, besides=missing)

    def _target(self, otherwise: str) -> Target | None:
        """What is under the cursor; if nothing is, says `otherwise`."""
        target = self._screen.target()
        if target is None:
            self._screen.say(otherwise)
        return target

    def _passage(self) -> tuple[Target, Highlight] | None:
        """What is under the cursor and its highlight; if it is not on a highlight, says so."""
        target = self._screen.target()
        if target is None or target.highlight is None:
            key = self._screen.key("next-annotation")
            has_any = target is not None and target.item.highlights
            no_cursor = f"The cursor is not on a highlight; {key} moves it to one."
            self._screen.say(no_cursor if has_any else _NO_HIGHLIGHT)
            return None
        return target, target.highlight
