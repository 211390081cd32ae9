"""What Zotero exports besides its JSON: a table of items, and CSL JSON (which we write, too). No annotations in either.

Notes are HTML in the table, text in CSL. The dates of CSL are those of the works: when an item was shared is unknown.
Of Zotero's RDF is only told what to export instead. Sources: Zotero's translators "CSV" and "CSL JSON";
docs.citationstyles.org.
"""

import re
from typing import NoReturn

import msgspec

from florilege.formats import Snapshot, SourceError, fields
from florilege.formats.collecting import Collection, dated
from florilege.formats.document import Document
from florilege.formats.objects import collect_from
from florilege.formats.recognise import Format, Markup, Object, has
from florilege.formats.table import Row, read_rows
from florilege.model import Comment, Entry

KIND_CSV = "zotero-csv"
KIND_CSL = "csl-json"

_DOI = "https://doi.org/"


class _Work(msgspec.Struct):
    id: str | int | None = None
    title: str | None = None
    url: str | None = msgspec.field(default=None, name="URL")
    doi: str | None = msgspec.field(default=None, name="DOI")
    abstract: str | None = None
    note: str | None = None
    keyword: str | None = None


def read_csv(document: Document) -> Snapshot:
    """The snapshot of a table of items."""
    collection = Collection(document.warnings, "Row")
    for row in read_rows(document.text, document.warnings):
        if row.cells.get("item type") not in {"attachment", "note"} or row.cells.get("title") or row.cells.get("notes"):
            collection.add(row.number, _from_row(row), row.lost)
    return collection.snapshot(KIND_CSV)


def read_csl(document: Document) -> Snapshot:
    """The snapshot of a list of works."""
    collection = Collection(document.warnings, "Work")
    collect_from(document, _Work, _from_work, collection)
    return collection.snapshot(KIND_CSL)


def refuse_rdf(_: Document) -> NoReturn:
    """Say what to export instead.

    Raises:
        SourceError: Always.
    """
    raise SourceError(
        "This is Zotero's RDF export, which florilege does not read: export the items as CSV or CSL JSON, or follow "
        "the group at https://api.zotero.org/groups/ID/items?format=json, which has the annotations, too."
    )


def _from_row(row: Row) -> Entry:
    """A row as an entry. Tags are parted by `; `."""
    cell = row.cells
    shared_at, date_text = dated(cell.get("date added"))
    notes = [text for part in cell.get("notes", "").split("; <") if (text := fields.remark(_opened(part)))]
    tags = [tag for name in ("manual tags", "automatic tags") for tag in cell.get(name, "").split(";")]
    return Entry(
        native_id=fields.line(cell.get("key")),
        title=fields.title(cell.get("title"), is_html=True),
        url=_address(cell.get("url"), cell.get("doi")),
        shared_at=shared_at,
        updated_at=dated(cell.get("date modified"))[0],
        date_text=date_text,
        tags=fields.tags(tags),
        description=fields.remark(cell.get("abstract note")),
        notes=tuple(Comment(text=note) for note in notes),
        all_highlights=False,
    )


def _opened(part: str) -> str:
    """A note that lost its bracket when the notes of a cell were parted."""
    return f"<{part}" if re.match(r"\w+[\s>]", part) and ">" in part and not part.startswith("<") else part


def _from_work(work: _Work) -> Entry:
    """A work as an entry."""
    note = fields.remark(work.note)
    return Entry(
        native_id=fields.identifier(work.id),
        title=fields.title(work.title, is_html=True),
        url=_address(work.url, work.doi),
        tags=fields.tags(re.split(r"[,;]", work.keyword or "")),
        description=fields.remark(work.abstract),
        notes=(Comment(text=note),) if note else (),
        all_highlights=False,
    )


def _address(url: str | None, doi: str | None) -> str | None:
    """The page of a work, by its DOI when it has no other."""
    found = fields.address(url)
    number = fields.line(doi)
    return found or (number if number is None or number.startswith("http") else f"{_DOI}{number}")


_ZOTERO = re.compile(r"http://www\.zotero\.org/namespaces/export#")
_CSL_NAMES = frozenset({"issued", "URL", "DOI", "author", "container-title", "publisher", "abstract", "accessed"})


def _is_work(value: Object) -> bool:
    """Whether an object has what CSL requires, and a field with a name of its own."""
    return has("id", "type", "title")(value) and not _CSL_NAMES.isdisjoint(value)


def _is_rdf(markup: Markup) -> bool:
    return markup.root == "rdf" and bool(_ZOTERO.search(markup.beginning))


FORMATS = (
    Format("a Zotero CSV export", read_csv, is_table=has("key", "item type", "title", "url")),
    Format("works as CSL JSON", read_csl, is_element=_is_work),
    Format("Zotero's RDF export", refuse_rdf, is_markup=_is_rdf),
)
