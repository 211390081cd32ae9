"""Readwise's JSON export of highlights, and Readwise Reader's API responses and CSV export.

An author is not a sharer, so the sharer is unknown. Discarded highlights are left out. In Reader, a highlight is a
document whose parent is the page, and a note is a document whose parent is a highlight. Sources: readwise.io/api_deets,
readwise.io/reader_api.
"""

from collections.abc import Iterable, Iterator, Mapping
from urllib.parse import urlencode

from msgspec.structs import replace

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection
from florilege.formats.detect import Format, first_of, has
from florilege.formats.document import Document
from florilege.formats.objects import items_of
from florilege.formats.records import Bookmark, bookmark_of, mark_of, take, take_objects, take_rows
from florilege.model import Comment, Entry

_BOOK = bookmark_of(
    mark_of(
        id="id", quote="text", note="note", time=("highlighted_at", "created_at"), changed=("updated_at", "created_at"),
        colour="color", tags="tags", place="location", place_kind="location_type", skip="is_discard",
    ),
    marks="highlights", tells_marks=True, id="user_book_id", title=("readable_title", "title"),
    url=("source_url", "unique_url"), description="summary", note="document_note", tags="book_tags",
)  # fmt: skip
_PAGE = bookmark_of(
    mark_of(id="id", quote="content", note="notes", time=("saved_at", "created_at"), tags="tags"), marks="parts",
    tells_marks=False, id="id", title="title", url=("source_url", "url"), description="summary", note="notes",
    tags="tags", time=("saved_at", "created_at"), changed="updated_at",
)  # fmt: skip
_ROW = bookmark_of(id="id", title="title", url="url", time="saved date", tags="document tags")


def read(document: Document) -> Snapshot:
    """The snapshot of a Readwise export."""
    collection = Collection(document.warnings, "Book")
    take(document, _BOOK, collection, "results")
    return _paged("readwise", collection, document)


def read_reader(document: Document) -> Snapshot:
    """The snapshot of a response of Reader's API. Highlights whose page is not in it hang on an entry without title."""
    pages: list[object] = []
    parts: dict[str, list[dict[str, object]]] = {}
    items = items_of(document.json, "results")
    for item in items:
        if isinstance(item, dict) and item.get("parent_id") and item.get("category") in ("highlight", "note"):
            is_note = item["category"] == "note"
            part = {**item, "content": None, "notes": item.get("content")} if is_note else item
            parts.setdefault(str(item["parent_id"]), []).append(part)
        else:
            pages.append(item)
    here = {str(item.get("id")) for item in items if isinstance(item, dict)}
    pages += [{"id": parent} for parent in parts if parent not in here]

    def entry(page: Bookmark) -> Entry:
        found = page.entry()
        marks = (
            replace(mark, comments=(*mark.comments, *_answers(parts.get(mark.id, ())))) for mark in found.highlights
        )
        return replace(found, highlights=tuple(marks))

    collection = Collection(document.warnings, "Document")
    given = [{**page, "parts": parts.get(str(page.get("id")))} if isinstance(page, dict) else page for page in pages]
    take_objects(given, _PAGE, collection, entry)
    return _paged("readwise-reader", collection, document)


def read_csv(document: Document) -> Snapshot:
    """The snapshot of the CSV of Readwise Reader, which holds no highlights."""
    collection = Collection(document.warnings, "Row")
    take_rows(document, _ROW, collection)
    return collection.snapshot("readwise-csv")


def _answers(notes: Iterable[Mapping[str, object]]) -> Iterator[Comment]:
    """The notes on a highlight, which are documents of their own, as comments."""
    for note in notes:
        if isinstance(said := note.get("notes"), str) and (text := fields.prose(said)):
            yield Comment(text=text)


def _paged(kind: str, collection: Collection, document: Document) -> Snapshot:
    """The snapshot of a collection, with the query string of the next page as `next_page` unless this is the last."""
    cursor = document.outline.get("nextPageCursor") if isinstance(document.outline, dict) else None
    next_page = f"?{urlencode({'pageCursor': cursor})}" if isinstance(cursor, str | int) and cursor else None
    return replace(collection.snapshot(kind, older=collection.is_continued(next_page)), next_page=next_page)


_is_part = has("category", "parent_id")

FORMATS = (
    Format(
        "an answer of Readwise Reader",
        read_reader,
        is_object=lambda value: _is_part(first_of(value, "results")),
        is_element=_is_part,
    ),
    Format(
        "a Readwise export",
        read,
        is_object=lambda value: "nextPageCursor" in value or "user_book_id" in first_of(value, "results"),
        is_element=has("user_book_id"),
    ),
    Format(
        "a Readwise Reader CSV export",
        read_csv,
        is_table=has("title", "url", "document tags", "saved date"),
    ),
)
