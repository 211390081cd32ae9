"""W3C Web Annotations: a collection with one page; each highlight, and each note on a page, is an annotation.

Source: the Web Annotation Data Model, W3C Recommendation of 2017. Replies become bodies of what they answer, each with
who wrote it and when, for the model has no threads within an annotation. A highlight has the tags its author gave it;
those of the page stand in an annotation of their own.
"""

from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from florilege.export.selection import Row, Selection, as_json, highlighter, in_utc, known
from florilege.model import Comment, Highlight, Item, thread
from florilege.text import digest

CONTEXT = "http://www.w3.org/ns/anno.jsonld"
_FRAGMENTS = {"p": "page", "loc": "loc"}
"""What a location begins with, and the parameter of the fragment that holds the rest."""


def write(selection: Selection) -> Iterator[str]:
    """The annotations of the selection, one a line. A page with neither highlight nor note has none."""
    yield f'{{"@context":{as_json(CONTEXT)},"type":"AnnotationCollection","label":{as_json(selection.title)},"first":{{'
    yield '"type":"AnnotationPage","startIndex":0,"items":['
    total, seen = 0, [selection.title]
    for row in selection.each(lambda item: item.highlights or item.notes):
        seen.append(row.item.id)
        for annotation in _annotations(row):
            yield (",\n" if total else "\n") + as_json(annotation)
            total += 1
    name = f"urn:florilege:collection:{digest(*seen)}"
    yield f'\n],"id":{as_json(f"{name}:page")}}},"id":{as_json(name)},"total":{total}}}\n'


def _annotations(row: Row) -> Iterator[dict[str, Any]]:
    item = row.item
    for highlight in item.highlights:
        yield known(
            id=_name(item.id, highlight.id),
            type="Annotation",
            motivation="highlighting",
            creator=_person(highlighter(item, highlight.author)),
            created=in_utc(highlight.made_at),
            body=[*_bodies(highlight.comments), *_tagging(highlight.tags)] or None,
            target={"source": _source(row), "selector": _selector(highlight)},
        )
    for number, note in enumerate(item.notes, 1):
        yield known(
            id=_name(item.id, f"note-{number}"),
            type="Annotation",
            motivation="commenting",
            creator=_person(note.author),
            created=in_utc(note.made_at),
            body=_bodies([note]),
            target={"source": _source(row)},
        )
    if tags := _page_tags(item):
        yield known(
            id=_name(item.id, "tags"),
            type="Annotation",
            motivation="tagging",
            creator=_person(item.sharer.label if item.sharer else None),
            body=_tagging(tags),
            target={"source": _source(row)},
        )


def _page_tags(item: Item) -> list[str]:
    """The tags of a page that none of its highlights has; none for a page of which nothing is written."""
    own = {tag for highlight in item.highlights for tag in highlight.tags}
    return [tag for tag in item.tags if tag not in own] if item.highlights or item.notes else []


def _tagging(tags: Iterable[str]) -> list[dict[str, Any]]:
    return [{"type": "TextualBody", "value": tag, "purpose": "tagging"} for tag in tags]


def _selector(highlight: Highlight) -> object:
    """The quote; and its page or location, where it has one, as the fragment that names it (RFC 8118 for pages)."""
    text = known(type="TextQuoteSelector", exact=highlight.quote, prefix=highlight.prefix, suffix=highlight.suffix)
    kind, _, label = (highlight.location or "").partition(". ")
    if kind not in _FRAGMENTS or not label:
        return text
    return [text, {"type": "FragmentSelector", "value": f"{_FRAGMENTS[kind]}={quote(label, safe='')}"}]


def _bodies(comments: Iterable[Comment]) -> list[dict[str, Any]]:
    return [
        known(
            type="TextualBody",
            value=comment.text,
            format="text/markdown" if comment.markdown else "text/plain",
            purpose="commenting" if depth == 0 else "replying",
            creator=_person(comment.author),
            created=in_utc(comment.made_at),
        )
        for depth, comment in thread(tuple(comments))
    ]


def _person(name: str | None) -> dict[str, str] | None:
    return {"type": "Person", "name": name} if name else None


def _source(row: Row) -> str:
    """The page, else a name for it: a target has to be an IRI."""
    return row.item.url or _name(row.item.id)


def _name(*parts: str) -> str:
    return ":".join(["urn:florilege", *(quote(part, safe="") for part in parts)])
