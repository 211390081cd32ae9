"""What a document may cost and hold, and how the parsing process is talked to. Loads no reader."""

from msgspec.structs import replace

from florilege.formats import Snapshot
from florilege.model import Entry
from florilege.text import counted, grouped

MEBIBYTE = 1 << 20
LIMIT = 64 * MEBIBYTE
"""Bytes of a document, unpacked. Genuine feeds reach 1.6 MB."""
LENGTH = 8
"""Bytes of the length before a frame, the most significant first."""
SNAPSHOT, REFUSAL = b"S", b"E"
"""The first letter of an answer: an encoded snapshot, or sentence and feed of a `SourceError`, as a JSON list."""

MEMORY = 1 << 30
"""Bytes a parsing process may use at most."""
ENTRIES = 100_000
"""Entries of a document at most."""
TAGS, HIGHLIGHTS, COMMENTS = 500, 10_000, 10_000
"""Of one entry at most."""
TITLE = 1_000
"""Characters of a title at most."""
WARNINGS = 200
"""Warnings about a document at most: who has 100,000 damaged rows does not read 100,000 sentences."""


def frame(content: bytes) -> bytes:
    """A content with its length before it."""
    return len(content).to_bytes(LENGTH, "big") + content


def seconds_for(size: int) -> float:
    """Seconds of processor time that a document of so many bytes, unpacked, may take.

    The slowest kinds that are meant (feeds that are not well-formed) take 0.5 s a megabyte, half of it in feedparser.
    """
    return 2.0 + size / MEBIBYTE


def memory_for(size: int) -> int:
    """Bytes of memory that a document of so many bytes, unpacked, may take, above what the process has."""
    return min(MEMORY, 208 * MEBIBYTE + 24 * size)


def takes_too_long(size: int) -> str:
    """The refusal of a document that took longer than it may."""
    return (
        f"The document could not be read within {seconds_for(size):.0f} seconds of processor time, so something in it "
        "is not as it should be: your items are unchanged; export it again, or add it in smaller parts."
    )


def bounded(snapshot: Snapshot) -> Snapshot:
    """A snapshot with no more in it than can be shown; what is left out costs a warning."""
    warnings: list[str] = []
    entries = snapshot.entries
    if not (entries or snapshot.subscriptions or snapshot.warnings):
        warnings.append("The document holds no items.")
    if len(entries) > ENTRIES:
        rest = counted(len(entries) - ENTRIES, "item")
        warnings.append(f"The document holds more than {grouped(ENTRIES)} items: the last {rest} were left out.")
    cut = {entry: smaller for entry in entries[:ENTRIES] if (smaller := _bounded(entry, warnings)) is not entry}
    if len(snapshot.warnings) > WARNINGS:
        rest = counted(len(snapshot.warnings) - WARNINGS, "more warning")
        warnings.append(f"There are {rest} about this document.")
    if not warnings:
        return snapshot
    return replace(
        snapshot,
        entries=tuple(cut.get(entry, entry) for entry in entries[:ENTRIES]) if cut else entries[:ENTRIES],
        parts=tuple(
            replace(part, entries=tuple(cut.get(entry, entry) for entry in part.entries[:ENTRIES]))
            for part in snapshot.parts
        ),
        warnings=(*snapshot.warnings[:WARNINGS], *warnings[:WARNINGS]),
    )


def _bounded(entry: Entry, warnings: list[str]) -> Entry:
    """An entry with no more in it than can be shown; itself when it is no larger."""
    if (
        len(entry.title) <= TITLE
        and len(entry.tags) <= TAGS
        and len(entry.highlights) <= HIGHLIGHTS
        and len(entry.notes) + len(entry.comments) <= COMMENTS
    ):
        return entry
    name = f"“{entry.title[:60]}”" if entry.title else "An item"
    said = {
        f"its title is longer than {grouped(TITLE)} characters": len(entry.title) > TITLE,
        f"{grouped(len(entry.tags))} tags": len(entry.tags) > TAGS,
        f"{grouped(len(entry.highlights))} highlights": len(entry.highlights) > HIGHLIGHTS,
        f"{grouped(len(entry.notes) + len(entry.comments))} remarks": len(entry.notes) + len(entry.comments) > COMMENTS,
    }
    too_much = ", ".join(each for each, is_so in said.items() if is_so)
    warnings.append(f"{name} holds more than florilege keeps ({too_much}): the rest was left out.")
    return replace(
        entry,
        digest=None,
        title=entry.title[: TITLE - 1] + "…" if len(entry.title) > TITLE else entry.title,
        tags=entry.tags[:TAGS],
        all_tags=entry.all_tags and len(entry.tags) <= TAGS,
        highlights=entry.highlights[:HIGHLIGHTS],
        all_highlights=entry.all_highlights and len(entry.highlights) <= HIGHLIGHTS,
        notes=entry.notes[:COMMENTS],
        comments=entry.comments[:COMMENTS],
    )
