"""Annotations of Hypothes.is: JSON of its API and its client, its feeds, and the other exports of its client.

Annotations are grouped into one item per page (see `group_by_page`). Comments are Markdown and kept as written; quotes
are plain text, never HTML. Annotations hidden by a moderator are left out.

- JSON: search results, exports, lists, or a single annotation. Source: the code of hypothesis/h and its client.
- Feeds (Atom and RSS) have one entry per annotation, without the address of the annotated page: they are grouped by
  the page's title, and items have no link. The annotation's own page is the discussion address. Tags and group are
  missing.
- Exports of all annotations on one page as CSV, text or HTML. None says what a reply answers, so replies become
  comments on the page, and some do not distinguish replies from notes. Dates in CSV and text have no time zone. In
  text, a missing quote is `"null"`. Older clients label fewer fields: the date comes first, and the author before the
  quote. Source: versions of `annotations-exporter.tsx` in hypothesis/client.
"""

import re
from collections.abc import Collection as Names
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

import msgspec

from florilege.formats import Snapshot, SourceError, fields
from florilege.formats.collecting import Annotation, Collection, dated, group_by_page, oddities, only
from florilege.formats.detect import Format, Markup, Object, first_of, has
from florilege.formats.document import Document
from florilege.formats.markup import Start, events
from florilege.formats.records import Value, converted
from florilege.formats.table import read_rows
from florilege.model import Comment, Entry, Highlight, Sharer
from florilege.text import clean, counted, search_key
from florilege.urls import canonical

_TAG = re.compile(r"tag:hypothes\.is,[\d-]+:(.+)")
_QUOTED = re.compile(r"\s*<blockquote>(.*?)</blockquote>(.*)", re.DOTALL)
"""Quote and comment. The service escapes both once, along with its own tags, so neither is HTML: `<` and `&` in them
are literal. A quote that itself contains `</blockquote>` can't be recognised."""


class _Selector(msgspec.Struct):
    type: str | None = None
    exact: str | None = None
    prefix: str | None = None
    suffix: str | None = None
    start: int | float | None = None
    """Offset of a TextPositionSelector, in characters."""
    label: str | int | None = None
    """Page label of a PageSelector, as printed: `12`, `xii`."""


class _Target(msgspec.Struct):
    source: str | None = None
    selector: list[_Selector | None] | None = None


class _Page(msgspec.Struct):
    title: str | list[str | None] | None = None


class _User(msgspec.Struct):
    display_name: str | None = None


class _Links(msgspec.Struct):
    html: str | None = None


class _Annotation(msgspec.Struct):
    id: Value = None
    created: Value = None
    updated: Value = None
    user: str | None = None
    user_info: _User | None = None
    uri: str | None = None
    text: str | None = None
    quote: str | None = None
    """Of Annotator, from which Hypothes.is grew; Hypothes.is itself has selectors."""
    tags: list[str | None] | None = None
    group: str | None = None
    document: _Page | None = None
    target: list[_Target | None] | None = None
    references: list[str | None] | None = None
    links: _Links | None = None
    hidden: bool | None = None


def read(document: Document) -> Snapshot:
    """The snapshot of annotations as JSON."""
    found, total = _listed(document.json)
    collection = Collection(document.warnings, "Annotation")
    group = _take(found, collection)
    older = total is not None and total > len(found)
    if older:
        collection.warnings.append(f"The document holds {len(found)} of {counted(total or 0, 'annotation')}.")
    if not found:
        collection.warnings.append("The document holds no annotations.")
    return collection.snapshot(
        "hypothesis",
        title=f"Hypothes.is group {group}" if group else None,
        site=f"https://hypothes.is/groups/{group}" if group else None,
        identity=f"hypothesis:group:{group}" if group else None,
        older=older,
    )


def _take(values: Iterable[object], collection: Collection) -> str | None:
    """Read annotations into a collection, one entry per page.

    Returns:
        The id of their group; None when there are several, not counting the public one, or when there is none.
    """
    annotations: list[Annotation] = []
    groups: set[str | None] = set()
    ids: set[str] = set()
    for number, value in enumerate(values, start=1):
        if not isinstance(value, dict):
            collection.leave_out(number, "is no object")
            continue
        given, lost = converted(value, _Annotation)
        annotation = _annotation(given)
        if given.hidden:
            continue
        if not annotation.page:
            collection.leave_out(number, "does not say which page it is on")
        elif annotation.mark.id in ids:
            collection.leave_out(number, "has the id of an earlier one")
        else:
            ids.update([annotation.mark.id] if annotation.mark.id else ())
            groups.add(fields.line(given.group))
            annotations.append(annotation)
            collection.warnings.extend(oddities(annotation, number, lost))
    collection.entries = [*group_by_page(annotations)]
    return only(groups - {None, "__world__"})  # the latter is public


def _words(text: str | None, author: Sharer | None, made_at: datetime | None) -> tuple[Comment, ...]:
    """A member's text as a Markdown comment; empty when it is blank."""
    said = fields.prose(text)
    if said is None:
        return ()
    return (Comment(text=said, author=author.label if author else None, made_at=made_at, markdown=True),)


def _member(account: str | None, name: str | None) -> Sharer | None:
    """The member with an account like `acct:ann@hypothes.is`, and perhaps a display name."""
    handle = fields.line(account)
    short = handle.removeprefix("acct:").partition("@")[0] if handle else None
    return fields.sharer(fields.line(name) or short, handle)


def _listed(value: object) -> tuple[list[object], int | None]:
    """The annotations in a document, and the total number the service has, if the document says."""
    if isinstance(value, list):
        return value, None
    if not isinstance(value, dict):
        return [], None
    found: list[object] = []
    for key in ("annotations", "rows", "replies"):
        found += value[key] if isinstance(value.get(key), list) else []
    if not found and "target" in value:
        return [value], None
    total = value.get("total")
    if isinstance(value.get("replies"), list) or isinstance(total, bool) or not isinstance(total, int):
        return found, None  # the total does not include replies that are listed separately
    return found, total


def _annotation(given: _Annotation) -> Annotation:
    """A decoded annotation in the form that `group_by_page` takes."""
    targets = [target for target in given.target or () if target]
    url = fields.address(given.uri or next((target.source for target in targets if target.source), None))
    parents = tuple(name for name in map(fields.line, given.references or ()) if name)
    selectors = [selector for target in targets for selector in target.selector or () if selector]
    quoted = None if parents else next((one for one in selectors if fields.prose(one.exact)), None)
    titles = given.document.title if given.document else None
    author = _member(given.user, given.user_info.display_name if given.user_info else None)
    made_at, date_text = dated(given.created)
    return Annotation(
        page=canonical(url) if url else "",
        mark=Highlight(
            id=fields.identifier(given.id) or "",
            quote=fields.quote(quoted.exact if quoted else given.quote),
            author=author.label if author else None,
            made_at=made_at,
            tags=fields.tags(given.tags or ()),
            location=next((page for one in selectors if (page := fields.page(one.label))), None),
            prefix=clean(quoted.prefix or "") or None if quoted else None,
            suffix=clean(quoted.suffix or "") or None if quoted else None,
            comments=_words(given.text, author, made_at),
        ),
        url=url,
        title=next(filter(None, map(fields.line, [titles] if isinstance(titles, str) else titles or ())), None),
        site=fields.address(given.links.html) if given.links else None,
        author=author,
        updated_at=dated(given.updated)[0],
        date_text=date_text,
        place=next((int(one.start) for one in selectors if one.start is not None and abs(one.start) < 1e15), None),
        parents=parents,
    )


def is_hypothesis(snapshot: Snapshot) -> bool:
    """Whether a feed was made by Hypothes.is, going by the ids of its entries."""
    return any(entry.native_id and _TAG.fullmatch(entry.native_id) for entry in snapshot.entries)


def from_feed(snapshot: Snapshot) -> Snapshot:
    """The snapshot of a feed of annotations, grouped by page title."""
    annotations = [_from_entry(entry, number) for number, entry in enumerate(snapshot.entries)]
    return msgspec.structs.replace(snapshot, kind="hypothesis-feed", entries=group_by_page(annotations))


def _from_entry(entry: Entry, number: int) -> Annotation:
    """A feed entry as an annotation. An entry without title gets an item of its own."""
    known = _TAG.fullmatch(entry.native_id or "")
    parts = _QUOTED.fullmatch(entry.body or "")
    name = entry.sharer.label if entry.sharer else ""
    author = _member(f"acct:{name}@hypothes.is", name) if name else None
    page = f"hypothesis:title:{search_key(entry.title)}" if entry.title else entry.native_id or f"hypothesis:{number}"
    return Annotation(
        page=page,
        mark=Highlight(
            id=known[1] if known else entry.native_id or "",
            quote=fields.quote(parts[1]) if parts else "",
            author=author.label if author else None,
            made_at=entry.shared_at,
            comments=_words(parts[2] if parts else entry.body, author, entry.shared_at),
        ),
        title=entry.title,
        site=entry.url,
        author=author,
        updated_at=entry.updated_at,
        date_text=entry.date_text,
    )


_LABELS = frozenset({"Created at", "Author", "Page", "Type", "Quote", "Comment", "Tags"})
_WORDY = frozenset({"Quote", "Comment"})
"""Labels of fields that may span several lines, any of which may happen to look like a label."""
_ADDRESS = re.compile(r"(?:https?|file|urn|chrome-extension):\S{1,4000}+$")
_BEGINS = re.compile(r"^Annotation \d+:[ \t\r]*$", re.MULTILINE)
_SHOWN = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d\n[^\n]*\n[^\n]+\nGroup: ")


_COLUMNS = {
    "Type": ("annotation/reply type", "type"),
    "Created at": ("created at", "creation date"),
    "Author": ("author", "user"),
    "Comment": ("comment", "body"),
    "Quote": ("quote",),
    "Tags": ("tags",),
    "Page": ("page",),
}
"""The columns of a CSV export, of newer and older clients, by the labels in other exports."""


def read_csv(document: Document) -> Snapshot:
    """The snapshot of a CSV export."""
    cells = [row.cells for row in read_rows(document)]
    found = [
        _as_json(each.get("url", ""), "", {label: _first(map(each.get, names)) for label, names in _COLUMNS.items()})
        for each in cells
    ]
    return _exported("hypothesis-csv", _first(each.get("group") for each in cells), found, document)


def _first(values: Iterable[str | None]) -> str:
    """The first value that is not empty."""
    return next(filter(None, values), "")


def read_text(document: Document) -> Snapshot:
    """The snapshot of a text export."""
    return _from_text("hypothesis-text", document.text.replace("\r\n", "\n"), document)


def read_page(document: Document) -> Snapshot:
    """The snapshot of an HTML export, which has the same lines as a text export: a block or a row of a table each."""
    pieces: list[str] = []
    is_quote = is_skipped = False
    for event in events(document.text):
        if isinstance(event, str):
            words = event.strip() if is_quote else " ".join(event.split())
            pieces += [words, " "] if words and not is_skipped else []
        elif event.tag in {"blockquote", "time", "h2"}:
            is_quote = isinstance(event, Start) and event.tag == "blockquote"
            said = event.attributes.get("datetime", "") if isinstance(event, Start) else ""
            is_skipped = isinstance(event, Start) and (event.tag == "h2" or bool(said))
            pieces += ['"'] if event.tag == "blockquote" else [said, " "]
        elif event.tag == "article" and isinstance(event, Start):
            pieces.append("\nAnnotation 1:\n")
        elif event.tag in {"p", "tr", "table", "section"}:
            pieces += ["\n"] if pieces[-1:] != ["\n"] else []
    lines = (line.strip() for line in "".join(pieces).split("\n"))
    return _from_text("hypothesis-page", "\n".join(lines), document)


def _from_text(kind: str, text: str, document: Document) -> Snapshot:
    """The snapshot of an export as lines: the date, title and address, and the group, then the annotations."""
    summary, *blocks = _BEGINS.split(text)
    lines = ["", "", *summary.strip().split("\n")]
    place = next((place for place, line in enumerate(lines) if line.startswith("Group: ")), 2)
    pairs = [(title, url[0]) for title, line in pairwise(lines) if (url := _ADDRESS.search(line))]
    title, address = pairs[-1] if pairs else lines[place - 2 : place]
    group = lines[place].removeprefix("Group: ") if place > 2 else ""
    found = []
    for block in blocks:
        facts = _facts(block.strip().split("\n"))
        quote = facts.get("Quote", "").strip().removeprefix('"').removesuffix('"').strip()
        found.append(_as_json(address, title, {**facts, "Quote": quote if quote != "null" else ""}))
    return _exported(kind, group, found, document)


def _as_json(address: str, title: str, facts: Mapping[str, str]) -> dict[str, object]:
    """An exported annotation in the form of the API's JSON. A reply's parent, which no export names, is made up.

    Args:
        address: The address of the annotated page.
        title: The title of that page.
        facts: The fields of the annotation, by the labels in `_LABELS`.
    """
    return {
        "uri": address,
        "document": {"title": title},
        "created": facts.get("Created at"),
        "user_info": {"display_name": facts.get("Author")},
        "text": facts.get("Comment"),
        "tags": [*fields.comma_tags(facts.get("Tags"))],
        "target": [{"selector": [{"exact": facts.get("Quote")}, {"type": "PageSelector", "label": facts.get("Page")}]}],
        "references": ["untold"] if facts.get("Type", "").strip().lower() == "reply" else [],
    }


def _exported(kind: str, group: str, found: list[dict[str, object]], document: Document) -> Snapshot:
    """The snapshot of exported annotations. It has no identity, for exports give only the group's name: not unique.

    Raises:
        SourceError: There are no annotations.
    """
    if not found:
        raise SourceError("This is an export of Hypothes.is, but no annotations are in it: export it again, as JSON.")
    collection = Collection(document.warnings, "Annotation")
    _take(found, collection)
    return collection.snapshot(kind, title=fields.line(group))


def _facts(lines: Sequence[str]) -> dict[str, str]:
    """The fields in the lines of an annotation, by label, including the unlabelled date and author of older clients."""
    found: dict[str, list[str]] = {}
    current = "Created at"
    for place, line in enumerate(lines):
        label = _label(line)
        is_last = place >= len(lines) - 2 and label not in map(_label, lines[place + 1 :])
        if label and label not in found and (current not in _WORDY or label in _WORDY or is_last):
            current = label
            found[current] = [line.removeprefix(f"{label}:").strip()]
        else:
            found.setdefault(current, []).append(line)
    said = found.get("Comment", [])
    if "Author" not in found and len(said) > 1:
        found["Author"] = [said[-1]]
        found["Comment"] = said[:-1]
    return {label: "\n".join(said) for label, said in found.items()}


def _label(line: str) -> str | None:
    name, colon, _ = line.partition(":")
    return name if colon and name in _LABELS else None


def _is_annotation(value: Object) -> bool:
    return "target" in value and str(value.get("user", "")).startswith("acct:")


def _is_document(value: Object) -> bool:
    """Whether an object is an export, a search result, or a single annotation."""
    first = first_of(value, "annotations")
    is_export = value.get("annotations") == [] or "export_date" in value or "uri" in first or _is_annotation(first)
    return ("annotations" in value and is_export) or ("rows" in value and "total" in value) or _is_annotation(value)


def _is_text(text: str) -> bool:
    return bool(_SHOWN.match(text[:5_000].replace("\r\n", "\n")) and _BEGINS.search(text))


def _is_page(markup: Markup) -> bool:
    return "<title>Annotations on" in markup.beginning and "<article>" in markup.text


def _is_table(names: Names[str]) -> bool:
    return has("url", "group", "quote", "tags")(names) and (
        "annotation/reply type" in names or has("type", "author", "created at")(names)
    )


FORMATS = (
    Format("annotations of Hypothes.is", read, is_object=_is_document, is_element=_is_annotation),
    Format("a CSV export of Hypothes.is", read_csv, is_table=_is_table),
    Format("a text export of Hypothes.is", read_text, is_text=_is_text),
    Format("an HTML export of Hypothes.is", read_page, is_markup=_is_page),
)
