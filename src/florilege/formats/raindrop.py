"""Raindrop: answers of its API (items, and highlights by themselves) and its CSV export. Only this service.

`excerpt` describes the page; `note` is the member's own. The inside of the `highlights` cell of the CSV is not
evidenced: it is read as lines. Source: developer.raindrop.io.
"""

import re
from typing import Any

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, annotation, dated, named, only, parted
from florilege.formats.document import Document
from florilege.formats.objects import collect_from, converted, items_of
from florilege.formats.recognise import Format, Object, first_of, has
from florilege.formats.table import Row, read_rows
from florilege.model import Comment, Entry, Highlight
from florilege.text import counted

KIND = "raindrop"
KIND_CSV = "raindrop-csv"

_Id = int | str | None
_RECORD = re.compile(r"^(Highlight|Note):[ \t]*", re.MULTILINE)


class _Highlight(msgspec.Struct):
    id: _Id = msgspec.field(default=None, name="_id")
    text: str | None = None
    note: str | None = None
    color: str | None = None
    created: str | None = None
    tags: list[str | None] | None = None


class _Listed(_Highlight):
    item: _Id = msgspec.field(default=None, name="raindropRef")
    link: str | None = None
    title: str | None = None


class _Creator(msgspec.Struct):
    name: str | None = msgspec.field(default=None, name="fullName")


class _Collection(msgspec.Struct):
    id: _Id = msgspec.field(default=None, name="$id")


class _Raindrop(msgspec.Struct):
    id: _Id = msgspec.field(default=None, name="_id")
    link: str | None = None
    title: str | None = None
    excerpt: str | None = None
    note: str | None = None
    tags: list[str | None] | None = None
    created: str | None = None
    updated: str | None = msgspec.field(default=None, name="lastUpdate")
    collection: _Collection | None = None
    creator: _Creator | None = msgspec.field(default=None, name="creatorRef")
    highlights: list[_Highlight | None] | None = None


def read(document: Document) -> Snapshot:
    """The snapshot of an answer of the API. `count` says how many items there are besides."""
    collection = Collection(document.warnings)
    first = next((item for item in items_of(document.outline, "items") if isinstance(item, dict)), {})
    if "raindropRef" in first:
        _collect_highlights(items_of(document.json, "items"), collection)
        return collection.snapshot(KIND)
    homes: list[str | None] = []

    def entry(raindrop: _Raindrop) -> Entry:
        homes.append(fields.identifier(raindrop.collection.id) if raindrop.collection else None)
        return _entry(raindrop)

    here = collect_from(document, _Raindrop, entry, collection, key="items")
    total = document.outline.get("count") if isinstance(document.outline, dict) else None
    older = collection.is_part_of(total, here)
    home = only(homes)
    return collection.snapshot(KIND, identity=f"raindrop:collection:{home}" if home else None, older=older)


def read_csv(document: Document) -> Snapshot:
    """The snapshot of a CSV export, its folders as parts."""
    collection = Collection(document.warnings, "Row")
    for row in read_rows(document.text, document.warnings):
        folder = fields.line(row.cells.get("folder"))
        collection.add(row.number, _from_row(row), row.lost, folder if folder != "Unsorted" else None)
    return collection.snapshot(KIND_CSV, scope="raindrop:folder")


def _entry(raindrop: _Raindrop) -> Entry:
    """An item of the API as an entry."""
    shared_at, date_text = dated(raindrop.created)
    sharer = fields.sharer(raindrop.creator.name if raindrop.creator else None)
    note = fields.prose(raindrop.note)
    highlights, notes = parted(_annotation(given) for given in raindrop.highlights or () if given is not None)
    return Entry(
        native_id=fields.identifier(raindrop.id),
        title=fields.title(raindrop.title, is_html=False),
        url=fields.address(raindrop.link),
        sharer=sharer,
        shared_at=shared_at,
        updated_at=dated(raindrop.updated)[0],
        date_text=date_text,
        tags=fields.tags([*(raindrop.tags or ()), *(tag for each in highlights for tag in each.tags)]),
        description=fields.prose(raindrop.excerpt),
        notes=(*((Comment(text=note, author=sharer.label if sharer else None),) if note else ()), *notes),
        highlights=highlights,
    )


def _annotation(given: _Highlight) -> Highlight:
    """A highlight, or a note on the page."""
    return annotation(
        given.text,
        given.note,
        name=given.id,
        made_at=dated(given.created)[0],
        colour=given.color,
        tags=fields.tags(given.tags or ()),
    )


def _collect_highlights(items: list[Any], collection: Collection) -> None:
    """Highlights listed by themselves, put together by the item they belong to. The list is a window."""
    found: dict[str, list[tuple[_Listed, Highlight]]] = {}
    for number, item in enumerate(items, start=1):
        listed, lost = converted(item, _Listed) if isinstance(item, dict) else (_Listed(), [])
        highlight = _annotation(listed)
        if not highlight.quote:
            collection.leave_out(number, "holds no highlight")
            continue
        if lost:
            text = f"{counted(len(lost), 'field')} could not be read ({', '.join(lost)})"
            collection.warnings.append(f"Bookmark {number}: {text}.")
        found.setdefault(fields.identifier(listed.item) or listed.link or "", []).append((listed, highlight))
    for number, pairs in enumerate(found.values(), start=1):
        first, _ = pairs[0]
        entry = Entry(
            native_id=fields.identifier(first.item),
            title=fields.title(first.title, is_html=False),
            url=fields.address(first.link),
            tags=fields.tags(tag for listed, _ in pairs for tag in listed.tags or ()),
            highlights=named(highlight for _, highlight in pairs),
            all_highlights=False,
        )
        collection.add(number, entry)


def _from_row(row: Row) -> Entry:
    """A row of the CSV as an entry."""
    cell = row.cells
    shared_at, date_text = dated(cell.get("created"))
    note = fields.prose(cell.get("note"))
    highlights, notes = parted(_annotations(cell.get("highlights", "")))
    return Entry(
        native_id=fields.line(cell.get("id")),
        title=fields.title(cell.get("title"), is_html=False),
        url=fields.address(cell.get("url")),
        shared_at=shared_at,
        date_text=date_text,
        tags=fields.comma_tags(cell.get("tags")),
        description=fields.prose(cell.get("excerpt")),
        notes=(*((Comment(text=note),) if note else ()), *notes),
        highlights=highlights,
    )


def _annotations(text: str) -> list[Highlight]:
    """The annotations in a cell: records that begin with `Highlight:` and may have a `Note:`, else a line each.

    A note before the first highlight is on the page.
    """
    if not text.strip():
        return []
    before, *records = _RECORD.split(text)
    found = [annotation(line) for line in before.split("\n") if line.strip()]
    for key, words in zip(records[::2], records[1::2], strict=True):
        if key == "Highlight":
            found.append(annotation(words))
        elif found:
            last = found[-1]
            comments = (*last.comments, *annotation("", words).comments)
            found[-1] = msgspec.structs.replace(last, comments=comments)
        else:
            found.append(annotation("", words))
    return found


def _is_item(value: Object) -> bool:
    return ("link" in value and "_id" in value) or "raindropRef" in value


def _is_answer(value: Object) -> bool:
    return _is_item(first_of(value, "items"))


FORMATS = (
    Format("a Raindrop answer", read, is_object=_is_answer, is_element=_is_item),
    Format("a Raindrop CSV export", read_csv, is_table=has("title", "note", "excerpt", "url", "created", "cover")),
)
