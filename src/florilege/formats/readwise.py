"""Readwise: its export of highlights as JSON; of Readwise Reader the answers of its API, and its CSV.

The author of a book wrote it and shared nothing, so the sharer is unknown. Discarded highlights are left out. In
Reader a highlight is a document whose parent is the page, and a note one whose parent is a highlight. Sources:
readwise.io/api_deets, readwise.io/reader_api.
"""

import re
from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, annotation, bookmark, dated, parted
from florilege.formats.document import Document
from florilege.formats.objects import collect_from, converted, items_of
from florilege.formats.recognise import Format, Object, first_of, has
from florilege.formats.table import Row, read_rows
from florilege.model import Comment, Entry, Highlight, instant

KIND = "readwise"
KIND_READER = "readwise-reader"
KIND_CSV = "readwise-csv"

_Id = int | str | None
_TAG = re.compile(r"""'((?:[^'\\]|\\(?:.|\Z))*+)(?:'|\Z)|"((?:[^"\\]|\\(?:.|\Z))*+)(?:"|\Z)""", re.DOTALL)


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


_BELONGING = {"highlight", "note"}
"""The categories of documents that belong to another one."""


class _Part(msgspec.Struct):
    """A document of Reader: a page, a highlight, or a note on one."""

    id: str | None = None
    parent_id: str | None = None
    category: str | None = None
    title: str | None = None
    url: str | None = None
    source_url: str | None = None
    content: str | None = None
    summary: str | None = None
    notes: str | None = None
    tags: dict[str, _Tag | None] | list[_Tag | str | None] | None = None
    created_at: str | None = None
    saved_at: str | None = None
    updated_at: str | None = None


def read(document: Document) -> Snapshot:
    """The snapshot of an export. A cursor says that there are more pages."""
    collection = Collection(document.warnings, "Book")
    collect_from(document, _Book, _entry, collection, key="results")
    return _paged(KIND, collection, document)


def read_reader(document: Document) -> Snapshot:
    """The snapshot of an answer of Reader's. A highlight whose page is on another one stands for it."""
    collection = Collection(document.warnings, "Document")
    parts: dict[str | None, list[_Part]] = {}
    pages: list[tuple[int, _Part, list[str]]] = []
    items = items_of(document.json, "results")
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict):
            collection.leave_out(number, "is no object")
            continue
        part, lost = converted(item, _Part)
        if not part.parent_id or part.category not in _BELONGING:
            pages.append((number, part, lost))
        else:
            parts.setdefault(part.parent_id, []).append(part)
    here = {part.id for _, part, _ in pages} | {part.id for found in parts.values() for part in found}
    pages += [(len(items), _Part(id=parent), []) for parent in parts if parent not in here]
    for number, page, lost in pages:
        collection.add(number, _from_page(page, parts), lost)
    return _paged(KIND_READER, collection, document)


def _from_page(page: _Part, parts: Mapping[str | None, Sequence[_Part]]) -> Entry:
    """A page of Reader with its highlights and their notes as an entry."""
    shared_at, date_text = dated(page.saved_at or page.created_at)
    note = fields.prose(page.notes)
    highlights, notes = parted(_marked(part, parts.get(part.id, ())) for part in parts.get(page.id, ()) if page.id)
    return Entry(
        native_id=fields.line(page.id),
        title=fields.title(page.title, is_html=False),
        url=fields.address(page.source_url) or fields.address(page.url),
        shared_at=shared_at,
        updated_at=dated(page.updated_at)[0],
        date_text=date_text,
        tags=fields.tags([*_names(page.tags), *(tag for each in highlights for tag in each.tags)]),
        description=fields.prose(page.summary),
        notes=(*((Comment(text=note),) if note else ()), *notes),
        highlights=highlights,
        all_highlights=False,
    )


def _marked(part: _Part, answers: Sequence[_Part]) -> Highlight:
    """A highlight with its notes; one that is only a note is a note on the page."""
    is_note = part.category == "note"
    said = [each for each in (part.content if is_note else part.notes, *(one.content for one in answers)) if each]
    moment = dated(part.saved_at or part.created_at)[0]
    found = annotation(None if is_note else part.content, None, name=part.id, made_at=moment, tags=_names(part.tags))
    return msgspec.structs.replace(
        found, comments=tuple(Comment(text=text) for each in said if (text := fields.prose(each)))
    )


def _names(tags: dict[str, _Tag | None] | list[_Tag | str | None] | None) -> tuple[str, ...]:
    """The names of tags: Reader gives an object of them, or a list."""
    if isinstance(tags, dict):
        return fields.tags((tag.name if tag else None) or key for key, tag in tags.items())
    return fields.tags(tag.name if isinstance(tag, _Tag) else tag for tag in tags or ())


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
        location=fields.place(given.location_type, given.location),
    )


def _from_row(row: Row) -> Entry:
    """A row of the CSV as an entry. Its tags are written as Python writes a list."""
    cell = row.cells
    tags = [single or double for single, double in _TAG.findall(cell.get("document tags", ""))]
    return bookmark(
        cell.get("title"),
        cell.get("url"),
        cell.get("saved date"),
        native_id=fields.line(cell.get("id")),
        tags=fields.tags(re.sub(r"\\(.)", r"\1", tag) for tag in tags),
    )


def _paged(kind: str, collection: Collection, document: Document) -> Snapshot:
    """What was read, and where the answer goes on, as a query; nowhere when it is the last one."""
    cursor = document.outline.get("nextPageCursor") if isinstance(document.outline, dict) else None
    next_page = f"?{urlencode({'pageCursor': cursor})}" if isinstance(cursor, str | int) and cursor else None
    return msgspec.structs.replace(
        collection.snapshot(kind, older=collection.is_continued(next_page)), next_page=next_page
    )


def _is_export(value: Object) -> bool:
    return "nextPageCursor" in value or "user_book_id" in first_of(value, "results")


_is_part = has("category", "parent_id")


def _is_reader(value: Object) -> bool:
    return _is_part(first_of(value, "results"))


FORMATS = (
    Format("an answer of Readwise Reader", read_reader, is_object=_is_reader, is_element=_is_part),
    Format("a Readwise export", read, is_object=_is_export, is_element=has("user_book_id")),
    Format(
        "a Readwise Reader CSV export",
        read_csv,
        is_table=has("title", "url", "document tags", "saved date"),
    ),
)
