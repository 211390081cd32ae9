"""Highlights as KOReader, Readest and Bookcision (for a Kindle) export them to JSON: one item a book.

A book has no address; who wrote it shared nothing. Sources: the code of KOReader's exporter and of Readest; for
Bookcision that of importers.
"""

import msgspec

from florilege.formats import Snapshot, fields, kindle
from florilege.formats.collecting import Collection, annotation, dated, parted
from florilege.formats.document import Document
from florilege.formats.objects import collect, items_of
from florilege.formats.recognise import Format, Object, first_of
from florilege.model import Entry, Highlight, instant

KIND_KOREADER = "koreader"
KIND_READEST = "readest"
KIND_BOOKCISION = "bookcision"

_Time = int | float | str | None


class _Clip(msgspec.Struct):
    """A passage in KOReader; one of the sort `note` has a note, too."""

    text: str | None = None
    note: str | None = None
    page: int | float | str | None = None
    time: _Time = None
    color: str | None = None


class _Book(msgspec.Struct):
    title: str | None = None
    entries: list[_Clip | None] | None = None


class _Named(msgspec.Struct):
    title: str | None = None
    hash: str | None = None


class _Annotation(msgspec.Struct):
    """A passage in Readest; a `bookmark` shows where it is with the text beside it, which nobody marked."""

    id: str | None = None
    type: str | None = None
    text: str | None = None
    note: str | None = None
    color: str | None = None
    created: _Time = msgspec.field(default=None, name="createdAt")


class _Export(msgspec.Struct):
    book: _Named | None = None
    annotations: list[_Annotation | None] | None = None


class _Location(msgspec.Struct):
    value: int | str | None = None


class _Passage(msgspec.Struct):
    """A passage in Bookcision, or a note on none."""

    text: str | None = None
    note: str | None = None
    location: _Location | None = None
    is_note: bool | None = msgspec.field(default=None, name="isNoteOnly")


class _KindleBook(msgspec.Struct):
    title: str | None = None
    authors: str | list[str | None] | None = None
    highlights: list[_Passage | None] | None = None


def read_koreader(document: Document) -> Snapshot:
    """The snapshot of an export of one book or of several."""
    collection = Collection(document.warnings, "Book")
    books = items_of(document.json, "documents") or [document.json]
    collect(books, _Book, _from_koreader, collection)
    return collection.snapshot(KIND_KOREADER)


def read_readest(document: Document) -> Snapshot:
    """The snapshot of an export, which is of one book."""
    collection = Collection(document.warnings, "Book")
    collect([document.json], _Export, _from_readest, collection)
    return collection.snapshot(KIND_READEST)


def read_bookcision(document: Document) -> Snapshot:
    """The snapshot of an export, which is of one book."""
    collection = Collection(document.warnings, "Book")
    collect([document.json], _KindleBook, _from_bookcision, collection)
    return collection.snapshot(KIND_BOOKCISION)


def _from_koreader(book: _Book) -> Entry:
    """A book of KOReader as an entry."""
    return _entry(
        book.title,
        None,
        [
            annotation(
                clip.text,
                clip.note,
                made_at=dated(clip.time)[0],
                colour=clip.color,
                location=fields.page(clip.page) if not isinstance(clip.page, str) or len(clip.page) < 8 else None,
            )
            for clip in book.entries or ()
            if clip is not None
        ],
    )


def _from_readest(export: _Export) -> Entry:
    """A book of Readest as an entry."""
    book = export.book or _Named()
    return _entry(
        book.title,
        fields.line(book.hash),
        [
            annotation(
                given.text if given.type != "bookmark" else None,
                given.note,
                name=given.id,
                made_at=dated(given.created)[0],
                colour=given.color,
            )
            for given in export.annotations or ()
            if given is not None
        ],
    )


def _from_bookcision(book: _KindleBook) -> Entry:
    """A book of Bookcision as an entry, known by the name that the Kindle itself gives it."""
    authors = book.authors if isinstance(book.authors, str) else "; ".join(filter(None, book.authors or ()))
    title = kindle.title_of(fields.line(book.title), fields.line(authors))
    return _entry(
        title,
        kindle.id_of(title),
        [
            annotation(
                None if given.is_note else given.text,
                given.note or (given.text if given.is_note else None),
                location=fields.place("location", given.location.value if given.location else None),
            )
            for given in book.highlights or ()
            if given is not None
        ],
    )


def _entry(title: str | None, name: str | None, annotations: list[Highlight]) -> Entry:
    """A book with what was marked in it. Its date is that of its newest highlight."""
    highlights, notes = parted(annotations)
    return Entry(
        native_id=name,
        title=fields.title(title, is_html=False),
        updated_at=max((each.made_at for each in annotations if each.made_at), key=instant, default=None),
        notes=notes,
        highlights=highlights,
        all_highlights=False,
    )


def _is_koreader(value: Object) -> bool:
    book = first_of(value, "documents") or value
    return "created_on" in value and "title" in book and "entries" in book


FORMATS = (
    Format(
        "a Bookcision export",
        read_bookcision,
        is_object=lambda value: "asin" in value and "isNoteOnly" in first_of(value, "highlights"),
    ),
    Format("highlights of KOReader", read_koreader, is_object=_is_koreader),
    Format(
        "highlights of Readest", read_readest, is_object=lambda value: value.get("$format") == "readest-annotations"
    ),
)
