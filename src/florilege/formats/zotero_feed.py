"""The Atom feeds of Zotero libraries, whose entries hold JSON or a table. What they mean is told by `zotero`.

`author` is the library and not who added an item, which these feeds do not tell. Source: the web API's documentation.
"""

import json
import re
from datetime import datetime

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection
from florilege.formats.markup import readable
from florilege.formats.objects import converted
from florilege.formats.stream import End, Event, Start, events
from florilege.formats.zotero import Data, Record, gather, identity_of
from florilege.model import BodyKind, Entry

KIND = "zotero-atom"

_ID = re.compile(r"https?://(?:www\.|api\.)?zotero\.org/((?:groups|users)/\d+)/items/([A-Z0-9]+)")
_TITLE = re.compile(r"Zotero / (.+?)(?: / [^/]+)?")
"""`Zotero / LIBRARY / Items`."""
_ROWS = {"item type": "itemType", "title": "title", "url": "url", "doi": "DOI", "abstract": "abstractNote"}
"""What the rows of the table are called, and the fields they show."""


def is_zotero(snapshot: Snapshot) -> bool:
    """Whether a feed is that of a Zotero library: its identifiers say so."""
    return any(entry.native_id and _ID.fullmatch(entry.native_id) for entry in snapshot.entries)


def from_feed(snapshot: Snapshot) -> Snapshot:
    """The snapshot of a library."""
    collection = Collection(list(snapshot.warnings), noun="Entry")
    scopes = {known[1] for entry in snapshot.entries if (known := _ID.fullmatch(entry.native_id or ""))}
    gather([_record(entry, number) for number, entry in enumerate(snapshot.entries, start=1)], collection)
    title = _TITLE.fullmatch(snapshot.title or "")
    read = collection.snapshot(KIND, identity=identity_of(scopes.pop()) if len(scopes) == 1 else None)
    return msgspec.structs.replace(
        snapshot,
        kind=KIND,
        title=title[1] if title else snapshot.title,
        entries=read.entries,
        warnings=read.warnings,
        identity=read.identity,
    )


def _record(entry: Entry, number: int) -> Record:
    """An entry as a record: what its content says, the elements of the feed where it says nothing."""
    known = _ID.fullmatch(entry.native_id or "")
    data, lost = _data(entry)
    if data.item_type not in {"annotation", "note"}:
        data.title = data.title or entry.title
    data.key = known[2] if known else fields.line(data.key)
    data.date_added = data.date_added or _iso(entry.shared_at)
    data.date_modified = data.date_modified or _iso(entry.updated_at)
    return Record(number, name=entry.native_id, data=data, site=entry.url, lost=lost)


def _data(entry: Entry) -> tuple[Data, list[str]]:
    """The content of an entry, and the names of what could not be read of it."""
    body = entry.body or ""
    if entry.body_kind is BodyKind.HTML and not body.startswith("{"):
        return converted(_table(body), Data)
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    return converted(value, Data) if isinstance(value, dict) else (Data(), ["content"])


def _table(body: str) -> dict[str, object]:
    """The rows of a table as fields."""
    rows: dict[str, object] = {}
    cells: dict[str, list[Event]] = {}
    cell: str | None = None
    for event in events(body):
        if isinstance(event, Start) and event.tag in {"th", "td"}:
            cell = event.tag
            cells[cell] = []
        elif isinstance(event, End) and event.tag == "tr":
            name = _ROWS.get(readable(cells.pop("th", [])).lower())
            if name:
                rows[name] = readable(cells.pop("td", []))
            cell = None
        elif cell is not None:
            cells[cell].append(event)
    if isinstance(kind := rows.get("itemType"), str):
        rows["itemType"] = kind.lower()
    return rows


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
