"""Highlights as KOReader, Readest, calibre and Bookcision (for a Kindle) export them to JSON: one item per book.

A book has no address, and its author is not its sharer. calibre's export identifies a book only by its number in the
library, and that of calibre's viewer not at all. Sources: the code of KOReader's exporter, of Readest and of calibre;
for Bookcision, the code of importers.
"""

from collections.abc import Callable, Sequence
from typing import Any

from msgspec.structs import replace

from florilege.formats import fields, kindle
from florilege.formats.detect import Format, Object, first_of
from florilege.formats.document import Document
from florilege.formats.records import Bookmark, bookmark_of, items_of, mark_of, reader
from florilege.model import Entry

_Object = dict[str, Any]


def _books(
    marks: str,
    prepared: Callable[[_Object], _Object] = dict,
    books_of: Callable[[object], Sequence[object]] = lambda value: items_of(value, "documents") or [value],
) -> Callable[[Document], list[object]]:
    """A function that finds the books in a document.

    Args:
        marks: The key of a book's list of annotations.
        prepared: Prepares an annotation's JSON object for decoding.
        books_of: Finds the books in the decoded document: by default those listed, or the document itself.
    """

    def books(document: Document) -> list[object]:
        found = [*books_of(document.json)]
        for place, book in enumerate(found):
            if isinstance(book, dict) and isinstance(given := book.get(marks), list):
                found[place] = {**book, marks: [prepared(each) if isinstance(each, dict) else each for each in given]}
        annotations = [each for book in found for each in items_of(book, marks) if isinstance(each, dict)]
        if any(each.get("chapter") or each.get("toc_family_titles") for each in annotations):
            document.warnings.append("The names of chapters are left out, for florilege has no place for them.")
        return found

    return books


def _in_koreader(clip: _Object) -> _Object:
    """An annotation without its page if that is a path into the book rather than a number or label."""
    page = clip.get("page")
    return {**clip, "page": None} if isinstance(page, str) and len(page) > 7 else clip


def _in_bookcision(given: _Object) -> _Object:
    """An annotation whose text is moved to its note if it is a note without a passage."""
    note = {"text": None, "note": given.get("note") or given.get("text")} if given.get("isNoteOnly") is True else {}
    return {**given, **note, "counts": "location"}


def _books_in_calibre(value: object) -> Sequence[object]:
    """The books of a library with their annotations, or the single book of the viewer's export."""
    books: dict[str, _Object] = {}
    for given in [*items_of(value, "annotations"), *items_of(value, "highlights")]:
        number = given.get("book_id") if isinstance(given, dict) else None
        facts = {"id": f"calibre:{number}", "title": f"Book {number} in calibre"} if number is not None else {}
        books.setdefault(str(number), {**facts, "annotations": []})["annotations"].append(given)
    return [*books.values()]


def _in_calibre(given: _Object) -> _Object:
    """An annotation, taken out of the object in which older versions wrap it."""
    return {**given, **found} if isinstance(found := given.get("annotation"), dict) else given


def _from_bookcision(book: Bookmark) -> Entry:
    """A book as an entry, with the title and id that `kindle` gives it."""
    authors = book.tags if isinstance(book.tags, str) else "; ".join(str(each) for each in book.tags or () if each)
    title = kindle.title_of(fields.line(book.title), fields.line(authors))
    return replace(book.entry(), native_id=kindle.id_of(title), title=title, tags=())


def _is_koreader(value: Object) -> bool:
    book = first_of(value, "documents") or value
    return "created_on" in value and "title" in book and "entries" in book


FORMATS = (
    Format(
        "a Bookcision export",
        reader("bookcision", bookmark_of(
            mark_of(quote="text", note="note", place="location.value", place_kind="counts"),
            marks="highlights", all_marks=False, title="title", tags="authors",
        ), _books("highlights", _in_bookcision), noun="Book", build=_from_bookcision),
        is_object=lambda value: "asin" in value and "isNoteOnly" in first_of(value, "highlights"),
    ),
    Format(
        "highlights of KOReader",
        reader("koreader", bookmark_of(
            mark_of(sort="sort", quote="text", note="note", time="time", changed="time", colour="color", page="page"),
            marks="entries", all_marks=False, title="title",
        ), _books("entries", _in_koreader), noun="Book"),
        is_object=_is_koreader,
    ),
    Format(
        "annotations of calibre",
        reader("calibre", bookmark_of(
            mark_of(
                id="uuid", sort="type", quote="highlighted_text", note="notes", time="timestamp", changed="timestamp",
                colour="style.which", skip="removed",
            ),
            marks="annotations", all_marks=False, id="id", title="title",
        ), _books("annotations", _in_calibre, _books_in_calibre), noun="Book"),
        is_object=lambda value: value.get("type") in ("calibre_annotation_collection", "calibre_highlights"),
    ),
    Format(
        "highlights of Readest",
        reader("readest", bookmark_of(
            mark_of(
                id="id", sort="type", quote="text", note="note", time="createdAt", changed="createdAt", colour="color",
            ),
            marks="annotations", all_marks=False, id="book.hash", title="book.title",
        ), _books("annotations"), noun="Book"),
        is_object=lambda value: value.get("$format") == "readest-annotations",
    ),
)  # fmt: skip
