"""Bookmarks in any table or list of JSON objects with a title and an address; and tables of highlights, one a row.

Facts are known by the names of their columns, in whatever order and spelling (`date_added`, `Date added`, `dateAdded`).
What has another name is left out, and said. Rows of highlights on one page make one item; without an address, rows of
one title. The author of a page shared nothing, and is no sharer. Services whose files differ from others by their names
only have a line in `FORMATS`. Sources: readwise.io, "Import highlights in bulk via CSV" (what our own CSV export
writes, too) and a Readwise export; the code of linkding and Shaarli; scripts that read `_matter_history.csv`.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from florilege.formats import Snapshot, SourceError, fields
from florilege.formats.collecting import Collection as Entries
from florilege.formats.collecting import annotation, dated, parted
from florilege.formats.dates import column_reader
from florilege.formats.detect import Format, Object, first_of, has
from florilege.formats.document import Document
from florilege.formats.objects import items_of
from florilege.formats.table import read_rows
from florilege.model import Comment, Entry, Highlight, instant
from florilege.text import search_key
from florilege.urls import scheme_of

KIND = "bookmark-table"
KIND_LIST = "bookmark-list"
KIND_QUOTES = "quotes-csv"

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula; such cells are exported behind an apostrophe."""

_NAMES = {
    "title": (
        "title", "name", "page title", "document title", "book title", "bookmark title", "article title", "headline",
        "titel", "titre", "título", "titolo", "tytuł", "название", "заголовок", "タイトル", "标题",
    ),
    "site title": ("website title",),
    "url": (
        "url", "link", "href", "address", "uri", "page url", "source url", "website", "permalink", "book url",
        "document url", "article url", "bookmark url", "full url",
        "adresse", "lien", "enlace", "dirección", "indirizzo", "endereço", "ссылка", "адрес", "リンク", "链接", "网址",
    ),
    "tags": (
        "tags", "tag names", "tag", "labels", "label", "keywords", "categories", "category",
        "schlagwörter", "schlagworte", "étiquettes", "mots-clés", "etiquetas", "etichette", "теги", "タグ", "标签",
    ),
    "page tags": ("document tags", "book tags"),
    "description": (
        "description", "excerpt", "summary", "extended", "comment", "comments", "remark", "remarks",
        "beschreibung", "kommentar", "commentaire", "descripción", "comentario", "descrizione", "descrição", "описание",
    ),
    "site description": ("website description",),
    "note": (
        "note", "notes", "personal note", "my note", "my notes",
        "notiz", "notizen", "nota", "notas", "opmerking", "заметка", "メモ", "笔记",
    ),
    "quote": ("highlight", "quote", "quotation", "highlighted text", "passage", "selection", "zitat", "цитата"),
    "date": (
        "highlighted at", "date of highlight", "date added", "added at", "added", "created at", "created",
        "date created", "creation date", "saved at", "saved date", "date saved", "saved", "time added", "bookmarked at",
        "timestamp", "date", "time",
        "datum", "hinzugefügt", "date d'ajout", "fecha", "дата", "日付", "日期",
    ),
    "changed": ("updated at", "updated", "date modified", "modified", "last modified", "last interaction date"),
    "sharer": ("sharer", "shared by", "saved by", "added by", "user", "username"),
    "folder": ("folder", "collection", "list", "folder path", "ordner", "dossier", "carpeta", "cartella", "папка"),
    "colour": ("color", "colour"),
    "page": ("page", "page number"),
    "location": ("location",),
    "location type": ("location type",),
}  # fmt: skip
"""The facts that are read, and what their columns are called; the first that is there counts."""
_UNSAID = frozenset({"id", "_id", "uuid", "guid", "key"})
"""Names of columns that say nothing of a page, and need not be mentioned."""
_IMPORTED = frozenset({"highlight", "title", "author", "url", "note", "location", "date"})
"""The columns of what Readwise imports. The author wrote the page, and did not share it."""
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_LISTED = re.compile(r"[|;]")
_WEB = re.compile(r"[a-z]+:|[^\s@.]+(?:\.[^\s@.]+)+", re.IGNORECASE)
"""What may be the address of a page, unlike that of a house."""
_SAID = 10
"""Names of unknown columns in a warning."""

_Record = Mapping[str, Any]
"""A row or object, by the names of `_NAMES`."""


def read_table(document: Document, kind: str, *, is_known: bool = False) -> Snapshot:
    """The snapshot of a table.

    Args:
        document: The table.
        kind: The name of the format.
        is_known: Whether it is known that the other columns say nothing that is kept here.
    """
    entries = Entries(document.warnings, "Row")
    names: Mapping[str, str] | None = None
    records: list[tuple[int, _Record, Sequence[str]]] = []
    for row in read_rows(document):
        names = _known(row.cells) if names is None else names
        if not records and not is_known:
            entries.warnings.extend(_left_out(row.cells, names))
        records.append((row.number, {fact: _cell(row.cells[name]) for fact, name in names.items()}, row.lost))
    _collect(records, entries)
    if not is_known and not any(entry.highlights or _WEB.match(entry.url or "") for entry in entries.entries):
        raise SourceError("This is a table, but nothing in it is the address of a page: florilege reads bookmarks.")
    return entries.snapshot(kind, scope=f"{kind}:folder")


def read_list(document: Document, kind: str, *, is_known: bool = False) -> Snapshot:
    """The snapshot of a list of objects, or of the first such list in an object. See `read_table`."""
    entries = Entries(document.warnings)
    objects = document.json if isinstance(document.json, list) else items_of(document.json, _key_of(document.json))
    records: list[tuple[int, _Record, Sequence[str]]] = []
    left_out: dict[str, None] = {}
    for number, value in enumerate(objects, start=1):
        if not isinstance(value, dict):
            entries.leave_out(number, "is no object")
            continue
        names = _known(value)
        left_out.update(dict.fromkeys(value.keys() - names.values()))
        records.append((number, {fact: value[name] for fact, name in names.items()}, ()))
    if not is_known:
        entries.warnings.extend(_left_out(sorted(left_out), {}))
    _collect(records, entries)
    return entries.snapshot(kind, scope=f"{kind}:folder")


def _collect(records: Iterable[tuple[int, _Record, Sequence[str]]], entries: Entries) -> None:
    """Make an item of each record, or of the highlights on each page."""
    pages: dict[object, list[tuple[int, _Record, Sequence[str]]]] = {}
    records = [*records]
    read = column_reader(text for _, record, _ in records if (text := _text(record, "date")))
    for number, record, lost in records:
        page = (_text(record, "url") or _text(record, "title")) if "quote" in record else None
        pages.setdefault(page or number, []).append((number, record, lost))
    for found in pages.values():
        first, (_, record, _) = found[0][0], found[0]
        missing = dict.fromkeys(name for _, _, names in found for name in names)
        entries.add(
            first, _entry([each for _, each, _ in found], read), list(missing), fields.line(_text(record, "folder"))
        )


def _entry(records: Sequence[_Record], read: Callable[[str], datetime | None]) -> Entry:
    """A bookmark, or the highlights of a page, as an entry; its dates are read by `read`."""
    first = records[0]
    dates = [dated(_number(record.get("date")), read) for record in records]
    moments = [moment for moment, _ in dates if moment]
    changed = [moment for record in records if (moment := dated(_number(record.get("changed")), read)[0])]
    is_quoted = "quote" in first
    highlights, notes = parted(_annotations(records, dates)) if is_quoted else ((), ())
    note = None if is_quoted else fields.remark(_text(first, "note"))
    page_tags = [tag for record in records for tag in _tags(record.get("page tags" if is_quoted else "tags"))]
    return Entry(
        title=fields.title(_text(first, "title") or _text(first, "site title"), is_html=False),
        url=fields.address(_text(first, "url")),
        sharer=fields.sharer(_text(first, "sharer")),
        shared_at=None if is_quoted else next(iter(moments), None),
        updated_at=max([*changed, *(moments if is_quoted else ())], key=instant, default=None),
        date_text=next((text for _, text in dates if text), None),
        tags=fields.tags([*page_tags, *(tag for each in highlights for tag in each.tags)]),
        description=fields.remark(_text(first, "description") or _text(first, "site description")),
        notes=((Comment(text=note),) if note else notes),
        highlights=highlights,
        all_highlights=False,
    )


def _annotations(records: Iterable[_Record], dates: Iterable[tuple[Any, object]]) -> Iterator[Highlight]:
    """The highlights in records of a page. A row does not tell where one comment ends and the next begins."""
    for record, (moment, _) in zip(records, dates, strict=True):
        yield annotation(
            _text(record, "quote"),
            _text(record, "note"),
            made_at=moment,
            colour=_text(record, "colour"),
            tags=fields.tags(_tags(record.get("tags"))),
            location=fields.page(_text(record, "page"))
            or fields.place(_text(record, "location type"), _text(record, "location")),
        )


def _known(names: Iterable[str]) -> dict[str, str]:
    """What is known, and the name of its column."""
    spelt = {_compared(name): name for name in reversed(list(names))}
    found = {
        fact: next((spelt[key] for key in map(_compared, known) if key in spelt), None)
        for fact, known in _NAMES.items()
    }
    return {fact: name for fact, name in found.items() if name is not None}


def _left_out(names: Iterable[str], known: Mapping[str, str]) -> Iterator[str]:
    """What is said of columns that are not known; nothing when there are none."""
    others = [name for name in names if name and name not in known.values() and name.lower() not in _UNSAID]
    if others:
        more = f" and {len(others) - _SAID} more" if len(others) > _SAID else ""
        yield f"Left out, for florilege knows no such facts: {', '.join(others[:_SAID])}{more}."


def _compared(name: str) -> str:
    """`dateAdded`, `date_added` and `Date added` as `dateadded`."""
    return _BETWEEN_WORDS.sub("", search_key(name))


def _cell(text: str) -> str:
    """A cell as it was before it was made harmless to spreadsheets."""
    return text[1:] if text.startswith("'") and text.lstrip("'").startswith(FORMULA) else text


def _text(record: _Record, fact: str) -> str | None:
    """A fact as text; numbers too."""
    value = record.get(fact)
    if isinstance(value, str):
        return value
    return fields.identifier(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _number(value: object) -> float | str | None:
    return value if isinstance(value, str | int | float) and not isinstance(value, bool) else None


def _tags(value: object) -> Sequence[str | None]:
    """Tags in a list of texts or of objects that have a name, or in a cell."""
    if isinstance(value, list):
        names = [each.get("name") if isinstance(each, dict) else each for each in value]
        return [name for name in names if isinstance(name, str)]
    if not isinstance(value, str):
        return []
    if value.startswith("["):
        return fields.json_list(value)
    return _LISTED.split(value) if _LISTED.search(value) else fields.comma_tags(value)


def _is_titled(names: Collection[str]) -> bool:
    known = _known(names)
    return "title" in known and "url" in known


def _is_quoted(names: Collection[str]) -> bool:
    known = _known(names)
    return "quote" in known and ("title" in known or "url" in known)


def _are_ours(names: Collection[str]) -> bool:
    """Whether these are columns of what Readwise imports, and no others."""
    return {"highlight", "title", "url", "note"} <= set(names) <= _IMPORTED


def _is_linkding(value: Object) -> bool:
    return "tag_names" in first_of(value, "results")


def _is_bookmark(value: Object) -> bool:
    """Whether an object has a title and the address of a page."""
    names = _known(value)
    return "title" in value and scheme_of(str(value.get(names.get("url", "")))) in {"http", "https"}


def _key_of(value: object) -> str:
    """Where the first list of bookmarks in an object is; empty when it has none."""
    lists = [(key, each) for key, each in value.items() if isinstance(each, list)] if isinstance(value, dict) else []
    return next((key for key, each in lists if any(_is_bookmark(one) for one in each[:5] if isinstance(one, dict))), "")


def _table(kind: str) -> Callable[[Document], Snapshot]:
    """Reads tables of which all columns are known."""
    return partial(read_table, kind=kind, is_known=True)


def _list(kind: str) -> Callable[[Document], Snapshot]:
    """Reads lists of which all fields are known."""
    return partial(read_list, kind=kind, is_known=True)


FORMATS = (
    Format("a Readwise CSV export", _table("readwise-highlights-csv"), is_table=has("highlight", "amazon book id")),
    Format("highlights in CSV, as Readwise imports them", _table(KIND_QUOTES), is_table=_are_ours),
    Format("a Matter export", _table("matter"), is_table=has("title", "url", "publisher", "in queue")),
    Format("bookmarks of linkding", _list("linkding"), is_object=_is_linkding, is_element=has("tag_names")),
    Format("bookmarks of Shaarli", _list("shaarli"), is_element=has("shorturl", "url", "title")),
    Format("a table of highlights", partial(read_table, kind=KIND_QUOTES), is_table=_is_quoted),
    Format("a table of bookmarks", partial(read_table, kind=KIND), is_table=_is_titled),
    Format(
        "a list of bookmarks",
        partial(read_list, kind=KIND_LIST),
        is_object=lambda value: bool(_key_of(value)),
        is_element=_is_bookmark,
    ),
)  # fmt: skip
