"""Libraries of Zotero: as JSON and Atom of its web API, with their annotations and notes; tables, CSL JSON and RIS.

The one who added an item shared it, which the feeds do not tell; who made the work, and the library, are others.
Annotations hang on an attachment, which hangs on the item, so a child belongs to whatever its parents lead to. Notes
are HTML and become text. The entries of a feed hold JSON or a table. The other forms have no annotations; the dates of
CSL, which we write, too, and of RIS are those of the works: when an item was shared is unknown. Sources: captured
answers of the web API, version 3, and its documentation; Zotero's translators "CSV", "CSL JSON" and "RIS";
docs.citationstyles.org.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection
from florilege.formats.detect import Format, Object, has
from florilege.formats.document import Document
from florilege.formats.markup import readable
from florilege.formats.objects import NOTHING
from florilege.formats.records import bookmark_of, json_reader, mark_of, take_objects
from florilege.formats.stream import End, Event, Start, events
from florilege.formats.table import read_rows
from florilege.model import BodyKind, Comment, Entry

_ITEM = bookmark_of(
    mark_of(
        id="key", quote="annotationText", comments="comments", author="by", time="dateAdded", colour="annotationColor",
        page="annotationPageLabel", tags="tags",
    ),
    marks="children", tells_marks=False, id="address", url="url", doi="DOI", talk="site",
    title=("title", "caseName", "nameOfAct", "subject", "title of entry"), is_html=True, description="abstractNote",
    sharer="member.name", handle="member.username", tags="tags", time="dateAdded", changed="dateModified",
    body="content",
)  # fmt: skip
_MARKS = ("highlight", "underline")
"""The types of annotations whose text is a passage of the page; others are notes, pictures and drawings."""
_DEEPEST = 5
"""Parents of parents followed; Zotero has two."""

_Data = dict[str, Any]
"""What an item, annotation or note says: the object `data` of the API, and what is known of it besides."""


def read(document: Document) -> Snapshot:
    """The snapshot of a library."""
    collection = Collection(document.warnings, "Item")
    records: list[object] = []
    libraries: dict[str, _Data] = {}
    for element in document.json if isinstance(document.json, list) else [document.json]:
        if not isinstance(element, dict):
            records.append(element)
            continue
        library, data = _object(element, "library"), _object(element, "data")
        scope = f"{library.get('type')}s/{library.get('id')}"
        scope = scope if _SCOPE.fullmatch(scope) else ""
        libraries.setdefault(scope, library)
        key = data.get("key") or element.get("key")
        address = f"http://zotero.org/{scope}/items/{key}" if key and scope else key
        facts = {
            "key": key,
            "address": address,
            "site": _page(element),
            "member": _object(element, "meta").get("createdByUser"),
        }
        records.append({**data, **facts})
    take_objects(_gathered(records), _ITEM, collection)
    scope, library = next(iter(libraries.items())) if len(libraries) == 1 else ("", {})
    title = library.get("name")
    return collection.snapshot(
        "zotero",
        title=fields.line(title) if isinstance(title, str) else None,
        site=fields.address(_page(library)),
        identity=_identity(scope),
    )


def _identity(scope: str) -> str | None:
    """The stable name of a library, by a scope like `groups/12`."""
    kind, _, number = scope.partition("/")
    return f"zotero:{kind.removesuffix('s')}:{number}" if number else None


def _gathered(records: Iterable[object]) -> list[object]:
    """The items of a library, each with the annotations and notes that hang on it as `children`.

    A child whose item is not in the document is an item of its own, so that nothing is lost; but for a file, which says
    nothing.
    """
    given = [*records]
    by_key = {each["key"]: each for each in given if isinstance(each, dict) and isinstance(each.get("key"), str)}
    children: dict[int, list[_Data]] = {}
    tops: list[object] = []
    for record in given:
        if not isinstance(record, dict):
            tops.append(record)
        elif not record.get("deleted"):
            top = _top(record, by_key)
            kind = record.get("itemType")
            if kind in ("annotation", "note") or (kind == "attachment" and top is not record):
                children.setdefault(id(top), []).append(record)
            if kind not in ("annotation", "note", "attachment") or (
                top is record and not (kind == "attachment" and record.get("parentItem"))
            ):
                tops.append(record)
    return [
        {**top, "children": [_told(child) for child in sorted(children.get(id(top), ()), key=_place)]}
        if isinstance(top, dict)
        else top
        for top in tops
    ]


def _place(child: _Data) -> str:
    """`page|character|height`, padded with zeros, so that it sorts as text; what has no place is last."""
    index = child.get("annotationSortIndex")
    return index if isinstance(index, str) and index else "~"


def _told(child: _Data) -> _Data:
    """A child with its quote, when it has one, and what was said. A file has a name only, and says nothing."""
    member, note = _object(child, "member"), child.get("note")
    by = child.get("annotationAuthorName") or member.get("name") or member.get("username")
    is_passage = child.get("itemType") == "annotation" and (child.get("annotationType") or "highlight") in _MARKS
    said = {"content": child.get("annotationComment")}
    if child.get("itemType") == "note":
        said = {"text": fields.page_text(note) if isinstance(note, str) else note}
    return {
        **child,
        "annotationText": child.get("annotationText") if is_passage else None,
        "by": by,
        "comments": [{**said, "user": by, "created_at": child.get("dateAdded")}]
        if child.get("itemType") != "attachment"
        else [],
    }


def _top(record: _Data, by_key: Mapping[str, _Data]) -> _Data:
    """What the parents of something lead to, as far as they are here; it itself when they go round in a circle."""
    top = record
    for _ in range(_DEEPEST):
        parent = top.get("parentItem")
        above = by_key.get(parent) if isinstance(parent, str) else None
        if above is None:
            return top
        top = above
    return record


def _object(value: _Data, key: str) -> _Data:
    """An object in an object; an empty one when there is none."""
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _page(value: _Data) -> str | None:
    """The page on the web of an item or a library."""
    href = _object(_object(value, "links"), "alternate").get("href")
    return href if isinstance(href, str) else None


_SCOPE = re.compile(r"(?:group|user)s/[^\s/]+")
KIND_FEED = "zotero-atom"

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
    take_objects(_gathered(map(_record, snapshot.entries)), _ITEM, collection)
    title = _TITLE.fullmatch(snapshot.title or "")
    read = collection.snapshot(KIND_FEED, identity=_identity(scopes.pop()) if len(scopes) == 1 else None)
    return msgspec.structs.replace(
        snapshot,
        kind=KIND_FEED,
        title=title[1] if title else snapshot.title,
        entries=read.entries,
        warnings=read.warnings,
        identity=read.identity,
    )


def _record(entry: Entry) -> _Data:
    """An entry as a record: what its content says, the elements of the feed where it says nothing."""
    known = _ID.fullmatch(entry.native_id or "")
    data = _content(entry)
    dates = {"dateAdded": entry.shared_at, "dateModified": entry.updated_at}
    return {
        **data,
        "key": known[2] if known else data.get("key"),
        "title of entry": entry.title if data.get("itemType") not in ("annotation", "note") else None,
        **{name: data.get(name) or (moment.isoformat() if moment else None) for name, moment in dates.items()},
        "address": entry.native_id,
        "site": entry.url,
    }


def _content(entry: Entry) -> _Data:
    """What the content of an entry says; that it can't be read when it is no object."""
    body = entry.body or ""
    if entry.body_kind is BodyKind.HTML and not body.startswith("{"):
        return _table(body)
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {"content": NOTHING}


def _table(body: str) -> _Data:
    """The rows of a table as fields."""
    rows: _Data = {}
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


_ROW = bookmark_of(
    id="key", title="title", is_html=True, url="url", doi="doi", html="abstract note", tags="tags", separator=";",
    time="date added", changed="date modified",
)  # fmt: skip
_WORK = bookmark_of(
    id="id", title="title", is_html=True, url="URL", doi="DOI", html="abstract", note="note", tags="keyword",
    separator="[,;]",
)  # fmt: skip
_RIS = bookmark_of(
    mark_of(comments="said"), marks="notes", tells_marks=False, id="ID", title=("TI", "T1", "CT", "BT"), url="UR",
    doi="DO", html=("AB", "N2"), tags="KW",
)  # fmt: skip


def read_csv(document: Document) -> Snapshot:
    """The snapshot of a table of items."""
    collection = Collection(document.warnings, "Row")
    for row in read_rows(document):
        cell = row.cells
        if cell.get("item type") in {"attachment", "note"} and not (cell.get("title") or cell.get("notes")):
            continue
        tags = f"{cell.get('manual tags', '')};{cell.get('automatic tags', '')}"
        notes = [text for part in cell.get("notes", "").split("; <") if (text := fields.remark(_opened(part)))]
        entry = msgspec.convert({**cell, "tags": tags}, _ROW).entry()
        entry = msgspec.structs.replace(entry, notes=tuple(Comment(text=note) for note in notes))
        collection.add(row.number, entry, row.lost)
    return collection.snapshot("zotero-csv")


def _opened(part: str) -> str:
    """A note that lost its bracket when the notes of a cell were parted."""
    return f"<{part}" if re.match(r"\w+[\s>]", part) and ">" in part and not part.startswith("<") else part


_FIELD = re.compile(r"([A-Z][A-Z0-9])  - ?(.*)")


def read_ris(document: Document) -> Snapshot:
    """The snapshot of works as RIS: lines of a name and a value, or of what goes on with the value before."""
    works: list[dict[str, list[str]]] = []
    name = ""
    for line in document.text.splitlines():
        if found := _FIELD.match(line):
            name = found[1]
            works += [{}] if name == "TY" else []
            works[-1].setdefault(name, []).append(found[2])
        else:
            works[-1][name][-1] += f"\n{line}"
    records = [
        {name: values[0] for name, values in work.items()}
        | {"KW": [word for words in work.get("KW", ()) for word in words.split("\n")]}
        | {"notes": [{"said": [{"content": note}]} for note in work.get("N1", ())]}
        for work in works
    ]
    collection = Collection(document.warnings, "Work")
    take_objects(records, _RIS, collection)
    return collection.snapshot("ris")


_CSL_NAMES = frozenset({"issued", "URL", "DOI", "author", "container-title", "publisher", "abstract", "accessed"})


def _is_item(value: Object) -> bool:
    data = value.get("data")
    return isinstance(data, dict) and "itemType" in data


def _is_work(value: Object) -> bool:
    """Whether an object has what CSL requires, and a field with a name of its own."""
    return has("id", "type", "title")(value) and not _CSL_NAMES.isdisjoint(value)


FORMATS = (
    Format("a Zotero library", read, is_element=_is_item),
    Format("a Zotero CSV export", read_csv, is_table=has("key", "item type", "title", "url")),
    Format("works as RIS", read_ris, is_text=lambda text: bool(re.match(r"TY  - ", text))),
    Format("works as CSL JSON", json_reader("csl-json", _WORK, noun="Work"), is_element=_is_work),
)
