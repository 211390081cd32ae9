"""Recovering what can be read of damaged logs into new ones: only when the reader asks for it, under the lock.

A damaged log is kept beside the new one as `NAME.damaged-DATE`; a log that is whole, or of a newer florilege, is left
alone. Says what was lost: it never invents, but for a title where a group is known by its items only.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import msgspec

from florilege.merge import Tombstone
from florilege.model import Group, Item, ReadingState
from florilege.store import generations
from florilege.store.changing import BURIED
from florilege.store.counting import Summary
from florilege.store.errors import LibraryNewer, LibraryNotWritable, LibraryUnreadable
from florilege.store.files import Files
from florilege.store.lines import SCHEMA, Header, Raw, Records, encode, is_removal, read_header, write_live
from florilege.store.lock import LibraryLock
from florilege.store.shelf import Kind
from florilege.store.tally import COUNTS
from florilege.store.trash import REMOVED, Removed
from florilege.text import counted

_line = msgspec.json.Decoder(dict[str, dict[str, Raw] | None])
_document = msgspec.json.Decoder(dict[str, msgspec.Raw])
_KNOWN: dict[str, msgspec.json.Decoder[object]] = {
    Kind.GROUPS.value: msgspec.json.Decoder(Group),
    Kind.ITEMS.value: msgspec.json.Decoder(Item),
    Kind.STATES.value: msgspec.json.Decoder(ReadingState),
    COUNTS: msgspec.json.Decoder(Summary),
    REMOVED: msgspec.json.Decoder(Removed),
    BURIED: msgspec.json.Decoder(Tombstone),
}
_TROUBLE = (msgspec.MsgspecError, UnicodeDecodeError)


@dataclass(frozen=True, slots=True)
class Repaired:
    """What became of one damaged log."""

    path: Path
    kept_as: Path
    """Where the damaged one is now."""
    recovered: int
    """Records that are in the new one."""
    lost: tuple[str, ...]
    """What is not, a phrase each: `2 lines that can't be read`."""

    def __str__(self) -> str:
        lost = " and ".join(self.lost) or "nothing"
        return (
            f"{self.path} was damaged: {counted(self.recovered, 'record')} recovered, lost {lost}. "
            f"The damaged file is kept as {self.kept_as.name}."
        )


@dataclass(slots=True)
class _Reading:
    """What can be read of a log."""

    header: Header | None
    tables: dict[str, Records]
    bad_lines: int = 0
    bad_records: int = 0
    is_cut: bool = False
    """The last line has no end, as after a crash. That alone is no damage: nobody was told that it was written."""

    @property
    def is_whole(self) -> bool:
        return self.header is not None and not self.bad_lines and not self.bad_records

    def lost(self) -> tuple[str, ...]:
        phrases = [] if self.header else ["the beginning, which says what the file is"]
        phrases += [counted(self.bad_lines, "line") + " that can't be read"] if self.bad_lines else []
        phrases += [counted(self.bad_records, "record") + " that can't be understood"] if self.bad_records else []
        return (*phrases, "an unfinished last line") if self.is_cut else tuple(phrases)


def repair(
    folder: Path, *, lock: LibraryLock, clock: Callable[[], datetime], files: Files | None = None
) -> list[Repaired]:
    """Repair every damaged log of a library.

    Args:
        folder: The library.
        lock: Its lock.
        clock: Now, with zone; names the damaged files.
        files: The disk.

    Returns:
        What was damaged; empty when nothing was, and then nothing was written.

    Raises:
        LibraryBusy: Another process is writing.
        LibraryNotWritable: A new log could not be written. The damaged one is where it was.
        LibraryUnreadable: A file is out of reach.
    """
    if not folder.is_dir():
        return []
    files = files or Files()
    done: list[Repaired] = []
    with lock:
        ending = f".damaged-{clock():%Y%m%d-%H%M%S}"
        # The groups last: what they lack is known by the logs of items that are there.
        for kind in (Kind.STATES, Kind.ITEMS):
            for path in sorted((folder / kind.value).glob("*.log")):
                reading = _read(path, kind)
                if reading is not None and not reading.is_whole:
                    done.append(_renew(files, path, kind, reading, ending))
        path = folder / "groups.log"
        if path.exists():
            reading = _read(path, Kind.GROUPS)
            if reading is not None and not reading.is_whole:
                found = _stand_ins(folder, reading, clock())
                repaired = _renew(files, path, Kind.GROUPS, reading, ending)
                titles = tuple(f"title and addresses of {group.title}" for group in found)
                done.append(replace(repaired, lost=(*repaired.lost, *titles)))
    return done


def _read(path: Path, kind: Kind) -> _Reading | None:
    """Everything that can be read of a log; None when it is of a newer florilege, which alone knows what is right."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LibraryUnreadable(path, f"can't be read ({error.strerror})") from error
    *lines, tail = data.split(b"\n")
    try:
        header = read_header(path, lines[0] + b"\n" if lines else tail, kind.value)
    except LibraryNewer:
        return None
    except LibraryUnreadable:
        header = None
    reading = _Reading(header, {}, is_cut=bool(tail.strip(b"\0")))
    for place, line in enumerate(lines):
        if place == 0 and (header is not None or _is_header(line)):
            continue
        change, is_damaged = _change(line, kind)
        reading.bad_lines += is_damaged
        _apply(reading, change)
    return reading


def _is_header(line: bytes) -> bool:
    try:
        msgspec.json.decode(line, type=Header)
    except _TROUBLE:
        return False
    return True


def _change(line: bytes, kind: Kind) -> tuple[dict[str, dict[str, Raw] | None], bool]:
    """What a line says, and whether it was damaged; of a damaged one, what follows a last good beginning."""
    beginning = b'{"' + kind.value.encode() + b'":'
    place = 0
    while place >= 0:
        try:
            return _line.decode(line[place:]), place > 0
        except _TROUBLE:
            place = line.rfind(beginning, 1, place or len(line))
    return {}, True


def _apply(reading: _Reading, change: dict[str, dict[str, Raw] | None]) -> None:
    for name, documents in change.items():
        if documents is None:
            reading.tables.pop(name, None)
            continue
        good = {doc_id: raw for doc_id, raw in documents.items() if _is_good(name, doc_id, raw)}
        reading.bad_records += len(documents) - len(good)
        reading.tables.setdefault(name, Records()).apply(good)


def _is_good(name: str, doc_id: str, raw: Raw) -> bool:
    if is_removal(raw):
        return True
    try:
        _KNOWN.get(name, _document).decode(raw)
        int(doc_id)
    except (*_TROUBLE, ValueError):
        return False
    return True


def _renew(files: Files, path: Path, kind: Kind, reading: _Reading, ending: str) -> Repaired:
    """Keep the damaged log under another name, and put what can be read of it in its place."""
    kept = generations.beside(path, ending)
    while kept.exists():
        kept = kept.with_name(kept.name + "+")
    try:
        files.keep(path, kept)
    except OSError as error:
        raise LibraryNotWritable(kept, error) from error
    before = reading.header or Header(kind.value, SCHEMA)
    header = Header(before.florilege, before.schema, before.generation + 1)
    generations.replace(files, path, write_live(header, reading.tables), keeps_previous=False)
    recovered = sum(len(records.raws) for name, records in reading.tables.items() if name != COUNTS)
    return Repaired(path, kept, recovered, reading.lost())


def _stand_ins(folder: Path, reading: _Reading, now: datetime) -> list[Group]:
    """Groups for logs of items whose group is not known any more; they are added to what was read."""
    groups = reading.tables.setdefault(Kind.GROUPS.value, Records())
    removed = reading.tables.get(REMOVED, Records())
    known = {msgspec.json.decode(raw, type=Group).id for raw in groups.raws.values()}
    known |= {msgspec.json.decode(raw, type=Removed).group.id for raw in removed.raws.values()}
    found = [
        Group(id=path.stem, title=f"Found again ({path.stem})", added_at=now)
        for path in sorted((folder / Kind.ITEMS.value).glob("*.log"))
        if path.stem not in known
    ]
    first = max(map(int, groups.raws), default=0) + 1
    groups.apply({str(first + place): encode(group) for place, group in enumerate(found)})
    return found
