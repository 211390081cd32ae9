"""Articles as wallabag exports them to JSON, with their annotations; also the answers of its API. Only this service.

Whether an article is archived or starred is the service's own and not imported; nor are the texts of articles, which
are copies of the pages. An annotation's `quote` is the passage, its `text` what the member wrote. Source: the entities
of wallabag and the fixtures of its importers, version 1 included.
"""

import msgspec

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Collection, annotation, dated, parted
from florilege.formats.document import Document
from florilege.formats.objects import collect, collect_from, items_of
from florilege.formats.recognise import Format, Object
from florilege.model import Entry, Highlight

KIND = "wallabag"

_Id = int | str | None


class _Annotation(msgspec.Struct):
    id: _Id = None
    quote: str | None = None
    text: str | None = None
    created_at: str | None = None


class _Tag(msgspec.Struct):
    label: str | None = None


class _Article(msgspec.Struct):
    id: _Id = None
    title: str | None = None
    url: str | None = None
    given_url: str | None = None
    created_at: str | None = None
    updated_at: str | None = None
    tags: list[str | _Tag | None] | str | None = None
    annotations: list[_Annotation | None] | None = None


def read(document: Document) -> Snapshot:
    """The snapshot of an export, or of one page of an answer."""
    collection = Collection(document.warnings, "Article")
    if not isinstance(document.json, dict):
        collect_from(document, _Article, _entry, collection)
        return collection.snapshot(KIND)
    collect(items_of(document.json.get("_embedded"), "items"), _Article, _entry, collection)
    return collection.snapshot(KIND, older=collection.is_part_of(document.json.get("total")))


def _entry(article: _Article) -> Entry:
    """An article as an entry."""
    shared_at, date_text = dated(article.created_at)
    highlights, notes = parted(_annotation(each) for each in article.annotations or () if each is not None)
    tags = article.tags or ()
    return Entry(
        native_id=fields.identifier(article.id),
        title=fields.title(article.title, is_html=True),
        url=fields.address(article.given_url or article.url),
        shared_at=shared_at,
        updated_at=dated(article.updated_at)[0],
        date_text=date_text,
        tags=fields.comma_tags(tags)
        if isinstance(tags, str)
        else fields.tags(tag.label if isinstance(tag, _Tag) else tag for tag in tags),
        notes=notes,
        highlights=highlights,
        all_highlights=article.annotations is not None,
    )


def _annotation(given: _Annotation) -> Highlight:
    return annotation(given.quote, given.text, name=given.id, made_at=dated(given.created_at)[0])


_OF_WALLABAG = frozenset({"is_starred", "given_url", "created_at"})
"""Fields that others who keep archives (linkding, Readeck) call otherwise."""


def _is_article(value: Object) -> bool:
    is_newer = "is_archived" in value and not _OF_WALLABAG.isdisjoint(value)
    return "url" in value and (is_newer or ("is_fav" in value and "is_read" in value))


def _is_answer(value: Object) -> bool:
    return any(_is_article(each) for each in items_of(value.get("_embedded"), "items")[:5] if isinstance(each, dict))


FORMATS = (Format("a wallabag export", read, is_object=_is_answer, is_element=_is_article),)
