"""A folder of notes: named after their pages, known again wherever they were moved, and written one by one.

Text from outside never becomes a path: what is made of a title is one harmless word.
"""

import os
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from florilege.export.note_template import NoteTemplate
from florilege.export.notes import PROPERTY, BrokenNote, note_text
from florilege.export.selection import Selection
from florilege.export.writing import failing_as_sentence, put
from florilege.files import open_file, read_file
from florilege.model import Item
from florilege.text import clean_line, counted, digest

LEFT_ALONE = "its markers are damaged, so what is yours in it can't be told."
"""Why a note was not touched."""
_OWN_ID = re.compile(r"[0-9a-f]{16}")
_FORBIDDEN = re.compile(r'[\\/:*?"<>|#^\[\]\x00-\x1f]+')
"""What file systems, and links of Obsidian, can't have in a name."""
_DEVICES = re.compile(r"\A(?:con|prn|aux|nul|com\d|lpt\d)(?=\.|$)", re.IGNORECASE)
_LONGEST = 200
"""Bytes of a title in a file name; with suffixes it stays below the 255 of usual file systems."""
_LOOKED_AT = 4096
"""Bytes of a note in which its properties are looked for."""
_PROPERTY = re.compile(
    rf'^(?:#\+property: {PROPERTY}|{PROPERTY}::?) "?([0-9a-f]{{16}})"?[ \t]*$', re.MULTILINE | re.IGNORECASE
)
_OURS = f"{PROPERTY}: from here on"
"""What no property stands behind: from there on the words are others'."""


@dataclass(slots=True)
class WrittenNotes:
    """What became of the notes of a folder."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    left_alone: list[str] = field(default_factory=list)
    """Names of notes that were not touched, because their markers are damaged."""

    def __str__(self) -> str:
        parts = [counted(self.new, "new note")] if self.new else []
        parts += [f"{counted(self.changed, 'note')} changed"] if self.changed else []
        parts += [f"{counted(self.unchanged, 'note')} unchanged"] if self.unchanged or not parts else []
        return ", ".join(parts)


def write_notes(folder: Path, selection: Selection, template: NoteTemplate | None = None) -> WrittenNotes:
    """Write one note an item into a folder, made if need be; what people wrote around our part of a note stays.

    A note is known again by its property `florilege`, wherever in the folder it was moved and whatever it is called
    now; a new one never takes the place of another file.

    Raises:
        ExportError: One can't be written; those before it are.
    """
    written = WrittenNotes()
    suffix = template.suffix if template else ".md"
    with failing_as_sentence(folder):
        folder.mkdir(parents=True, exist_ok=True)
        known = dict(reversed([*_notes_in(folder, suffix)]))
        taken = {_same_name(entry.name) for entry in folder.iterdir()}
    for row in selection.each():
        own = identity(row.item)
        path = known.get(own)
        if path is None:
            path = known[own] = folder / _free_name(row.item, taken, suffix)
            taken.add(_same_name(path.name))
        with failing_as_sentence(path):
            before = read_file(path).decode() if path.exists() else None
            try:
                after = note_text(row, own, before, name=path.stem, with_state=selection.with_state, template=template)
            except BrokenNote:
                written.left_alone.append(path.name)
                continue
            if after == before:
                written.unchanged += 1
                continue
            put(path, [after], new=before is None)
        written.new += before is None
        written.changed += before is not None
    return written


def identity(item: Item) -> str:
    """The id of an item as its note bears it: 16 hexadecimal digits."""
    return item.id if _OWN_ID.fullmatch(item.id) else digest(item.group, item.id)


def note_name(item: Item) -> str:
    """The name of an item's note without its ending: its title, as far as it can be one.

    Never empty or hidden, never a path or a device of Windows.
    """
    words = " ".join(_FORBIDDEN.sub(" ", clean_line(item.title)).split()).strip(" .-")
    words = words.encode()[:_LONGEST].decode("utf-8", "ignore").strip(" .-")
    return _DEVICES.sub(r"\g<0>_", words) or "Untitled"


def _free_name(item: Item, taken: set[str], suffix: str) -> str:
    """The name of a new note; the beginning of its id stands behind the title where that is taken."""
    own, words = identity(item), note_name(item)
    names = (f"{words}{suffix}", f"{words} ({own[:4]}){suffix}", f"{words} ({own}){suffix}")
    return next((name for name in names if _same_name(name) not in taken), names[-1])


def _same_name(name: str) -> str:
    """The name as file systems compare it that mind neither case nor how accents are spelt."""
    return unicodedata.normalize("NFC", name).casefold()


def _notes_in(folder: Path, suffix: str) -> Iterator[tuple[str, Path]]:
    """The notes of ours in a folder and those below it, by the ids of their items. Hidden folders are passed over.

    Raises:
        OSError: The folder can't be read.
    """
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if name.endswith(suffix) and (own := _id_in(Path(place, name))) is not None:
                yield own, Path(place, name)


def _id_in(path: Path) -> str | None:
    """The id that a note bears; None when it is none of ours."""
    try:
        with os.fdopen(open_file(path), "rb") as file:
            beginning = file.read(_LOOKED_AT).decode("utf-8", "replace")
    except OSError:
        return None
    found = _PROPERTY.search(beginning.partition(_OURS)[0].replace("\r", ""))
    return found[1] if found else None
