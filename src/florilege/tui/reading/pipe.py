"""Passing what is selected, shown or under the cursor to another program: through a pipe, or in an editor."""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from textual.app import SuspendNotSupported

from florilege.commands import Scope
from florilege.lists.river import Grouping
from florilege.store import LibraryError
from florilege.text import counted, slug
from florilege.tui.command_screen import CommandScreen, Entries, Question
from florilege.words import title_of

if TYPE_CHECKING:
    from florilege.desktop.programs import Ran
    from florilege.export.selection import Row
    from florilege.lists.catalogue import ItemRow
    from florilege.lists.reader_state import ReaderState
    from florilege.model import Item, ItemSummary
    from florilege.tui.reading.screen import ReadingScreen

_NOTHING = "There is nothing to pass on."


class Form(StrEnum):
    """The format in which it is written."""

    MARKDOWN = "Markdown"
    JSON = "JSON"
    PLAIN = "plain text"

    @property
    def next(self) -> "Form":
        """The next format, cyclically."""
        forms = list(Form)
        return forms[(forms.index(self) + 1) % len(forms)]


@dataclass(frozen=True, slots=True)
class Piece:
    """Items or quotes to be passed on: to a file, a command, or an editor."""

    name: str
    """What it is called in messages: `quote`, `3 items`."""
    title: str
    """Its title as a document."""
    state: "ReaderState"
    heads: "Sequence[ItemSummary]"
    """Summaries of its items; the items themselves are read when needed."""
    wanted: Mapping[str, Collection[str]] | None = None
    """The ids of the highlights to include, by item id; None for all."""
    seen: "Sequence[ItemRow]" = ()
    """The items that count as seen once it has been passed on."""
    item: "Item | None" = None
    """The single item, if it differs from the one in the library, such as with just one highlight."""
    of_quotes: bool = False
    """Whether only the quotes are passed on, and not their items."""
    grouping: Grouping = Grouping.ITEM
    """How a document is divided into sections."""

    def rows(self, *, by_group: bool = False) -> "Iterator[Row]":
        """Its items in full. May read entire groups: call it in a thread.

        Args:
            by_group: Whether items of the same group come together.
        """
        from florilege.export.selection import rows_of

        rows = rows_of(self.state.library, self.heads, by_group=by_group, wanted=self.wanted)
        return (row if self.item is None else row._replace(item=self.item) for row in rows)

    def written(self, form: Form) -> str:
        """The text in a format. JSON has one item or quote per line, as with `--jsonl`."""
        now = self.state.clock()
        rows = list(self.rows())
        if form is Form.JSON:
            return "".join(_json_lines(rows, self.state.catalogue.also_in, of_quotes=self.of_quotes))
        if form is Form.PLAIN:
            return "\n".join(_plain(rows))
        from florilege.export.markdown import section, write
        from florilege.export.selection import Selection
        from florilege.quotes.markdown import quote

        if len(rows) > 1:
            return "".join(write(Selection(rows, now, self.title, grouping=self.grouping)))
        passages = [quote(row.item, each, now) for row in rows for each in row.item.highlights]
        return passages[0] if self.of_quotes and len(passages) == 1 else "".join(map(section, rows))


def _json_lines(rows: "Sequence[Row]", also_in: "Callable[[Item], Sequence[str]]", *, of_quotes: bool) -> Iterator[str]:
    import msgspec

    from florilege.export.jsonlines import item_json, quote_json

    for row in rows:
        quotes = (quote_json(row, each) for each in row.item.highlights)
        whole = (item_json(row.item, row.state, row.group.title, also_in(row.item)),)
        for each in quotes if of_quotes else whole:
            yield f"{msgspec.json.encode(each).decode()}\n"


def _plain(rows: "Sequence[Row]") -> Iterator[str]:
    from florilege.quotes.copying import plain_quote

    for row in rows:
        if not row.item.highlights:
            yield "".join(f"{line}\n" for line in (title_of(row.item), row.item.url, row.state.note) if line)
        yield from (plain_quote(row.item, each, row.group.title) for each in row.item.highlights)


def piece_here(reading: "ReadingScreen") -> Piece:
    """What is selected; else the quote under the cursor, in the annotations pane; else the item. May be empty."""
    state, target = reading.state, reading.annotations.target()
    if rows := reading.marker.chosen():
        return Piece(counted(len(rows), "item"), state.where(), state, [row.head for row in rows], seen=rows)
    if target is None:
        return Piece("item", "", state, ())
    item, highlight = target.item, target.highlight
    is_quote = highlight is not None and reading.pane is Scope.ANNOTATIONS
    if is_quote and highlight is not None:
        item = replace(item, highlights=(highlight,))
    name = "quote" if is_quote else "item"
    heads, seen = [target.listed.head], (target.listed,)
    return Piece(name, title_of(item), state, heads, seen=seen, item=item, of_quotes=is_quote)


class Pipe:
    """Passes things to other programs, one at a time."""

    def __init__(self, screen: CommandScreen[Any], piece: Callable[[], Piece], entries: Entries) -> None:
        """Create a pipe; nothing runs yet.

        Args:
            screen: The screen that asks and shows messages.
            piece: Returns what to pass on.
            entries: Commands typed earlier.
        """
        self._screen, self._piece, self.entries = screen, piece, entries
        self._form = Form.MARKDOWN
        self._running: asyncio.Future[Ran] | None = None

    async def action_pipe(self) -> None:
        """Ask for a command, and pass it the current piece on its standard input."""
        from florilege.desktop.programs import words_of

        piece, typed = self._piece(), ""
        if not piece.heads:
            await self._screen.refuse(_NOTHING)
            return
        while typed := await self._screen.ask(self._question(piece, typed)) or "":
            try:
                command = words_of(typed)
            except (ValueError, RuntimeError) as error:
                self._screen.say(f"{error}.", problem=True)
                continue
            if await self._run(piece, command):
                return
            self.entries.forget(typed)

    def _question(self, piece: Piece, typed: str) -> Question:
        def label() -> str:
            return f"Pipe {piece.name} as {self._form} to"

        def turn() -> str:
            self._form = self._form.next
            return label()

        return Question(label(), "a command, such as wc -w", typed, entries=self.entries, turn=("another form", turn))

    async def _run(self, piece: Piece, command: Sequence[str]) -> bool:
        """Run a command, and show its output or how it failed. Returns False if it could not be started."""
        screen, program = self._screen, PurePath(command[0]).name
        stop = screen.key("back")
        stops = f"; {stop} stops it." if stop else "."
        if self._running is not None:
            screen.say(f"Another command is still running{stops}", problem=True)
            return True
        try:
            text = await asyncio.to_thread(piece.written, self._form)
        except LibraryError as error:
            screen.say(str(error), problem=True)
            return True
        screen.say(f"{program} is running{stops}")
        self._running = running = asyncio.ensure_future(screen.world.run(command, text.encode("utf-8", "replace")))
        try:
            await asyncio.wait({running})
        finally:
            self._running = None
        if running.cancelled():
            screen.say(f"{program} was stopped.")
            return True
        ran = running.result()
        if ran.wrong:
            screen.say(f"{program} {ran.wrong}", problem=True)
            return ran.has_started
        screen.say(f"{program}: {ran.said}" if ran.said else f"{program} has done its work.")
        if screen.world.config.reading.mark_on_copy:
            screen.marker.mark_as_seen(*piece.seen)
        return True

    def stop(self) -> bool:
        """Stop the running command. Returns whether there was one."""
        return self._running is not None and self._running.cancel()

    async def action_open_in_editor(self) -> None:
        """Open the current piece as Markdown in the reader's editor or pager, which takes over the terminal."""
        screen, piece = self._screen, self._piece()
        if not piece.heads:
            screen.say(_NOTHING)
            return
        try:
            text = await asyncio.to_thread(piece.written, Form.MARKDOWN)
            with screen.app.suspend():
                wrong = screen.world.view(text, f"{slug(piece.title) or 'florilege'}.md")
        except SuspendNotSupported:
            wrong = "This terminal can't be given to another program."
        except LibraryError as error:
            wrong = str(error)
        if wrong:
            screen.say(wrong, problem=True)
        elif screen.world.config.reading.mark_on_open:
            screen.marker.mark_as_seen(*piece.seen)
