"""Libraries of Zotero as JSON: items with their tags, annotations and notes. Atom is for `zotero_feed`.

The one who added an item shared it; who made the work, and the library, are others. Annotations hang on an attachment,
which hangs on the item, so a child belongs to whatever its parents lead to. Notes are HTML and become text.
Source: a captured answer of the web API, version 3.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, named
from florilege.formats.dates import read_date
from florilege.formats.document import Document
from florilege.formats.objects import converted
from florilege.formats.recognise import Format, Object
from florilege.model import Comment, Entry, Highlight, Sharer

KIND = "zotero"
_MARKS = {"highlight", "underline"}
"""The types of annotations whose text is a passage of the page; others are notes, pictures and drawings."""
_CHILDREN = {"annotation", "note", "attachment"}
_DEEPEST = 5
"""Parents of parents followed; Zotero has two."""


class Tag(msgspec.Struct):
    """A tag; automatic ones are tags too."""

    tag: str | None = None


class Data(msgspec.Struct, rename="camel"):
    """What an item, annotation or note says. The Atom feeds hold the same."""

    key: str | None = None
    item_type: str | None = None
    parent_item: str | bool | None = None
    title: str | None = None
    case_name: str | None = None
    name_of_act: str | None = None
    subject: str | None = None
    url: str | None = None
    doi: str | None = msgspec.field(default=None, name="DOI")
    abstract_note: str | None = None
    tags: list[Tag | None] | None = None
    date_added: str | None = None
    date_modified: str | None = None
    note: str | None = None
    annotation_type: str | None = None
    annotation_text: str | None = None
    annotation_comment: str | None = None
    annotation_color: str | None = None
    annotation_page_label: str | int | None = None
    annotation_author_name: str | None = None
    annotation_sort_index: str | None = None
    """`page|character|height`, padded with zeros, so that it sorts as text."""
    deleted: bool | int | None = None


class _User(msgspec.Struct):
    name: str | None = None
    username: str | None = None


class _Meta(msgspec.Struct, rename="camel"):
    created_by_user: _User | None = None


class _Link(msgspec.Struct):
    href: str | None = None


class _Links(msgspec.Struct):
    alternate: _Link | None = None


class _Library(msgspec.Struct):
    type: str | None = None
    id: int | str | None = None
    name: str | None = None
    links: _Links | None = None


class _Element(msgspec.Struct):
    key: str | None = None
    library: _Library | None = None
    links: _Links | None = None
    meta: _Meta | None = None
    data: Data | None = None


@dataclass(slots=True)
class Record:
    """An item, annotation or note, whatever format it came in."""

    number: int
    """Its place in the document, as a reader would count."""
    name: str | None
    """Its address, `http://zotero.org/groups/ID/items/KEY`."""
    data: Data
    sharer: Sharer | None = None
    site: str | None = None
    """Its own page on the web."""
    lost: list[str] = field(default_factory=list)
    """The names of what could not be read of it."""


def read(document: Document) -> Snapshot:
    """The snapshot of a library."""
    collection = Collection(list(document.warnings), noun="Item")
    records: list[Record] = []
    libraries: dict[str, _Library] = {}
    for number, value in enumerate(document.json if isinstance(document.json, list) else [document.json], start=1):
        if not isinstance(value, dict):
            collection.leave_out(number, "is no object")
            continue
        element, lost = converted(value, _Element)
        library = element.library or _Library()
        scope = _scope(library)
        libraries.setdefault(scope, library)
        data = element.data or Data()
        key = fields.line(data.key or element.key)
        data = msgspec.structs.replace(data, key=key)
        user = element.meta.created_by_user if element.meta else None
        records.append(
            Record(
                number,
                name=f"http://zotero.org/{scope}/items/{key}" if key and scope else key,
                data=data,
                sharer=fields.sharer(user.name, user.username) if user else None,
                site=_href(element.links),
                lost=lost,
            )
        )
    gather(records, collection)
    scope, library = next(iter(libraries.items())) if len(libraries) == 1 else ("", _Library())
    return collection.snapshot(
        KIND,
        title=fields.line(library.name),
        site=_href(library.links),
        identity=identity_of(scope),
    )


def identity_of(scope: str) -> str | None:
    """The stable name of a library, by a scope like `groups/12`."""
    kind, _, number = scope.partition("/")
    return f"zotero:{kind.removesuffix('s')}:{number}" if number else None


def gather(records: Iterable[Record], collection: Collection) -> None:
    """Put annotations and notes with the items they hang on, and all items into the collection.

    A child whose item is not in the document is an item of its own, so that nothing is lost.
    """
    by_key = {record.data.key: record for record in records if record.data.key}
    children: dict[str | None, list[Record]] = {}
    tops: list[Record] = []
    for record in records:
        if record.data.deleted:
            continue
        top = _top(record, by_key)
        if record.data.item_type in _CHILDREN and top is not record:
            children.setdefault(top.data.key, []).append(record)
        elif record.data.item_type != "attachment" or _parent(record) is None:
            tops.append(record)  # but for a file whose item is elsewhere: it says nothing
    for record in tops:
        below = children.get(record.data.key, []) if record.data.key else []
        lost = [*record.lost, *(name for child in below for name in child.lost)]
        collection.add(record.number, entry_of(record, below), list(dict.fromkeys(lost)))


def entry_of(record: Record, children: Iterable[Record]) -> Entry:
    """An item with what hangs on it."""
    data = record.data
    parts = [*children, *([record] if data.item_type in {"annotation", "note"} else [])]
    ordered = sorted(parts, key=lambda part: part.data.annotation_sort_index or "~")
    highlights = [mark for part in ordered if (mark := _highlight(part)) is not None]
    notes = [note for part in ordered if (note := _note(part)) is not None]
    url = fields.address(data.url) or (f"https://doi.org/{doi}" if (doi := fields.line(data.doi)) else None)
    shared_at = read_date(data.date_added)
    named_by = next((each for each in (data.title, data.case_name, data.name_of_act, data.subject) if each), None)
    return Entry(
        native_id=record.name,
        title=fields.title(named_by, is_html=True),
        url=url,
        discussion_url=record.site if record.site != url else None,
        sharer=record.sharer,
        shared_at=shared_at,
        updated_at=read_date(data.date_modified),
        date_text=None if shared_at else fields.line(data.date_added),
        tags=fields.tags(tag for part in (record, *ordered) for tag in _tags(part.data)),
        description=fields.prose(data.abstract_note),
        notes=tuple(notes),
        highlights=named(highlights),
        all_highlights=False,
    )


def _tags(data: Data) -> tuple[str, ...]:
    return fields.tags(tag.tag for tag in data.tags or () if tag)


def _highlight(record: Record) -> Highlight | None:
    """A marked passage; None for what is none."""
    data = record.data
    if data.item_type != "annotation" or (data.annotation_type or "highlight") not in _MARKS:
        return None
    quote = fields.without_source_breaks(fields.prose(data.annotation_text) or "")
    if not quote:
        return None
    author, made_at = _author(record), read_date(data.date_added)
    remark = fields.passage(data.annotation_comment)
    return Highlight(
        id=data.key or "",
        quote=quote,
        author=author,
        made_at=made_at,
        colour=fields.line(data.annotation_color),
        tags=_tags(data),
        location=fields.page(data.annotation_page_label),
        comments=(Comment(text=remark, author=author, made_at=made_at),) if remark else (),
    )


def _note(record: Record) -> Comment | None:
    """Words on the whole page: a note, or what was written beside a picture. None when there are none."""
    data = record.data
    if data.item_type == "note":
        text = fields.page_text(data.note)
    elif data.item_type == "annotation" and _highlight(record) is None:
        text = fields.passage(data.annotation_comment)
    else:
        return None
    return Comment(text=text, author=_author(record), made_at=read_date(data.date_added)) if text else None


def _author(record: Record) -> str | None:
    return fields.line(record.data.annotation_author_name) or (record.sharer.label if record.sharer else None)


def _parent(record: Record) -> str | None:
    parent = record.data.parent_item
    return parent if isinstance(parent, str) and parent else None


def _top(record: Record, by_key: Mapping[str, Record]) -> Record:
    """What the parents of something lead to, as far as they are here."""
    top = record
    for _ in range(_DEEPEST):
        above = by_key.get(_parent(top) or "")
        if above is None:
            return top
        top = above
    return record  # they go round in a circle


def _scope(library: _Library) -> str:
    """`groups/12` or `users/7`; empty when the library is not told."""
    return f"{library.type}s/{library.id}" if library.type in {"group", "user"} and library.id is not None else ""


def _href(links: _Links | None) -> str | None:
    return fields.address(links.alternate.href) if links and links.alternate else None


def _is_item(value: Object) -> bool:
    data = value.get("data")
    return isinstance(data, dict) and "itemType" in data


FORMATS = (Format("a Zotero library", read, is_element=_is_item),)
