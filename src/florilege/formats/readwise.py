"""Readwise: its export of highlights as JSON, and the CSV of Readwise Reader. Only this service.

The author of a book wrote it and shared nothing, so the sharer is unknown. Discarded highlights are left out. Source:
readwise.io/api_deets.
"""

import re

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, dated
from florilege.formats.document import Document
from florilege.formats.formats import Format, Object, first_of, has
from florilege.formats.identity import annotation, parted
from florilege.formats.objects import collect_from
from florilege.formats.table import Row, read_rows
from florilege.model import Comment, Entry, Highlight, instant

KIND = "readwise"
KIND_CSV = "readwise-csv"

_Id = int | str | None
_TAG = re.compile(r"""'((?:[^'\\]|\\.)*+)(?:'|\Z)|"((?:[^"\\]|\\.)*+)(?:"|\Z)""", re.DOTALL)


class _Tag(msgspec.Struct):
    name: str | None = None


class _Highlight(msgspec.Struct):
    id: _Id = None
    text: str | None = None
    note: str | None = None
    highlighted_at: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    color: str | None = None
    location: int | str | None = None
    location_type: str | None = None
    tags: list[_Tag | None] | None = None
    is_discard: bool | None = None


class _Book(msgspec.Struct):
    id: _Id = msgspec.field(default=None, name="user_book_id")
    title: str | None = None
    readable_title: str | None = None
    source_url: str | None = None
    unique_url: str | None = None
    summary: str | None = None
    document_note: str | None = None
    tags: list[_Tag | None] | None = msgspec.field(default=None, name="book_tags")
    highlights: list[_Highlight | None] | None = None


def read(document: Document) -> Snapshot:
    """The snapshot of an export. A cursor says that there are more pages."""
    collection = Collection(document.warnings, "Book")
    collect_from(document, _Book, _entry, collection, key="results")
    older = isinstance(document.outline, dict) and bool(document.outline.get("nextPageCursor"))
    if older:
        collection.warnings.append("This is one page of several: the export goes on with its next page.")
    return collection.snapshot(KIND, older=older)


def read_csv(document: Document) -> Snapshot:
    """The snapshot of the CSV of Readwise Reader, which holds no highlights."""
    collection = Collection(document.warnings, "Row")
    for row in read_rows(document.text, document.warnings):
        collection.add(row.number, _from_row(row), row.lost)
    return collection.snapshot(KIND_CSV)


def _entry(book: _Book) -> Entry:
    """A book, or whatever was read, as an entry. Its date is that of its newest highlight."""
    kept = [each for each in book.highlights or () if each is not None and not each.is_discard]
    dates = [date for each in kept if (date := dated(each.updated_at or each.created_at)[0])]
    note = fields.prose(book.document_note)
    highlights, notes = parted(map(_annotation, kept))
    book_tags = [tag.name for tag in book.tags or () if tag is not None]
    return Entry(
        native_id=fields.identifier(book.id),
        title=fields.title(book.readable_title or book.title, is_html=False),
        url=fields.address(book.source_url) or fields.address(book.unique_url),
        updated_at=max(dates, key=instant, default=None),
        tags=fields.tags([*book_tags, *(tag for each in highlights for tag in each.tags)]),
        description=fields.prose(book.summary),
        notes=(*((Comment(text=note),) if note else ()), *notes),
        highlights=highlights,
    )


def _annotation(given: _Highlight) -> Highlight:
    """A highlight, or a note on the page."""
    made_at = dated(given.highlighted_at)[0] or dated(given.created_at)[0]
    return annotation(
        given.text,
        given.note,
        name=given.id,
        made_at=made_at,
        colour=given.color,
        tags=fields.tags(tag.name for tag in given.tags or () if tag is not None),
        location=_location(given.location_type, fields.identifier(given.location)),
    )


def _location(kind: str | None, place: str | None) -> str | None:
    """Where a passage stands, as it is cited; None when the number only says which came first."""
    if kind == "page":
        return fields.page(place)
    return f"loc. {place}" if kind == "location" and place else None


def _from_row(row: Row) -> Entry:
    """A row of the CSV as an entry. Its tags are written as Python writes a list."""
    cell = row.cells
    shared_at, date_text = dated(cell.get("saved date"))
    tags = [single or double for single, double in _TAG.findall(cell.get("document tags", ""))]
    return Entry(
        native_id=fields.line(cell.get("id")),
        title=fields.title(cell.get("title"), is_html=False),
        url=fields.address(cell.get("url")),
        shared_at=shared_at,
        date_text=date_text,
        tags=fields.tags(re.sub(r"\\(.)", r"\1", tag) for tag in tags),
        all_highlights=False,
    )


def _is_export(value: Object) -> bool:
    return "nextPageCursor" in value or "user_book_id" in first_of(value, "results")


FORMATS = (
    Format("a Readwise export", read, is_object=_is_export),
    Format(
        "a Readwise Reader CSV export",
        read_csv,
        is_table=has("title", "url", "document tags", "saved date"),
    ),
)
