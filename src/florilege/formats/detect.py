"""From bytes to a snapshot: recognises the format, and hands the document to the reader of that format.

A new format is one module with its `FORMATS`, and one line in `MODULES`. Pure: no I/O, no network.
"""

from collections.abc import Container, Sequence
from importlib import import_module

from florilege.formats import Snapshot
from florilege.formats.archive import read_packed
from florilege.formats.document import Document
from florilege.formats.limits import bounded
from florilege.formats.recognise import Format, Unread, recognise
from florilege.formats.unsupported import refusal
from florilege.gc_paused import gc_paused

MODULES = (
    "own",
    "jsonfeed",
    "webannotation",
    "hypothesis",
    "hypothesis_exports",
    "diigo_exports",
    "raindrop",
    "readwise",
    "services",
    "omnivore",
    "zotero",
    "browsers",
    "ebooks",
    "opml",
    "feeds",
    "netscape",
    "pocket",
    "diigo_page",
    "diigo_saved",
    "kindle",
    "any_table",
    "addresses",
)
"""The modules of formats. The order is that in which a document is asked whether it is in one: the first that fits
is it, so what tells more stands before what tells less."""


def formats_of(modules: Sequence[str]) -> tuple[Format, ...]:
    """The formats that these modules read, in their order."""
    return tuple(found for name in modules for found in import_module(f"florilege.formats.{name}").FORMATS)


FORMATS = formats_of(MODULES)
"""What can be read."""

_LARGE = 1 << 18
"""Bytes of a document whose values the collector of cycles would look at again and again."""


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
    found = recognise(document, FORMATS)
    return bounded(read_packed(document, _read) if found is Unread.ZIP else _read(document, found))


def _read(document: Document, found: Format | Unread | None = None) -> Snapshot:
    """What one document says; archives inside an archive are not opened."""
    found = found or recognise(document, FORMATS)
    if isinstance(found, Unread):
        raise refusal(found, document)
    try:
        if len(document.data) < _LARGE:
            return found.read(document)
        with gc_paused():
            return found.read(document)
    except Exception as error:
        error.add_note(f"reading {found.name}")
        raise
