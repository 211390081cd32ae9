r"""Exports of Diigo: JSON from its API v2 and from the `interact` API that its own pages use, and CSV files.

- JSON: both APIs give the same fields under different names. Counters, pictures, and Diigo's `shared`, `readlater` and
  read flags are not imported. Sources: the documentation of the API; captured responses, those of the `interact` API
  without annotations; other importers.
- CSV: a whole library, or selected items of it, with or without a header row. It names neither owner nor group, and its
  dates have no time zone. The export of selected items has no dates, and writes `Sticky note` instead of `Sticky
  notes`. Some files have their line breaks written out as `\n`. Sources: genuine exports of both kinds.
"""

import re
from collections.abc import Sequence

from florilege.formats import Snapshot
from florilege.formats.collecting import Collection
from florilege.formats.detect import Format, Object, first_of, has
from florilege.formats.document import Document
from florilege.formats.records import bookmark_of, mark_of, reader, take_rows
from florilege.formats.table import cells, column_names
from florilege.urls import scheme_of

_BOOKMARK = bookmark_of(
    mark_of(
        id="id", sort="type_name", html="content", comments=("comments", "stickyNotes"), author=("user", "u_name"),
        time="created_at", extra="extra",
    ),
    marks="annotations", tells_marks=True, title="title", url="url", sharer="real_name", handle=("user", "u_name"),
    html=("desc", "description"), tags=("tags", "t_name"), time="created_at", changed="updated_at", comments="comments",
)  # fmt: skip
NAMES = ("title", "url", "tags", "description", "comments", "annotations", "created_at")
"""The columns, for exports without a header row; one such file was seen."""
_RECORD = re.compile(r"^(Highlight|Sticky notes?):", re.MULTILINE)
_ROW = bookmark_of(
    title="title", url="url", tags="tags", html="description", comments="comments", time="created_at",
    cell="annotations", record=_RECORD, is_html_cell=True,
)  # fmt: skip


def read_csv(document: Document) -> Snapshot:
    """The snapshot of a CSV export."""
    collection = Collection(document.warnings, "Row")
    names = None if _has_names(column_names(document.text)) else NAMES
    take_rows(document, _ROW, collection, names=names)
    return collection.snapshot("diigo-csv")


_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_LOOKED_AT = 200_000
"""Characters of a table without a header row in which a valid row is looked for."""


def _is_without_names(text: str) -> bool:
    """Whether a text is a CSV export without its header row."""
    return text.startswith('"') and any(map(_is_row, cells(text[:_LOOKED_AT], [], rows=3)))


def _is_row(row: Sequence[str]) -> bool:
    return len(row) == len(NAMES) and bool(scheme_of(row[1])) and bool(_DATE.fullmatch(row[6].strip()))


def _is_bookmark(value: Object) -> bool:
    """Whether an object has an address and a field that only Diigo has."""
    return "url" in value and ("desc" in value or "readlater" in value)


def _is_item(value: Object) -> bool:
    return "u_name" in value or "link_id" in value


def _is_answer(value: Object) -> bool:
    own = "unread_total" in value or "rss_link" in value or _is_item(first_of(value, "items"))
    return "items" in value and own


_has_names = has("title", "url", "tags", "description", "annotations")

FORMATS = (
    Format(
        "an answer of Diigo's interact API",
        reader("diigo-interact", _BOOKMARK, "items", total="total", service="diigo"),
        is_object=_is_answer,
        is_element=_is_item,
    ),
    Format(
        "Diigo bookmarks as JSON (API v2)",
        reader("diigo-json", _BOOKMARK, service="diigo"),
        is_element=_is_bookmark,
    ),
    Format("a Diigo CSV export", read_csv, is_table=_has_names, is_text=_is_without_names),
)
