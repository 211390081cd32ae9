"""W3C Web Annotations (JSON-LD): one, an array, a page or a collection; grouped into one item per web page.

The model lets almost any part be a string, an object or an array; all forms are read, and no address is followed.
Keys with `@`, as in older documents, are treated like those without. In sets of annotations on a book, as Thorium
exports them, targets are its chapters. Sources: the Web Annotation Data Model, W3C Recommendation of 2017; the
specification readium/annotations.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote

from msgspec.structs import replace

from florilege.formats import Snapshot, fields
from florilege.formats.collecting import Annotation, Collection, dated, group_by_page, oddities
from florilege.formats.detect import Format, Object, first_of
from florilege.formats.document import Document
from florilege.model import Comment, Highlight, Sharer
from florilege.text import clean
from florilege.urls import canonical

_Object = Mapping[str, Any]
_OURS = "urn:florilege:"
"""Prefix of the ids that our own export gives to pages without address."""
_PLACE = re.compile(r"(?:^|[#&])(page|loc)=([^&#]{1,60})(?:&|$)")
_WRAPPERS = ("annotations", "rows", "items", "graph")
"""Keys of the list of annotations in objects that are not collections of the model."""
_DEEPEST = 20
"""Most levels of selectors that refine selectors, and of replies to replies, that are followed."""


def read(document: Document) -> Snapshot:
    """The snapshot of annotations, one entry per page."""
    whole = document.json if isinstance(document.json, dict) else {}
    page = _page(whole)
    values = page if isinstance(page, list) else document.json if isinstance(document.json, list) else [whole]
    collection = Collection(document.warnings, "Annotation")
    found: list[tuple[int, _Object]] = []
    book = _get(whole, "about")
    for number, value in enumerate(values, start=1):
        if isinstance(value, dict) and _sources(value):
            found.append((number, _in_book(value, book) if isinstance(book, dict) else value))
        else:
            collection.leave_out(number, "does not say which page it is on")
    targets = {name: _sources(value) for _, value in found if (name := _id(value))}
    annotations: list[Annotation] = []
    for number, value in found:
        of_value = [*_annotations_of(value, targets)]
        collection.warnings.extend(oddities(of_value[0], number))
        annotations += of_value
    collection.entries = [*group_by_page(annotations)]
    first = _get(whole, "first")
    next_page = fields.address(_id(_get(_first_page(whole), "next")) or (first if isinstance(first, str) else None))
    if next_page:
        collection.warnings.append("The collection has further pages, which the document does not hold.")
    name = _book(book) if isinstance(book, dict) else _id(whole) if not _get(whole, "target") else None
    identity = f"web-annotation:{name}" if name else None
    snapshot = collection.snapshot(
        "web-annotation", title=_label(whole), identity=identity, older=next_page is not None
    )
    return replace(snapshot, next_page=next_page)


def _book(book: _Object) -> str:
    """What stands for the address of a book."""
    return f"{_OURS}book:{_text(_get(book, 'dc:identifier')) or _text(_get(book, 'dc:title'))}"


def _in_book(value: _Object, book: _Object) -> _Object:
    """An annotation with the book, instead of one of its chapters, as its target."""
    targets = [target if isinstance(target, dict) else {} for target in _list(_get(value, "target"))]
    pages = ({"type": "PageSelector", "label": _get(_get(target, "meta"), "page")} for target in targets)
    return {**value, "target": [
        {"source": _book(book), "title": _get(book, "dc:title"), "selector": [*_list(_get(target, "selector")), page]}
        for target, page in zip(targets, pages, strict=True)
    ]}  # fmt: skip


def _annotations_of(value: _Object, targets: Mapping[str, list[str]]) -> Iterator[Annotation]:
    """An annotation in the form that `group_by_page` takes, once for each page it is on.

    Args:
        value: The annotation.
        targets: What each of the annotations that it may reply to is about, by their ids.
    """
    name = _id(value)
    made_at, date_text = dated(_text(_get(value, "created")))
    author = _member(_get(value, "creator"))
    tags, words = _tags_and_comments(value, author)
    bodies = _list(_get(value, "body"))
    tags += [word for body in bodies for key in ("keyword", "tag") if (word := _text(_get(body, key)))]
    for source, target in _targets(value):
        page, parents = _page_of(source, targets) if source != name else (source, ())
        if not parents and "replying" in _list(_get(value, "motivation")):
            parents = (source,)  # whether or not its parent is in the document
        selectors = [] if parents else [*_selectors(target)]
        selector = next((each for each in selectors if fields.prose(_text(each.get("exact")))), {})
        starts = (start for each in selectors if isinstance(start := each.get("start"), int | float))
        yield Annotation(
            page=canonical(page),
            mark=Highlight(
                id=name or "",
                quote=fields.quote(_text(selector.get("exact"))),
                author=author.label if author else None,
                made_at=made_at,
                colour=next((colour for body in bodies if (colour := fields.line(_text(_get(body, "color"))))), None),
                tags=fields.tags(tags),
                location=next((place for each in selectors if (place := _place(each))), None),
                prefix=clean(_text(selector.get("prefix")) or "") or None,
                suffix=clean(_text(selector.get("suffix")) or "") or None,
                comments=tuple(words),
            ),
            url=None if page.startswith(_OURS) else page,
            title=_label(target),
            author=author,
            updated_at=dated(_text(_get(value, "modified")))[0],
            date_text=date_text,
            place=next((int(start) for start in starts if abs(start) < 1e15), None),
            parents=parents,
        )


def _page_of(source: str, targets: Mapping[str, list[str]]) -> tuple[str, tuple[str, ...]]:
    """The page an annotation is on, and the ids of the annotations it replies to, the outermost first."""
    parents: list[str] = []
    while source in targets and source not in parents and len(parents) < _DEEPEST:
        parents.insert(0, source)
        source = next(iter(targets[source]), source)
    return source, tuple(parents)


def _targets(value: _Object) -> Iterator[tuple[str, _Object]]:
    """The targets of an annotation: each address with its target object, which is empty for a bare address."""
    for target in _list(_get(value, "target")):
        given = _get(target, "source") or target
        source = _id(given)
        if source and not isinstance(given, int | float):
            yield source, target if isinstance(target, dict) else {}


def _sources(value: _Object) -> list[str]:
    return [source for source, _ in _targets(value)]


def _selectors(target: _Object) -> Iterator[_Object]:
    """The selectors of a target, including nested ones."""
    waiting = [(selector, 0) for selector in reversed(_list(_get(target, "selector")))]
    while waiting:
        selector, depth = waiting.pop()
        if not isinstance(selector, dict) or depth > _DEEPEST:
            continue
        yield selector
        inner = [*_list(_get(selector, "refinedBy")), *_list(_get(selector, "items"))]
        waiting += [(each, depth + 1) for each in reversed(inner)]


def _place(selector: _Object) -> str | None:
    """The page in a selector (`page=7`, or a label), or the location in one of our own export (`loc=118-120`).

    Source: RFC 8118, fragment identifiers of PDF.
    """
    found = _PLACE.search(_text(selector.get("value")) or "")
    if found is None:
        return fields.page(_text(selector.get("label"))) if selector.get("type") == "PageSelector" else None
    label = unquote(found[2])
    return fields.page(label) if found[1] == "page" else fields.place("location", label)


def _bodies(value: _Object) -> Iterator[tuple[str, _Object]]:
    """The texts in the bodies of an annotation, each with its body object, which is empty for a bare text."""
    if isinstance(given := _get(value, "bodyValue"), str):
        yield given, {}
    waiting = _list(_get(value, "body"))
    for body in waiting:
        if isinstance(body, str | int | float):
            yield str(body), {}
        elif isinstance(body, dict):
            chosen = next(iter(_list(_get(body, "items"))), body)
            chosen = chosen if isinstance(chosen, dict) else body
            text = next(
                (each for key in ("value", "chars", "source", "id") if (each := _text(_get(chosen, key)))), None
            )
            if text:
                yield text, {**body, **chosen}


def _tags_and_comments(value: _Object, author: Sharer | None) -> tuple[list[str], list[Comment]]:
    """The bodies of an annotation: its tags, and the others as comments by their own creator or else the annotation's.

    A reply is nested under the comment it follows.
    """
    tags: list[str] = []
    comments: list[Comment] = []
    for text, body in _bodies(value):
        purposes = _list(_get(body, "purpose"))
        if "tagging" in (purposes or _list(_get(value, "motivation"))):
            tags.append(text)
            continue
        written = (_text(_get(body, "format")) or "").lower()
        own = _member(_get(body, "creator"))
        comment = Comment(
            text=(fields.page_text(text) if "html" in written else fields.prose(text)) or "",
            author=member.label if (member := own or author) else None,
            made_at=dated(_text(_get(body, "created") or (None if own else _get(value, "created"))))[0],
            markdown="markdown" in written,
        )
        if "replying" in purposes and comments and comment.text:
            comments[-1] = replace(comments[-1], replies=(*comments[-1].replies, comment))
        elif comment.text:
            comments.append(comment)
    return tags, comments


def _member(value: object) -> Sharer | None:
    """The creator of something, given as an address or an object with a name; several as one with all their names."""
    members = []
    for given in _list(value):
        names = (_text(_get(given, key)) for key in ("name", "nickname", "label"))
        members.append(fields.sharer(next(filter(None, names), None), _id(given)))
    known = [member for member in members if member]
    return known[0] if len(known) == 1 else fields.sharer(", ".join(member.label for member in known))


def _page(whole: _Object) -> list[object] | None:
    """The annotations of a page or collection; None when the object is neither."""
    if _get(whole, "target"):
        return None
    page = _first_page(whole)
    items = _get(page, "items") or next((found for key in _WRAPPERS if (found := _get(whole, key))), None)
    return _list(items) if items is not None or page is not whole or "first" in whole else None


def _first_page(whole: _Object) -> _Object:
    """The first page of a collection if it is embedded; otherwise the object itself."""
    first = _get(whole, "first")
    return first if isinstance(first, dict) else whole


def _label(value: _Object) -> str | None:
    """The name of a collection or the title of a page; None when it has none."""
    return next(
        (each for key in ("label", "title", "dc:title") if (each := fields.line(_text(_get(value, key))))), None
    )


def _get(value: object, key: str) -> Any:
    """A field of an object, with or without `@`; None when the value is not an object."""
    return value.get(key, value.get(f"@{key}")) if isinstance(value, dict) else None


def _id(value: object) -> str | None:
    """The address of something: the text itself, or the `id` of an object."""
    return fields.line(_text(_get(value, "id") if isinstance(value, dict) else value))


def _text(value: object) -> str | None:
    """A string or number, the first in a list, or the `value` of an object with a language; None for all else."""
    for each in _list(value):
        given = each.get("value", each.get("@value")) if isinstance(each, dict) else each
        if isinstance(given, str | int | float) and not isinstance(given, bool):
            return fields.identifier(given) if not isinstance(given, str) else given
    return None


def _list(value: object) -> list[Any]:
    """An array as it is; any other value as an array of one, and None as an empty one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _is_document(value: Object) -> bool:
    """Whether an object is an annotation, page or collection, by its context or type, or just a wrapper around some."""
    kinds = value.get("type")
    names = kinds if isinstance(kinds, list) else [kinds]
    known = {"Annotation", "AnnotationPage", "AnnotationCollection"}
    is_known = "anno.jsonld" in str(value.get("@context", "")) or any(isinstance(n, str) and n in known for n in names)
    return is_known or _is_wrapped(value)


def _is_wrapped(value: Object) -> bool:
    """Whether an object is a plain wrapper around annotations, as written by converters from Hypothes.is."""
    wrapped = (first_of(value, key) for key in _WRAPPERS)
    return any(_is_document(first) and _is_element(first) for first in wrapped if first)


def _is_element(value: Object) -> bool:
    """Whether an element of a list is an annotation, and not one of Hypothes.is: that has a target, and an account."""
    return "target" in value and not str(value.get("user", "")).startswith("acct:")


FORMATS = (Format("a W3C Web Annotation document", read, is_object=_is_document, is_element=_is_element),)
