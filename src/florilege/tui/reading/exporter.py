"""Writing what is selected, shown or under the cursor to a file, to a command, or to an editor.

An export is written in a thread, with progress messages. Exports and commands run one at a time, and can be stopped.
"""

import asyncio
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path, PurePath
from threading import Event
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace
from textual.app import SuspendNotSupported

from florilege.lists.river import Grouping
from florilege.model import FlorilegeError
from florilege.text import counted, grouped, slug
from florilege.tui.command_screen import CommandScreen, Entries, Question
from florilege.tui.paths import completed_target, is_file, is_folder, last_part
from florilege.words import title_of

if TYPE_CHECKING:
    from florilege.export.selection import SelectedItem, Selection
    from florilege.lists.catalogue import ItemRow
    from florilege.lists.reader_state import ReaderState
    from florilege.model import Item, ItemSummary
    from florilege.tui.reading.clip import Target

_NOTHING = "There is nothing to pass on."
_OFTEN = 0.5
"""Seconds between two messages on the progress of an export."""


class TextFormat(StrEnum):
    """The format in which it is written."""

    MARKDOWN = "Markdown"
    JSON = "JSON"
    PLAIN = "plain text"

    @property
    def next(self) -> "TextFormat":
        """The next format, cyclically."""
        forms = list(TextFormat)
        return forms[(forms.index(self) + 1) % len(forms)]


@dataclass(frozen=True, slots=True)
class ExportContent:
    """The items or quotes to write to a file, a command, or an editor."""

    name: str
    """Its name in messages: `quote`, `3 items`."""
    title: str
    """Its title as a document."""
    state: "ReaderState"
    summaries: "Sequence[ItemSummary]"
    """Summaries of its items; the items themselves are read when needed."""
    wanted: Mapping[str, Collection[str]] | None = None
    """The ids of the highlights to include, by item id; None for all."""
    seen: "Sequence[ItemRow]" = ()
    """The rows of items to mark as seen once it has been written."""
    item: "Item | None" = None
    """The single item, if it differs from the one in the library, such as with just one highlight."""
    of_quotes: bool = False
    """Whether only the quotes are written, and not their items."""
    grouping: Grouping = Grouping.ITEM
    """How a document is divided into sections."""

    def rows(self, *, by_group: bool = False) -> "Iterator[SelectedItem]":
        """Its items in full. May read entire groups: call it in a thread.

        Args:
            by_group: Whether items of the same group come together.
        """
        from florilege.export.selection import selected_items

        rows = selected_items(self.state.library, self.summaries, by_group=by_group, wanted=self.wanted)
        return (row if self.item is None else row._replace(item=self.item) for row in rows)

    def written(self, form: TextFormat) -> str:
        """The text in a format. JSON has one item or quote per line, as with `--jsonl`."""
        now = self.state.clock()
        rows = list(self.rows())
        if form is TextFormat.JSON:
            return "".join(_json_lines(rows, self.state.catalogue.also_in, of_quotes=self.of_quotes))
        if form is TextFormat.PLAIN:
            return "\n".join(_plain(rows))
        from florilege.export.markdown import section, write
        from florilege.export.selection import Selection
        from florilege.quotes.markdown import quote

        if len(rows) > 1:
            return "".join(write(Selection(rows, now, self.title, grouping=self.grouping)))
        passages = [quote(row.item, each, now) for row in rows for each in row.item.highlights]
        return passages[0] if self.of_quotes and len(passages) == 1 else "".join(map(section, rows))


def _json_lines(
    rows: "Sequence[SelectedItem]", also_in: "Callable[[Item], Sequence[str]]", *, of_quotes: bool
) -> Iterator[str]:
    import msgspec

    from florilege.export.jsonlines import item_json, quote_json

    for row in rows:
        quotes = (quote_json(row, each) for each in row.item.highlights)
        whole = (item_json(row.item, row.state, row.group.title, also_in(row.item)),)
        for each in quotes if of_quotes else whole:
            yield f"{msgspec.json.encode(each).decode()}\n"


def _plain(rows: "Sequence[SelectedItem]") -> Iterator[str]:
    from florilege.quotes.copying import plain_quote

    for row in rows:
        if not row.item.highlights:
            yield "".join(f"{line}\n" for line in (title_of(row.item), row.item.url, row.state.note) if line)
        yield from (plain_quote(row.item, each, row.group.title) for each in row.item.highlights)


def content_of(target: "Target", state: "ReaderState", *, is_quote: bool) -> ExportContent:
    """The item under the cursor, or only the highlight there if that is meant, and there is one."""
    item, highlight, name = target.item, target.highlight, "item"
    if is_quote and highlight is not None:
        item, name = replace(item, highlights=(highlight,)), "quote"
    summaries, seen = [target.row.summary], (target.row,)
    return ExportContent(name, title_of(item), state, summaries, seen=seen, item=item, of_quotes=name == "quote")


def _export(
    name: str, content: ExportContent, now: datetime, on_progress: Callable[[int], None], *, may_replace: bool
) -> str:
    """Write an export, and return a sentence that says what was written. Slow: call it in a thread.

    Args:
        name: The name of a file, or of a folder of notes (with a trailing slash, or existing already).
        content: What to write.
        now: The present time.
        on_progress: Called with the number of further items written; may raise an error to stop.
        may_replace: Whether the reader agreed to overwrite an existing file.

    Raises:
        FlorilegeError: It could not be written, or was stopped; an existing file is then unchanged.
    """
    from florilege.export.formats import format_of, write_file
    from florilege.export.selection import Selection, groups_of

    try:
        path = Path(name).expanduser().absolute()
    except RuntimeError as error:
        raise FlorilegeError(f"There is no home folder to find “{name}” in.") from error
    wanted = None if name.endswith("/") or is_folder(name) else format_of(path.name)
    on_progress(0)
    selection = Selection(
        content.rows(by_group=bool(wanted and wanted.by_group)),
        now,
        content.title,
        groups=groups_of(content.state.library, content.summaries),
        grouping=content.grouping,
        on_progress=on_progress,
    )
    if wanted is None:
        return _notes(path, selection)
    write_file(path, wanted.write(selection), force=may_replace)
    return wanted.written(selection, str(path))


class Exporter:
    """Exports, pipes and opens in the editor, one thing at a time."""

    def __init__(self, screen: CommandScreen[Any]) -> None:
        self._screen = screen
        session = screen.context.session
        self.exports = Entries(list(session.exports))
        """Names of earlier exports; the folder of the last one is suggested again."""
        self.pipes = Entries(list(session.pipes))
        """Commands typed earlier."""
        self._form = TextFormat.MARKDOWN
        self._stop: Callable[[], object] | None = None
        """Stops what is running; None while nothing is."""

    def stop(self) -> bool:
        """Stop the running export or command. Returns whether there was one."""
        if self._stop is None:
            return False
        self._stop()
        return True

    @property
    def _stops(self) -> str:
        """What to add to a message on something that runs."""
        key = self._screen.key("back")
        return f"{key} stops it." if key else ""

    def _is_busy(self) -> bool:
        """Whether something is running; says so."""
        if self._stop is not None:
            self._screen.say(f"Something else is still running. {self._stops}".rstrip(), problem=True)
        return self._stop is not None

    # To a file

    async def action_export(self) -> None:
        """Ask for a file name, whose suffix determines the format, and export to it; ask again if that fails."""
        content = self._screen.export_content(whole=True)
        if not content.summaries:
            await self._screen.refuse("There is nothing to export.")
            return
        last = next(
            reversed(self.exports.texts), ""
        )  # suggests its folder, and another name unless it was one of notes
        name = f"{slug(content.title) or 'florilege'}.md"
        offered = last if last.endswith("/") else f"{last.removesuffix(last_part(last))}{name}"
        while name := await self._screen.ask(self._where(offered)) or "":
            offered, is_there = name, await asyncio.to_thread(is_file, name)
            if is_there and not await self._screen.is_sure(f"{last_part(name)} already exists. Overwrite it?"):
                continue
            if self._is_busy() or await self._write(name, content, may_replace=is_there):
                return
            self.exports.forget(name)
            if "." not in last_part(name):
                offered = f"{name}/"  # the name looks like that of a folder

    def _where(self, offered: str) -> Question:
        return Question(
            "Write to",
            "notes.md, quotes.csv, all.json, refs.bib …; notes/ for one note per page",
            offered,
            entries=self.exports,
            complete=completed_target,
            candidate=last_part,
        )

    async def _write(self, name: str, content: ExportContent, *, may_replace: bool) -> bool:
        """Run an export, and report its progress and result. Returns False if another name should be asked for."""
        say, now, stopped, done = self._screen.say, self._screen.state.clock(), Event(), 0

        def on_progress(more: int) -> None:
            nonlocal done
            if stopped.is_set():
                raise FlorilegeError(f"Stopped: “{name}” was not written to its end.")
            done += more

        self._stop = stopped.set
        writing = asyncio.ensure_future(
            asyncio.to_thread(_export, name, content, now, on_progress, may_replace=may_replace)
        )
        try:
            while not (await asyncio.wait({writing}, timeout=_OFTEN))[0]:
                say(f"Writing {grouped(done)} of {counted(len(content.summaries), 'item')} … {self._stops}")
            say(writing.result())
        except FlorilegeError as error:
            say(str(error), problem=True)
            return stopped.is_set()
        finally:
            self._stop = None
        return True

    # To a command

    async def action_pipe(self) -> None:
        """Ask for a command, and pass it the current content on its standard input."""
        from florilege.desktop.programs import words_of

        content, typed = self._screen.export_content(whole=False), ""
        if not content.summaries:
            await self._screen.refuse(_NOTHING)
            return
        while typed := await self._screen.ask(self._which(content, typed)) or "":
            try:
                command = words_of(typed)
            except (ValueError, RuntimeError) as error:
                self._screen.say(f"{error}.", problem=True)
                continue
            if self._is_busy() or await self._run(content, command):
                return
            self.pipes.forget(typed)

    def _which(self, content: ExportContent, typed: str) -> Question:
        def label() -> str:
            return f"Pipe {content.name} as {self._form} to"

        def next_form() -> str:
            self._form = self._form.next
            return label()

        return Question(
            label(), "a command, such as wc -w", typed, entries=self.pipes, on_tab=("another form", next_form)
        )

    async def _run(self, content: ExportContent, command: Sequence[str]) -> bool:
        """Run a command, and show its output or how it failed. Returns False if it could not be started."""
        screen, program = self._screen, PurePath(command[0]).name
        text = await asyncio.to_thread(content.written, self._form)
        screen.say(f"{program} is running; {self._stops}" if self._stops else f"{program} is running.")
        running = asyncio.ensure_future(screen.context.desktop.run(command, text.encode("utf-8", "replace")))
        self._stop = running.cancel
        try:
            await asyncio.wait({running})
        finally:
            self._stop = None
        if running.cancelled():
            screen.say(f"{program} was stopped.")
            return True
        ran = running.result()
        if ran.error:
            screen.say(f"{program} {ran.error}", problem=True)
            return ran.has_started
        screen.say(f"{program}: {ran.output}" if ran.output else f"{program} has done its work.")
        if screen.context.config.reading.mark_on_copy:
            screen.marker.mark_as_seen(*content.seen)
        return True

    # To an editor

    async def action_open_in_editor(self) -> None:
        """Open the current content as Markdown in the reader's editor or pager, which takes over the terminal."""
        screen, content = self._screen, self._screen.export_content(whole=False)
        if not content.summaries:
            screen.say(_NOTHING)
            return
        text = await asyncio.to_thread(content.written, TextFormat.MARKDOWN)
        try:
            with screen.app.suspend():
                wrong = screen.context.desktop.view(text, f"{slug(content.title) or 'florilege'}.md")
        except SuspendNotSupported:
            wrong = "This terminal can't be given to another program."
        if wrong:
            screen.say(wrong, problem=True)
        elif screen.context.config.reading.mark_on_open:
            screen.marker.mark_as_seen(*content.seen)


def _notes(folder: Path, selection: "Selection") -> str:
    from florilege.export.notes import LEFT_ALONE, write_notes

    written = write_notes(folder, selection)
    alone = f"; {counted(len(written.left_alone), 'note')} left alone: {LEFT_ALONE}" if written.left_alone else ""
    return f"{written} in {folder}{alone}"
