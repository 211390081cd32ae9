r"""Readers for exports and API responses of services that differ in little more than their field names.

- Diigo: JSON from its API v2 and from the `interact` API that its own pages use, with the same fields under different
  names; counters, pictures, and `shared`, `readlater` and read flags are not imported. And CSV: a whole library, or
  selected items of it, with or without a header row. It names neither owner nor group, and its dates have no time zone.
  The export of selected items has no dates, and writes `Sticky note` instead of `Sticky notes`. Some files have their
  line breaks written out as `\n`. Sources: the documentation of the API; captured responses, those of the `interact`
  API without annotations; other importers; genuine CSV exports of both kinds.
- Pinboard: its export, its JSON feeds, and the XML of its API, which Delicious invented. `description` is the title.
  `hash` identifies the page, not the bookmark, so it is not used as an id. Sources: fixtures of wallabag;
  pinboard.in/api.
- Delicious: dates are seconds since 1970, written as text. Source: the API of Delicious.
- Karakeep, Linkwarden, Toby: lists and collections become parts, named with those around them; a bookmark in several
  lists goes to the first one. Responses of Karakeep's API say more about the page. Sources: Karakeep's code; what
  importers of Toby rely on.
- Raindrop: API responses (items, or highlights on their own) and CSV. `excerpt` describes the page; `note` is the
  member's own. The format of the CSV's `highlights` cell is undocumented: it is read line by line. Source:
  developer.raindrop.io.
- Evernote: a note with a source address was clipped from that page, so its text is the entry's body; the text of a note
  without one is the description, written by the member. Pictures and files are not imported, nor is `author`, which
  may be the author of the page. Source: its DTD of exports.

Other flags of a service (archived, public, to be read) are not imported.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from msgspec.structs import replace

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, only
from florilege.formats.detect import Format, Object, first_of, has
from florilege.formats.document import Document
from florilege.formats.markup import End, Event, Start, events, readable
from florilege.formats.records import (
    Bookmark,
    annotations_in,
    bookmark_of,
    items_of,
    mark_of,
    reader,
    table_reader,
    take,
    take_objects,
)
from florilege.formats.table import cells, column_names, read_rows
from florilege.model import BodyKind, Entry
from florilege.urls import scheme_of

_DIIGO = bookmark_of(
    mark_of(
        id="id", sort="type_name", html="content", comments=("comments", "stickyNotes"), author=("user", "u_name"),
        time="created_at", extra="extra",
    ),
    marks="annotations", all_marks=True, title="title", url="url", sharer="real_name", handle=("user", "u_name"),
    html=("desc", "description"), tags=("tags", "t_name"), time="created_at", changed="updated_at", comments="comments",
)  # fmt: skip
_DIIGO_COLUMNS = ("title", "url", "tags", "description", "comments", "annotations", "created_at")
"""The columns, for exports without a header row; one such file was seen."""
_RAINDROP_MARK = mark_of(id="_id", quote="text", note="note", time="created", colour="color", tags="tags")
_RAINDROP = bookmark_of(
    _RAINDROP_MARK, marks="highlights", all_marks=True, id="_id", url="link", title="title", description="excerpt",
    note="note", tags="tags", time="created", changed="lastUpdate", sharer="creatorRef.fullName",
    folder="collection.$id",
)  # fmt: skip
_RAINDROP_PAGE = bookmark_of(
    _RAINDROP_MARK, marks="highlights", all_marks=False, id="raindropRef", url="link", title="title"
)


def _diigo_rows(document: Document) -> Iterator[object]:
    """The rows of a CSV export of Diigo, with or without a header row."""
    return read_rows(document, None if _is_diigo_table(column_names(document.text)) else _DIIGO_COLUMNS)


_DATE = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_LOOKED_AT = 200_000
"""Characters of a table without a header row in which a valid row is looked for."""


def _is_without_names(text: str) -> bool:
    """Whether a text is a CSV export of Diigo without its header row."""
    return text.startswith('"') and any(map(_is_row, cells(text[:_LOOKED_AT], [])[:3]))


def _is_row(row: Sequence[str]) -> bool:
    return len(row) == len(_DIIGO_COLUMNS) and bool(scheme_of(row[1])) and bool(_DATE.fullmatch(row[6].strip()))


def _is_diigo(value: Object) -> bool:
    """Whether an object has an address and a field that only Diigo has."""
    return "url" in value and ("desc" in value or "readlater" in value)


def _is_diigo_item(value: Object) -> bool:
    return "u_name" in value or "link_id" in value


def _is_diigo_answer(value: Object) -> bool:
    own = "unread_total" in value or "rss_link" in value or _is_diigo_item(first_of(value, "items"))
    return "items" in value and own


_is_diigo_table = has("title", "url", "tags", "description", "annotations")


def _posts(document: Document) -> Iterator[object]:
    """A member's posts as XML, by Delicious or Pinboard: the document does not say which."""
    owner = ""
    for event in events(document.text, of_html=False):
        if isinstance(event, Start) and event.tag == "posts":
            owner = event.attributes.get("user", "")
        elif isinstance(event, Start) and event.tag == "post":
            yield {**event.attributes, "user": owner}


def _notes(document: Document) -> list[dict[str, Any]]:
    """The notes of an Evernote export."""
    notes: list[dict[str, Any]] = []
    name = ""
    content: list[Event] | None = None
    for event in events(document.text, of_html=False):
        if content is not None and event != End("content"):
            content.append(event)
        elif isinstance(event, Start):
            name = event.tag
            if name == "note":
                notes.append({"tags": []})
            content = [] if name == "content" else None
        elif isinstance(event, End):
            if content is not None and notes:
                notes[-1]["words"] = readable(content)
            name, content = "", None
        elif notes and name == "tag":
            notes[-1]["tags"].append(event)
        elif notes and name:
            notes[-1][name] = notes[-1].get(name, "") + event
    return notes


def _noted(note: Bookmark) -> Entry:
    """A note as an entry: its text is the body if it was clipped from a page, otherwise the description."""
    entry = note.entry()
    return replace(entry, description=None, body=entry.description, body_kind=BodyKind.TEXT) if entry.url else entry


def _listed(document: Document) -> Iterator[object]:
    """The bookmarks of Karakeep, each with the name of the first list that it is in."""
    lists = [each for each in items_of(document.json, "lists") if isinstance(each, dict)]
    names = {str(each.get("id")): path for each, path in zip(lists, _paths(lists, "name"), strict=True)}
    for item in items_of(document.json, "bookmarks"):
        if isinstance(item, dict):
            item["list"] = next((names[str(each)] for each in items_of(item, "lists") if str(each) in names), None)
        yield item


def _inside(folders: str, name: str, content: str) -> Callable[[Document], Iterator[object]]:
    """A function that finds the items in all folders, each with the name of its folder added under the key `in`.

    Args:
        folders: The key of the list of folders in the document.
        name: The key of a folder's name.
        content: The key of a folder's list of items.
    """

    def items(document: Document) -> Iterator[object]:
        given = [each for each in items_of(document.json, folders) if isinstance(each, dict)]
        for folder, path in zip(given, _paths(given, name), strict=True):
            for item in items_of(folder, content):
                yield {**item, "in": path} if isinstance(item, dict) else item

    return items


_DEEPEST = 20
"""Maximum number of nested folders in the name of a folder; it also ends cycles."""


def _paths(folders: Sequence[Mapping[str, Any]], name: str) -> Iterator[str | None]:
    """Yield the name of each folder after those of the folders around it.

    Args:
        folders: The folders; each may have an `id`, and a `parentId` of the one around it.
        name: The key of a folder's name.
    """
    by_id = {str(folder["id"]): folder for folder in folders if "id" in folder}
    for folder in folders:
        names: list[str | None] = []
        above: Mapping[str, Any] | None = folder
        while above is not None and len(names) < _DEEPEST:
            names.insert(0, fields.line(str(above.get(name) or "")))
            above = by_id.get(str(above.get("parentId")))
        yield " / ".join(filter(None, names)) or None


def read_raindrop(document: Document) -> Snapshot:
    """The snapshot of a response of Raindrop's API. `count` is the number of items on all pages."""
    collection = Collection(document.warnings)
    if "raindropRef" in first_of({"items": items_of(document.outline, "items")}, "items"):
        _take_highlights(items_of(document.json, "items"), collection)
        return collection.snapshot("raindrop")
    here = take(document, _RAINDROP, collection, "items")
    total = document.outline.get("count") if isinstance(document.outline, dict) else None
    home = only(collection.folders)
    identity = f"raindrop:collection:{home}" if home else None
    return collection.snapshot("raindrop", identity=identity, older=collection.is_part_of(total, here))


def _take_highlights(items: list[object], collection: Collection) -> None:
    """Group a list of highlights by their item. The list may hold only some of an item's highlights."""
    pages: dict[str, dict[str, Any]] = {}
    for number, item in enumerate(items, start=1):
        if not isinstance(item, dict) or not item.get("text"):
            collection.leave_out(number, "holds no highlight")
            continue
        page = pages.setdefault(str(item.get("raindropRef") or item.get("link")), {**item, "highlights": []})
        page["highlights"].append(item)
    take_objects([*pages.values()], _RAINDROP_PAGE, collection)


def _is_raindrop(value: Object) -> bool:
    return has("link", "_id")(value) or "raindropRef" in value


def _are_raindrops(value: Object) -> bool:
    """Whether an object is a response of Raindrop's API, including the empty one after the last page."""
    return _is_raindrop(first_of(value, "items")) or (value.get("items") == [] and value.get("result") is True)


FORMATS = (
    Format(
        "an answer of Diigo's interact API", reader("diigo-interact", _DIIGO, "items", total="total", service="diigo"),
        is_object=_is_diigo_answer, is_element=_is_diigo_item,
    ),
    Format("Diigo bookmarks as JSON (API v2)", reader("diigo-json", _DIIGO, service="diigo"), is_element=_is_diigo),
    Format(
        "a Diigo CSV export",
        reader("diigo-csv", bookmark_of(
            title="title", url="url", tags="tags", html="description", comments="comments", time="created_at",
            cell="annotations", cell_reader=partial(
                annotations_in, record=re.compile(r"^(Highlight|Sticky notes?):", re.MULTILINE), is_html=True,
            ),
        ), _diigo_rows, noun="Row"),
        is_table=_is_diigo_table, is_text=_is_without_names,
    ),
    Format("a Raindrop answer", read_raindrop, is_object=_are_raindrops, is_element=_is_raindrop),
    Format(
        "a Raindrop CSV export",
        table_reader("raindrop-csv", bookmark_of(
            id="id", title="title", url="url", description="excerpt", note="note", tags="tags", time="created",
            folder="folder", unfiled=frozenset({"unsorted"}), cell="highlights",
            cell_reader=partial(annotations_in, record=re.compile(r"^(Highlight|Note):", re.MULTILINE)),
        ), scope="raindrop:folder"),
        is_table=has("title", "note", "excerpt", "url", "created", "cover"),
    ),
    Format(
        "a Karakeep export",
        reader("karakeep", bookmark_of(
            id="id", title=("title", "content.title"), url=("content.url", "content.sourceUrl"),
            description="content.text", html="content.description", tags="tags", folder="list", note="note",
            time="createdAt",
        ), _listed, cursor="nextCursor", scope="karakeep:list"),
        is_object=lambda value: (
            value.get("bookmarks") == [] or has("createdAt", "content")(first_of(value, "bookmarks"))
        ),
    ),
    Format(
        "a Linkwarden export",
        reader("linkwarden", bookmark_of(
            title="name", url="url", description="description", tags="tags", time="createdAt", folder="in",
        ), _inside("collections", "name", "links"), noun="Link", scope="linkwarden:collection"),
        is_object=lambda value: value.get("collections") == [] or "links" in first_of(value, "collections"),
    ),
    Format(
        "a Toby export",
        reader("toby", bookmark_of(
            title=("customTitle", "title"), url="url", description=("customDescription", "description"), folder="in",
        ), _inside("lists", "title", "cards"), noun="Card", scope="toby:list"),
        is_object=lambda value: "version" in value and "cards" in first_of(value, "lists"),
    ),
    Format(
        "a Pinboard export",
        reader("pinboard", bookmark_of(
            title="description", url="href", html="extended", time="time", tags="tags", separator=r"\s",
        )),
        is_element=has("href", "description", "extended", "time"),
    ),
    Format(
        "a Pinboard feed as JSON",
        reader("pinboard-feed", bookmark_of(
            title="d", url="u", html="n", time="dt", handle="a", tags="t",
        ), service="pinboard"),
        is_element=has("u", "d", "dt"),
    ),
    Format(
        "a Delicious export",
        reader("delicious", bookmark_of(
            title="title", url="url", html="description", tags="tags", time="created", handle="owner",
        ), service="delicious"),
        is_element=has("url", "created", "owner"),
    ),
    Format(
        "posts of Delicious or Pinboard as XML",
        reader("posts-xml", bookmark_of(
            title="description", url="href", html="extended", time="time", handle="user", tags="tag", separator=r"\s",
        ), _posts),
        roots=frozenset({"posts"}),
    ),
    Format(
        "notes of Evernote",
        reader("evernote", bookmark_of(
            title="title", url="source-url", time="created", changed="updated", tags="tags", description="words",
        ), _notes, noun="Note", build=_noted),
        roots=frozenset({"en-export"}),
    ),
)  # fmt: skip
