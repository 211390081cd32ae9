"""Zotero libraries: JSON and Atom of its web API, with annotations and notes; CSV, CSL JSON and RIS.

Its plug-in Better BibTeX writes the same items to JSON, with notes and annotations inside them.

The sharer is the member who added an item, which feeds do not say, and not the author of the work or the owner of the
library. The parent of an annotation is an attachment, whose parent is the item, so annotations and notes are assigned
to their topmost ancestor. Notes are HTML and become text. The entries of a feed hold JSON or an HTML table. CSV, CSL
JSON and RIS have no annotations; the dates in CSL, which florilege also exports, and RIS are those of the works, so the
date of sharing is unknown. Sources: captured responses of the web API, version 3, and its documentation; Zotero's
translators "CSV", "CSL JSON" and "RIS"; docs.citationstyles.org.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, only
from florilege.formats.detect import SNIFFED, Format, Object, first_of, has
from florilege.formats.document import Document
from florilege.formats.markup import End, Event, Start, events, readable
from florilege.formats.records import NOTHING, bookmark_of, items_of, mark_of, reader, take_objects
from florilege.formats.table import TableRow, read_rows
from florilege.model import BodyKind, Entry

_ITEM = bookmark_of(
    mark_of(
        id="key", quote="annotationText", comments="comments", author="by", time="dateAdded", colour="annotationColor",
        page="annotationPageLabel", tags="tags",
    ),
    marks="children", all_marks=False, id="address", url="url", doi="DOI", discussion="site",
    title=("title", "caseName", "nameOfAct", "subject", "title of entry"), is_html=True, description="abstractNote",
    sharer="member.name", handle="member.username", tags="tags", time="dateAdded", changed="dateModified",
    body="content",
)  # fmt: skip
_UNMARKED = ("note", "image", "ink")
"""Types of annotations whose text, if any, is no highlighted passage."""
_DEEPEST = 5
"""Most levels of parents that are followed; Zotero has two."""

_Data = dict[str, Any]
"""The `data` object of an item, annotation or note, with more fields added here."""


def read(document: Document) -> Snapshot:
    """The snapshot of a library as JSON of the web API."""
    collection = Collection(document.warnings, "Item")
    records: list[object] = []
    libraries: dict[str, _Data] = {}
    for element in items_of(document.json, "items"):
        if not isinstance(element, dict):
            records.append(element)
            continue
        library, data = _object(element, "library"), _object(element, "data") or element
        scope = f"{library.get('type')}s/{library.get('id')}"
        scope = scope if _SCOPE.fullmatch(scope) else ""
        libraries.setdefault(scope, library)
        key = data.get("key") or element.get("key") or element.get("itemKey")
        address = f"http://zotero.org/{scope}/items/{key}" if key and scope else key
        facts = {
            "key": key,
            "address": address,
            "site": _page(element),
            "member": _object(element, "meta").get("createdByUser"),
        }
        records += [{**data, **facts}, *_embedded(data, key)]
    take_objects(_gathered(records), _ITEM, collection)
    scope, library = next(iter(libraries.items())) if len(libraries) == 1 else ("", {})
    title = library.get("name")
    return collection.snapshot(
        "zotero",
        title=fields.line(title) if isinstance(title, str) else None,
        site=fields.address(_page(library)),
        identity=_identity(scope),
    )


def _embedded(item: _Data, key: object) -> Iterator[_Data]:
    """The notes in an item and the annotations in its attachments, where Better BibTeX writes them."""
    for note in items_of(item, "notes"):
        yield {**(note if isinstance(note, dict) else {"note": note}), "itemType": "note", "parentItem": key}
    for attachment in items_of(item, "attachments"):
        for mark in items_of(attachment, "annotations"):
            if isinstance(mark, dict):
                yield {**mark, "itemType": "annotation", "parentItem": key}


def _identity(scope: str | None) -> str | None:
    """The stable identity of a library, from a scope like `groups/12`."""
    return f"zotero:{scope.replace('s/', ':', 1)}" if scope else None


def _gathered(records: Iterable[object]) -> list[object]:
    """The items of a library, each with its attachments, annotations and notes as `children`.

    An annotation or note whose item is not in the document becomes an item itself, so that nothing is lost; such an
    attachment, which has no text, does not.
    """
    given = [*records]
    by_key = {each["key"]: each for each in given if isinstance(each, dict) and isinstance(each.get("key"), str)}
    children: defaultdict[int, list[_Data]] = defaultdict(list)
    tops: list[object] = []
    for record in given:
        if not isinstance(record, dict):
            tops.append(record)
        elif not record.get("deleted"):
            top, kind = _top(record, by_key), record.get("itemType")
            if kind in ("annotation", "note") or (kind == "attachment" and top is not record):
                children[id(top)].append(record)
            if kind not in ("annotation", "note", "attachment") or (
                top is record and not (kind == "attachment" and record.get("parentItem"))
            ):
                tops.append(record)
    return [
        {**top, "children": [*map(_completed, sorted(children[id(top)], key=_place))]} if isinstance(top, dict) else top
        for top in tops
    ]


def _place(child: _Data) -> str:
    """The sort key of an annotation: `page|character|height`, zero-padded; children without a position come last."""
    index = child.get("annotationSortIndex")
    return index if isinstance(index, str) and index else "~"


def _completed(child: _Data) -> _Data:
    """A child with its quote, author and comments in the fields that `_ITEM` reads. Attachments have no comments."""
    member, note = _object(child, "member"), child.get("note")
    by = child.get("annotationAuthorName") or member.get("name") or member.get("username")
    is_passage = child.get("itemType") == "annotation" and child.get("annotationType") not in _UNMARKED
    said = {"content": child.get("annotationComment")}
    if child.get("itemType") == "note":
        said = {"text": fields.page_text(note) if isinstance(note, str) else note}
    return {
        **child,
        "annotationText": child.get("annotationText") if is_passage else None,
        "by": by,
        "comments": [{**said, "user": by, "created_at": child.get("dateAdded")}] if any(said.values()) else [],
    }


def _top(record: _Data, by_key: Mapping[str, _Data]) -> _Data:
    """The topmost ancestor of a record in the document; the record itself when its parents form a cycle."""
    top = record
    for _ in range(_DEEPEST):
        parent = top.get("parentItem")
        above = by_key.get(parent) if isinstance(parent, str) else None
        if above is None:
            return top
        top = above
    return record


def _object(value: _Data, key: str) -> _Data:
    """A nested object; an empty one when there is none."""
    found = value.get(key)
    return found if isinstance(found, dict) else {}


def _page(value: _Data) -> str | None:
    """The web page of an item or a library."""
    href = _object(_object(value, "links"), "alternate").get("href")
    return href if isinstance(href, str) else None


_SCOPE = re.compile(r"(?:group|user)s/[^\s/]+")

_ID = re.compile(r"https?://(?:www\.|api\.)?zotero\.org/((?:groups|users)/\d+)/items/([A-Z0-9]+)")
_TITLE = re.compile(r"Zotero / (.+?)(?: / [^/]+)?")
"""`Zotero / LIBRARY / Items`."""
_ROWS = {"item type": "itemType", "title": "title", "url": "url", "doi": "DOI", "abstract": "abstractNote"}
"""The labels of the table's rows, in lower case, and the fields of the API that they show."""


def is_zotero(snapshot: Snapshot) -> bool:
    """Whether a feed is that of a Zotero library, going by the ids of its entries."""
    return any(entry.native_id and _ID.fullmatch(entry.native_id) for entry in snapshot.entries)


def from_feed(snapshot: Snapshot) -> Snapshot:
    """The snapshot of a library's Atom feed."""
    collection = Collection(list(snapshot.warnings), noun="Entry")
    scopes = {known[1] for entry in snapshot.entries if (known := _ID.fullmatch(entry.native_id or ""))}
    take_objects(_gathered(map(_record, snapshot.entries)), _ITEM, collection)
    title = _TITLE.fullmatch(snapshot.title or "")
    read = collection.snapshot("zotero-atom")
    return msgspec.structs.replace(
        snapshot,
        kind="zotero-atom",
        title=title[1] if title else snapshot.title,
        entries=read.entries,
        warnings=read.warnings,
        identity=_identity(only(scopes)),
    )


def _record(entry: Entry) -> _Data:
    """A feed entry as a record: the fields in its content, completed from the elements of the feed."""
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
    """The fields in the content of an entry; a `content` that is reported as unreadable if that is no JSON object."""
    body = entry.body or ""
    if entry.body_kind is BodyKind.HTML and not body.startswith("{"):
        return _table(body)
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {"content": NOTHING}


def _table(body: str) -> _Data:
    """The rows of an HTML table as fields."""
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


def _rows(document: Document) -> Iterator[TableRow]:
    """The rows of a CSV export, with its notes as a list. Attachments and notes without text are left out."""
    for row in read_rows(document):
        cell = row.cells
        if cell.get("item type") in {"attachment", "note"} and not (cell.get("title") or cell.get("notes")):
            continue
        tags = f"{cell.get('manual tags', '')};{cell.get('automatic tags', '')}"
        notes = (fields.description(_opened(part)) for part in cell.get("notes", "").split("; <"))
        yield row._replace(
            cells={**cell, "tags": tags, "notes": [{"said": [{"text": note} for note in notes if note]}]}
        )


def _opened(part: str) -> str:
    """A note with the opening bracket that it lost when the cell was split into notes."""
    return f"<{part}" if re.match(r"\w+[\s>]", part) and ">" in part and not part.startswith("<") else part


_FIELD = re.compile(r"([A-Z][A-Z0-9])  - ?(.*)")
_HEAD = re.compile(r"\A(?:\s*+(?!TY  - )[^\n:]{1,40}:[^\n]*+\n)++\s*+(?=TY  - )")
"""What databases write before the first work: `Provider: ...`."""


def _works(document: Document) -> Iterator[object]:
    """The works in RIS: lines of a name and a value; any other line continues the value before it."""
    works: list[defaultdict[str, list[list[str]]]] = []
    for line in _HEAD.sub("", document.text).splitlines():
        if found := _FIELD.match(line):
            works += [defaultdict(list)] if found[1] == "TY" else []
            values = works[-1][found[1]]
            values.append([found[2]])
        else:
            values[-1].append(line)
    for work in works:
        facts: dict[str, object] = {name: "\n".join(values[0]) for name, values in work.items()}
        facts["KW"] = [word for words in work["KW"] for word in words]
        facts["notes"] = [{"said": [{"content": "\n".join(note)}]} for note in work["N1"]]
        yield facts


_CSL_NAMES = frozenset({"issued", "URL", "DOI", "author", "container-title", "publisher", "abstract", "accessed"})
"""Fields that are typical of CSL, of which an object must have one besides the required ones."""


def _is_item(value: Object) -> bool:
    data = value.get("data", value)
    return isinstance(data, dict) and "itemType" in data


FORMATS = (
    Format("a Zotero library", read, is_object=lambda value: _is_item(first_of(value, "items")), is_element=_is_item),
    Format(
        "a Zotero CSV export",
        reader("zotero-csv", bookmark_of(
            mark_of(comments="said"), marks="notes", all_marks=False, id="key", title="title", is_html=True,
            url="url", doi="doi", html="abstract note", tags="tags", separator=";", time="date added",
            changed="date modified",
        ), _rows, noun="Row"),
        is_table=has("key", "item type", "title", "url"),
    ),
    Format(
        "works as RIS",
        reader("ris", bookmark_of(
            mark_of(comments="said"), marks="notes", all_marks=False, id="ID", title=("TI", "T1", "CT", "BT"),
            url="UR", doi="DO", html=("AB", "N2"), tags="KW",
        ), _works, noun="Work"),
        is_text=lambda text: _HEAD.sub("", text[:SNIFFED]).startswith("TY  - "),
    ),
    Format(
        "works as CSL JSON",
        reader("csl-json", bookmark_of(
            id="id", title="title", is_html=True, url="URL", doi="DOI", html="abstract", note="note", tags="keyword",
            separator="[,;]",
        ), noun="Work"),
        is_element=lambda value: has("id", "type", "title")(value) and not _CSL_NAMES.isdisjoint(value),
    ),
)  # fmt: skip
