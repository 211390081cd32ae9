"""From bytes to a snapshot: recognises the format, and hands the document to the reader of that format.

A new format is one module with its `FORMATS`, and one line in `MODULES`. Pure: no I/O, no network.
"""

from collections.abc import Container
from functools import cache
from importlib import import_module

from msgspec.structs import replace

from florilege.formats import Snapshot, SourceError
from florilege.formats.document import Document
from florilege.formats.recognise import Format, recognise
from florilege.gc_paused import gc_paused
from florilege.model import Entry
from florilege.text import counted, grouped

MODULES = {
    "own": "json",
    "jsonfeed": "json",
    "webannotation": "json",
    "hypothesis": "json page text",
    "diigo_exports": "json text",
    "raindrop": "json text",
    "readwise": "json text",
    "services": "json posts en-export page text",
    "omnivore": "json zip",
    "zotero": "json text",
    "browsers": "json",
    "ebooks": "json",
    "refused": "json rdf plist text",
    "opml": "opml outline",
    "feeds": "rss feed rdf channel page text",
    "netscape": "page",
    "pocket": "json page text zip",
    "diigo_page": "page text",
    "kindle": "page text",
    "any_table": "json text",
    "addresses": "text",
}
"""The modules of formats, and what documents each reads: `json`, `text` (tables, too), `zip`, a `page` of HTML, or the
names of root elements. The order is that in which a document is asked whether it is in one: the first that fits is it,
so what tells more stands before what tells less."""


@cache
def formats_of(kind: str) -> tuple[Format, ...]:
    """The formats that documents of a kind may be in, in their order; their modules are loaded."""
    modules = (import_module(f"florilege.formats.{name}") for name, kinds in MODULES.items() if kind in kinds.split())
    return tuple(found for module in modules for found in module.FORMATS)


ENTRIES = 100_000
"""Entries of a document at most."""
TAGS, HIGHLIGHTS, COMMENTS = 500, 10_000, 10_000
"""Of one entry at most."""
TITLE = 1_000
"""Characters of a title at most."""
WARNINGS = 200
"""Warnings about a document at most: who has 100,000 damaged rows does not read 100,000 sentences."""


def read(data: bytes, known: Container[str] | None = None) -> Snapshot:
    """What a document says, whatever its format, name and content type.

    Args:
        data: The bytes as they came, compressed with gzip or not.
        known: Digests of entries that need not be read again: of each that is met, the snapshot has an entry with
            nothing but its digest. With None no entry has a digest.

    Raises:
        SourceError: It can't be read as a group: empty, too large, damaged, a web page, an unknown format.
    """
    document = Document(data, known=known)
    found = recognise(document, formats_of)
    if found is None:
        from florilege.formats.archive import read_packed

        return _bounded(read_packed(document, _read))
    return _bounded(_read(document, found))


def _read(document: Document, found: Format | None = None) -> Snapshot:
    """What one document says; archives inside an archive are not opened."""
    found = found or recognise(document, formats_of)
    if found is None:
        raise SourceError("This is an archive inside an archive: unpack it once, then add what comes out.")
    try:
        with gc_paused():
            snapshot = found.read(document)
    except Exception as error:
        error.add_note(f"reading {found.name}")
        raise
    return replace(snapshot, cut=True) if document.is_cut else snapshot


def _bounded(snapshot: Snapshot) -> Snapshot:
    """A snapshot with no more in it than can be shown; what is left out costs a warning."""
    warnings: list[str] = []
    entries = snapshot.entries
    if not (entries or snapshot.subscriptions or snapshot.warnings):
        warnings.append("The document holds no items.")
    if len(entries) > ENTRIES:
        rest = counted(len(entries) - ENTRIES, "item")
        warnings.append(f"The document holds more than {grouped(ENTRIES)} items: the last {rest} were left out.")
    cut = {entry: smaller for entry in entries[:ENTRIES] if (smaller := _shortened(entry, warnings)) is not entry}
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


def _shortened(entry: Entry, warnings: list[str]) -> Entry:
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
