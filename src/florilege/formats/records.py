"""Declarative readers for services that differ only in their field names, in JSON or CSV. Pure.

`bookmark_of(url="link", time="created", sharer="creator.name")` builds a struct that maps a service's field names to
ours; a dotted name is the path to a field of a nested object. When a field has several names, the first with a value
is used. `Bookmark.entry` turns a decoded struct into an `Entry`. All fields are optional, and a value of the wrong type
is dropped without affecting the rest of its record.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import attrgetter
from types import UnionType
from typing import Any, ClassVar, TypeVar, Union, cast, get_args, get_origin, get_type_hints
from urllib.parse import urlencode

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, dated, only, parted, with_remarks
from florilege.formats.document import Document
from florilege.formats.table import TableRow, read_rows
from florilege.model import Comment, Entry, Highlight, instant
from florilege.urls import canonical

_Kind = TypeVar("_Kind", bound=msgspec.Struct)
NOTHING = object()
"""Stands for a value that can't be converted at all."""
Text = str | None
Value = int | float | str | None
"""An id, a date or a position, which services write as a number or as text."""


class _Named(msgspec.Struct):
    """A tag given as an object."""

    name: Text = None
    label: Text = None
    tag: Text = None


class _Remark(msgspec.Struct):
    """A comment by a member."""

    content: Text = None
    """May hold HTML."""
    text: Text = None
    user: Text = None
    u_name: Text = None
    created_at: Value = None


_UNKNOWN = {"tags": _Named(), "comments": _Remark()}
"""What objects without any known field become, by the fields whose lists they are in."""
Remarks = str | list[str | _Remark | None] | None
Tags = str | list[str | int | _Named | None] | dict[str, _Named | None] | None

_UNMARKED = frozenset({"image", "bookmark"})
"""Values of `Mark.sort` whose text is not a highlighted passage: it describes a picture or accompanies a bookmark."""


class Mark(msgspec.Struct):
    """An annotation: a highlighted passage, a note, or both."""

    nested: ClassVar[tuple[str, ...]] = ()
    """The dotted field names."""
    lists: ClassVar[tuple[tuple[str, str], ...]] = ()
    """The fields in `_UNKNOWN` that the service has, each with the service's name for it."""
    id: ClassVar[Value] = None
    sort: ClassVar[Text] = None
    quote: ClassVar[Text] = None
    html: ClassVar[Text] = None
    """A quote that may hold HTML."""
    note: ClassVar[Text] = None
    comments: ClassVar[Remarks] = None
    author: ClassVar[Text] = None
    time: ClassVar[Value] = None
    changed: ClassVar[Value] = None
    """When it was last changed. The latest of a page is the entry's `updated_at` if the bookmark has no date for it."""
    colour: ClassVar[Text] = None
    extra: ClassVar[Any] = None
    """An object that may have a `color`."""
    tags: ClassVar[Tags] = None
    page: ClassVar[Value] = None
    place: ClassVar[Value] = None
    place_kind: ClassVar[Text] = None
    """The unit of `place`: see `fields.place`."""
    skip: ClassVar[bool | None] = None
    """Whether to ignore the annotation: it was discarded, or is of a kind that is not read."""

    def highlight(self) -> Highlight:
        """The annotation as a highlight with its comments; without a quote it is a note on the page: see `parted`."""
        author, note = fields.line(self.author), fields.prose(self.note)
        colour = self.extra.get("color") if isinstance(self.extra, dict) else self.colour
        comments = _comments(self.comments)
        return Highlight(
            id=fields.identifier(self.id) or "",
            quote="" if self.sort in _UNMARKED else fields.passage(self.html) or fields.quote(self.quote),
            author=author,
            made_at=dated(self.time)[0],
            colour=fields.line(colour) if isinstance(colour, str) else None,
            tags=tag_names(self.tags),
            location=fields.page(self.page) or fields.place(self.place_kind, self.place),
            comments=(Comment(text=note, author=author), *comments) if note else comments,
        )


class Bookmark(msgspec.Struct):
    """A bookmark, with the annotations on its page if the service has any."""

    nested: ClassVar[tuple[str, ...]] = ()
    lists: ClassVar[tuple[tuple[str, str], ...]] = ()
    marks_name: ClassVar[str | None] = None
    mark: ClassVar[type[Mark]] = Mark
    is_html: ClassVar[bool] = False
    """Whether the title is HTML."""
    separator: ClassVar[str | None] = None
    """Regular expression for the separator between tags in a string; None for commas or an array written as text."""
    all_marks: ClassVar[bool | None] = None
    """Whether the source lists every annotation (see `Entry.all_highlights`). None: it does if it has the list or the
    cell at all, even empty."""
    cell_reader: ClassVar[Callable[[str], list[Highlight]]]
    """Gives the annotations in `cell`."""
    unfiled: ClassVar[frozenset[str]] = frozenset()
    """Names of folders, in lower case, that only say that a bookmark is in no folder."""

    id: ClassVar[Value] = None
    title: ClassVar[Text] = None
    url: ClassVar[Text] = None
    doi: ClassVar[Text] = None
    """Gives the address of a work that has no `url`."""
    discussion: ClassVar[Text] = None
    """Address of the page where members discuss it."""
    sharer: ClassVar[Text] = None
    handle: ClassVar[Text] = None
    time: ClassVar[Value] = None
    changed: ClassVar[Value] = None
    tags: ClassVar[Tags] = None
    description: ClassVar[Text] = None
    html: ClassVar[Text] = None
    """A description that may hold HTML."""
    note: ClassVar[Text] = None
    comments: ClassVar[Remarks] = None
    cell: ClassVar[Text] = None
    """All annotations in a single string: see `cell_reader`."""
    html_body: ClassVar[Text] = None
    """A body that is HTML, which is used before `body`."""
    body: ClassVar[Text] = None
    folder: ClassVar[Value] = None
    file: ClassVar[Text] = None
    """Name of an accompanying file with more about the bookmark."""
    marks: ClassVar[Sequence[Mark | None] | None] = None
    extra: ClassVar[Any] = None
    """Anything else that a reader makes use of."""

    def entry(self) -> Entry:
        """The bookmark as an entry. It also gets the tags of its annotations."""
        shared_at, date_text = dated(self.time)
        sharer = fields.sharer(self.sharer, self.handle)
        url, discussion = fields.address(self.url) or fields.doi(self.doi), fields.address(self.discussion)
        tags, changed = tag_names(self.tags, self.separator), dated(self.changed)[0]
        highlights: tuple[Highlight, ...] = ()
        notes: tuple[Comment, ...] = ()
        if self.cell:
            annotations = type(self).cell_reader(self.cell)
        else:
            annotations = [mark.highlight() for mark in self.marks or () if mark is not None and not mark.skip]
        if annotations:
            highlights, notes = parted(annotations)
            if of_marks := [tag for each in annotations for tag in each.tags]:
                tags = fields.tags([*tags, *of_marks])
        if changed is None and self.marks:
            marks = [mark for mark in self.marks if mark is not None and not mark.skip]
            changed = max(filter(None, (dated(mark.changed)[0] for mark in marks)), key=instant, default=None)
            if self.time is None:
                date_text = next(filter(None, (dated(mark.time)[1] for mark in marks)), None)
        if note := fields.prose(self.note):
            notes = (Comment(text=note, author=sharer.label if sharer else None), *notes)
        return Entry(
            native_id=fields.identifier(self.id),
            title=fields.title(self.title, is_html=self.is_html),
            url=url,
            discussion_url=discussion if discussion and canonical(discussion) != canonical(url or "") else None,
            sharer=sharer,
            shared_at=shared_at,
            updated_at=changed,
            date_text=date_text,
            tags=tags,
            description=fields.prose(self.description) or fields.description(self.html),
            notes=notes,
            comments=_comments(self.comments),
            highlights=highlights,
            all_highlights=(
                (self.marks is not None or self.cell is not None) if self.all_marks is None else self.all_marks
            ),
            body=fields.prose(self.html_body) or fields.prose(self.body),
        )

    def unknown(self) -> list[str]:
        """The lists of annotations, tags and comments with an object that has no known field: what it says is lost."""
        marks = self.marks or ()
        found = [self.marks_name] if marks and self.marks_name and self.mark() in marks else []
        parts: list[Any] = [self, *filter(None, marks)]
        for part in parts:
            for fact, name in part.lists:
                value = getattr(part, fact)
                found += [name] if isinstance(value, list) and _UNKNOWN[fact] in value else []
        return found

    @property
    def filed_in(self) -> str | None:
        """The folder that the bookmark is in, if any."""
        name = fields.identifier(self.folder)
        return None if name and name.lower() in self.unfiled else name


def _comments(remarks: Remarks) -> tuple[Comment, ...]:
    """Comments from a list of objects or strings, or from a single string; those without text are left out."""
    if not remarks:
        return ()
    found: list[Comment] = []
    for remark in [remarks] if isinstance(remarks, str) else remarks:
        given = _Remark(content=remark) if isinstance(remark, str) else remark
        if given is not None and (text := fields.prose(given.text) or fields.passage(given.content)):
            author = fields.line(given.user or given.u_name)
            found.append(Comment(text=text, author=author, made_at=dated(given.created_at)[0]))
    return tuple(found)


def annotations_in(cell: str, record: re.Pattern[str], *, is_html: bool = False) -> list[Highlight]:
    r"""The annotations in a cell of a table.

    Args:
        cell: Records, each beginning with a label: `Highlight:`, or any other label for a note. A note belongs to the
            preceding highlight, or to the page when there is none or its quote is empty. Text before the first label
            is also read as highlights.
        record: Matches the labels; its first group is the label's word.
        is_html: Whether the records may hold HTML; then the text before the first label is one highlight, otherwise
            each line of it is one.

    Returns:
        The annotations. Line breaks written out as `\n` count as line breaks if only then several records are found.
    """
    if "\\n" in cell and len(record.findall(cell)) < 2:
        written_out = cell.replace("\\r\\n", "\n").replace("\\n", "\n")
        cell = written_out if len(record.findall(written_out)) > 1 else cell
    before, *records = record.split(cell)
    marks = [before] if is_html else before.split("\n")
    pairs = [*(("Highlight", text) for text in marks if text.strip()), *zip(records[::2], records[1::2], strict=True)]
    words = fields.passage if is_html else fields.prose
    return with_remarks((label == "Highlight", words(text) or "") for label, text in pairs)


_Names = str | tuple[str, ...]


def mark_of(**names: _Names) -> type[Mark]:
    """A subclass of `Mark` that maps a service's field names: `mark_of(quote="text")`."""
    return _struct(Mark, names, {})


def bookmark_of(
    mark: type[Mark] = Mark,
    *,
    marks: str | None = None,
    **facts: Any,
) -> type[Bookmark]:
    """A subclass of `Bookmark` that maps a service's field names.

    Args:
        mark: The struct of an annotation.
        marks: The service's name for the list of annotations.
        facts: The service's name, or names, for each field of `Bookmark`; and values for the settings in `_SETTINGS`.
    """
    own = {name: facts.pop(name) for name in _SETTINGS & facts.keys()} | {"marks_name": marks, "mark": mark}
    names = {**facts, "marks": marks} if marks else facts
    return _struct(Bookmark, names, own, marks=list[mark | None] | None)  # type: ignore[valid-type]


_SETTINGS = frozenset({"is_html", "separator", "all_marks", "cell_reader", "unfiled"})


def _struct(base: type[_Kind], names: Mapping[str, _Names], own: dict[str, Any], **types: Any) -> type[_Kind]:
    types = {name: get_args(hint)[0] for name, hint in get_type_hints(base).items()} | types
    several = {fact: (given,) if isinstance(given, str) else given for fact, given in names.items()}
    uses = Counter(name for given in several.values() for name in given)
    places: dict[str, tuple[str, Any]] = {}
    for fact, given in several.items():
        if len(given) == uses[given[0]] == 1:
            places[given[0]] = (fact, types[fact])
            continue
        for name in given:
            places.setdefault(name, (f"name_{len(places)}", types[fact]))
        own[fact] = property(_reader([places[name][0] for name in given]))
    own["nested"] = tuple(name for name in places if "." in name)
    own["lists"] = tuple((fact, given[0]) for fact, given in several.items() if fact in _UNKNOWN)
    parts = [(place, kind, msgspec.field(default=None, name=name)) for name, (place, kind) in places.items()]
    return cast("type[_Kind]", msgspec.defstruct(base.__name__, parts, bases=(base,), namespace=own))


def _reader(places: Sequence[str]) -> Callable[[Any], Any]:
    """A getter for the first non-empty one of several attributes."""
    first, *others = map(attrgetter, places)
    if not others:
        return first
    rest = _reader(places[1:])
    return lambda record: first(record) or rest(record)


def tag_names(tags: Tags, separator: str | None = None) -> tuple[str, ...]:
    """Tags from a list, from an object keyed by tag, or from a string: see `Bookmark.separator`."""
    if not tags:
        return ()
    if isinstance(tags, dict):
        return fields.tags((tag.name if tag else None) or name for name, tag in tags.items())
    if not isinstance(tags, str):
        names = [(tag.name or tag.label or tag.tag) if isinstance(tag, _Named) else tag for tag in tags]
        return fields.tags(str(name) if isinstance(name, int) else name for name in names)
    if separator is not None:
        return fields.tags(re.split(separator, tags))
    return fields.tags(fields.json_list(tags)) if tags.startswith("[") else fields.comma_tags(tags)


Build = Callable[[Any], Entry]


def take(
    document: Document, kind: type[Bookmark], collection: Collection, key: str | None = None, build: Build | None = None
) -> int:
    """Read the bookmarks of a JSON document into a collection.

    When no field is nested and there are no folders, the whole list is decoded straight from the bytes; if an element
    does not fit the struct, the elements are converted one by one instead.

    Args:
        document: A list of bookmarks, or an object that holds one.
        kind: The struct of a bookmark.
        collection: Where the entries and warnings go.
        key: The object's key for the list; not used when the document is itself a list.
        build: Makes an entry of a bookmark, instead of `Bookmark.entry`.

    Returns:
        The length of the list.
    """
    is_flat = not kind.nested and not kind.mark.nested and kind.folder is None
    is_list = isinstance(document.outline, list)  # a list, or one JSON object per line
    records = document.records(kind, None if is_list else key) if is_flat else None
    if records is None:
        return take_objects(items_of(document.json, key or ""), kind, collection, build)
    for number, record in enumerate(records, start=1):
        collection.add(number, (build or kind.entry)(record), record.unknown())
    return len(records)


def take_objects(
    items: Iterable[object], kind: type[Bookmark], collection: Collection, build: Build | None = None
) -> int:
    """Read bookmarks into a collection: rows of a table, or decoded JSON, of which all but objects is left out.

    They are taken one by one, since all the rows of a large table would fill the memory. Returns their number.
    """
    place = 0
    is_nested, build = bool(kind.nested or kind.mark.nested), build or kind.entry
    for place, item in enumerate(items, start=1):
        number, cells, of_row = item if isinstance(item, TableRow) else (place, item, ())
        if not isinstance(cells, dict):
            collection.leave_out(number, "is no object")
            continue
        record, lost = converted(_flattened(cells, kind) if is_nested else cells, kind)
        if (others := record.unknown()) or of_row:
            lost = [*dict.fromkeys((*of_row, *lost, *others))]
        collection.add(number, build(record), lost, record.filed_in)
    return place


def _flattened(item: dict[str, Any], kind: type[Bookmark] | type[Mark]) -> dict[str, Any]:
    """A copy of an object that has the nested values under their dotted names, too."""
    flat = dict(item)
    for name in kind.nested:
        outer, _, inner = name.partition(".")
        value = item.get(outer)
        if isinstance(value, list):
            value = next((each for each in value if isinstance(each, dict) and each.get(inner)), None)
        flat[name] = value.get(inner) if isinstance(value, dict) else None if value is None else NOTHING
    if issubclass(kind, Bookmark) and kind.mark.nested and isinstance(marks := item.get(kind.marks_name or ""), list):
        flat[kind.marks_name or ""] = [
            _flattened(each, kind.mark) if isinstance(each, dict) else each for each in marks
        ]
    return flat


def reader(
    kind: str,
    bookmark: type[Bookmark],
    items: str | Callable[[Document], Iterable[object]] = "",
    *,
    noun: str = "Bookmark",
    total: str = "",
    cursor: str = "",
    page: str = "",
    service: str = "",
    scope: str | None = None,
    build: Build | None = None,
) -> Callable[[Document], Snapshot]:
    """A reader of documents that hold a list of bookmarks.

    Args:
        kind: The name of the format, for `Snapshot.kind`.
        bookmark: The struct of a bookmark.
        items: The key of the list in a JSON document, which may also be the list itself; or finds the bookmarks in any
            document, in the form of decoded JSON.
        noun: What warnings call one bookmark.
        total: The key of the total count.
        cursor: The key of the cursor of the next page.
        page: The parameter of a request that takes the cursor; empty if the next page is not to be fetched.
        service: Prefix of the snapshot's identity (`SERVICE:user:HANDLE`), which is set if all bookmarks are by one
            member; empty for no identity.
        scope: See `Collection.snapshot`.
        build: Makes an entry of a bookmark, instead of `Bookmark.entry`.
    """

    def read(document: Document) -> Snapshot:
        collection = Collection(document.warnings, noun)
        if isinstance(items, str):
            here = take(document, bookmark, collection, items, build)
        else:
            here = take_objects(items(document), bookmark, collection, build)
        whole = document.outline if total or cursor else None
        facts = whole if isinstance(whole, dict) else {}
        more = given if isinstance(given := facts.get(cursor), str | int) else None
        older = collection.is_part_of(facts.get(total), here) or collection.is_continued(more)
        next_page = f"?{urlencode({page: more})}" if page and more else None
        owner = only(entry.sharer.handle if entry.sharer else None for entry in collection.entries) if service else None
        identity = f"{service}:user:{owner}" if owner else None
        return collection.snapshot(kind, identity=identity, older=older, next_page=next_page, scope=scope)

    return read


table_reader = partial(reader, items=read_rows, noun="Row")
"""A reader of CSV tables with a bookmark in each row: see `reader`."""


def items_of(value: object, key: str) -> list[object]:
    """The list under `key` if the value is an object, or the value if it is a list; empty if there is none."""
    found = value.get(key) if isinstance(value, dict) else value
    return found if isinstance(found, list) else []


def converted(value: dict[str, Any], kind: type[_Kind]) -> tuple[_Kind, list[str]]:
    """Convert an object to a struct as far as possible: at once if it fits, otherwise field by field.

    So a value of the wrong type loses only that field, or the element of a list, but never the whole object. Missing
    and unknown fields are normal.

    Args:
        value: A JSON object.
        kind: The type of the struct, whose fields all have defaults.

    Returns:
        The struct, and the names of all fields that could not be read completely.
    """
    try:
        return msgspec.convert(value, kind), []
    except msgspec.ValidationError:
        lost: dict[str, None] = {}
        found = _object(value, kind, lost)
        return (found if isinstance(found, kind) else kind()), list(lost)


def _object(value: dict[str, Any], kind: type[msgspec.Struct], lost: dict[str, None]) -> object:
    """Convert an object field by field; `NOTHING` if a required field is missing or unreadable."""
    kept: dict[str, Any] = {}
    for field in msgspec.structs.fields(kind):
        if field.encode_name not in value:
            if field.required:
                lost[field.encode_name] = None
                return NOTHING
            continue
        found = _value(value[field.encode_name], field.type, lost, field.encode_name)
        if found is not NOTHING:
            kept[field.name] = found
        elif field.required:
            return NOTHING
    return kind(**kept)


def _value(value: Any, wanted: Any, lost: dict[str, None], name: str) -> Any:
    """Convert a value to the wanted type as far as possible; `NOTHING` if it can't be converted at all."""
    try:
        return msgspec.convert(value, wanted)
    except msgspec.ValidationError:
        pass
    if value is False:  # as programs in PHP write an empty text
        return NOTHING
    for kind in get_args(wanted) if get_origin(wanted) in {Union, UnionType} else (wanted,):
        origin = get_origin(kind)
        if isinstance(value, dict) and isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            found = _object(value, kind, lost)
            if found is not NOTHING:
                return found
        elif isinstance(value, list) and origin in {list, tuple}:
            parts = [_value(each, get_args(kind)[0], lost, name) for each in value]
            return origin(part for part in parts if part is not NOTHING)
    lost.setdefault(name)
    return NOTHING
