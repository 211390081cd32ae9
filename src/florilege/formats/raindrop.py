"""Raindrop's API responses (items, or highlights on their own) and CSV export.

`excerpt` describes the page; `note` is the member's own. The format of the CSV's `highlights` cell is undocumented: it
is read line by line. Source: developer.raindrop.io.
"""

import re
from typing import Any

from florilege.formats import Snapshot
from florilege.formats.collecting import Collection, only
from florilege.formats.detect import Format, Object, first_of, has
from florilege.formats.document import Document
from florilege.formats.objects import items_of
from florilege.formats.records import bookmark_of, mark_of, take, take_objects, take_rows

KIND = "raindrop"

_RECORD = re.compile(r"^(Highlight|Note):[ \t]*", re.MULTILINE)
_HIGHLIGHT = mark_of(id="_id", quote="text", note="note", time="created", colour="color", tags="tags")
_ITEM = bookmark_of(
    _HIGHLIGHT, marks="highlights", tells_marks=True, id="_id", url="link", title="title", description="excerpt",
    note="note", tags="tags", time="created", changed="lastUpdate", sharer="creatorRef.fullName",
    folder="collection.$id",
)  # fmt: skip
_PAGE = bookmark_of(_HIGHLIGHT, marks="highlights", tells_marks=False, id="raindropRef", url="link", title="title")
_ROW = bookmark_of(
    id="id", title="title", url="url", description="excerpt", note="note", tags="tags", time="created",
    folder="folder", cell="highlights", record=_RECORD,
)  # fmt: skip


def read(document: Document) -> Snapshot:
    """The snapshot of a response of the API. `count` is the number of items on all pages."""
    collection = Collection(document.warnings)
    if "raindropRef" in first_of({"items": items_of(document.outline, "items")}, "items"):
        _take_highlights(items_of(document.json, "items"), collection)
        return collection.snapshot(KIND)
    here = take(document, _ITEM, collection, "items")
    total = document.outline.get("count") if isinstance(document.outline, dict) else None
    home = only(collection.folders)
    return collection.snapshot(
        KIND, identity=f"raindrop:collection:{home}" if home else None, older=collection.is_part_of(total, here)
    )


def read_csv(document: Document) -> Snapshot:
    """The snapshot of a CSV export, with folders as parts."""
    collection = Collection(document.warnings, "Row")
    take_rows(document, _ROW, collection)
    collection.folders = [folder if folder != "Unsorted" else None for folder in collection.folders]
    return collection.snapshot("raindrop-csv", scope="raindrop:folder")


def _take_highlights(items: list[object], collection: Collection) -> None:
    """Group a list of highlights by their item. The list may hold only some of an item's highlights."""
    pages: dict[str, dict[str, Any]] = {}
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict) or not item.get("text"):
            collection.leave_out(number, "holds no highlight")
            continue
        page = pages.setdefault(str(item.get("raindropRef") or item.get("link")), {**item, "highlights": []})
        page["highlights"].append(item)
    take_objects([*pages.values()], _PAGE, collection)


def _is_item(value: Object) -> bool:
    return has("link", "_id")(value) or "raindropRef" in value


def _is_answer(value: Object) -> bool:
    """Whether an object is a response of the API, including the empty one after the last page."""
    return _is_item(first_of(value, "items")) or (value.get("items") == [] and value.get("result") is True)


FORMATS = (
    Format("a Raindrop answer", read, is_object=_is_answer, is_element=_is_item),
    Format("a Raindrop CSV export", read_csv, is_table=has("title", "note", "excerpt", "url", "created", "cover")),
)
