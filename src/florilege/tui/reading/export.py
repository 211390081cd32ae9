"""Exporting the list shown to a file: in a thread, with progress messages; it can be stopped at any time."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from florilege.model import FlorilegeError
from florilege.text import counted, grouped, slug
from florilege.tui.command_screen import CommandScreen, Entries, Question
from florilege.tui.paths import completed_target, is_file, is_folder, last_part
from florilege.tui.reading.pipe import Piece

if TYPE_CHECKING:
    from florilege.export.selection import Selection

_OFTEN = 0.5
"""Seconds between two progress messages."""


class Stopped(FlorilegeError):
    """The reader stopped the export."""


@dataclass(eq=False)
class Export:
    """One export, to a file or a folder of notes."""

    name: str
    """What was typed: the name of a file, or of a folder (with a trailing slash, or existing already)."""
    piece: Piece
    now: datetime
    may_replace: bool = field(default=False, init=False)
    """Whether the reader agreed to overwrite an existing file."""
    is_stopped: bool = field(default=False, init=False)
    _done: int = field(default=0, init=False)

    @property
    def progress(self) -> str:
        """A progress message."""
        return f"Writing {grouped(self._done)} of {counted(len(self.piece.heads), 'item')} …"

    def write(self) -> str:
        """Write the export, and return a sentence that says what was written. Slow: call it in a thread.

        Raises:
            FlorilegeError: It could not be written, or was stopped; an existing file is then unchanged.
        """
        from florilege.export.formats import format_of, write_file
        from florilege.export.selection import Selection, groups_of

        try:
            path = Path(self.name).expanduser().absolute()
        except RuntimeError as error:
            raise FlorilegeError(f"There is no home folder to find “{self.name}” in.") from error
        is_folder_meant = self.name.endswith("/") or is_folder(self.name)
        wanted, piece = None if is_folder_meant else format_of(path.name), self.piece
        self._count(0)
        selection = Selection(
            piece.rows(by_group=bool(wanted and wanted.by_group)),
            self.now,
            piece.title,
            groups=groups_of(piece.state.library, piece.heads),
            grouping=piece.grouping,
            on_progress=self._count,
        )
        if wanted is None:
            return _notes(path, selection)
        write_file(path, wanted.write(selection), force=self.may_replace)
        return wanted.written(selection, str(path))

    def _count(self, more: int) -> None:
        if self.is_stopped:
            raise Stopped(f"Stopped: “{self.name}” was not written to its end.")
        self._done += more


class Exporter:
    """Runs exports, one at a time."""

    def __init__(self, screen: CommandScreen[Any], entries: Entries) -> None:
        """Create an exporter; nothing is written yet.

        Args:
            screen: The screen that asks and shows messages.
            entries: Names of earlier exports, the latest last; its folder is suggested again.
        """
        self._screen = screen
        self.entries = entries
        self._now: Export | None = None

    async def ask(self, where: str, piece: Piece) -> None:
        """Ask for a file name, whose suffix determines the format, and export to it. Ask again if that can't be done.

        Args:
            where: The title of the list, from which a name is suggested.
            piece: What to write.
        """
        if not piece.heads:
            await self._screen.refuse("There is nothing to export.")
            return
        offered = self._offered(f"{slug(where) or 'florilege'}.md")
        while name := await self._screen.ask(self._question(offered)):
            job, offered = Export(name, piece, self._screen.state.clock()), name
            if await asyncio.to_thread(is_file, name):
                job.may_replace = await self._screen.is_sure(f"{last_part(name)} is there already. Write over it?")
                if not job.may_replace:
                    continue
            if await self._write(job):
                return
            self.entries.forget(name)
            if "." not in last_part(name):
                offered = f"{name}/"  # the name looks like that of a folder

    def _question(self, offered: str) -> Question:
        return Question(
            "Write to",
            "notes.md, quotes.csv, all.json, refs.bib …; notes/ gets a note a page",
            offered,
            entries=self.entries,
            complete=completed_target,
            candidate=last_part,
        )

    def _offered(self, name: str) -> str:
        """The suggested path: `name` in the folder of the last export, or just that folder if it was one of notes."""
        last = next(reversed(self.entries.kept), "")
        return last if last.endswith("/") else f"{last.removesuffix(last_part(last))}{name}"

    def stop(self) -> bool:
        """Stop the running export. Returns whether there was one."""
        if self._now is None:
            return False
        self._now.is_stopped = True
        return True

    async def _write(self, export: Export) -> bool:
        """Run an export, and report its progress and result. Returns False if another name should be asked for."""
        say, stops = self._screen.say, f"{self._screen.key('back')} stops it."
        if self._now is not None:
            say(f"Something is being written already. {stops}", problem=True)
            return True
        self._now = export
        writing = asyncio.ensure_future(asyncio.to_thread(export.write))
        try:
            while not (await asyncio.wait({writing}, timeout=_OFTEN))[0]:
                say(f"{export.progress} {stops}")
            say(writing.result())
        except Stopped as stopped:
            say(str(stopped), problem=True)
        except FlorilegeError as error:
            say(str(error), problem=True)
            return False
        finally:
            self._now = None
        return True


def _notes(folder: Path, selection: "Selection") -> str:
    from florilege.export.notes import LEFT_ALONE, write_notes

    written = write_notes(folder, selection)
    alone = f"; {counted(len(written.left_alone), 'note')} left alone: {LEFT_ALONE}" if written.left_alone else ""
    return f"{written} in {folder}{alone}"
