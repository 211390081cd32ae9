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
from functools import lru_cache, partial
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


def read(document: Document, kind: str, *, is_known: bool = False) -> Snapshot:
    """The snapshot of a table, of a list of objects, or of the first such list in an object.

    Args:
        document: The table or list.
        kind: The name of the format.
        is_known: Whether it is known that the other columns say nothing that is kept here.
    """
    is_list = document.text.startswith(("[", "{"))
    entries = Entries(document.warnings, "Bookmark" if is_list else "Row")
    records: list[tuple[int, _Record, Sequence[str]]] = []
    others: dict[str, None] = {}
    for number, row, lost in _objects(document) if is_list else read_rows(document):
        if not isinstance(row, Mapping):
            entries.leave_out(number, "is no object")
            continue
        names = _known(tuple(row))
        others |= dict.fromkeys(name for name in row if name not in names.values())
        facts = {fact: row[name] for fact, name in names.items()}
        records.append((number, facts if is_list else {fact: _cell(text) for fact, text in facts.items()}, lost))
    if not is_known:
        entries.warnings.extend(_left_out(others))
    _collect(records, entries)
    if not is_known and not any(entry.highlights or _WEB.match(entry.url or "") for entry in entries.entries):
        raise SourceError("This is a table, but nothing in it is the address of a page: florilege reads bookmarks.")
    return entries.snapshot(kind, scope=f"{kind}:folder")


def _objects(document: Document) -> Iterator[tuple[int, object, Sequence[str]]]:
    """The elements of a list, as the rows of a table are given."""
    value = document.json
    for number, each in enumerate(value if isinstance(value, list) else items_of(value, _key_of(value)), start=1):
        yield number, each, ()


def _collect(records: Sequence[tuple[int, _Record, Sequence[str]]], entries: Entries) -> None:
    """Make an item of each record, or of the highlights on each page."""
    pages: dict[object, list[tuple[int, _Record, Sequence[str]]]] = {}
    read_moment = column_reader(text for _, record, _ in records if (text := _text(record, "date")))
    for number, record, lost in records:
        page = (_text(record, "url") or _text(record, "title")) if "quote" in record else None
        pages.setdefault(page or number, []).append((number, record, lost))
    for found in pages.values():
        numbers, rows, losses = zip(*found, strict=True)
        missing = list(dict.fromkeys(name for lost in losses for name in lost))
        entries.add(numbers[0], _entry(rows, read_moment), missing, fields.line(_text(rows[0], "folder")))


def _entry(records: Sequence[_Record], read: Callable[[str], datetime | None]) -> Entry:
    """A bookmark, or the highlights of a page, as an entry; its dates are read by `read`."""
    first = records[0]
    dates = [dated(_text(record, "date"), read) for record in records]
    moments = [moment for moment, _ in dates if moment]
    changed = [moment for record in records if (moment := dated(_text(record, "changed"), read)[0])]
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


@lru_cache(maxsize=256)
def _known(names: Sequence[str]) -> Mapping[str, str]:
    """What is known, and the name of its column. The same few sets of names come thousands of times."""
    spelt = {_compared(name): name for name in reversed(names)}
    found = {
        fact: next((spelt[key] for key in map(_compared, known) if key in spelt), None)
        for fact, known in _NAMES.items()
    }
    return {fact: name for fact, name in found.items() if name is not None}


def _left_out(names: Iterable[str]) -> Iterator[str]:
    """What is said of columns that are not known; nothing when there are none."""
    others = [name for name in names if name and name.lower() not in _UNSAID]
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
    known = _known(tuple(names))
    return "title" in known and "url" in known


def _is_quoted(names: Collection[str]) -> bool:
    known = _known(tuple(names))
    return "quote" in known and ("title" in known or "url" in known)


def _are_ours(names: Collection[str]) -> bool:
    """Whether these are columns of what Readwise imports, and no others."""
    return {"highlight", "title", "url", "note"} <= set(names) <= _IMPORTED


def _is_linkding(value: Object) -> bool:
    return "tag_names" in first_of(value, "results")


def _is_bookmark(value: Object) -> bool:
    """Whether an object has a title and the address of a page."""
    names = _known(tuple(value))
    return "title" in value and scheme_of(str(value.get(names.get("url", "")))) in {"http", "https"}


def _key_of(value: object) -> str:
    """Where the first list of bookmarks in an object is; empty when it has none."""
    lists = [(key, each) for key, each in value.items() if isinstance(each, list)] if isinstance(value, dict) else []
    return next((key for key, each in lists if any(_is_bookmark(one) for one in each[:5] if isinstance(one, dict))), "")


def _of(kind: str) -> Callable[[Document], Snapshot]:
    """Reads tables or lists of which all facts are known."""
    return partial(read, kind=kind, is_known=True)


FORMATS = (
    Format("a Readwise CSV export", _of("readwise-highlights-csv"), is_table=has("highlight", "amazon book id")),
    Format("highlights in CSV, as Readwise imports them", _of(KIND_QUOTES), is_table=_are_ours),
    Format("a Matter export", _of("matter"), is_table=has("title", "url", "publisher", "in queue")),
    Format("bookmarks of linkding", _of("linkding"), is_object=_is_linkding, is_element=has("tag_names")),
    Format("bookmarks of Shaarli", _of("shaarli"), is_element=has("shorturl", "url", "title")),
    Format("a table of highlights", partial(read, kind=KIND_QUOTES), is_table=_is_quoted),
    Format("a table of bookmarks", partial(read, kind=KIND), is_table=_is_titled),
    Format(
        "a list of bookmarks",
        partial(read, kind=KIND_LIST),
        is_object=lambda value: bool(_key_of(value)),
        is_element=_is_bookmark,
    ),
)  # fmt: skip
