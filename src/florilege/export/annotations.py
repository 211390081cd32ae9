"""Export of highlights: CSV as imported by Readwise, and W3C Web Annotations.

The CSV has the columns given by readwise.io, "Import highlights in bulk via CSV", with one highlight per line. We do
not know the author of a page, so the sharer is used instead; there is no column for tags. Spreadsheets treat a cell
that begins with `=`, `+`, `-`, `@`, a tab or a carriage return as a formula, and our cells hold text written by
strangers. Such cells are prefixed with an apostrophe, as OWASP advises ("CSV Injection"): spreadsheets hide it, other
programs show it. Use another format if the text must be exact.

Web Annotations (the data model of the W3C Recommendation of 2017) form a collection with one page. Replies become
additional bodies, each with its author and time, because the model has no threads within an annotation. A highlight
carries the tags its author gave it; the page's other tags go into an annotation of their own.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from florilege.export.selection import SelectedItem, Selection, as_json, in_utc, known, label
from florilege.formats.any_table import FORMULA
from florilege.model import Comment, Highlight, Item, thread
from florilege.text import digest

COLUMNS = ("Highlight", "Title", "Author", "URL", "Note", "Location", "Date")


def readwise_csv(selection: Selection) -> Iterator[str]:
    """Write the highlights as CSV, in the order of the items."""
    yield _line(COLUMNS)
    for row in selection.each(lambda item: item.highlights):
        for number, highlight in enumerate(row.annotated.highlights, 1):
            yield _line(_cells(row, highlight, number))


def _cells(row: SelectedItem, highlight: Highlight, number: int) -> tuple[str, ...]:
    item = row.item
    moment = highlight.made_at or item.shared_at or item.updated_at
    comments = (f"{comment.author}: {comment.text}" if comment.author else comment.text
                for _, comment in thread(highlight.comments))  # fmt: skip
    return (
        highlight.quote,
        item.title,
        label(item.sharer),
        item.url or "",
        "\n".join(comments),
        str(number),
        moment.replace(tzinfo=None).isoformat(" ", "seconds") if moment else "",
    )


def _line(cells: Iterable[str]) -> str:
    """A line of CSV, in which an apostrophe precedes what a spreadsheet would treat as a formula, apostrophes aside."""
    buffer = io.StringIO(newline="")
    harmless = (f"'{cell}" if cell.lstrip("'").startswith(FORMULA) else cell for cell in cells)
    csv.writer(buffer, lineterminator="\r\n").writerow(harmless)
    return buffer.getvalue()


CONTEXT = "http://www.w3.org/ns/anno.jsonld"
_FRAGMENTS = {"p": "page", "loc": "loc"}
"""The prefix of a location, and the fragment parameter for the rest of it."""
_IRI = re.compile(r"(?:urn:[a-z0-9-]{2,32}:|https?://)[!#-;=?-\[\]_a-z~]+", re.IGNORECASE)
"""An id that is already an IRI. It is kept unchanged, or ids would grow with each export and import."""


def web_annotations(selection: Selection) -> Iterator[str]:
    """Write the annotations, one per line. Items with neither highlights nor notes are left out."""
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


def _annotations(row: SelectedItem) -> Iterator[dict[str, Any]]:
    item = row.item
    for highlight in item.highlights:
        yield known(
            id=highlight.id if _IRI.fullmatch(highlight.id) else _name(item.id, highlight.id),
            type="Annotation",
            motivation="highlighting",
            creator=_person(highlight.author or label(item.sharer)),
            created=in_utc(highlight.made_at),
            body=[*_bodies(highlight.comments), *_tagging(highlight.tags)] or None,
            target=_target(item, selector=_selector(highlight)),
        )
    for number, note in enumerate(item.notes, 1):
        yield known(
            id=_name(item.id, f"note-{number}"),
            type="Annotation",
            motivation="commenting",
            creator=_person(note.author),
            created=in_utc(note.made_at),
            body=_bodies([note]),
            target=_target(item),
        )
    if tags := _page_tags(item):
        yield known(
            id=_name(item.id, "tags"),
            type="Annotation",
            motivation="tagging",
            creator=_person(label(item.sharer)),
            body=_tagging(tags),
            target=_target(item),
        )


def _page_tags(item: Item) -> list[str]:
    """The tags of an item that none of its highlights has; empty if it is left out of the export."""
    own = {tag for highlight in item.highlights for tag in highlight.tags}
    return [tag for tag in item.tags if tag not in own] if item.highlights or item.notes else []


def _tagging(tags: Iterable[str]) -> list[dict[str, Any]]:
    return [{"type": "TextualBody", "value": tag, "purpose": "tagging"} for tag in tags]


def _selector(highlight: Highlight) -> object:
    """The selector of a quote, with a fragment selector for its page (RFC 8118) or location if known."""
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


def _target(item: Item, **more: object) -> dict[str, Any]:
    """The page and its title; a URN if there is no link, because a target must be an IRI."""
    return known(source=item.url or _name(item.id), **{"dc:title": item.title or None}, **more)


def _name(*parts: str) -> str:
    return ":".join(["urn:florilege", *(quote(part, safe="") for part in parts)])
