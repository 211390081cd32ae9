"""Tables and JSON lists of bookmarks in no particular format, and tables of highlights with one per row.

Columns are recognised by name, in any order and spelling (`date_added`, `Date added`, `dateAdded`). Columns with other
names are left out with a warning. Highlights with the same address, or without one the same title and author, form one
item; an object may also hold a list of them. The author of a page is not its sharer. Services whose files need no more
than this have a line in `FORMATS`. Sources: readwise.io, "Import highlights in bulk via CSV" (the format of our own CSV
export, too) and a Readwise export; the code of linkding and Shaarli; scripts that read `_matter_history.csv`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Collection as Names
from functools import partial
from typing import Any

from florilege.formats import Snapshot, SourceError, fields
from florilege.formats.collecting import Collection
from florilege.formats.dates import column_reader
from florilege.formats.detect import Format, Object, has
from florilege.formats.document import Document
from florilege.formats.records import bookmark_of, converted, items_of, mark_of
from florilege.formats.table import TableRow, read_rows
from florilege.text import cached, search_key
from florilege.urls import scheme_of

KIND = "bookmark-table"
KIND_LIST = "bookmark-list"
KIND_QUOTES = "quotes-csv"

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""Prefixes that spreadsheets take for the beginning of a formula; our export puts an apostrophe before such cells."""

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
        "description", "excerpt", "summary", "extended",
        "beschreibung", "descripción", "descrizione", "descrição", "описание",
    ),
    "comment": ("comment", "comments", "remark", "remarks", "kommentar", "commentaire", "comentario"),
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
    "sharer": ("sharer", "shared by", "saved by", "added by", "annotator", "user", "username"),
    "folder": ("folder", "collection", "list", "folder path", "ordner", "dossier", "carpeta", "cartella", "папка"),
    "colour": ("color", "colour"),
    "page": ("page", "page number"),
    "location": ("location",),
    "location type": ("location type",),
}  # fmt: skip
"""The fields that are read, with the names of their columns in order of preference."""
_UNSAID = frozenset({"id", "_id", "uuid", "guid", "key"})
"""Names of columns that are ignored without a warning."""
_IMPORTED = frozenset({"highlight", "title", "author", "url", "note", "location", "date"})
"""The columns of Readwise's import format. The author is that of the page, and not its sharer."""
_BETWEEN_WORDS = re.compile(r"[\W_]+")
_LISTED = re.compile(r"[|;]")
_WEB = re.compile(r"[a-z]+:|[^\s@.]+(?:\.[^\s@.]+)+", re.IGNORECASE)
"""Matches what may be a web address, but not a postal one."""
_NESTED = frozenset({"highlights", "annotations", "quotes"})
"""Keys of a list of highlights on the page that an object is about."""
_SAID = 10
"""Most names of unknown columns in a warning."""

_MARK = mark_of(
    quote="quote", note="remark", author="sharer", time="date", changed=("changed", "date"), colour="colour",
    tags="tags", page="page", place="location", place_kind="location type",
)  # fmt: skip
_BOOKMARK = bookmark_of(
    _MARK, marks="marks", all_marks=False, id="id", title=("title", "site title"), url="url", sharer="sharer",
    time="date", changed="changed", tags="tags", html=("description", "site description"), note="remark",
    folder="folder",
)  # fmt: skip
_OF_PAGES = ("id", "title", "site title", "url", "sharer", "description", "site description", "folder")
"""The fields that are of the page, and not of a highlight on it."""

_Record = dict[str, Any]
"""The fields of a row or object, by the keys of `_NAMES`."""


def read(document: Document, kind: str, *, is_known: bool = False) -> Snapshot:
    """The snapshot of a table, or of a list of objects.

    Args:
        document: The table or list.
        kind: The name of the format, for `Snapshot.kind`.
        is_known: Whether it is the format of a known service, whose other columns are ignored without a warning.

    Raises:
        SourceError: The format is not a known one, and nothing in the table is a highlight or looks like an address.
    """
    is_list = document.text.startswith("[")
    collection = Collection(document.warnings, "Bookmark" if is_list else "Row")
    found: dict[object, tuple[int, _Record, list[str]]] = {}
    others: dict[str, None] = {}
    columns: list[str] = []
    names: Mapping[str, str] = {}
    items = items_of(document.json, "") if is_list else ()
    rows = (
        (TableRow(number, each, ()) for number, each in enumerate(items, start=1)) if is_list else read_rows(document)
    )
    for number, row, odd in rows:
        if not isinstance(row, Mapping):
            collection.leave_out(number, "is no object")
            continue
        if [*row] != columns:
            columns = [*row]
            names = _known(columns)
            others |= dict.fromkeys(name for name in columns if name not in names.values())
        lost = [*odd, *(name for fact, name in names.items() if is_list and _is_lost(row[name], fact))]
        facts = _facts(row, names, is_list=is_list)
        for name in (name for name in row if name.lower() in _NESTED and isinstance(row[name], list)):
            marks = [mark for each in row[name] if (mark := _mark(each, name, lost))]
            facts["marks"] = [*facts.get("marks", ()), *marks]
            others.pop(name, None)
        remarks = [facts[fact] for fact in ("note", "comment") if fact in facts]
        facts["remark"] = "\n\n".join(remarks)
        if "quote" not in names:
            if "description" not in facts and "comment" in facts:
                facts["description"] = facts["comment"]
                remarks.pop()
            facts["remark"] = "\n\n".join(text for remark in remarks if (text := fields.description(remark)))
            found[number] = (number, facts, lost)
            continue
        if "title" in facts and "url" not in facts:
            author = row.get("author") or row.get("book author")
            facts["id"] = f"{facts['title']} ({author})" if author and isinstance(author, str) else facts["title"]
        key = facts.get("url") or facts.get("id") or number
        _, page, missing = found.setdefault(key, (number, {"tags": [], "marks": []}, []))
        page |= {fact: facts[fact] for fact in _OF_PAGES if fact in facts and fact not in page}
        page["tags"] += facts.get("page tags", ())
        page["marks"].append(facts)
        missing += lost
    if not is_known:
        collection.warnings.extend(_left_out(others))
    _read_dates(found.values())
    for number, facts, missing in found.values():
        given, _ = converted(facts, _BOOKMARK)
        collection.add(number, given.entry(), [*dict.fromkeys(missing)], given.filed_in)
    if not is_known and not any(entry.highlights or _WEB.match(entry.url or "") for entry in collection.entries):
        raise SourceError("This is a table, but nothing in it is the address of a page: florilege reads bookmarks.")
    return collection.snapshot(kind, scope=f"{kind}:folder")


def _facts(row: Mapping[str, Any], names: Mapping[str, str], *, is_list: bool) -> _Record:
    return {fact: text for fact, name in names.items() if (text := _cell(row[name], fact, is_list=is_list))}


def _mark(value: object, name: str, lost: list[str]) -> _Record | None:
    """A highlight in the list of them that an object holds; None if it can't be read.

    Args:
        value: The highlight.
        name: The key of the list, which is added to `lost` if anything can't be read.
        lost: The names of fields that can't be read.
    """
    if isinstance(value, str):
        return {"quote": value}
    given = value if isinstance(value, dict) else {}
    names = _known(given)
    facts = _facts(given, names, is_list=True)
    texts = (facts.get("quote"), given.get("text"), given.get("content"))
    facts["quote"] = next((text for text in texts if text and isinstance(text, str)), "")
    facts["remark"] = "\n\n".join(facts[fact] for fact in ("note", "comment") if fact in facts)
    is_empty = not (facts["quote"] or facts["remark"])
    lost += [name] * (is_empty or any(_is_lost(given[key], fact) for fact, key in names.items()))
    return None if is_empty else facts


def _read_dates(records: Iterable[tuple[int, _Record, list[str]]]) -> None:
    """Write dates as ISO 8601 whose order of day and month only the others show."""
    dated = [each for _, facts, _ in records for each in (facts, *facts.get("marks", ())) if "date" in each]
    read_moment = column_reader(each["date"] for each in dated)
    for each in dated:
        if "-" not in each["date"] and (moment := read_moment(each["date"])):
            each["date"] = moment.isoformat()


def _known(names: Iterable[str]) -> Mapping[str, str]:
    """The known fields and the names of their columns."""
    found: dict[str, tuple[int, str]] = {}
    for name in names:
        fact, rank = _FACTS.get(_compared(name), ("", 0))
        if fact and (fact not in found or rank < found[fact][0]):
            found[fact] = (rank, name)
    return {fact: found[fact][1] for fact in _NAMES if fact in found}


def _left_out(names: Iterable[str]) -> Iterator[str]:
    """A warning about unknown columns, if there are any."""
    others = [name for name in names if name and name.lower() not in _UNSAID]
    if others:
        more = f" and {len(others) - _SAID} more" if len(others) > _SAID else ""
        yield f"Left out, for florilege knows no such facts: {', '.join(others[:_SAID])}{more}."


@cached(1024)
def _compared(name: str) -> str:
    """A column name in the form used for comparison: `dateadded` for `dateAdded`, `date_added` and `Date added`."""
    return _BETWEEN_WORDS.sub("", search_key(name))


_FACTS = {_compared(name): (fact, rank) for fact, names in _NAMES.items() for rank, name in enumerate(names)}
"""The fields of `_NAMES` by the names of their columns, each with its place in the order of preference."""


def _cell(value: object, fact: str, *, is_list: bool) -> Any:
    """A field: its tags as a list, otherwise text; None if it is blank or can't be read."""
    if isinstance(value, str) and not is_list and value.startswith("'") and value.lstrip("'").startswith(FORMULA):
        value = value[1:]  # the apostrophe protects spreadsheets from a formula
    if fact in {"tags", "page tags"}:
        return _tags(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return fields.identifier(value)
    return value if isinstance(value, str) else None


def _is_lost(value: object, fact: str) -> bool:
    """Whether a field of a JSON object can't be read, or only in part."""
    if isinstance(value, list) and fact in {"tags", "page tags"}:
        return len(_tags(value)) < len(value) - value.count(None)
    return isinstance(value, bool) or (value is not None and not isinstance(value, str | int | float))


def _tags(value: object) -> Sequence[str | None]:
    """Tags from a list of strings or of objects with a name, or from a single string."""
    if isinstance(value, list):
        names = [
            each.get("name") or each.get("label") or each.get("tag") if isinstance(each, dict) else each
            for each in value
        ]
        return [str(name) for name in names if isinstance(name, str | int) and not isinstance(name, bool)]
    if not isinstance(value, str):
        return []
    if value.startswith("["):
        return fields.json_list(value)
    return _LISTED.split(value) if _LISTED.search(value) else fields.comma_tags(value)


def _is_titled(names: Names[str]) -> bool:
    known = _known(names)
    return "title" in known and "url" in known


def _is_quoted(names: Names[str]) -> bool:
    known = _known(names)
    return "quote" in known and ("title" in known or "url" in known)


def _are_ours(names: Names[str]) -> bool:
    """Whether the columns are those of Readwise's import format, and no others."""
    return {"highlight", "title", "url", "note"} <= set(names) <= _IMPORTED


def _is_bookmark(value: Object) -> bool:
    """Whether an object has a title and the address of a page."""
    names = _known(value)
    scheme = scheme_of(str(value.get(names.get("url", ""))))
    return _compared(names.get("title", "")) == "title" and scheme in {"http", "https"}


def _of(kind: str) -> Callable[[Document], Snapshot]:
    """A reader for the tables or lists of a known service."""
    return partial(read, kind=kind, is_known=True)


FORMATS = (
    Format("a Readwise CSV export", _of("readwise-highlights-csv"), is_table=has("highlight", "amazon book id")),
    Format("highlights in CSV, as Readwise imports them", _of(KIND_QUOTES), is_table=_are_ours),
    Format("a Matter export", _of("matter"), is_table=has("title", "url", "publisher", "in queue")),
    Format("bookmarks of linkding", _of("linkding"), is_element=has("tag_names")),
    Format("bookmarks of Shaarli", _of("shaarli"), is_element=has("shorturl", "url", "title")),
    Format("a table of highlights", partial(read, kind=KIND_QUOTES), is_table=_is_quoted),
    Format("a table of bookmarks", partial(read, kind=KIND), is_table=_is_titled),
    Format("a list of bookmarks", partial(read, kind=KIND_LIST), is_element=_is_bookmark),
)  # fmt: skip
