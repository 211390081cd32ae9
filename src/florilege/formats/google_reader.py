"""Starred items as Google Reader exported them, and Inoreader, FreshRSS and others still do: an object with `items`.

A label is a tag, and so is a category of the feed; states (`com.google/starred`) are none. Of what a member wrote on an
item, Inoreader marks the passage (`text`, with a `note`), Google kept only words (`content`). The author of an item
wrote it and shared nothing. Sources: importers of Takeout's `starred.json`; files of Inoreader and FreshRSS.
"""

from collections.abc import Iterator

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, annotation, dated, parted
from florilege.formats.document import Document
from florilege.formats.objects import collect_from
from florilege.formats.recognise import Format, Object, first_of
from florilege.model import Entry, Highlight

KIND = "google-reader"

_Time = int | float | str | None


class _Link(msgspec.Struct):
    href: str | None = None


class _Content(msgspec.Struct):
    content: str | None = None


class _Annotation(msgspec.Struct):
    id: int | str | None = None
    text: str | None = None
    note: str | None = None
    content: str | None = None
    author: str | None = None
    added_on: _Time = None


class _Item(msgspec.Struct):
    id: str | None = None
    title: str | None = None
    canonical: list[_Link | None] | None = None
    alternate: list[_Link | None] | None = None
    categories: list[str | None] | None = None
    published: _Time = None
    updated: _Time = None
    content: _Content | None = None
    summary: _Content | None = None
    annotations: list[_Annotation | None] | None = None


def read(document: Document) -> Snapshot:
    """The snapshot of a file, or of one page of an answer."""
    collection = Collection(document.warnings, "Item")
    collect_from(document, _Item, _entry, collection, key="items")
    continuation = document.outline.get("continuation") if isinstance(document.outline, dict) else None
    return collection.snapshot(KIND, older=collection.is_continued(continuation))


def _entry(item: _Item) -> Entry:
    """An item as an entry."""
    published, date_text = dated(item.published)
    links = [*(item.canonical or ()), *(item.alternate or ())]
    highlights, notes = parted(_annotation(each) for each in item.annotations or () if each is not None)
    texts = (fields.prose(each.content) for each in (item.content, item.summary) if each is not None)
    return Entry(
        native_id=fields.line(item.id),
        title=fields.title(item.title, is_html=True),
        url=next((url for link in links if link and (url := fields.address(link.href))), None),
        shared_at=published,
        updated_at=dated(item.updated)[0],
        date_text=date_text,
        tags=fields.tags(_tags(item.categories or ())),
        notes=notes,
        highlights=highlights,
        all_highlights=item.annotations is not None,
        body=next((text for text in texts if text), None),
    )


def _annotation(given: _Annotation) -> Highlight:
    """A passage with its note, or words on the item."""
    found = annotation(given.text, given.note or given.content, name=given.id, made_at=dated(given.added_on)[0])
    author = fields.line(given.author)
    comments = tuple(msgspec.structs.replace(comment, author=author) for comment in found.comments)
    return msgspec.structs.replace(found, author=author, comments=comments)


def _tags(categories: list[str | None] | tuple[()]) -> Iterator[str]:
    """The labels among categories, and the words that are no names of a state."""
    for category in filter(None, categories):
        owner, _, rest = category.partition("/label/")
        if not category.startswith("user/"):
            yield category
        elif owner.count("/") == 1 and rest:
            yield rest


def _is_item(value: Object) -> bool:
    return "crawlTimeMsec" in value or ("origin" in value and ("alternate" in value or "canonical" in value))


def _is_list(value: Object) -> bool:
    is_stream = "/state/com.google/" in str(value.get("id", ""))
    return "items" in value and (is_stream or _is_item(first_of(value, "items")))


FORMATS = (Format("starred items of Google Reader's kind", read, is_object=_is_list, is_element=_is_item),)
