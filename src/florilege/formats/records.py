"""What services call the facts of a bookmark, and what those mean: a service is a table of names, in JSON or CSV. Pure.

`bookmark_of(url="link", time="created", sharer="creator.name")` is a struct for objects, or rows, that call its facts
so; a name with a dot is that of a fact in an object inside. Of several names the first that says something counts.
`Bookmark.entry` is what comes of one. All facts are optional, and one of a wrong type costs itself.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any, ClassVar, TypeVar, cast

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, annotation, dated, only, parted
from florilege.formats.document import Document
from florilege.formats.objects import NOTHING, collect, collect_from, items_of
from florilege.formats.table import read_rows
from florilege.model import Comment, Entry, Highlight, instant

Text = str | None
Id = int | str | None
Time = int | float | str | None


class _Named(msgspec.Struct):
    """A tag that is an object."""

    name: Text = None
    label: Text = None
    tag: Text = None


Tags = str | list[str | _Named | None] | dict[str, _Named | None] | None

_TYPES = {
    "id": Id,
    "time": Time,
    "changed": Time,
    "tags": Tags,
    "folder": Id,
    "page": Id,
    "place": Id,
    "skip": bool | None,
}
"""What is no text."""


class Mark(msgspec.Struct):
    """An annotation: a marked passage, a note, or both."""

    nested: ClassVar[tuple[str, ...]] = ()
    """The names with a dot."""
    id: ClassVar[Id] = None
    quote: ClassVar[Text] = None
    note: ClassVar[Text] = None
    author: ClassVar[Text] = None
    time: ClassVar[Time] = None
    changed: ClassVar[Time] = None
    """When it was last changed, which is then told of the item."""
    colour: ClassVar[Text] = None
    tags: ClassVar[Tags] = None
    page: ClassVar[Id] = None
    place: ClassVar[Id] = None
    place_kind: ClassVar[Text] = None
    """What `place` counts: see `fields.place`."""
    skip: ClassVar[bool | None] = None
    """Whether it is none: thrown away, or of no sort that is read."""

    def highlight(self) -> Highlight:
        """What was marked and said; without a quote it is a note: see `parted`."""
        found = annotation(
            self.quote,
            self.note,
            name=self.id,
            made_at=dated(self.time)[0],
            colour=self.colour,
            tags=tag_names(self.tags),
            location=fields.page(self.page) or fields.place(self.place_kind, self.place),
        )
        author = fields.line(self.author)
        if author is None:
            return found
        comments = tuple(msgspec.structs.replace(comment, author=author) for comment in found.comments)
        return msgspec.structs.replace(found, author=author, comments=comments)


class Bookmark(msgspec.Struct):
    """A bookmark, with the annotations on its page when the service has some."""

    nested: ClassVar[tuple[str, ...]] = ()
    marks_name: ClassVar[str | None] = None
    mark: ClassVar[type[Mark]] = Mark
    is_html: ClassVar[bool] = False
    """Whether the title is HTML."""
    separator: ClassVar[str | None] = None
    """What parts tags in a text; None for commas, or an array in a text."""
    tells_marks: ClassVar[bool] = False
    """Whether one without annotations has none; otherwise only a list that is there, and empty, says so."""

    id: ClassVar[Id] = None
    title: ClassVar[Text] = None
    url: ClassVar[Text] = None
    sharer: ClassVar[Text] = None
    handle: ClassVar[Text] = None
    time: ClassVar[Time] = None
    changed: ClassVar[Time] = None
    tags: ClassVar[Tags] = None
    description: ClassVar[Text] = None
    html: ClassVar[Text] = None
    """A description that may hold HTML."""
    note: ClassVar[Text] = None
    quote: ClassVar[Text] = None
    """A marked passage, where there is room for one."""
    body: ClassVar[Text] = None
    folder: ClassVar[Id] = None
    file: ClassVar[Text] = None
    """The name of a file that says more of it."""
    marks: ClassVar[Sequence[Mark | None] | None] = None

    def entry(self) -> Entry:
        """The bookmark as an entry. The tags of its annotations are its own, too."""
        shared_at, date_text = dated(self.time)
        sharer = fields.sharer(self.sharer, self.handle)
        note = fields.prose(self.note)
        marks = [mark for mark in self.marks or () if mark is not None and not mark.skip]
        annotations = [*(mark.highlight() for mark in marks), *([annotation(self.quote)] if self.quote else ())]
        highlights, notes = parted(annotations)
        changes = [moment for mark in marks if (moment := dated(mark.changed)[0])]
        if note:
            notes = (Comment(text=note, author=sharer.label if sharer else None), *notes)
        return Entry(
            native_id=fields.identifier(self.id),
            title=fields.title(self.title, is_html=self.is_html),
            url=fields.address(self.url),
            sharer=sharer,
            shared_at=shared_at,
            updated_at=dated(self.changed)[0] or max(changes, key=instant, default=None),
            date_text=date_text,
            tags=fields.tags(
                [*tag_names(self.tags, self.separator), *(tag for each in annotations for tag in each.tags)]
            ),
            description=fields.prose(self.description) or fields.remark(self.html),
            notes=notes,
            highlights=highlights,
            all_highlights=self.tells_marks or self.marks is not None,
            body=fields.prose(self.body),
        )


_Kind = TypeVar("_Kind", bound=msgspec.Struct)
_Names = str | tuple[str, ...]


def mark_of(**names: _Names) -> type[Mark]:
    """The struct of an annotation in which the facts of `Mark` are called so."""
    return _struct(Mark, names, {})


def bookmark_of(
    mark: type[Mark] = Mark,
    *,
    marks: str | None = None,
    is_html: bool = False,
    separator: str | None = None,
    tells_marks: bool = False,
    **names: _Names,
) -> type[Bookmark]:
    """The struct of a bookmark in which the facts of `Bookmark` are called so.

    Args:
        mark: The struct of its annotations.
        marks: What the list of them is called.
        is_html: Whether the title is HTML.
        separator: What parts tags in a text.
        tells_marks: Whether a bookmark without that list has no annotations.
        names: The names of its facts.
    """
    own = {"is_html": is_html, "separator": separator, "tells_marks": tells_marks, "marks_name": marks, "mark": mark}
    return _struct(Bookmark, {**names, "marks": marks} if marks else names, own, {"marks": list[mark | None] | None})  # type: ignore[valid-type]


def _struct(
    base: type[_Kind], names: Mapping[str, _Names], own: dict[str, Any], types: Mapping[str, Any] | None = None
) -> type[_Kind]:
    types = {**_TYPES, **(types or {})}
    places: dict[str, tuple[str, Any]] = {}
    for fact, given in names.items():
        getattr(base, fact)  # there is such a fact
        several = (given,) if isinstance(given, str) else given
        for name in several:
            places.setdefault(name, (f"name_{len(places)}", types.get(fact, Text)))
        own[fact] = property(_reader([places[name][0] for name in several]))
    own["nested"] = tuple(name for name in places if "." in name)
    parts = [(place, kind, msgspec.field(default=None, name=name)) for name, (place, kind) in places.items()]
    return cast("type[_Kind]", msgspec.defstruct(base.__name__, parts, bases=(base,), namespace=own))


def _reader(places: Sequence[str]) -> Callable[[Any], Any]:
    """Reads the first of some fields that says something."""
    first, *others = map(attrgetter, places)
    if not others:
        return first
    return lambda record: next((value for read in (first, *others) if (value := read(record))), None)


def tag_names(tags: Tags, separator: str | None = None) -> tuple[str, ...]:
    """Tags, whether they are listed, are the names in an object, or stand in a text."""
    if not tags:
        return ()
    if isinstance(tags, dict):
        return fields.tags((tag.name if tag else None) or name for name, tag in tags.items())
    if not isinstance(tags, str):
        return fields.tags((tag.name or tag.label or tag.tag) if isinstance(tag, _Named) else tag for tag in tags)
    if separator is not None:
        return fields.tags(tags.split(separator))
    return fields.tags(fields.json_list(tags)) if tags.startswith("[") else fields.comma_tags(tags)


Build = Callable[[Any], Entry]


def take(
    document: Document, kind: type[Bookmark], collection: Collection, key: str | None = None, build: Build | None = None
) -> int:
    """Read the bookmarks in the list that a JSON document is, or has under a key, into a collection.

    Returns:
        How many elements the list has.
    """
    build = build or kind.entry
    if not kind.nested and not kind.mark.nested and kind.folder is None:
        return collect_from(document, kind, build, collection, key)
    items = items_of(document.json, key or "")
    take_objects(items, kind, collection, build)
    return len(items)


def take_objects(
    items: Sequence[object], kind: type[Bookmark], collection: Collection, build: Build | None = None
) -> None:
    """Read bookmarks that were found in a JSON document into a collection."""
    collect(
        _flattened(items, kind), kind, build or kind.entry, collection, lambda given: fields.identifier(given.folder)
    )


def _flattened(items: Sequence[object], kind: type[Bookmark] | type[Mark]) -> Iterator[object]:
    """Objects with what is in the objects inside them under names with a dot."""
    for item in items:
        if not isinstance(item, dict):
            yield item
            continue
        flat = dict(item)
        for name in kind.nested:
            outer, _, inner = name.partition(".")
            value = item.get(outer)
            if isinstance(value, list):
                value = next((each for each in value if isinstance(each, dict) and each.get(inner)), None)
            flat[name] = value.get(inner) if isinstance(value, dict) else None if value is None else NOTHING
        if (
            issubclass(kind, Bookmark)
            and kind.mark.nested
            and isinstance(marks := item.get(kind.marks_name or ""), list)
        ):
            flat[kind.marks_name or ""] = [*_flattened(marks, kind.mark)]
        yield flat


def json_reader(
    kind: str,
    bookmark: type[Bookmark],
    key: str | None = None,
    *,
    noun: str = "Bookmark",
    total: str = "",
    cursor: str = "",
    service: str = "",
    build: Build | None = None,
) -> Callable[[Document], Snapshot]:
    """A reader of JSON documents.

    Args:
        kind: The name of the format.
        bookmark: The struct of its bookmarks.
        key: Where the list of them is; None when the document is the list.
        noun: What one is called in a warning.
        total: What the number of all there are is called.
        cursor: What is called the name of the next page.
        service: What the identity of the member begins with whose bookmarks these all are.
        build: What makes an entry of a bookmark, other than `Bookmark.entry`.
    """

    def read(document: Document) -> Snapshot:
        collection = Collection(document.warnings, noun)
        here = take(document, bookmark, collection, key, build)
        whole = document.outline if isinstance(document.outline, dict) else {}
        older = collection.is_part_of(whole.get(total), here) or collection.is_continued(whole.get(cursor))
        owner = only(entry.sharer.handle if entry.sharer else None for entry in collection.entries) if service else None
        return collection.snapshot(kind, identity=f"{service}:user:{owner}" if owner else None, older=older)

    return read


def table_reader(
    kind: str, bookmark: type[Bookmark], *, scope: str | None = None, build: Build | None = None
) -> Callable[[Document], Snapshot]:
    """A reader of tables, whose columns are named in lower case. See `json_reader`, and `Collection.snapshot`."""

    def read(document: Document) -> Snapshot:
        collection = Collection(document.warnings, "Row")
        take_rows(document, bookmark, collection, build)
        return collection.snapshot(kind, scope=scope)

    return read


def take_rows(document: Document, kind: type[Bookmark], collection: Collection, build: Build | None = None) -> None:
    """Read the rows of a table into a collection."""
    for row in read_rows(document.text, collection.warnings):
        given = msgspec.convert(row.cells, kind)
        collection.add(row.number, (build or kind.entry)(given), row.lost, fields.identifier(given.folder))
