"""Writing an export from a screen: in a thread, with word of how far it has come, to be stopped at any time."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from textual import work
from textual.widget import Widget

from florilege.lists.groupings import Grouping
from florilege.model import FlorilegeError
from florilege.text import counted, grouped
from florilege.tui.paths import completed_target, last_part
from florilege.tui.widgets.prompt import Helper
from florilege.tui.widgets.signs import BottomLine

if TYPE_CHECKING:
    from florilege.export import Selection
    from florilege.model import Head
    from florilege.store import Library

EXPORT = "export"
"""What the line for typing asks for."""
FORMATS_HINT = "notes.md, quotes.csv, all.json, refs.bib …; notes/ gets a note a page"
EXPORT_HELP = Helper(complete=completed_target, label=last_part)
_OFTEN = 0.5
"""Seconds between two words of how far it has come."""


class Stopped(FlorilegeError):  # noqa: N818 -- nothing has failed
    """The reader wants no more of it."""


class Export:
    """One file, or folder of notes, that is being written.

    Args:
        name: What was typed: the name of a file, or of a folder with a stroke at its end.
        library: Where the items are; they are read as they are written.
        heads: Which items.
        title: What they are called together.
        now: When, with zone.
        grouping: By what a document is parted.
        wanted: Of each item, by its id, the ids of the highlights that are wanted; None for all.
    """

    def __init__(
        self,
        name: str,
        library: "Library",
        heads: "Sequence[Head]",
        *,
        title: str,
        now: datetime,
        grouping: Grouping = Grouping.ITEM,
        wanted: Mapping[str, Collection[str]] | None = None,
    ) -> None:
        self._grouping, self._wanted = grouping, wanted
        self._name, self._library, self._heads, self._title, self._now = name, library, heads, title, now
        self._done = 0
        self.is_stopped = False

    @property
    def progress(self) -> str:
        """How far it has come."""
        return f"Writing {grouped(self._done)} of {counted(len(self._heads), 'item')} …"

    def write(self) -> str:
        """Write it, and tell what was written. Reads whole items: for a thread.

        Raises:
            FlorilegeError: It could not be written, or was stopped; a file is then as it was before.
        """
        from florilege.export import AlreadyThere, Selection, format_of, groups_of, rows_of, write_file

        try:
            path = Path(self._name).expanduser().absolute()
        except RuntimeError as error:
            raise FlorilegeError(f"There is no home folder to find “{self._name}” in.") from error
        is_folder = self._name.endswith("/") or path.is_dir()
        wanted = None if is_folder else format_of(path.name)
        self._told(0)
        selection = Selection(
            rows_of(self._library, self._heads, by_group=bool(wanted and wanted.by_group), wanted=self._wanted),
            self._now,
            self._title,
            groups=groups_of(self._library, self._heads),
            grouping=self._grouping,
            on_progress=self._told,
        )
        if wanted is None:
            return _notes(path, selection)
        try:
            write_file(path, wanted.write(selection))
        except AlreadyThere as error:
            raise AlreadyThere(f"{error} Give another name.") from error
        return wanted.written(selection, str(path))

    def _told(self, more: int) -> None:
        if self.is_stopped:
            raise Stopped(f"Stopped: “{self._name}” was not written to its end.")
        self._done += more


class FileWriting(Widget):
    """What a screen needs to write exports."""

    bottom: BottomLine
    _export_now: Export | None = None

    def stop_export(self) -> bool:
        """Stop writing; whether anything was being written."""
        if self._export_now is None:
            return False
        self._export_now.is_stopped = True
        return True

    @work(group="exporting", name="export", description="Writing a file", exit_on_error=False)
    async def write_export(self, export: Export, stop_key: str) -> None:
        """Write it, say how far it has come while it lasts, and what became of it."""
        if self._export_now is not None:
            self.bottom.say(f"Something is being written already. {stop_key} stops it.", problem=True)
            return
        self._export_now = export
        timer = self.set_interval(_OFTEN, lambda: self.bottom.say(f"{export.progress} {stop_key} stops it."))
        try:
            written = await asyncio.to_thread(export.write)
        except FlorilegeError as error:
            self.bottom.say(str(error), problem=True)
        else:
            self.bottom.say(written)
        finally:
            timer.stop()
            self._export_now = None


def _notes(folder: Path, selection: "Selection") -> str:
    from florilege.export.note_files import LEFT_ALONE, write_notes

    written = write_notes(folder, selection)
    alone = f"; {counted(len(written.left_alone), 'note')} left alone: {LEFT_ALONE}" if written.left_alone else ""
    return f"{written} in {folder}{alone}"
